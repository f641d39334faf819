# How decisions compare: later in this list is stricter.
package shellproof.decision

order := ["allow", "warn", "hold", "block"]

rank := {"allow": 0, "warn": 1, "hold": 2, "block": 3}

# The laxer of two: caps what a finding may cause. A table, since every finding asks it.
at_most := {
	"allow": {"allow": "allow", "warn": "allow", "hold": "allow", "block": "allow"},
	"warn": {"allow": "allow", "warn": "warn", "hold": "warn", "block": "warn"},
	"hold": {"allow": "allow", "warn": "warn", "hold": "hold", "block": "hold"},
	"block": {"allow": "allow", "warn": "warn", "hold": "hold", "block": "block"},
}
