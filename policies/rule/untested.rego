# An artifact on which no gate ran has passed none.
package shellproof.rule.untested

reasons contains {
	"decision": "hold",
	"message": "nothing was tested: no part of the artifact was inspected",
} if {
	count(input.tested) == 0
}
