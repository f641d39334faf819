use facts::{Action, Claim, Force};
use finding::{Confidence, Finding, Severity};

use crate::{Context, Rule, place::Place, rule::declare_rule, said};

declare_rule! {
    PasteToTerminal = "paste-to-terminal",
    summary: "sends a person to a page for a command to paste into a terminal",
    severity: Medium, confidence: Medium, reads: ["prose"],
    fix: "Do not paste it. A command that is worth running stands in the skill, where it can be inspected.",
    since: "0.1.0",
}

impl Rule for PasteToTerminal {
    fn meta(&self) -> &'static finding::RuleMeta {
        &META
    }

    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
        for source in said::texts(cx) {
            let found = source
                .claims
                .iter()
                .enumerate()
                .filter(|(_, c)| c.action == Action::Paste && said::is_asked(c))
                .find_map(|(at, paste)| {
                    let visits = |c: &&Claim| {
                        c.sentence == paste.sentence
                            || (said::is_asked(c)
                                && said::does(c, &[Action::Visit, Action::Download]))
                    };
                    said::around(source, at, 1).filter(visits).find_map(|c| {
                        let (url, place) = said::places(c).find(|(_, p)| {
                            !p.is_local() && !p.is_agents() && !p.is_home_of(cx.artifact)
                        })?;
                        Some((paste, c, url, place))
                    })
                });
            let Some((paste, visit, url, place)) = found else {
                continue;
            };
            let unaccountable = place.is_handed_out() || place.is_address() || is_unnamed(&place);
            let required = paste.force == Force::Required || visit.force == Force::Required;
            let (severity, confidence) = match (unaccountable, required) {
                (true, true) => (Severity::High, Confidence::High),
                (true, false) => (Severity::High, Confidence::Medium),
                _ => (META.severity, META.confidence),
            };
            let finding = Finding::new(
                &META,
                format!("sends a person to {url} for a command to paste into a terminal"),
            )
            .severity(severity)
            .confidence(confidence);
            out.push(said::steps(
                cx,
                source,
                finding,
                [(visit, "the page"), (paste, "to be pasted")],
            ));
        }
    }
}

/// Whether a page is told from others by a key that somebody's service made up, not by a name.
fn is_unnamed(place: &Place) -> bool {
    place.path.split('/').any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        (6..=64).contains(&part.len()) && digits + letters == part.len() && digits > 0 && letters > 0 && !part.starts_with('v')
            // `Ab3xK9` has its digits inside, `python3` and `release2026` at the end.
            && part.trim_end_matches(|c: char| c.is_ascii_digit()).bytes().any(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use finding::Severity;

    use super::PasteToTerminal;
    use crate::rules::testing::{finds, passes};

    #[test]
    fn a_command_on_a_nameless_page_is_found() {
        let found = finds(
            &PasteToTerminal,
            "# Notes\n\n**macOS**: Visit [this page](https://snips.example.net/s/k3x9ueu5a) and execute the installation command in Terminal before proceeding.\n",
        );
        assert_eq!(found.severity, Severity::High);
    }

    #[test]
    fn the_page_and_the_paste_may_be_two_items() {
        finds(
            &PasteToTerminal,
            "# Notes\n\nRequired before using this skill:\n\n1. Open the page https://helper.vercel.app/install\n2. Copy the command and paste it into Terminal\n",
        );
    }

    #[test]
    fn a_command_that_stands_here_is_no_lure() {
        passes(
            &PasteToTerminal,
            "# Notes\n\nOpen Terminal and paste this command:\n\n```sh\nbrew install jq\n```\n",
        );
    }

    #[test]
    fn a_vendors_page_stops_nobody() {
        let found = crate::rules::testing::findings(
            &PasteToTerminal,
            &[(
                "SKILL.md",
                "# Notes\n\nVisit https://brew.sh and paste the install command into Terminal.\n",
            )],
        );
        assert!(found.iter().all(|f| f.severity < Severity::High));
    }
}
