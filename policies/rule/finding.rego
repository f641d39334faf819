# What each finding leads to: its severity and confidence by the matrix, capped by who wants to
# see it, unless its rule has a decision of its own or a person accepted it for these very bytes.
package shellproof.rule.finding

import data.shellproof.decision.at_most
import data.shellproof.settings

# One reason for each rule and decision, so that forty alike read as one sentence.
reasons contains {
	"decision": decision,
	"message": sprintf("%s: %s%s%s", [rule, first.message, place(first), others(count(alike) - 1)]),
} if {
	some rule, decisions in groups
	some decision, alike in decisions
	decision != "allow"
	first := input.findings[min(alike)]
}

# What stops nothing is named once, that nobody takes it for unseen.
reasons contains {
	"decision": "allow",
	"message": sprintf("noted, and stopping nothing: %s", [concat(", ", noted)]),
} if {
	noted := {rule | groups[rule].allow}
	count(noted) > 0
}

reasons contains {
	"decision": "allow",
	"message": sprintf("%s: accepted for this digest: %s", [rule, because]),
} if {
	some i
	because := accepted[i]
	rule := input.findings[i].rule
}

# Indices of findings, by rule and decision.
groups[rule][decision] contains i if {
	some i, finding in input.findings
	not accepted[i]
	rule := finding.rule
	decision := decide(finding)
}

# A rule of its own.
decide(finding) := settings.rules[finding.rule]

decide(finding) := at_most(settings.matrix[finding.severity][finding.confidence], settings.audience[finding.audience]) if {
	not settings.rules[finding.rule]
}

accepted[i] := entry.because if {
	some i, finding in input.findings
	some entry in settings.accepted
	is_string(entry.digest)
	entry.digest == input.artifact.digest
	entry.rule == finding.rule
}

place(finding) := sprintf(" (%s:%d)", [finding.locations[0].path, finding.locations[0].line]) if finding.locations[0].line

place(finding) := sprintf(" (%s)", [finding.locations[0].path]) if not finding.locations[0].line

place(finding) := "" if count(finding.locations) == 0

others(n) := "" if n == 0

others(n) := sprintf(", and %d more", [n]) if n > 0
