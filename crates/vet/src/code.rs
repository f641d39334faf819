//! What rules over code share: who is at the other end, and whether code runs or is shown.

use facts::{Flow, Origin, Part, Polarity, Role, Source, Span, Value};
use finding::{Confidence, Finding, LocationKind};

use crate::Context;
use crate::lists::{self, Entry};
use crate::place::Place;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Peer {
    /// This machine or its network.
    Local,
    /// The maker of a well-known tool.
    Official,
    /// Whoever the artifact says it comes from.
    Home,
    /// A name that somebody answers for.
    Named(String),
    /// A host where anybody puts anything, and what it is.
    Open(String, String),
    /// A bare address.
    Address(String),
    /// Decided when the code runs.
    Unknown,
}

impl Peer {
    pub(crate) fn of(cx: &Context<'_>, target: &Value) -> Self {
        let shown = target.rendered();
        let rest = shown
            .split_once("://")
            .map_or(shown.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority
            .rsplit('@')
            .next()
            .unwrap_or_default()
            .trim_start_matches('[');
        if matches!(
            host.split([':', ']']).next(),
            Some("localhost" | "0.0.0.0" | "")
        ) {
            return if host.is_empty() || host.starts_with(':') {
                Self::Unknown
            } else {
                Self::Local
            };
        }
        // The host must be known; what comes after it need not.
        let known =
            !host.contains(['$', '{', '…', '~']) && matches!(target.0.first(), Some(Part::Text(_)));
        let place = if known { Place::parse(&shown) } else { None };
        let Some(place) = place else {
            // `${SUBDOMAIN}.example.com`: whose it is, is known all the same.
            let tail = host.rsplit(['}', '…']).next().unwrap_or_default();
            return match Place::parse(tail.trim_start_matches('.')) {
                Some(place) if tail.starts_with('.') => Self::named(cx, &place),
                _ => Self::Unknown,
            };
        };
        if place.is_local() {
            return Self::Local;
        }
        Self::named(cx, &place)
    }

    fn named(cx: &Context<'_>, place: &Place) -> Self {
        if place.is_address() {
            return Self::Address(place.host.clone());
        }
        if place.is_agents() {
            return Self::Official;
        }
        if cx.settings.known_lists {
            if lists::OFFICIAL_INSTALLERS
                .find(&format!("{}{}", place.host, place.path))
                .is_some()
            {
                return Self::Official;
            }
            if let Some(entry) = lists::OPEN_HOSTS.find(&place.host) {
                return Self::Open(place.host.clone(), entry.what.clone());
            }
        }
        if place.is_home_of(cx.artifact) {
            return Self::Home;
        }
        Self::Named(place.host.clone())
    }

    /// As a sentence names it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Local => "this machine".to_owned(),
            Self::Official => "its maker's installer".to_owned(),
            Self::Home => "its home page".to_owned(),
            Self::Named(host) => host.clone(),
            Self::Open(host, what) => format!("{host}, {what}"),
            Self::Address(address) => format!("the bare address {address}"),
            Self::Unknown => "an address that is decided when it runs".to_owned(),
        }
    }
}

/// Whether the artifact is about whoever is at this address: it comes from there, or bears their
/// name. That makes a connection ordinary; it excuses nothing that is taken there.
pub(crate) fn is_purpose(cx: &Context<'_>, target: &Value) -> bool {
    match Peer::of(cx, target) {
        Peer::Home => true,
        Peer::Named(host) | Peer::Open(host, _) => {
            let shown = target.rendered();
            let place = Place::parse(&shown).filter(|p| p.host == host);
            place
                .or_else(|| Place::parse(&host))
                .is_some_and(|p| p.is_named_by(cx.artifact))
        }
        _ => false,
    }
}

/// Whether a URL is fetched without anybody proving who answers.
pub(crate) fn is_clear_text(target: &Value) -> bool {
    target.prefix().starts_with("http://")
}

/// How sure a finding in this source can be: code that is shown, tested or carried along is less
/// likely to be what harms than code that runs.
pub(crate) fn confidence<'a>(cx: &Context<'a>, source: &'a Source, most: Confidence) -> Confidence {
    if is_shown_as_bad(cx, source) {
        return Confidence::Low;
    }
    let most = if is_only_spoken_of(cx, source) {
        lower(most)
    } else {
        most
    };
    match (outermost(cx, source).role, most) {
        (Role::Operative, most) => most,
        (Role::Test, _) => Confidence::Low,
        (_, most) => lower(most),
    }
}

fn lower(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::High => Confidence::Medium,
        _ => Confidence::Low,
    }
}

/// Whether a command stands inside a sentence that asks nobody to run anything.
fn is_only_spoken_of<'a>(cx: &Context<'a>, source: &'a Source) -> bool {
    let Origin::Fence {
        info,
        after_block: Some(block),
        ..
    } = &source.origin
    else {
        return false;
    };
    let asked = |prose: &Source| {
        prose
            .claims
            .iter()
            .any(|c| c.block == *block && c.polarity == Polarity::Affirmed)
    };
    info == "inline" && cx.parent(source).is_some_and(|prose| !asked(prose))
}

/// The file that a source was found in.
pub(crate) fn outermost<'a>(cx: &Context<'a>, source: &'a Source) -> &'a Source {
    let mut at = source;
    for _ in 0..16 {
        match cx.parent(at) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    at
}

/// Whether a fence shows what is warned against: by the heading that it stands under, or by the
/// prose before it.
fn is_shown_as_bad<'a>(cx: &Context<'a>, source: &'a Source) -> bool {
    const WARNINGS: &[&str] = &[
        "red flag",
        "malicious",
        "attack",
        "dangerous",
        "bad example",
        "threat",
        "vulnerab",
        "suspicious",
        "detect",
        "exploit",
        "anti-pattern",
        "antipattern",
        "unsafe",
        "insecure",
        "blocked",
        "what not",
        "incident",
        "injection",
        "payload",
        "indicator",
    ];
    let mut at = source;
    for _ in 0..16 {
        if let Origin::Fence {
            headings,
            after_block,
            ..
        } = &at.origin
        {
            let warned = headings.iter().any(|h| {
                let lower = h.to_ascii_lowercase();
                WARNINGS.iter().any(|w| lower.contains(w))
            });
            let told = cx
                .parent(at)
                .zip(*after_block)
                .is_some_and(|(prose, block)| {
                    let mut claims = prose.claims.iter().filter(|c| c.block == block).peekable();
                    claims.peek().is_some() && claims.all(|c| c.polarity != Polarity::Affirmed)
                });
            if warned || told {
                return true;
            }
        }
        match cx.parent(at) {
            Some(parent) => at = parent,
            None => return false,
        }
    }
    false
}

/// A finding with its places: the thing itself, then the steps to it.
pub(crate) fn located<'a>(
    cx: &Context<'a>,
    source: &'a Source,
    finding: Finding,
    at: (Span, &str),
    steps: impl IntoIterator<Item = (Span, String)>,
) -> Finding {
    let mut finding = finding.at(cx.location(source, at.0, at.1));
    for (span, label) in steps.into_iter().take(6) {
        // Steps through functions of the file have no place of their own.
        if span != at.0 && span != Span::default() {
            let mut location = cx.location(source, span, label);
            location.kind = LocationKind::Step;
            finding = finding.at(location);
        }
    }
    finding
}

/// The steps of a flow, from where it starts.
pub(crate) fn steps(flow: &Flow, start: &str) -> Vec<(Span, String)> {
    let mut steps = vec![(flow.from.span, start.to_owned())];
    steps.extend(
        flow.through
            .iter()
            .map(|(step, span)| (*span, format!("through {step}"))),
    );
    steps
}

/// Which credential file a path is.
pub(crate) fn credential(path: &Value) -> Option<&'static Entry> {
    lists::CREDENTIAL_PATHS.find(&path.rendered())
}
