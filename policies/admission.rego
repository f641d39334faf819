# Admission: the worst decision of any rule wins.
#
# Every package `shellproof.rule.<name>` may contribute `reasons`, a set of
# {"decision": "allow" | "warn" | "hold" | "block", "message": one sentence}.
# Nothing else decides, and a reason that is not of this shape holds.
package shellproof.admission

import data.shellproof.decision.order
import data.shellproof.decision.rank

verdict := {
	"decision": decision,
	"status": status,
	"reasons": reasons,
}

reasons := [{"decision": order[0 - place], "rule": rule, "message": message} |
	some [place, rule, message] in sort(ranked)
] if {
	count(ranked) > 0
}

# Says what a pass rests on, that "nothing found" be never read as "safe".
reasons := [{"decision": "allow", "rule": "admission", "message": message}] if {
	count(ranked) == 0
	message := sprintf("no rule objects to what was tested (%s)%s", [concat(", ", input.tested), untested])
}

untested := "" if count(input.not_tested) == 0

untested := sprintf("; not tested: %s", [concat(", ", input.not_tested)]) if count(input.not_tested) > 0

# Sorts worst first; equal ones by rule, then by message. As a set, so that none is there twice.
ranked contains [0 - rank[reason.decision], rule, reason.message] if {
	some rule, answer in given
	is_set(answer)
	some reason in answer
	well_formed(reason)
}

ranked contains [0 - rank.hold, rule, message] if {
	some rule, answer in given
	is_set(answer)
	some reason in answer
	not well_formed(reason)
	message := sprintf("rule %s gave a reason without a valid decision and message: %v", [rule, reason])
}

ranked contains [0 - rank.hold, rule, message] if {
	some rule, answer in given
	not is_set(answer)
	message := sprintf("rule %s did not give a set of reasons", [rule])
}

given[rule] := answer if {
	some rule
	answer := data.shellproof.rule[rule].reasons
}

well_formed(reason) if {
	rank[reason.decision]
	is_string(reason.message)
}

decision := reasons[0].decision

# `verified` needs a dynamic trial and a person; no automatic gate can give it.
default status := "community"

status := "rejected" if decision == "block"

status := "unreviewed" if decision == "hold"
