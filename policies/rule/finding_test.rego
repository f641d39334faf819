package shellproof_test.rule.finding

import data.shellproof.rule.finding.reasons

digest := "sha256:0000000000000000000000000000000000000000000000000000000000000001"

finding := {
	"rule": "pipe-to-shell",
	"severity": "high",
	"confidence": "high",
	"audience": "user",
	"message": "downloads a script and runs it",
	"locations": [{"path": "SKILL.md", "line": 14}, {"path": "run.sh", "line": 2}],
}

given(changes) := answer if {
	findings := [object.union(finding, change) | some change in changes]
	answer := reasons with input as {"artifact": {"digest": digest}, "findings": findings}
}

decisions(changes) := {reason.decision | some reason in given(changes)}

test_severity_and_confidence_decide if {
	every severity, row in {
		"critical": {"high": "block", "medium": "hold", "low": "warn"},
		"high": {"high": "block", "medium": "hold", "low": "warn"},
		"medium": {"high": "warn", "medium": "warn", "low": "allow"},
		"low": {"high": "allow", "medium": "allow", "low": "allow"},
		"info": {"high": "allow", "medium": "allow", "low": "allow"},
	} {
		every confidence, decision in row {
			decisions([{"severity": severity, "confidence": confidence}]) == {decision}
		}
	}
}

test_what_is_not_for_users_stops_nobody if {
	decisions([{"audience": "user"}]) == {"block"}
	decisions([{"audience": "reviewer"}]) == {"warn"}
	decisions([{"audience": "author"}]) == {"allow"}
}

test_an_audience_makes_nothing_stricter if {
	decisions([{"audience": "reviewer", "severity": "info"}]) == {"allow"}
}

test_a_rule_with_a_decision_of_its_own_takes_it if {
	every case in [
		[{}, {"pipe-to-shell": "warn"}, "warn"],
		[{"severity": "info"}, {"pipe-to-shell": "hold"}, "hold"],
		[{}, {"another": "allow"}, "block"],
	] {
		got := decisions([case[0]]) with data.shellproof.settings.rules as case[1]
		got == {case[2]}
	}
}

test_a_reason_names_rule_object_and_place if {
	given([{}]) == {{
		"decision": "block",
		"message": "pipe-to-shell: downloads a script and runs it (SKILL.md:14)",
	}}
}

test_a_place_without_a_line_or_without_a_file if {
	every case in [
		[[{"path": "SKILL.md"}], "pipe-to-shell: downloads a script and runs it (SKILL.md)"],
		[[], "pipe-to-shell: downloads a script and runs it"],
	] {
		some reason in given([{"locations": case[0]}])
		reason.message == case[1]
	}
}

test_alike_findings_are_one_reason if {
	given([{}, {"message": "again"}, {"message": "and again"}, {"confidence": "medium"}]) == {
		{
			"decision": "block",
			"message": "pipe-to-shell: downloads a script and runs it (SKILL.md:14), and 2 more",
		},
		{
			"decision": "hold",
			"message": "pipe-to-shell: downloads a script and runs it (SKILL.md:14)",
		},
	}
}

test_what_stops_nothing_is_named_once if {
	given([{"severity": "info"}, {"severity": "info", "rule": "long-line"}, {"audience": "author"}]) == {{
		"decision": "allow",
		"message": "noted, and stopping nothing: long-line, pipe-to-shell",
	}}
}

acceptance := {"rule": "pipe-to-shell", "digest": digest, "because": "read by Ada on 2026-01-05"}

test_what_a_person_accepted_for_these_bytes_passes_and_says_so if {
	got := given([{}]) with data.shellproof.settings.accepted as [acceptance]
	got == {{
		"decision": "allow",
		"message": "pipe-to-shell: accepted for this digest: read by Ada on 2026-01-05",
	}}
}

test_an_acceptance_covers_no_other_bytes_and_no_other_rule if {
	every change in [
		{"digest": "sha256:0000000000000000000000000000000000000000000000000000000000000002"},
		{"rule": "another"},
	] {
		got := decisions([{}]) with data.shellproof.settings.accepted as [object.union(acceptance, change)]
		got == {"block"}
	}
}

test_an_artifact_without_a_digest_has_nothing_accepted if {
	some reason in reasons with input as {"artifact": {"digest": null}, "findings": [finding]}
		with data.shellproof.settings.accepted as [object.union(acceptance, {"digest": null})]
	reason.decision == "block"
}

test_no_findings_is_no_reason if {
	count(given([])) == 0
}
