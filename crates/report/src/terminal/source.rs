//! Locations as snippets: excerpts of one file that overlap or touch become one.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Origin, Snippet};
use finding::{Location, LocationKind};

use crate::escape;

/// The elements that show these locations, in the order of the first of each file's part.
pub(super) fn elements(locations: &[Location]) -> Vec<Element<'_>> {
    let steps = locations
        .iter()
        .filter(|l| l.kind == LocationKind::Step)
        .count();
    let mut step = 0;
    let mut parts: Vec<Part<'_>> = Vec::new();
    for location in locations {
        let mut label = escape(&location.label);
        if location.kind == LocationKind::Step {
            step += 1;
            if steps > 1 {
                label = format!("{step}. {label}").into();
            }
        }
        let part = Part::new(location, label);
        match parts
            .iter_mut()
            .find_map(|p| p.joined(&part).map(|joined| (p, joined)))
        {
            Some((into, joined)) => *into = joined,
            None => parts.push(part),
        }
    }
    parts.into_iter().map(Part::into_element).collect()
}

/// A place that a reader is pointed at, in bytes of the part's text.
#[derive(Clone)]
struct Mark<'a> {
    kind: LocationKind,
    span: Range<usize>,
    label: Cow<'a, str>,
}

/// Some lines of a file, escaped, with all that is marked in them.
struct Part<'a> {
    location: &'a Location,
    /// Number of the first line, from 1; nothing where there is no text to show.
    first_line: Option<usize>,
    text: String,
    marks: Vec<Mark<'a>>,
}

impl<'a> Part<'a> {
    fn new(location: &'a Location, label: Cow<'a, str>) -> Self {
        let kind = location.kind;
        let (first_line, text, span) = match &location.excerpt {
            None => (None, String::new(), 0..0),
            Some(excerpt) => {
                let span = excerpt.span.start as usize..excerpt.span.end as usize;
                let (text, span) = escape::source(&excerpt.text, span);
                (Some(excerpt.first_line as usize), text, span)
            }
        };
        Self {
            location,
            first_line,
            text,
            marks: vec![Mark { kind, span, label }],
        }
    }

    /// Both as one, if they are of one file and say the same about the lines that both hold.
    fn joined(&self, other: &Self) -> Option<Self> {
        if self.location.path != other.location.path {
            return None;
        }
        let (upper, lower) = if self.first_line <= other.first_line {
            (self, other)
        } else {
            (other, self)
        };
        let above: Vec<_> = upper.text.split('\n').collect();
        let below: Vec<_> = lower.text.split('\n').collect();
        let skipped = lower.first_line?.checked_sub(upper.first_line?)?;
        let shared = above.get(skipped..)?;
        if !shared.iter().zip(&below).all(|(a, b)| a == b) {
            return None;
        }
        let moved = above[..skipped]
            .iter()
            .map(|line| line.len() + 1)
            .sum::<usize>();
        let mut lines = above.clone();
        lines.extend(below.iter().skip(shared.len()));
        let shift = |part: &Self, by: usize| {
            let marks = part.marks.iter().cloned();
            marks
                .map(move |m| Mark {
                    span: m.span.start + by..m.span.end + by,
                    ..m
                })
                .collect::<Vec<_>>()
        };
        let by = |part: &Self| if std::ptr::eq(part, lower) { moved } else { 0 };
        let mut marks = shift(self, by(self));
        marks.extend(shift(other, by(other)));
        Some(Self {
            location: self.location,
            first_line: upper.first_line,
            text: lines.join("\n"),
            marks,
        })
    }

    fn into_element(self) -> Element<'a> {
        let path = escape(&self.location.path);
        let Some(first_line) = self.first_line else {
            let mut origin = Origin::path(path);
            if let Some(line) = self.location.line {
                origin = origin.line(line as usize);
            }
            return origin.into();
        };
        let annotations = self.marks.into_iter().map(|mark| {
            let kind = match mark.kind {
                LocationKind::Primary => AnnotationKind::Primary,
                LocationKind::Step | LocationKind::Related => AnnotationKind::Context,
            };
            kind.span(mark.span).label(mark.label)
        });
        Snippet::source(self.text)
            .line_start(first_line)
            .path(path)
            .fold(false)
            .annotations(annotations)
            .into()
    }
}
