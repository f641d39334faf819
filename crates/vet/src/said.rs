//! What prose asks for, as rules read it.

use facts::{Action, Addressee, Claim, Force, Language, Object, Polarity, Source, Span};
use finding::Finding;

use crate::{Context, place::Place};

/// Claims so far away in either direction still belong to the same passage.
const REACH: usize = 48;

/// The texts that say something, each with what it says.
pub(crate) fn texts<'a>(cx: &Context<'a>) -> impl Iterator<Item = &'a Source> {
    cx.facts
        .sources
        .iter()
        .filter(|s| s.language == Language::Prose && !s.claims.is_empty())
}

/// Whether somebody is asked to do it.
pub(crate) fn is_asked(claim: &Claim) -> bool {
    claim.polarity == Polarity::Affirmed
        && (claim.force != Force::Described || claim.addressee == Addressee::Agent)
}

/// The claims within so many blocks of the `at`th, itself among them.
pub(crate) fn around(source: &Source, at: usize, blocks: u32) -> impl Iterator<Item = &Claim> {
    let centre = source.claims[at].block;
    let from = at.saturating_sub(REACH);
    let to = (at + REACH + 1).min(source.claims.len());
    source.claims[from..to]
        .iter()
        .filter(move |c| c.block.abs_diff(centre) <= blocks)
}

/// The places that a claim names.
pub(crate) fn places(claim: &Claim) -> impl Iterator<Item = (&str, Place)> {
    claim.objects.iter().filter_map(|o| match o {
        Object::Url(url) => Place::parse(url).map(|p| (url.as_str(), p)),
        _ => None,
    })
}

/// Whether a claim is about a thing by this name.
pub(crate) fn names(claim: &Claim, name: &str) -> bool {
    claim
        .objects
        .iter()
        .any(|o| matches!(o, Object::Name(n) if n == name))
}

/// The first object that `pick` takes.
pub(crate) fn object<'a, T>(
    claim: &'a Claim,
    pick: impl FnMut(&'a Object) -> Option<T>,
) -> Option<T> {
    claim.objects.iter().find_map(pick)
}

/// Adds where the steps of a passage are, each once, in the order of the text.
pub(crate) fn steps<'a>(
    cx: &Context<'a>,
    source: &'a Source,
    mut finding: Finding,
    steps: impl IntoIterator<Item = (&'a Claim, &'static str)>,
) -> Finding {
    let mut steps: Vec<(Span, &'static str)> = steps
        .into_iter()
        .map(|(c, label)| (c.span, label))
        .collect();
    steps.sort_by_key(|(span, _)| *span);
    steps.dedup_by_key(|(span, _)| *span);
    for (i, (span, label)) in steps.into_iter().take(6).enumerate() {
        let mut location = cx.location(source, span, label);
        if i > 0 {
            location.kind = finding::LocationKind::Step;
        }
        finding = finding.at(location);
    }
    finding
}

/// Whether a claim does `action`.
pub(crate) fn does(claim: &Claim, actions: &[Action]) -> bool {
    actions.contains(&claim.action)
}
