//! SARIF 2.1.0 (OASIS standard): one run, one result a finding, what could not be looked at as
//! notifications of the tool, so that a consumer cannot take silence for safety.

use std::collections::{BTreeMap, HashMap};

use finding::{Confidence, Incomplete, LocationKind, Report, RuleMeta, Severity};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use self::model::*;
use crate::json;

mod model;

/// What a path segment keeps as it is: RFC 3986 `unreserved`, and `/` between segments.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Where relative paths start: the directory in which the command ran.
const ROOT: &str = "%SRCROOT%";

/// Renders all reports as one SARIF log.
#[must_use]
pub fn render(reports: &[Report], rules: &[&RuleMeta]) -> String {
    json::pretty(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [run(reports, rules)],
    })
}

fn run<'a>(reports: &'a [Report], rules: &[&'a RuleMeta]) -> Run<'a> {
    let mut catalogue = Catalogue::default();
    rules.iter().for_each(|meta| catalogue.add(meta));
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    let mut seen = HashMap::new();
    for report in reports {
        let base = &report.inspection.path;
        for finding in &report.inspection.findings {
            results.push(result(base, finding, &mut catalogue, &mut seen));
        }
        notifications.extend(
            report
                .inspection
                .incomplete
                .iter()
                .map(|part| notification(base, part)),
        );
    }
    Run {
        tool: Tool {
            driver: Driver {
                name: "shellproof",
                version: env!("CARGO_PKG_VERSION"),
                information_uri: env!("CARGO_PKG_REPOSITORY"),
                rules: catalogue.rules,
            },
        },
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            Described {
                description: Message::text("The directory in which the command ran."),
            },
        )]),
        invocations: [Invocation {
            execution_successful: notifications.is_empty(),
            tool_execution_notifications: notifications,
        }],
        results,
        properties: RunProperties {
            summary: reports.iter().collect(),
            verdicts: reports
                .iter()
                .map(|r| ArtifactVerdict {
                    path: &r.inspection.path,
                    digest: r.inspection.digest.map(|d| d.to_string()),
                    verdict: &r.verdict,
                    not_tested: &r.inspection.not_tested,
                })
                .collect(),
        },
    }
}

/// The rules of a run, and where each is in the list.
#[derive(Default)]
struct Catalogue<'a> {
    rules: Vec<Rule<'a>>,
    index: HashMap<&'a str, usize>,
}

impl<'a> Catalogue<'a> {
    fn add(&mut self, meta: &'a RuleMeta) {
        let precision = match meta.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        };
        self.push(Rule {
            id: meta.id.as_str(),
            short_description: Some(Message::text(meta.summary)),
            help: Some(Help {
                text: crate::page(meta),
                markdown: crate::page(meta),
            }),
            default_configuration: Some(Configuration {
                level: level(meta.severity),
            }),
            properties: Some(RuleProperties {
                tags: ["security"],
                precision,
                security_severity: security_severity(meta.severity),
            }),
        });
    }

    fn push(&mut self, rule: Rule<'a>) -> usize {
        let at = self.rules.len();
        *self.index.entry(rule.id).or_insert_with(|| {
            self.rules.push(rule);
            at
        })
    }

    /// Where a rule is; one that nobody described is listed by its name alone.
    fn index_of(&mut self, id: &'a str) -> usize {
        match self.index.get(id) {
            Some(&at) => at,
            None => self.push(Rule {
                id,
                short_description: None,
                help: None,
                default_configuration: None,
                properties: None,
            }),
        }
    }
}

fn result<'a>(
    base: &'a str,
    finding: &'a finding::Finding,
    catalogue: &mut Catalogue<'a>,
    seen: &mut HashMap<String, usize>,
) -> model::Finding<'a> {
    let steps: Vec<_> = finding
        .locations
        .iter()
        .filter(|l| l.kind == LocationKind::Step)
        .collect();
    let related = finding
        .locations
        .iter()
        .skip(1)
        .filter(|l| l.kind == LocationKind::Related);
    let flow = |locations: Vec<&'a finding::Location>| CodeFlow {
        thread_flows: [ThreadFlow {
            locations: locations
                .into_iter()
                .map(|l| FlowLocation {
                    location: place(base, l),
                })
                .collect(),
        }],
    };
    model::Finding {
        rule_id: finding.rule.as_str(),
        rule_index: catalogue.index_of(finding.rule.as_str()),
        level: level(finding.severity),
        message: Message::text(&*finding.message),
        locations: finding
            .locations
            .first()
            .map(|l| place(base, l))
            .into_iter()
            .collect(),
        related_locations: related.map(|l| place(base, l)).collect(),
        code_flows: if steps.is_empty() {
            Vec::new()
        } else {
            vec![flow(steps)]
        },
        partial_fingerprints: BTreeMap::from([(
            "shellproofFinding/v1",
            fingerprint(base, finding, seen),
        )]),
        properties: FindingProperties {
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            audience: finding.audience,
            fix: finding.fix.as_deref(),
        },
    }
}

fn notification<'a>(base: &'a str, part: &'a Incomplete) -> Notification<'a> {
    Notification {
        descriptor: Descriptor {
            id: part.rule.as_str(),
        },
        level: "error",
        message: Message::text(&*part.reason),
        locations: vec![model::Location {
            physical_location: PhysicalLocation {
                artifact_location: artifact_location(base, part.path.as_deref()),
                region: None,
                context_region: None,
            },
            logical_locations: Vec::new(),
            message: None,
        }],
    }
}

fn place<'a>(base: &'a str, location: &'a finding::Location) -> model::Location<'a> {
    // A decoded layer is no file: its place is the file it came from, its name a logical one.
    let (file, layer) = match location.path.split_once('!') {
        Some((file, _)) => (file, Some(&*location.path)),
        None => (&*location.path, None),
    };
    let region =
        (layer.is_none() && (location.line.is_some() || location.span.is_some())).then(|| Region {
            start_line: location.line,
            start_column: location.line.and(location.column),
            byte_offset: location.span.map(|s| s.start),
            byte_length: location.span.map(|s| s.end.saturating_sub(s.start)),
            snippet: None,
        });
    let context_region = location
        .excerpt
        .as_ref()
        .filter(|_| region.is_some())
        .map(|e| Region {
            start_line: Some(e.first_line),
            start_column: None,
            byte_offset: None,
            byte_length: None,
            snippet: Some(Message::text(&*e.text)),
        });
    model::Location {
        physical_location: PhysicalLocation {
            artifact_location: artifact_location(base, Some(file)),
            region,
            context_region,
        },
        logical_locations: layer
            .map(|name| LogicalLocation {
                fully_qualified_name: name,
                kind: "resource",
            })
            .into_iter()
            .collect(),
        message: (!location.label.is_empty()).then(|| Message::text(&*location.label)),
    }
}

/// Where a file of an artifact is: below the directory in which the command ran where the
/// artifact's path is relative, else absolute.
fn artifact_location(base: &str, file: Option<&str>) -> ArtifactLocation {
    let base = base.trim_end_matches('/');
    let base = base.strip_prefix("./").unwrap_or(base);
    // An artifact of one file is its own path.
    let single = |file: &str| base == file || base.ends_with(&format!("/{file}"));
    let path = match file {
        _ if base == "." => file.unwrap_or(base).to_owned(),
        Some(file) if !single(file) => format!("{base}/{file}"),
        _ => base.to_owned(),
    };
    let encoded = utf8_percent_encode(&path, PATH).to_string();
    if path.starts_with('/') {
        ArtifactLocation {
            uri: format!("file://{encoded}"),
            uri_base_id: None,
        }
    } else {
        ArtifactLocation {
            uri: encoded,
            uri_base_id: Some(ROOT),
        }
    }
}

/// Survives lines that move: the rule, the file, the text found, and which of equal ones it is.
fn fingerprint(
    base: &str,
    finding: &finding::Finding,
    seen: &mut HashMap<String, usize>,
) -> String {
    let primary = finding.locations.first();
    let text = primary
        .and_then(|l| l.excerpt.as_ref())
        .and_then(|e| e.text.get(e.span.start as usize..e.span.end as usize))
        .unwrap_or(&finding.message);
    let path = primary.map_or("", |l| &l.path);
    let key =
        capability::Digest::of(format!("{}\0{base}\0{path}\0{text}", finding.rule).as_bytes())
            .to_string();
    let hex = key["sha256:".len()..][..32].to_owned();
    let count = seen.entry(key).or_default();
    *count += 1;
    format!("{hex}:{count}")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The middle of the range that code-scanning services give each word.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}
