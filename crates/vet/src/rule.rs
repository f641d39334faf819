use finding::{Finding, RuleMeta};

use crate::Context;

/// One rule: a name, a page, and a check over an artifact's facts.
pub trait Rule: Sync {
    /// What it says of itself.
    fn meta(&self) -> &'static RuleMeta;

    /// Looks at an artifact and reports what it finds.
    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>);
}

/// Declares a rule: a unit struct and its metadata. The page is the Markdown file beside it, named
/// by the rule's id.
///
/// ```ignore
/// declare_rule! {
///     RawIpEndpoint = "raw-ip-endpoint",
///     summary: "talks to a bare IP address",
///     severity: Medium, confidence: Medium, reads: ["code"],
///     fix: "Use a host name that says whose it is.",
///     since: "0.1.0",
/// }
///
/// impl Rule for RawIpEndpoint {
///     fn meta(&self) -> &'static RuleMeta {
///         &META
///     }
///     fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
///         out.push(Finding::new(&META, "talks to 192.0.2.1").at(cx.location(source, span, "here")));
///     }
/// }
/// ```
macro_rules! declare_rule {
    (
        $name:ident = $id:literal,
        summary: $summary:literal,
        severity: $severity:ident, confidence: $confidence:ident, reads: [$($reads:literal),* $(,)?],
        fix: $fix:literal,
        since: $since:literal $(,)?
    ) => {
        #[doc = $summary]
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name;

        /// What the rule says of itself.
        pub(crate) static META: finding::RuleMeta = finding::RuleMeta {
            id: finding::RuleId::new($id),
            summary: $summary,
            severity: finding::Severity::$severity,
            confidence: finding::Confidence::$confidence,
            reads: &[$($reads),*],
            docs: include_str!(concat!($id, ".md")),
            fix: $fix,
            since: $since,
            file: file!(),
        };
    };
}

pub(crate) use declare_rule;
