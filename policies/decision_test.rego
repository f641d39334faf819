package shellproof_test.decision

import data.shellproof.decision

test_a_cap_never_makes_a_decision_stricter if {
	every case in [
		["block", "warn", "warn"],
		["warn", "block", "warn"],
		["hold", "hold", "hold"],
		["block", "allow", "allow"],
	] {
		decision.at_most(case[0], case[1]) == case[2]
	}
}
