# What could not be looked at is never passed over.
package shellproof.rule.incomplete

reasons contains {
	"decision": "hold",
	"message": sprintf("%s: %s%s", [gap.rule, where(gap), gap.reason]),
} if {
	some gap in input.incomplete
}

where(gap) := sprintf("%s: ", [gap.path]) if gap.path

where(gap) := "" if not gap.path
