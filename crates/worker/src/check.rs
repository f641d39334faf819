//! What a parent believes of an answer.
//!
//! A worker that was taken over can leave things out, of its file and of those after it in the
//! same artifact; nothing here can notice that. It cannot speak of files that it was not given,
//! point outside of their text, or claim digests of bytes that are not there.

use capability::Digest;
use facts::{Facts, Origin, Source, Span};
use finding::{Finding, Incomplete, RuleId};
use skill::{Bundle, Caps, Entry, Kind};

use crate::wire::File;
use crate::{Confinement, Guarantee, Reading};

/// What is wrong with an answer.
pub(crate) type Complaint = String;

pub(crate) fn confinement(confinement: &Confinement) -> Result<(), Complaint> {
    match Guarantee::ALL
        .iter()
        .find(|wanted| !confinement.holds(**wanted))
    {
        None => Ok(()),
        Some(missing) => Err(format!("nothing holds the guarantee {missing:?}")),
    }
}

/// `left` is what the archive's files may still come to.
pub(crate) fn entry(entry: &Entry, left: &Caps) -> Result<(), Complaint> {
    let complaint = if left.entries == 0 || entry.bytes.len() as u64 > left.total {
        "more than was asked for"
    } else if entry.path.starts_with('/') || entry.path.split('/').any(|part| part == "..") {
        "a path that leads out of the artifact"
    } else if !matches!(entry.mode, 0o644 | 0o755 | 0o120_000) {
        "a mode that no entry has"
    } else if entry.kind == Kind::File && entry.digest != Digest::of(&entry.bytes) {
        "a digest of other bytes"
    } else {
        return Ok(());
    };
    Err(format!(
        "an entry {:?} with {complaint}",
        short(&entry.path)
    ))
}

/// Of two entries at one path, the artifact's digest would cover one only.
pub(crate) fn order(bundle: &Bundle) -> Result<(), Complaint> {
    if bundle.entries.is_sorted_by(|a, b| a.path < b.path) {
        Ok(())
    } else {
        Err("entries out of order, or two at one path".to_owned())
    }
}

pub(crate) fn bundle(bundle: &Bundle) -> Result<(), Complaint> {
    findings(&bundle.findings)?;
    incomplete(&bundle.incomplete)
}

pub(crate) fn reading(reading: &Reading, file: &File<'_>) -> Result<(), Complaint> {
    // A file that is not UTF-8 is read lossily: each bad byte becomes at most three.
    let length = file.bytes.len().saturating_mul(3);
    facts(&reading.facts, file.path, length)?;
    findings(&reading.findings)?;
    for location in reading
        .findings
        .iter()
        .flat_map(|finding| &finding.locations)
    {
        if location.path != file.path {
            return Err(format!(
                "a finding in {:?}, which was not asked about",
                short(&location.path)
            ));
        }
        let span = location.span.unwrap_or_default();
        within(
            Span {
                start: span.start,
                end: span.end,
            },
            length,
        )?;
    }
    incomplete(&reading.incomplete)
}

/// A worker finds what the readers of artifacts find; what an artifact does is judged elsewhere.
fn findings(findings: &[Finding]) -> Result<(), Complaint> {
    findings.iter().try_for_each(|finding| known(&finding.rule))
}

fn incomplete(incomplete: &[Incomplete]) -> Result<(), Complaint> {
    incomplete
        .iter()
        .try_for_each(|incomplete| known(&incomplete.rule))
}

fn known(rule: &RuleId) -> Result<(), Complaint> {
    if skill::rules().iter().any(|meta| meta.id == *rule) {
        Ok(())
    } else {
        Err(format!(
            "a finding of the rule {:?}, which no reader has",
            short(rule.as_str())
        ))
    }
}

fn facts(facts: &Facts, path: &str, length: usize) -> Result<(), Complaint> {
    for (index, source) in facts.sources.iter().enumerate() {
        if source.path != path {
            return Err(format!(
                "facts about {:?}, which was not asked about",
                short(&source.path)
            ));
        }
        if source.parent.is_some_and(|parent| parent as usize >= index) {
            return Err("a source that stands before its parent".to_owned());
        }
        let own = source.text.as_ref().map_or(length, String::len);
        if let Origin::Decoded { at, .. } = &source.origin {
            // Of the file or of the text around it.
            let parent = source.parent.map(|parent| &facts.sources[parent as usize]);
            let around = parent
                .and_then(|parent| parent.text.as_ref())
                .map_or(0, String::len);
            within(*at, around.max(length))?;
        }
        spans(source).try_for_each(|span| within(span, own))?;
    }
    match facts.gaps.iter().find(|gap| gap.path != path) {
        Some(gap) => Err(format!(
            "a gap in {:?}, which was not asked about",
            short(&gap.path)
        )),
        None => Ok(()),
    }
}

/// Every place that a source points at.
fn spans(source: &Source) -> impl Iterator<Item = Span> {
    let flows = source.flows.iter().flat_map(|flow| {
        let through = flow.through.iter().map(|(_, span)| *span);
        through.chain([flow.from.span, flow.to.span])
    });
    (source.effects.iter().map(|e| e.span))
        .chain(flows)
        .chain(source.imports.iter().map(|i| i.span))
        .chain(source.literals.iter().map(|l| l.span))
        .chain(source.claims.iter().map(|c| c.span))
        .chain(source.oddities.iter().map(|o| o.span))
        .chain(source.unparsed.iter().copied())
}

fn within(span: Span, length: usize) -> Result<(), Complaint> {
    if span.start <= span.end && span.end as usize <= length {
        Ok(())
    } else {
        Err(format!(
            "a span {}..{} of a text of {length} bytes",
            span.start, span.end
        ))
    }
}

/// The first characters of a text that is not ours.
fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use facts::{Gap, Import, Language, Role};
    use finding::Location;

    use super::*;

    const FILE: File<'_> = File {
        path: "a.sh",
        bytes: b"1234",
        mode: 0o644,
    };

    fn source(path: &str, parent: Option<u32>, span: Span) -> Source {
        Source {
            path: path.to_owned(),
            parent,
            origin: Origin::File,
            language: Language::Shell,
            role: Role::Operative,
            text: None,
            effects: Vec::new(),
            flows: Vec::new(),
            imports: vec![Import {
                name: "x".to_owned(),
                span,
            }],
            literals: Vec::new(),
            claims: Vec::new(),
            oddities: Vec::new(),
            unparsed: Vec::new(),
        }
    }

    fn believed(sources: Vec<Source>) -> bool {
        let facts = Facts {
            sources,
            ..Facts::default()
        };
        let answer = Reading {
            facts,
            ..Reading::default()
        };
        reading(&answer, &FILE).is_ok()
    }

    #[test]
    fn facts_are_about_the_file_and_inside_it() {
        let inside = Span { start: 1, end: 4 };
        assert!(believed(vec![
            source("a.sh", None, inside),
            source("a.sh", Some(0), inside)
        ]));
        assert!(
            !believed(vec![source("b.sh", None, inside)]),
            "another file"
        );
        assert!(
            !believed(vec![source("a.sh", Some(0), inside)]),
            "its own parent"
        );
        assert!(
            !believed(vec![source("a.sh", Some(9), inside)]),
            "no parent"
        );
        assert!(
            !believed(vec![source("a.sh", None, Span { start: 3, end: 2 })]),
            "backwards"
        );
        assert!(
            !believed(vec![source("a.sh", None, Span { start: 0, end: 400 })]),
            "outside"
        );
    }

    #[test]
    fn the_spans_of_a_text_of_its_own_are_inside_that() {
        let mut own = source("a.sh", None, Span { start: 0, end: 3 });
        own.text = Some("xyz".to_owned());
        assert!(believed(vec![own.clone()]));
        own.text = Some("xy".to_owned());
        assert!(!believed(vec![own]));
    }

    #[test]
    fn gaps_and_findings_are_about_the_file_and_of_known_rules() {
        let gap = |path: &str| Gap {
            path: path.to_owned(),
            cause: "too-deep".to_owned(),
            reason: String::new(),
        };
        let mut answer = Reading::default();
        answer.facts.gaps = vec![gap("a.sh")];
        let mut finding = Finding::new(skill::rules()[0], "x").at(Location::file("a.sh", "y"));
        answer.findings = vec![finding.clone()];
        assert_eq!(reading(&answer, &FILE), Ok(()));

        answer.facts.gaps = vec![gap("b.sh")];
        assert!(reading(&answer, &FILE).is_err());
        answer.facts.gaps.clear();

        finding.locations[0].path = "b.sh".to_owned();
        answer.findings = vec![finding.clone()];
        assert!(reading(&answer, &FILE).is_err());

        finding.locations.clear();
        finding.rule = RuleId::new("made-up");
        answer.findings = vec![finding];
        assert!(reading(&answer, &FILE).is_err());
    }

    #[test]
    fn entries_stay_in_the_archive_and_are_what_their_digest_says() {
        let caps = Caps::default();
        let good = Entry {
            path: "a/b".to_owned(),
            mode: 0o644,
            kind: Kind::File,
            bytes: b"x".to_vec(),
            digest: Digest::of(b"x"),
        };
        assert_eq!(entry(&good, &caps), Ok(()));
        assert!(entry(&good, &Caps { entries: 0, ..caps }).is_err());
        assert!(entry(&good, &Caps { total: 0, ..caps }).is_err());
        for path in ["/etc/passwd", "../x", "a/../../x"] {
            let bad = Entry {
                path: path.to_owned(),
                ..good.clone()
            };
            assert!(entry(&bad, &caps).is_err(), "{path}");
        }
        let bad = Entry {
            bytes: b"y".to_vec(),
            ..good.clone()
        };
        assert!(entry(&bad, &caps).is_err());
        let bad = Entry {
            mode: 0o4755,
            ..good
        };
        assert!(entry(&bad, &caps).is_err());
    }

    #[test]
    fn a_worker_that_lacks_a_guarantee_is_refused() {
        assert!(
            confinement(&Confinement {
                guarantees: Vec::new()
            })
            .is_err()
        );
    }
}
