# How decisions compare: later in this list is stricter.
package shellproof.decision

order := ["allow", "warn", "hold", "block"]

rank := {decision: i | some i, decision in order}

# The laxer of two: caps what a finding may cause.
at_most(decision, cap) := order[min({rank[decision], rank[cap]})]
