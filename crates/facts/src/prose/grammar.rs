//! What the words of a sentence do to each other: negation, mention, force, reach.

use std::ops::Range;

use super::{
    block::{Block, Kind},
    lexicon::{self, Cue, Thing, Word},
};
use crate::{Action, Addressee, Force, Object, Polarity};

/// What stands around a block and colours all that it says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Setting {
    pub(super) negated: bool,
    pub(super) mentioned: bool,
    pub(super) required: bool,
}

impl Setting {
    /// What a heading or lead, in lower case, says of what stands below it.
    pub(super) fn of(lower: &str) -> Self {
        let words = lexicon::words(lower);
        let has = |cue| words.iter().any(|w: &Word| w.cue == cue);
        Self {
            negated: has(Cue::Not),
            mentioned: has(Cue::Mention),
            required: has(Cue::Must) || has(Cue::Do(Action::Require)),
        }
    }
}

/// A sentence with all that is known of it.
pub(super) struct Sentence<'a> {
    pub(super) block: &'a Block,
    pub(super) setting: Setting,
    pub(super) lower: &'a str,
    pub(super) range: Range<usize>,
    pub(super) words: Vec<Word>,
    pub(super) quotes: &'a [Range<usize>],
    pub(super) objects: Vec<(usize, Object)>,
}

impl Sentence<'_> {
    pub(super) fn has(&self, test: impl Fn(Cue) -> bool) -> bool {
        self.words.iter().any(|w| test(w.cue))
    }

    /// What a claim is about: all that its sentence names, and for what is read, sent or written,
    /// where the sentence has several clauses, what its own names.
    pub(super) fn objects(&self, word: usize, action: Action) -> impl Iterator<Item = &Object> {
        let mut clause = 0..usize::MAX;
        if let (Action::Read | Action::Send | Action::Write, Some(verb)) =
            (action, self.words.get(word))
        {
            let is_verb = |w: &Word| matches!(w.cue, Cue::Do(_) | Cue::Break);
            let before = self.lower[self.range.start..verb.start]
                .rfind([',', ';', ':'])
                .map_or(0, |at| self.range.start + at);
            let last = self.words[..word]
                .iter()
                .rfind(|w| is_verb(w))
                .map_or(0, |w| w.end);
            let next = self.words[word + 1..]
                .iter()
                .find(|w| is_verb(w) && self.lower[verb.end..w.start].contains([',', ';']));
            clause = before.max(last)..next.map_or(usize::MAX, |w| w.start);
        }
        self.objects
            .iter()
            .filter(move |(at, _)| clause.contains(at))
            .map(|(_, o)| o)
    }

    /// Whether such a word stands after word `i` in its clause; in languages that put the verb last,
    /// before it.
    pub(super) fn near(&self, i: usize, test: impl Fn(Cue) -> bool) -> bool {
        let verb = &self.words[i];
        let after = self.words[i + 1..]
            .iter()
            .take_while(|w| w.cue != Cue::Break && w.start - verb.end < 120)
            .any(|w| test(w.cue));
        let verb_last = !self.lower[verb.start..verb.end].is_ascii();
        after || (verb_last && self.words[..i].iter().any(|w| test(w.cue)))
    }

    /// Turns things, platforms and names into objects.
    pub(super) fn things(&mut self) {
        let mut add = Vec::new();
        for word in &self.words {
            match word.cue {
                Cue::Thing(Thing::Secret(name)) => {
                    add.push((word.start, Object::Secret(name.to_owned())));
                }
                Cue::Thing(thing) => add.push((word.start, Object::Name(thing.name().to_owned()))),
                Cue::Platform(name) => add.push((word.start, Object::Platform(name.to_owned()))),
                Cue::Do(Action::Require | Action::Install | Action::Download) | Cue::Must => {
                    add.extend(self.named(word));
                }
                _ => {}
            }
        }
        self.objects.extend(add);
        self.objects.sort_by_key(|(at, _)| *at);
        self.objects.dedup_by(|a, b| a.1 == b.1);
    }

    /// The tool that a verb of needing or getting names: after it, or before it where it is passive.
    pub(super) fn named(&self, verb: &Word) -> Option<(usize, Object)> {
        let text = self.block.plain.text();
        let start = self.range.start;
        let is_name = |w: &&str| {
            w.len() > 2
                && w.len() <= 40
                && w.starts_with(|c: char| c.is_ascii_alphabetic())
                && w.bytes().all(|b| {
                    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@' | b'/')
                })
                && !COMMON.contains(&w.to_ascii_lowercase().as_str())
        };
        let parts = |c: char| {
            c.is_whitespace()
                || matches!(
                    c,
                    '*' | '`' | '"' | '(' | ')' | ',' | ':' | '[' | ']' | '。' | '、'
                )
        };
        let rest = &text[verb.end..self.range.end];
        let after = rest
            .split(parts)
            .filter(|w| !w.is_empty())
            .take(4)
            .find(is_name);
        let before = || {
            text[start..verb.start]
                .rsplit(parts)
                .filter(|w| !w.is_empty())
                .take(3)
                .find(is_name)
        };
        let passive = rest.trim_start().is_empty()
            || [
                "to ", "for ", "before", "on ", "in ", "be ", ".", "!", ":", ")",
            ]
            .iter()
            .any(|w| rest.trim_start().starts_with(w));
        let name = if passive { before().or(after) } else { after }?;
        let name = name.trim_end_matches('.');
        Some((
            name.as_ptr() as usize - text.as_ptr() as usize,
            Object::Name(name.to_owned()),
        ))
    }

    /// Whether word `i` is asked for.
    pub(super) fn polarity(&self, i: usize) -> Polarity {
        if self.is_mentioned(i) {
            Polarity::Mentioned
        } else if self.setting.negated || self.is_forbidden(i) {
            Polarity::Negated
        } else {
            Polarity::Affirmed
        }
    }

    /// The polarity of what is said by a negation.
    pub(super) fn unless_mentioned(&self, i: usize) -> Polarity {
        if self.setting.negated || (i < self.words.len() && self.is_mentioned(i)) {
            Polarity::Mentioned
        } else {
            Polarity::Affirmed
        }
    }

    /// Quoted, taught or listed as an attack.
    pub(super) fn is_mentioned(&self, i: usize) -> bool {
        let word = &self.words[i];
        // Whoever lures a person into running something does not speak of attacks before; after,
        // he may ("… to be safe from malware").
        let lures = matches!(
            word.cue,
            Cue::Do(
                Action::Download
                    | Action::Run
                    | Action::Install
                    | Action::Paste
                    | Action::Extract
                    | Action::Visit
                    | Action::Require
            )
        );
        let said = self
            .words
            .iter()
            .any(|w| w.cue == Cue::Mention && (w.start < word.start || !lures));
        // A fence that shows text says nothing of who is to obey it; what it asks a person to
        // download is still asked.
        let shown = self.block.kind == Kind::Shown && !lures;
        self.setting.mentioned
            || said
            || shown
            || self
                .quotes
                .iter()
                .any(|q| q.start <= word.start && word.end <= q.end)
    }

    /// Whether a negation reaches word `i`.
    pub(super) fn is_forbidden(&self, i: usize) -> bool {
        let word = &self.words[i];
        let mut clause: Vec<&Word> = self.words[..i]
            .iter()
            .rev()
            .take_while(|w| w.cue != Cue::Break)
            .collect();
        clause.reverse();
        if clause
            .last()
            .is_some_and(|w| w.cue == Cue::Without && word.start - w.end < 24)
        {
            // "Do not send it without telling them" forbids to send, not to tell.
            return !clause.iter().any(|w| w.cue == Cue::Not);
        }
        // Japanese and Korean negate after the verb.
        let trailing = self.words.get(i + 1).is_some_and(|w| {
            w.cue == Cue::Not
                && w.start - word.end < 16
                && self.lower[w.start..].starts_with(
                    |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}'),
                )
        });
        if trailing {
            return true;
        }
        let Some(at) = clause.iter().rposition(|w| w.cue == Cue::Not) else {
            return false;
        };
        let between = &clause[at + 1..];
        if between.iter().any(|w| w.cue == Cue::Lest) {
            return false;
        }
        let gap = &self.lower[clause[at].end..word.start];
        if gap.len() > 90
            || gap.contains([';', '—', ':', '.', '|', '(', ')', '→'])
            || gap.contains(" - ")
        {
            return false;
        }
        // A comma ends the reach of a negation, unless the verbs are a list.
        let listed = || {
            self.words
                .iter()
                .any(|w| w.cue == Cue::Or && w.start > clause[at].start)
        };
        !gap.contains([',', '，', '、']) || listed()
    }

    pub(super) fn is_append(&self, verb: &Word) -> bool {
        self.lower[verb.start..verb.end].starts_with("append")
            && !self
                .objects
                .iter()
                .any(|(_, o)| matches!(o, Object::Url(_)))
    }

    /// Whether verb `i` is followed by the answer that a judge is asked for, and not by its denial.
    pub(super) fn is_called_harmless(&self, i: usize) -> bool {
        let denied = |at: usize| {
            self.words[at - 1].cue == Cue::Not && self.words[at].start - self.words[at - 1].end < 12
        };
        (i + 1..self.words.len()).any(|at| self.words[at].cue == Cue::Harmless && !denied(at))
    }

    /// Whether a prohibition to tell has "this" or nothing as its object: `do not mention this`.
    pub(super) fn points_back(&self, end: usize) -> bool {
        let rest = self.lower[end..self.range.end].trim_start_matches([' ', '*', '_']);
        [
            "this",
            "it",
            "these",
            "that you",
            "any of",
            "the upload",
            "the request",
            "the existence",
        ]
        .iter()
        .any(|w| rest.starts_with(w))
    }

    /// Whether "silently" stands next to an act on something.
    pub(super) fn is_silent_act(&self, i: usize) -> bool {
        let word = &self.words[i];
        let acts = |w: &Word| {
            matches!(
                w.cue,
                Cue::Do(
                    Action::Send
                        | Action::Run
                        | Action::Download
                        | Action::Install
                        | Action::Read
                        | Action::Write
                        | Action::Destroy
                        | Action::Disable
                )
            )
        };
        let close = |w: &&Word| w.start.abs_diff(word.end).min(word.start.abs_diff(w.end)) < 12;
        self.words.iter().filter(close).any(acts)
    }

    pub(super) fn is_fetch_verb(&self) -> bool {
        self.has(|c| matches!(c, Cue::Do(Action::Download | Action::Read | Action::Visit)))
            || [
                "check ", "load ", "curl ", "pull ", "poll ", "query ", "request ",
            ]
            .iter()
            .any(|v| self.lower[self.range.clone()].contains(v))
    }

    pub(super) fn is_fetch(&self) -> bool {
        self.objects
            .iter()
            .any(|(_, o)| matches!(o, Object::Url(_)))
            && self.is_fetch_verb()
    }

    pub(super) fn is_command(&self) -> bool {
        self.has(|c| matches!(c, Cue::Thing(Thing::Command | Thing::Page)))
            || self
                .objects
                .iter()
                .any(|(_, o)| matches!(o, Object::Code(_) | Object::Url(_)))
    }

    pub(super) fn addressee(&self) -> Addressee {
        if self.has(|c| c == Cue::Reviewer) && self.has(|c| c == Cue::Harmless) {
            Addressee::Judge
        } else if self.words.windows(2).any(|w| {
            matches!(w[0].cue, Cue::Tell | Cue::Ask) && w[1].cue == Cue::Thing(Thing::User)
        }) {
            Addressee::User
        } else if self.has(|c| c == Cue::Agent) {
            Addressee::Agent
        } else if self.has(|c| c == Cue::Thing(Thing::Terminal)) {
            Addressee::User
        } else {
            Addressee::Reader
        }
    }

    pub(super) fn force(&self, i: usize, action: Action) -> Force {
        let needed = self.has(|c| matches!(c, Cue::Must | Cue::Do(Action::Require)));
        if self.setting.required
            || action == Action::Require
            || (needed && !self.has(|c| c == Cue::May))
        {
            return Force::Required;
        }
        let Some(word) = self.words.get(i) else {
            return Force::Instructed;
        };
        let told = matches!(self.addressee(), Addressee::User) || self.is_forbidden(i);
        let before =
            self.lower[self.range.start..word.start].trim_end_matches([' ', '*', '_', '"', '\'']);
        let opening = !before.contains(char::is_alphabetic);
        let last = before
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default();
        let ordered = before.ends_with([',', ':', ';', '-', '—', '→', '(', ')', '|', '.'])
            || matches!(
                last,
                "and"
                    | "then"
                    | "please"
                    | "just"
                    | "simply"
                    | "now"
                    | "first"
                    | "should"
                    | "or"
                    | "always"
                    | "next"
                    | "und"
                    | "y"
                    | "et"
                    | "e"
                    | "ed"
                    | "и"
            )
            || self.words[..i].last().is_some_and(|w| {
                w.cue == Cue::Order
                    || (matches!(w.cue, Cue::Platform(_)) && word.start - w.end < 12)
            });
        // Scripts without inflection order by position, and most other languages by form.
        if opening || ordered || told || !self.lower[word.start..word.end].is_ascii() {
            Force::Instructed
        } else {
            Force::Described
        }
    }
}

/// Words that follow "requires" and name no tool.
const COMMON: &[&str] = &[
    "the",
    "this",
    "that",
    "these",
    "those",
    "your",
    "and",
    "for",
    "with",
    "you",
    "user",
    "users",
    "skill",
    "use",
    "using",
    "installed",
    "install",
    "download",
    "downloaded",
    "installation",
    "must",
    "have",
    "has",
    "are",
    "all",
    "any",
    "our",
    "its",
    "latest",
    "from",
    "here",
    "before",
    "first",
    "access",
    "api",
    "key",
    "keys",
    "file",
    "files",
    "page",
    "utility",
    "tool",
    "it",
    "be",
    "an",
    "running",
    "following",
    "required",
    "requires",
    "properly",
    "function",
    "work",
    "version",
    "app",
    "command",
    "commands",
    "terminal",
    "http",
    "https",
    "run",
    "not",
    "never",
    "one",
    "both",
    "either",
    "operations",
    "important",
    "critical",
    "note",
];
