//! What is reported when a file cannot be read in a worker; each one's page is `rules/<id>.md`.

use finding::{Confidence, RuleId, RuleMeta, Severity};

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident $confidence:ident, $summary:literal, $fix:literal;)*) => {
        $(
            #[doc = $summary]
            pub(crate) static $name: RuleMeta = RuleMeta {
                id: RuleId::new($id),
                summary: $summary,
                severity: Severity::$severity,
                confidence: Confidence::$confidence,
                reads: &["files"],
                docs: include_str!(concat!("rules/", $id, ".md")),
                fix: $fix,
                since: "0.1.0",
                file: file!(),
            };
        )*

        /// Every rule of the worker, by id.
        #[must_use]
        pub fn rules() -> &'static [&'static RuleMeta] {
            static ALL: &[&RuleMeta] = &[$(&$name),*];
            ALL
        }
    };
}

rules! {
    NOT_CONFINED = "not-confined", High High,
        "no process to read the artifact in could be confined",
        "Run where the kernel and the container's profile allow what the message names.";
    TIMED_OUT = "timed-out", Medium High,
        "a file that takes too long to read",
        "Make the file smaller or simpler, or leave it out.";
    WORKER_DIED = "worker-died", High Medium,
        "a file that ends the process that reads it",
        "Leave the file out: what no parser survives, nobody can vouch for.";
    WORKER_MISBEHAVED = "worker-misbehaved", Critical Medium,
        "a file after which the process that read it answered what cannot be right",
        "Do not use the artifact: the file may have taken over the process that read it.";
}

#[cfg(test)]
mod tests {
    use super::rules;

    #[test]
    fn ids_are_sorted_and_unique() {
        assert!(rules().is_sorted_by(|a, b| a.id < b.id));
    }

    #[test]
    fn every_page_has_every_part() {
        for rule in rules() {
            for part in [
                "## What it does",
                "## Why",
                "## Finds",
                "## Passes",
                "## Fix",
            ] {
                assert!(rule.docs.contains(part), "{}: no {part:?}", rule.id);
            }
        }
    }
}
