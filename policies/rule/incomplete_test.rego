package shellproof_test.rule.incomplete

import data.shellproof.rule.incomplete.reasons

test_each_gap_holds_with_its_object_and_cause if {
	reasons == {
		{"decision": "hold", "message": "oversized-file: model.bin: 3 GiB, more than 64 MiB"},
		{"decision": "hold", "message": "worker-died: killed by signal 9"},
	} with input.incomplete as [
		{"rule": "oversized-file", "path": "model.bin", "reason": "3 GiB, more than 64 MiB"},
		{"rule": "worker-died", "reason": "killed by signal 9"},
	]
}

test_no_gap_is_no_reason if {
	given := reasons with input.incomplete as []
	count(given) == 0
}
