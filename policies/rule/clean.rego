# Says what a pass rests on, so that "nothing found" is never read as "safe".
package shellproof.rule.clean

reasons contains {
	"decision": "allow",
	"message": sprintf("no rule objects to what was tested (%s)%s", [concat(", ", input.tested), untested]),
} if {
	count(input.tested) > 0
	count(input.incomplete) == 0
	count(input.findings) == 0
}

untested := sprintf("; not tested: %s", [concat(", ", input.not_tested)]) if count(input.not_tested) > 0

untested := "" if count(input.not_tested) == 0
