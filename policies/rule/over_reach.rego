# The artifact declares what it needs, and was seen to need more.
package shellproof.rule.over_reach

import data.shellproof.settings.over_reach as settings

reasons contains {
	"decision": settings.dangerous_decision,
	"message": sprintf("over-reach into credentials, the agent or everything: undeclared `%s`", [capability]),
} if {
	some capability in excess
	dangerous(capability)
}

reasons contains {
	"decision": settings.decision,
	"message": sprintf("over-reach: undeclared `%s`", [capability]),
} if {
	some capability in excess
	not dangerous(capability)
}

excess contains capability if {
	input.capabilities.declares
	some capability in input.capabilities.over_reach
}

dangerous(capability) if strings.any_prefix_match(capability, settings.dangerous)
