//! For people: the verdict, what was not looked at, what was found with its source, what the
//! artifact can do, and what to do about it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use annotate_snippets::{Level, Renderer};
use anstyle::{AnsiColor, Style as Ansi};
use capability::{CapabilitySet, Decision};
use finding::{Audience, Finding, Location, Report, RuleMeta, Severity};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::{Detail, Style, Summary, escape};

mod source;

/// After so many findings of one rule with their source, the others get one line each.
const SHOWN_OF_A_RULE: usize = 3;

/// Renders all reports, and a summary where there is more than one.
#[must_use]
pub fn render(reports: &[Report], style: Style) -> String {
    let mut out = String::new();
    for (i, report) in reports.iter().enumerate() {
        if i > 0 && style.detail != Detail::Line {
            out.push('\n');
        }
        out += &artifact(report, style);
    }
    if reports.len() > 1 {
        out.push('\n');
        out += &summary(&reports.iter().collect(), style);
    }
    out
}

/// Renders one report: a line, or all of it, by [`Style::detail`].
#[must_use]
pub fn artifact(report: &Report, style: Style) -> String {
    let mut page = Page {
        out: String::new(),
        style,
    };
    if style.detail == Detail::Line {
        page.line(report);
    } else {
        page.report(report);
    }
    page.out
}

/// Renders the counts of many reports as one line.
#[must_use]
pub fn summary(summary: &Summary, style: Style) -> String {
    let mut page = Page {
        out: String::new(),
        style,
    };
    let total = summary.total();
    let _ = write!(page.out, "{total} {}:", plural(total, "artifact"));
    let counts = [
        (Decision::Allow, summary.allow),
        (Decision::Warn, summary.warn),
        (Decision::Hold, summary.hold),
        (Decision::Block, summary.block),
    ];
    for (decision, count) in counts {
        let text = format!("{count} {decision}");
        let look = if count == 0 {
            Ansi::new()
        } else {
            decision_style(decision)
        };
        page.out.push(' ');
        page.painted(look, &text);
        page.out.push(',');
    }
    let _ = writeln!(page.out, " {} not inspected in full", summary.incomplete);
    page.out
}

/// Renders what a rule says about itself.
#[must_use]
pub fn rule(rule: &RuleMeta, style: Style) -> String {
    let mut page = Page {
        out: String::new(),
        style,
    };
    page.painted(Ansi::new().bold(), rule.id.as_str());
    let _ = writeln!(page.out, ": {}", rule.summary);
    let _ = writeln!(
        page.out,
        "severity {}, confidence {}, reads {}, since {}\n\n{}",
        rule.severity.as_str(),
        rule.confidence.as_str(),
        rule.reads.join(" and "),
        rule.since,
        crate::page(rule).trim_end(),
    );
    page.out
}

/// Output in the making.
struct Page {
    out: String,
    style: Style,
}

impl Page {
    fn painted(&mut self, look: Ansi, text: &str) {
        if self.style.color {
            let _ = write!(self.out, "{look}{text}{look:#}");
        } else {
            self.out.push_str(text);
        }
    }

    fn heading(&mut self, text: &str) {
        self.painted(Ansi::new().bold(), text);
        self.out.push('\n');
    }

    /// `first` and then `text`, wrapped, its further lines under its first.
    fn wrapped(&mut self, first: &str, text: &str) {
        self.out.push_str(first);
        let indent = first.width();
        let room = self.style.width.saturating_sub(indent).max(20);
        let mut column = 0;
        for word in text.split(' ') {
            let width = word.width();
            if column > 0 && column + 1 + width > room {
                let _ = write!(self.out, "\n{:indent$}", "");
                column = 0;
            } else if column > 0 {
                self.out.push(' ');
                column += 1;
            }
            self.out.push_str(word);
            column += width;
        }
        self.out.push('\n');
    }

    fn line(&mut self, report: &Report) {
        let Report {
            inspection,
            verdict,
        } = report;
        self.painted(
            decision_style(verdict.decision),
            &format!("{:<5}", verdict.decision),
        );
        let mut rest = format!("  {}", escape(&inspection.path));
        if let Some(reason) = verdict.reasons.first() {
            let _ = write!(rest, "  {}", escape(reason));
        }
        let parts = inspection.incomplete.len();
        let tail = match parts {
            0 => String::new(),
            _ => format!("  [{parts} {} not inspected]", plural(parts, "part")),
        };
        let room = self.style.width.saturating_sub(5 + tail.width()).max(20);
        self.out.push_str(&cut(&rest, room));
        self.out.push_str(&tail);
        self.out.push('\n');
    }

    fn report(&mut self, report: &Report) {
        let Report {
            inspection,
            verdict,
        } = report;
        self.painted(decision_style(verdict.decision), verdict.decision.as_str());
        let _ = write!(self.out, ": ");
        self.painted(Ansi::new().bold(), &escape(&inspection.name));
        let digest = inspection.digest.map_or_else(
            || "no digest".to_owned(),
            |d| format!("sha256:{}…", d.short()),
        );
        let _ = writeln!(
            self.out,
            " ({}, {digest}), status {}",
            escape(&inspection.path),
            verdict.status
        );

        if !inspection.incomplete.is_empty() {
            self.heading("\nNot inspected");
            for part in &inspection.incomplete {
                let path = part
                    .path
                    .as_deref()
                    .map_or(Cow::Borrowed("the artifact"), escape);
                let rule = escape(part.rule.as_str());
                self.wrapped(
                    "  - ",
                    &format!("{path}: {} ({rule})", escape(&part.reason)),
                );
            }
        }
        if !inspection.not_tested.is_empty() {
            self.heading("\nNot tested");
            self.wrapped("  ", &escape(&inspection.not_tested.join(", ")));
        }
        self.heading("\nWhy");
        for reason in &verdict.reasons {
            self.wrapped("  - ", &escape(reason));
        }
        self.findings(&inspection.findings);
        self.capabilities(report);
        self.fixes(&inspection.findings);

        self.out.push('\n');
        let tested = if inspection.tested.is_empty() {
            "nothing".to_owned()
        } else {
            inspection.tested.join(", ")
        };
        let foot = format!(
            "Tested {tested} with {}; decided by {}.",
            inspection.engine, verdict.policy
        );
        self.wrapped("", &escape(&foot));
    }

    /// Worst first. What not every reader wants, and repetitions, get one line each.
    fn findings(&mut self, findings: &[Finding]) {
        let mut sorted: Vec<_> = findings.iter().collect();
        sorted.sort_by_key(|f| std::cmp::Reverse((f.severity, f.confidence)));
        let mut shown = BTreeMap::<_, usize>::new();
        let mut short = Vec::new();
        for finding in sorted {
            let count = shown.entry(&finding.rule).or_default();
            *count += 1;
            let full = self.style.detail == Detail::Full
                || (finding.audience == Audience::User
                    && finding.severity >= Severity::Medium
                    && *count <= SHOWN_OF_A_RULE);
            if full {
                self.out.push('\n');
                self.finding(finding);
            } else {
                short.push(finding);
            }
        }
        if !short.is_empty() {
            self.heading("\nFurther findings");
        }
        for finding in short {
            let place = finding.locations.first().map(place).unwrap_or_default();
            let severity = finding.severity.as_str();
            let rule = escape(finding.rule.as_str());
            let message = escape(&finding.message);
            self.wrapped("  - ", &format!("{severity}[{rule}]: {message}{place}"));
        }
    }

    /// A finding with its source, as compilers show theirs.
    fn finding(&mut self, finding: &Finding) {
        let level = match finding.severity {
            Severity::Critical | Severity::High => Level::ERROR,
            Severity::Medium => Level::WARNING,
            Severity::Low => Level::INFO,
            Severity::Info => Level::NOTE,
        };
        let mut elements = source::elements(&finding.locations);
        elements.push(
            Level::NOTE
                .no_name()
                .message(format!("confidence {}", finding.confidence.as_str()))
                .into(),
        );
        let group = level
            .with_name(finding.severity.as_str())
            .primary_title(escape(&finding.message))
            .id(escape(finding.rule.as_str()))
            .elements(elements);
        let renderer = if self.style.color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        self.out += &renderer.term_width(self.style.width).render(&[group]);
        self.out.push('\n');
    }

    fn capabilities(&mut self, report: &Report) {
        let found = &report.inspection.capabilities;
        self.heading("\nCapabilities");
        if found.declares {
            self.set("declared", &found.declared, "nothing");
        } else {
            self.set("declared", &CapabilitySet::new(), "no permissions at all");
        }
        self.set("inferred", &found.inferred, "nothing");
        if found.declares {
            self.set("over-reach", &found.over_reach, "none");
        }
        for (i, effect) in found.unresolved.iter().enumerate() {
            let name = if i == 0 { "unresolved" } else { "" };
            self.wrapped(&format!("  {name:<10}  "), &escape(effect));
        }
    }

    fn set(&mut self, name: &str, set: &CapabilitySet, empty: &str) {
        let text = set.to_string();
        let lines = if text.is_empty() { empty } else { &text };
        for (i, line) in lines.lines().enumerate() {
            let name = if i == 0 { name } else { "" };
            let _ = writeln!(self.out, "  {name:<10}  {}", escape(line));
        }
    }

    /// Each fix once, those of the worst findings first.
    fn fixes(&mut self, findings: &[Finding]) {
        let mut sorted: Vec<_> = findings
            .iter()
            .filter(|f| f.audience == Audience::User)
            .collect();
        sorted.sort_by_key(|f| std::cmp::Reverse((f.severity, f.confidence)));
        let mut seen = BTreeSet::new();
        for finding in sorted {
            let Some(fix) = &finding.fix else { continue };
            if seen.insert(fix) {
                if seen.len() == 1 {
                    self.heading("\nWhat to do");
                }
                self.wrapped(
                    "  - ",
                    &format!("{} ({})", escape(fix), escape(finding.rule.as_str())),
                );
            }
        }
    }
}

fn place(location: &Location) -> String {
    let line = location
        .line
        .map(|line| format!(":{line}"))
        .unwrap_or_default();
    format!(" ({}{line})", escape(&location.path))
}

fn decision_style(decision: Decision) -> Ansi {
    let color = match decision {
        Decision::Allow => AnsiColor::Green,
        Decision::Warn => AnsiColor::Yellow,
        Decision::Hold => AnsiColor::Magenta,
        Decision::Block => AnsiColor::Red,
    };
    color.on_default().bold()
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        noun.to_owned()
    } else {
        format!("{noun}s")
    }
}

/// `text`, or what of it fits into `room` columns with an ellipsis.
fn cut(text: &str, room: usize) -> Cow<'_, str> {
    if text.width() <= room {
        return Cow::Borrowed(text);
    }
    let mut width = 0;
    let fits = text.chars().take_while(|c| {
        width += c.width().unwrap_or(0);
        width < room
    });
    Cow::Owned(fits.chain(['…']).collect())
}
