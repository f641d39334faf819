//! What a parent believes of an answer.
//!
//! A worker that was taken over can leave things out: nothing here can notice that, and so no
//! file's answer says anything of another artifact. But it cannot speak of files that it was not
//! given, point outside of their text, or claim digests of bytes that are not there.

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

pub(crate) fn entry(entry: &Entry, before: usize, caps: &Caps) -> Result<(), Complaint> {
    let content = match &entry.kind {
        Kind::File => &entry.bytes[..],
        Kind::Symlink { target } => target.as_bytes(),
    };
    let complaint = if before >= caps.entries {
        "more entries than asked for"
    } else if entry.path.starts_with('/') || entry.path.split('/').any(|part| part == "..") {
        "a path that leads out of the artifact"
    } else if !matches!(entry.mode, 0o644 | 0o755 | 0o120_000) {
        "a mode that no entry has"
    } else if entry.kind == Kind::File && entry.digest != Digest::of(content) {
        "a digest of other bytes"
    } else {
        return Ok(());
    };
    Err(format!(
        "an entry {:?} with {complaint}",
        short(&entry.path)
    ))
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
            let outer = source.parent.and_then(|p| facts.sources.get(p as usize));
            within(
                *at,
                outer
                    .and_then(|o| o.text.as_ref())
                    .map_or(length, String::len)
                    .max(length),
            )?;
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
