package shellproof_test.rule.untested

import data.shellproof.rule.untested.reasons

test_an_artifact_on_which_nothing_ran_is_held if {
	some reason in reasons with input.tested as []
	reason.decision == "hold"
}

test_one_gate_is_enough_to_be_silent if {
	given := reasons with input.tested as ["static:prose"]
	count(given) == 0
}
