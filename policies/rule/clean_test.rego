package shellproof_test.rule.clean

import data.shellproof.rule.clean.reasons

passed := {"findings": [], "incomplete": [], "tested": ["static:shell", "static:prose"], "not_tested": []}

test_a_pass_names_what_was_tested if {
	reasons == {{
		"decision": "allow",
		"message": "no rule objects to what was tested (static:shell, static:prose)",
	}} with input as passed
}

test_a_pass_names_what_was_not_tested if {
	some reason in reasons with input as object.union(passed, {"not_tested": ["dynamic", "provenance"]})
	endswith(reason.message, "; not tested: dynamic, provenance")
}

test_it_is_silent_where_something_is_the_matter if {
	every change in [
		{"findings": [{"rule": "pipe-to-shell"}]},
		{"incomplete": [{"rule": "oversized-file", "reason": "too large"}]},
		{"tested": []},
	] {
		given := reasons with input as object.union(passed, change)
		count(given) == 0
	}
}
