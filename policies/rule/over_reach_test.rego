package shellproof_test.rule.over_reach

import data.shellproof.rule.over_reach.reasons

given(declares, over_reach) := answer if {
	answer := reasons with input.capabilities as {"declares": declares, "over_reach": over_reach}
}

decisions(declares, over_reach) := {reason.decision | some reason in given(declares, over_reach)}

test_what_is_undeclared_warns_or_holds_by_what_it_is if {
	every case in [
		["net api.example.com:443", "warn"],
		["exec curl", "warn"],
		["fs.read $WORKSPACE/**", "warn"],
		["fs.write $TMP/out", "warn"],
		["env LANG", "warn"],
		["net any", "hold"],
		["agent edit SOUL.md", "hold"],
		["secret OPENAI_API_KEY @ api.example.com:443 header Authorization", "hold"],
		["fs.read $HOME/.ssh/id_ed25519", "hold"],
		["fs.read $HOME/.aws/credentials", "hold"],
		["fs.read $HOME/**", "hold"],
		["fs.write $HOME/.bashrc", "hold"],
		["fs.write /etc/cron.d/x", "hold"],
	] {
		decisions(true, [case[0]]) == {case[1]}
	}
}

test_an_artifact_that_declares_nothing_overreaches_nothing if {
	decisions(false, ["fs.read $HOME/.ssh/id_ed25519"]) == set()
}

test_an_artifact_that_keeps_to_its_word_gives_no_reason if {
	decisions(true, []) == set()
}

test_each_capability_is_named if {
	{reason.message | some reason in given(true, ["exec curl", "net any"])} == {
		"over-reach: undeclared `exec curl`",
		"over-reach into credentials, the agent or everything: undeclared `net any`",
	}
}

test_the_settings_decide if {
	got := decisions(true, ["exec curl"]) with data.shellproof.settings.over_reach.decision as "block"
	got == {"block"}
}
