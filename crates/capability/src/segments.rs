//! The algebra of path patterns: sequences of segments with `*` and `**`.
//!
//! Covering is decided exactly, by running the wider pattern over the narrower one. Two facts make
//! that possible. A `*` of the narrower pattern stands, among others, for a text that the wider
//! pattern does not mention, so only a `*` of the wider one can take it in; and a `**` of the
//! narrower one stands for any number of such segments, after which the set of reached positions
//! of the wider one repeats.

use std::collections::{BTreeSet, HashSet};

/// The most segments of a pattern: positions fit the bits of a `u128`.
const MAX_SEGMENTS: usize = 64;
/// The most `**` of a pattern: as many as the meet of two patterns with two each can have.
const MAX_DEEP: usize = 3;
/// The most bytes of a segment: `NAME_MAX` of Linux.
const MAX_SEGMENT_BYTES: usize = 255;
/// States after which covering is no longer pursued, and denied.
const MAX_STATES: usize = 256;
/// Pieces after which a meet is no longer complete.
const MAX_PIECES: usize = 64;

/// One segment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Segment {
    /// A text with at most one `*`, which stands for any characters but `/`.
    Glob(String),
    /// `**`: any number of segments, also none.
    Deep,
}

/// A sequence of segments in canonical form.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Segments(Vec<Segment>);

/// What two patterns have in common.
pub(crate) struct Meet<T> {
    /// Patterns that both cover; none covers another.
    pub(crate) pieces: Vec<T>,
    /// Whether the pieces are all of it. Otherwise there may be more.
    pub(crate) complete: bool,
}

impl<T> Meet<T> {
    /// Nothing in common.
    pub(crate) fn nothing() -> Self {
        Self {
            pieces: Vec::new(),
            complete: true,
        }
    }

    /// Exactly this.
    pub(crate) fn of(piece: T) -> Self {
        Self {
            pieces: vec![piece],
            complete: true,
        }
    }

    /// Whether they certainly have nothing in common.
    pub(crate) fn is_nothing(&self) -> bool {
        self.complete && self.pieces.is_empty()
    }

    /// Each piece made into something else.
    pub(crate) fn map<U>(self, f: impl FnMut(T) -> U) -> Meet<U> {
        Meet {
            pieces: self.pieces.into_iter().map(f).collect(),
            complete: self.complete,
        }
    }
}

impl Segments {
    /// Reads segments, none of which contains `/`.
    pub(crate) fn parse<'a>(segments: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut out: Vec<Segment> = Vec::new();
        for text in segments {
            if text == "." || text == ".." {
                return Err(format!(
                    "`{text}` is no segment; write where the path leads"
                ));
            }
            if text.len() > MAX_SEGMENT_BYTES {
                return Err(format!("a segment has at most {MAX_SEGMENT_BYTES} bytes"));
            }
            if text == "**" {
                if out.last() != Some(&Segment::Deep) {
                    out.push(Segment::Deep);
                }
            } else if text.contains("**") {
                return Err(format!("`**` stands alone between slashes, found `{text}`"));
            } else if text.matches('*').count() > 1 {
                return Err(format!("at most one `*` in a segment, found `{text}`"));
            } else {
                // `**/*` and `*/**` are the same: any number but none.
                let before_deep = text == "*" && out.last() == Some(&Segment::Deep);
                let at = out.len() - usize::from(before_deep);
                out.insert(at, Segment::Glob(text.to_owned()));
            }
            if out.len() > MAX_SEGMENTS {
                return Err(format!("more than {MAX_SEGMENTS} segments"));
            }
        }
        if out.iter().filter(|s| **s == Segment::Deep).count() > MAX_DEEP {
            return Err(format!("more than {MAX_DEEP} `**`"));
        }
        Ok(Self(out))
    }

    /// Whether this is one path, without any `*`.
    pub(crate) fn is_literal(&self) -> bool {
        self.0
            .iter()
            .all(|s| matches!(s, Segment::Glob(text) if !text.contains('*')))
    }

    /// The last segment, where it is not `**`.
    pub(crate) fn last_glob(&self) -> Option<&str> {
        match self.0.last() {
            Some(Segment::Glob(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every path that `narrow` matches is matched by this.
    ///
    /// Exact up to [`MAX_STATES`]; beyond, the answer is no.
    pub(crate) fn covers(&self, narrow: &Self) -> bool {
        // The cheap half of the answer, and most often enough: the last segments.
        if let (Some(wide), Some(narrow)) = (self.last_glob(), narrow.last_glob())
            && !glob_covers(wide, narrow)
        {
            return false;
        }
        // A state: how much of `narrow` is read, and which positions of `self` that may reach.
        let deep = self.deep();
        let mut seen = HashSet::new();
        let mut todo = vec![(0, past(deep, 1))];
        while let Some(state @ (read, reached)) = todo.pop() {
            if !seen.insert(state) {
                continue;
            }
            if reached == 0 || seen.len() > MAX_STATES {
                return false;
            }
            match narrow.0.get(read) {
                None if reached >> self.0.len() & 1 == 0 => return false,
                None => {}
                Some(Segment::Glob(text)) => {
                    todo.push((read + 1, past(deep, self.step(reached, text))));
                }
                // A text as good as any that this pattern does not mention is `*`: only a lone
                // `*` or a `**` takes it in.
                Some(Segment::Deep) => {
                    todo.push((read + 1, reached));
                    todo.push((read, past(deep, self.step(reached, "*"))));
                }
            }
        }
        true
    }

    /// The positions reached from `reached` by one segment.
    fn step(&self, mut reached: u128, text: &str) -> u128 {
        let mut next = 0;
        while reached != 0 {
            let at = reached.trailing_zeros();
            reached &= reached - 1;
            match self.0.get(at as usize) {
                Some(Segment::Deep) => next |= 1 << at,
                Some(Segment::Glob(glob)) if glob_covers(glob, text) => next |= 1 << (at + 1),
                Some(Segment::Glob(_)) | None => {}
            }
        }
        next
    }

    /// The positions of `**`.
    fn deep(&self) -> u128 {
        let deep = self
            .0
            .iter()
            .enumerate()
            .filter(|(_, s)| **s == Segment::Deep);
        deep.fold(0, |mask, (at, _)| mask | 1 << at)
    }

    /// What both match. Complete up to [`MAX_PIECES`].
    pub(crate) fn meet(&self, other: &Self) -> Meet<Self> {
        if self.covers(other) {
            return Meet::of(other.clone());
        }
        if other.covers(self) {
            return Meet::of(self.clone());
        }
        if let (Some(a), Some(b)) = (self.last_glob(), other.last_glob())
            && !glob_overlaps(a, b)
        {
            return Meet::nothing();
        }
        let (p, q) = (&self.0, &other.0);
        let alive = overlaps(p, q);
        let mut found = BTreeSet::new();
        let mut complete = true;
        // Depth first; `alive` keeps off dead ends, so each branch ends in a piece.
        let mut todo = vec![(0, 0, Vec::new())];
        let go =
            |i: usize, j: usize, prefix: &[Segment], more: Option<Segment>, todo: &mut Vec<_>| {
                if alive[i][j] {
                    todo.push((i, j, prefix.iter().cloned().chain(more).collect()));
                }
            };
        while let Some((i, j, prefix)) = todo.pop() {
            if found.len() >= MAX_PIECES || prefix.len() > MAX_SEGMENTS {
                complete = false;
                break;
            }
            match (p.get(i), q.get(j)) {
                (None, None) => {
                    found.insert(prefix);
                }
                (Some(Segment::Deep), Some(Segment::Deep)) => {
                    go(i + 1, j, &prefix, Some(Segment::Deep), &mut todo);
                    go(i, j + 1, &prefix, Some(Segment::Deep), &mut todo);
                }
                (Some(Segment::Deep), glob) => {
                    go(i + 1, j, &prefix, None, &mut todo);
                    if glob.is_some() {
                        go(i, j + 1, &prefix, glob.cloned(), &mut todo);
                    }
                }
                (glob, Some(Segment::Deep)) => {
                    go(i, j + 1, &prefix, None, &mut todo);
                    if glob.is_some() {
                        go(i + 1, j, &prefix, glob.cloned(), &mut todo);
                    }
                }
                (Some(Segment::Glob(a)), Some(Segment::Glob(b))) => {
                    for piece in glob_meet(a, b) {
                        go(i + 1, j + 1, &prefix, Some(Segment::Glob(piece)), &mut todo);
                    }
                }
                (None, Some(Segment::Glob(_))) | (Some(Segment::Glob(_)), None) => {}
            }
        }
        let pieces: Vec<Self> = found
            .into_iter()
            .filter_map(|piece| {
                Self::canonical(&piece).or_else(|| {
                    complete = false;
                    None
                })
            })
            .collect();
        Meet {
            pieces: widest(pieces, Self::covers),
            complete,
        }
    }

    fn canonical(segments: &[Segment]) -> Option<Self> {
        Self::parse(segments.iter().map(Segment::as_str)).ok()
    }
}

impl Segment {
    fn as_str(&self) -> &str {
        match self {
            Self::Glob(text) => text,
            Self::Deep => "**",
        }
    }
}

impl std::fmt::Display for Segments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .try_for_each(|segment| write!(f, "/{}", segment.as_str()))
    }
}

/// With the positions that are reached without reading: past a `**`. No two of them are adjacent.
fn past(deep: u128, reached: u128) -> u128 {
    reached | (reached & deep) << 1
}

/// Those of `items` that no other of them covers, each once.
pub(crate) fn widest<T>(items: Vec<T>, covers: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for item in items {
        if !kept.iter().any(|k| covers(k, &item)) {
            kept.retain(|k| !covers(&item, k));
            kept.push(item);
        }
    }
    kept
}

/// For each pair of positions, whether some path is matched by what follows in both.
fn overlaps(p: &[Segment], q: &[Segment]) -> Vec<Vec<bool>> {
    let mut alive = vec![vec![false; q.len() + 1]; p.len() + 1];
    for i in (0..=p.len()).rev() {
        for j in (0..=q.len()).rev() {
            alive[i][j] = match (p.get(i), q.get(j)) {
                (None, None) => true,
                (Some(Segment::Deep), other) => {
                    alive[i + 1][j] || other.is_some() && alive[i][j + 1]
                }
                (other, Some(Segment::Deep)) => {
                    alive[i][j + 1] || other.is_some() && alive[i + 1][j]
                }
                (Some(Segment::Glob(a)), Some(Segment::Glob(b))) => {
                    alive[i + 1][j + 1] && glob_overlaps(a, b)
                }
                (None, Some(Segment::Glob(_))) | (Some(Segment::Glob(_)), None) => false,
            };
        }
    }
    alive
}

/// Whether `wide` matches all that `narrow` does; `narrow` may be a plain text.
pub(crate) fn glob_covers(wide: &str, narrow: &str) -> bool {
    match wide.split_once('*') {
        None => wide == narrow,
        Some((prefix, suffix)) => {
            // A `*` of `narrow` never equals a character of either end, so the ends lie on
            // either side of it.
            narrow.len() >= prefix.len() + suffix.len()
                && narrow.starts_with(prefix)
                && narrow.ends_with(suffix)
        }
    }
}

/// Whether some text is matched by both.
pub(crate) fn glob_overlaps(a: &str, b: &str) -> bool {
    match (a.split_once('*'), b.split_once('*')) {
        (Some((a1, a2)), Some((b1, b2))) => {
            (a1.starts_with(b1) || b1.starts_with(a1)) && (a2.ends_with(b2) || b2.ends_with(a2))
        }
        _ => glob_covers(a, b) || glob_covers(b, a),
    }
}

/// All that both match: the longer beginning and the longer end with a `*` between, and the
/// texts in which these two overlap.
fn glob_meet(a: &str, b: &str) -> Vec<String> {
    if glob_covers(a, b) {
        return vec![b.to_owned()];
    }
    if glob_covers(b, a) {
        return vec![a.to_owned()];
    }
    let (Some((a1, a2)), Some((b1, b2))) = (a.split_once('*'), b.split_once('*')) else {
        return Vec::new();
    };
    if !glob_overlaps(a, b) {
        return Vec::new();
    }
    let prefix = if a1.len() >= b1.len() { a1 } else { b1 };
    let suffix = if a2.len() >= b2.len() { a2 } else { b2 };
    let mut pieces = vec![format!("{prefix}*{suffix}")];
    for shared in 1..=prefix.len().min(suffix.len()) {
        if suffix.is_char_boundary(shared) && prefix.ends_with(&suffix[..shared]) {
            let text = format!("{prefix}{}", &suffix[shared..]);
            if glob_covers(a, &text) && glob_covers(b, &text) {
                pieces.push(text);
            }
        }
    }
    pieces
}
