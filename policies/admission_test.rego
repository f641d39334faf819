package shellproof_test.admission

import data.shellproof.admission.verdict

clean := {
	"artifact": {"path": "skills/a", "name": "a", "digest": null},
	"findings": [],
	"incomplete": [],
	"capabilities": {"declares": false, "declared": [], "inferred": [], "over_reach": []},
	"tested": ["static:prose"],
	"not_tested": ["dynamic"],
}

finding(severity, confidence) := {
	"rule": sprintf("%s-%s", [severity, confidence]),
	"severity": severity,
	"confidence": confidence,
	"audience": "user",
	"message": "does something",
	"locations": [],
}

gap := {"rule": "unreadable-file", "path": "run.sh", "reason": "permission denied"}

test_nothing_found_is_community_and_says_what_was_not_tested if {
	answer := verdict with input as clean
	answer.decision == "allow"
	answer.status == "community"
	answer.reasons == [{
		"decision": "allow",
		"rule": "admission",
		"message": "no rule objects to what was tested (static:prose); not tested: dynamic",
	}]
}

test_a_pass_that_tested_everything_says_only_that if {
	answer := verdict with input as object.union(clean, {"not_tested": []})
	answer.reasons[0].message == "no rule objects to what was tested (static:prose)"
}

test_the_worst_decision_wins_and_comes_first if {
	answer := verdict with input as object.union(clean, {"findings": [
		finding("medium", "high"),
		finding("critical", "high"),
		finding("high", "medium"),
	]})
	[reason.decision | some reason in answer.reasons] == ["block", "hold", "warn"]
	answer.decision == "block"
}

test_the_status_follows_the_decision if {
	every case in [
		[finding("high", "high"), "block", "rejected"],
		[finding("high", "medium"), "hold", "unreviewed"],
		[finding("high", "low"), "warn", "community"],
	] {
		answer := verdict with input as object.union(clean, {"findings": [case[0]]})
		answer.decision == case[1]
		answer.status == case[2]
	}
}

test_a_gap_is_never_a_pass if {
	answer := verdict with input as object.union(clean, {"incomplete": [gap]})
	answer.decision == "hold"
	answer.status == "unreviewed"
}

test_a_gap_does_not_soften_a_block if {
	answer := verdict with input as object.union(clean, {
		"incomplete": [gap],
		"findings": [finding("critical", "high")],
	})
	answer.decision == "block"
	count(answer.reasons) == 2
}

test_findings_that_lead_to_nothing_are_still_a_reason if {
	answer := verdict with input as object.union(clean, {"findings": [finding("info", "high")]})
	answer.decision == "allow"
	count(answer.reasons) == 1
}

test_reasons_of_a_wrong_shape_hold if {
	every reasons in [
		{{"decision": "blok", "message": "a typo"}},
		{{"message": "no decision"}},
		{{"decision": "allow", "message": 7}},
		{"a text"},
		["not a set"],
		"a text",
	] {
		answer := verdict with input as clean
			with data.shellproof.rule.untested.reasons as reasons
		answer.decision == "hold"
		answer.reasons[0].rule == "untested"
	}
}
