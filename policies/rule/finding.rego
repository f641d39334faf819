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
	some rule, because in accepted
	some finding in input.findings
	finding.rule == rule
}

# Indices of findings, by rule and decision.
groups[rule][decision] contains i if {
	some i, finding in input.findings
	rule := finding.rule
	not accepted[rule]
	by_matrix := settings.matrix[finding.severity][finding.confidence]
	capped := at_most[settings.audience[finding.audience]][by_matrix]
	decision := object.get(settings.rules, rule, capped)
}

# Rules whose findings a person accepted for these very bytes, and why.
accepted[entry.rule] := entry.because if {
	some entry in settings.accepted
	is_string(entry.digest)
	entry.digest == input.artifact.digest
}

place(finding) := sprintf(" (%s:%d)", [at.path, at.line]) if {
	at := finding.locations[0]
	at.line
} else := sprintf(" (%s)", [at.path]) if {
	at := finding.locations[0]
} else := ""

others(n) := sprintf(", and %d more", [n]) if {
	n > 0
} else := ""
