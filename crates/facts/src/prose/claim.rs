//! From the words of a sentence to what it asks for.

use std::{ops::Range, rc::Rc};

use super::{
    block::{Block, Kind, What, head},
    lexicon::{self, Cue, Thing, Word},
    object, sentence,
};
use crate::{Action, Addressee, Claim, Force, Object, Polarity};

/// A claim carries at most so many objects.
const MOST_OBJECTS: usize = 24;
/// A claim quotes at most so many bytes of its sentence.
const LONGEST_QUOTE: usize = 400;
/// So many blocks after an archive was spoken of, a password is still its password.
const ARCHIVE_REACH: u32 = 4;

/// What stands around a block and colours all that it says.
#[derive(Debug, Clone, Copy, Default)]
struct Setting {
    negated: bool,
    mentioned: bool,
    required: bool,
}

/// Reads blocks in order.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) claims: Vec<Claim>,
    sentences: u32,
    /// The last block that spoke of an archive or of unpacking.
    archive: Option<u32>,
    /// Whether the sentence before fetches something from an address.
    fetched: bool,
    /// Whether the sentence before speaks to a judge.
    judged: bool,
    /// The headings that were judged last, and what they say.
    headings: Option<(Rc<[String]>, Setting)>,
}

/// A sentence with all that is known of it.
struct Sentence<'a> {
    block: &'a Block,
    setting: Setting,
    lower: &'a str,
    range: Range<usize>,
    words: Vec<Word>,
    quotes: &'a [Range<usize>],
    objects: Vec<(usize, Object)>,
}

impl Reader {
    /// Reads one block.
    pub(super) fn read(&mut self, block: &Block) {
        let lower = block.plain.lower();
        let setting = self.setting(block, &lower);
        let found = object::find(block.plain.text());
        let masked = masks(block, &found);
        let mut words = lexicon::words(&lower);
        let mut mask = masked.iter().peekable();
        words.retain(|w| {
            while mask.next_if(|m| m.end <= w.start).is_some() {}
            mask.peek().is_none_or(|m| m.start >= w.end)
        });
        let lower = quiet(lower, &masked);
        let mut objects: Vec<(usize, Object)> =
            found.into_iter().map(|(r, o)| (r.start, o)).collect();
        for mark in &block.marks {
            objects.push((
                mark.range.start,
                match &mark.what {
                    What::Link(url) => Object::Url(url.clone()),
                    What::Code => {
                        Object::Code(head(&block.plain.text()[mark.range.clone()], 300).to_owned())
                    }
                },
            ));
        }
        objects.sort_by_key(|(at, _)| *at);
        let quotes = quotes(block);
        let (mut words, mut objects) =
            (words.into_iter().peekable(), objects.into_iter().peekable());
        let sentences = sentence::split(block.plain.text());
        // A block of nothing but a link or an image has no sentence, and says nothing.
        for (i, range) in sentences.iter().enumerate() {
            let end = sentences.get(i + 1).map_or(usize::MAX, |next| next.start);
            let mut s = Sentence {
                block,
                setting,
                lower: &lower,
                range: range.clone(),
                words: std::iter::from_fn(|| words.next_if(|w| w.start < end)).collect(),
                quotes: &quotes,
                objects: std::iter::from_fn(|| objects.next_if(|(at, _)| *at < end)).collect(),
            };
            s.things();
            self.password(&mut s);
            self.claim(&s);
            self.sentences += 1;
        }
    }

    /// What headings, the lead and the first sign of a block make of it.
    fn setting(&mut self, block: &Block, lower: &str) -> Setting {
        let mut setting = match &self.headings {
            Some((path, setting)) if Rc::ptr_eq(path, &block.headings) => *setting,
            _ => {
                let mut setting = Setting::default();
                for (depth, heading) in block.headings.iter().enumerate() {
                    let said = colour(&heading.to_lowercase());
                    // The title says what the document is about; that it is about attacks makes
                    // nothing in it harmless.
                    setting.mentioned |= said.mentioned && depth > 0;
                    setting.negated |= said.negated && depth > 0;
                    setting.required |= said.required;
                }
                self.headings = Some((Rc::clone(&block.headings), setting));
                setting
            }
        };
        if let Some(lead) = &block.lead {
            let said = colour(&lead.to_lowercase());
            setting.mentioned |= said.mentioned;
            setting.negated |= said.negated && block.kind == Kind::Item;
            setting.required |= said.required;
        }
        let first = lower.trim_start_matches([' ', '*', '-', '|', '\n']);
        setting.negated |= first.starts_with(['❌', '✗', '✘', '🚫', '⛔', '✖'])
            || first.starts_with("bad:")
            || first.starts_with("wrong:");
        setting
    }

    /// Finds the password of an archive, and says of which sentence it is.
    fn password(&mut self, s: &mut Sentence<'_>) {
        let about = s.has(|c| matches!(c, Cue::Do(Action::Extract) | Cue::Thing(Thing::Archive)))
            || s.objects.iter().any(
                |(_, o)| matches!(o, Object::File(f) | Object::Url(f) if object::is_archive(f)),
            );
        if about {
            self.archive = Some(s.block.number);
        }
        if self
            .archive
            .is_none_or(|at| s.block.number - at > ARCHIVE_REACH)
        {
            return;
        }
        let text = s.block.plain.text();
        let after = |at: usize| {
            object::password(&text[at..s.range.end.max(at)]).map(|p| (at, p.to_owned()))
        };
        let named = s
            .words
            .iter()
            .filter(|w| w.cue == Cue::Password)
            .find_map(|w| after(w.end));
        let found = named.or_else(|| {
            let verb = s.words.iter().find(|w| w.cue == Cue::Do(Action::Extract))?;
            let rest = &s.lower[verb.end..s.range.end];
            let using = ["using", "with", "mit", "con", "avec", "com", "с"]
                .iter()
                .find_map(|w| rest.find(w).filter(|at| *at < 24).map(|at| at + w.len()))?;
            after(verb.end + using)
        });
        if let Some((at, password)) = found {
            s.objects.push((at, Object::Password(password)));
            s.objects.sort_by_key(|(at, _)| *at);
        }
    }

    /// Every claim of a sentence.
    fn claim(&mut self, s: &Sentence<'_>) {
        let before = self.claims.len();
        for (i, word) in s.words.iter().enumerate() {
            let after = &s.words[i + 1..];
            let follows = |test: fn(Thing) -> bool| {
                after
                    .iter()
                    .any(|w| matches!(w.cue, Cue::Thing(t) if test(t)))
            };
            let polarity = || s.polarity(i);
            match word.cue {
                Cue::Do(action) => {
                    // What is appended to a file is written, what is appended to a request is sent.
                    let action = if action == Action::Send && s.is_append(word) {
                        Action::Write
                    } else {
                        action
                    };
                    if self.is_about(s, action, i) {
                        self.push(s, i, action, polarity(), s.addressee());
                    }
                    if action == Action::Run
                        && s.has(|c| c == Cue::Thing(Thing::Terminal))
                        && s.is_command()
                    {
                        self.push(s, i, Action::Paste, polarity(), Addressee::User);
                    }
                    if action == Action::Run
                        && follows(|t| t == Thing::Instructions)
                        && self.is_remote(s)
                    {
                        self.push(s, i, Action::Obey, polarity(), s.addressee());
                    }
                }
                Cue::Follow
                    if follows(|t| matches!(t, Thing::Instructions | Thing::Command))
                        && self.is_remote(s) =>
                {
                    self.push(s, i, Action::Obey, polarity(), s.addressee());
                }
                Cue::Tell
                    if s.is_forbidden(i)
                        && (s.has(|c| {
                            matches!(c, Cue::Thing(Thing::User | Thing::Conversation))
                        }) || s.points_back(word.end)) =>
                {
                    self.push(
                        s,
                        i,
                        Action::Conceal,
                        s.unless_mentioned(i),
                        Addressee::Agent,
                    );
                }
                Cue::Obey if self.is_remote(s) => {
                    self.push(s, i, Action::Obey, polarity(), s.addressee());
                }
                Cue::Ask
                    if s.is_forbidden(i) && s.near(i, |c| c == Cue::Thing(Thing::Approval)) =>
                {
                    self.push(
                        s,
                        i,
                        Action::Override,
                        s.unless_mentioned(i),
                        Addressee::Agent,
                    );
                }
                Cue::SetAside
                    if s.near(i, |c| {
                        matches!(
                            c,
                            Cue::Thing(Thing::Instructions | Thing::Safety | Thing::Approval)
                        )
                    }) =>
                {
                    self.push(s, i, Action::Override, polarity(), s.addressee());
                }
                Cue::Judge => {
                    let spoken = self.judged || s.has(|c| c == Cue::Reviewer);
                    if spoken && (s.is_called_harmless(i) || s.is_forbidden(i)) {
                        self.push(
                            s,
                            i,
                            Action::Override,
                            s.unless_mentioned(i),
                            Addressee::Judge,
                        );
                    }
                }
                Cue::Silent if s.is_silent_act(i) => {
                    self.push(s, i, Action::Conceal, polarity(), Addressee::Agent);
                }
                Cue::Always if s.is_fetch() => {
                    self.push(s, i, Action::Schedule, polarity(), s.addressee());
                }
                _ => {}
            }
        }
        if self.claims.len() == before
            && s.objects
                .iter()
                .any(|(_, o)| matches!(o, Object::Password(_)))
        {
            self.push(
                s,
                0,
                Action::Extract,
                s.unless_mentioned(0),
                Addressee::Reader,
            );
        }
        self.fetched = s.is_fetch();
        self.judged = s.has(|c| c == Cue::Reviewer);
    }

    /// Whether a verb has the objects that make an action of it.
    fn is_about(&self, s: &Sentence<'_>, action: Action, verb: usize) -> bool {
        let thing = |test: fn(Thing) -> bool| s.has(|c| matches!(c, Cue::Thing(t) if test(t)));
        let object = |test: fn(&Object) -> bool| s.objects.iter().any(|(_, o)| test(o));
        let secret = || {
            thing(|t| matches!(t, Thing::Secret(_) | Thing::Conversation | Thing::AgentFile))
                || object(|o| matches!(o, Object::Secret(_) | Object::Path(_)))
        };
        match action {
            Action::Download | Action::Visit | Action::Extract => {
                object(|o| matches!(o, Object::Url(_) | Object::File(_) | Object::Password(_)))
                    || thing(|t| matches!(t, Thing::Archive | Thing::Program | Thing::Page))
            }
            Action::Install
                if s.has(|c| c == Cue::Must) && object(|o| matches!(o, Object::Name(_))) =>
            {
                true
            }
            Action::Run | Action::Install => {
                object(|o| {
                    matches!(
                        o,
                        Object::Url(_) | Object::File(_) | Object::Code(_) | Object::Path(_)
                    )
                }) || thing(|t| matches!(t, Thing::Program | Thing::Command))
                    || self.archive == Some(s.block.number)
            }
            Action::Require => {
                object(|o| matches!(o, Object::Url(_) | Object::File(_) | Object::Name(_)))
                    || thing(|t| t == Thing::Program)
            }
            Action::Paste => {
                thing(|t| matches!(t, Thing::Terminal | Thing::Command | Thing::Secret(_)))
                    || object(|o| matches!(o, Object::Code(_)))
            }
            Action::Read => secret() || thing(|t| t == Thing::Everything),
            Action::Send => {
                secret()
                    || thing(|t| t == Thing::Everything)
                    || object(|o| matches!(o, Object::Url(_)))
            }
            Action::Authenticate => {
                s.words[verb + 1..]
                    .iter()
                    .any(|w| matches!(w.cue, Cue::Thing(Thing::Secret(_)) | Cue::Password))
                    || object(|o| matches!(o, Object::Secret(_)))
            }
            Action::Write | Action::Destroy => {
                object(|o| matches!(o, Object::Path(_)))
                    || thing(|t| matches!(t, Thing::AgentFile | Thing::Everything))
            }
            Action::Disable => s.near(verb, |c| {
                matches!(c, Cue::Thing(Thing::Safety | Thing::Approval))
            }),
            Action::Conceal => s.near(verb, |c| {
                matches!(c, Cue::Thing(Thing::User | Thing::Instructions))
            }),
            Action::Override | Action::Obey | Action::Schedule => true,
        }
    }

    /// Whether the instructions of a sentence come from elsewhere.
    fn is_remote(&self, s: &Sentence<'_>) -> bool {
        let address = s.objects.iter().any(|(_, o)| matches!(o, Object::Url(_)));
        address
            || (self.fetched
                && s.has(|c| matches!(c, Cue::Fetched | Cue::Thing(Thing::Instructions))))
            || (s.has(|c| c == Cue::Fetched) && s.is_fetch_verb())
    }

    fn push(
        &mut self,
        s: &Sentence<'_>,
        word: usize,
        action: Action,
        polarity: Polarity,
        addressee: Addressee,
    ) {
        let text = &s.block.plain.text()[s.range.clone()];
        self.claims.push(Claim {
            action,
            polarity,
            force: s.force(word, action),
            addressee,
            objects: s
                .objects(word, action)
                .take(MOST_OBJECTS)
                .cloned()
                .collect(),
            headings: s.block.headings.to_vec(),
            block: s.block.number,
            sentence: self.sentences,
            hidden: s.block.hidden,
            text: head(text, LONGEST_QUOTE).to_owned(),
            span: s.block.plain.span(s.range.clone()),
        });
    }
}

impl Sentence<'_> {
    fn has(&self, test: impl Fn(Cue) -> bool) -> bool {
        self.words.iter().any(|w| test(w.cue))
    }

    /// What a claim is about: all that its sentence names, and for what is read, sent or written,
    /// where the sentence has several clauses, what its own names.
    fn objects(&self, word: usize, action: Action) -> impl Iterator<Item = &Object> {
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
    fn near(&self, i: usize, test: impl Fn(Cue) -> bool) -> bool {
        let verb = &self.words[i];
        let after = self.words[i + 1..]
            .iter()
            .take_while(|w| w.cue != Cue::Break && w.start - verb.end < 120)
            .any(|w| test(w.cue));
        let verb_last = !self.lower[verb.start..verb.end].is_ascii();
        after || (verb_last && self.words[..i].iter().any(|w| test(w.cue)))
    }

    /// Turns things, platforms and names into objects.
    fn things(&mut self) {
        let mut add = Vec::new();
        for word in &self.words {
            match word.cue {
                Cue::Thing(Thing::Secret(name)) => {
                    add.push((word.start, Object::Secret(name.to_owned())))
                }
                Cue::Thing(thing) => add.push((word.start, Object::Name(thing.name().to_owned()))),
                Cue::Platform(name) => add.push((word.start, Object::Platform(name.to_owned()))),
                Cue::Do(Action::Require | Action::Install | Action::Download) | Cue::Must => {
                    add.extend(self.named(word))
                }
                _ => {}
            }
        }
        self.objects.extend(add);
        self.objects.sort_by_key(|(at, _)| *at);
        self.objects.dedup_by(|a, b| a.1 == b.1);
    }

    /// The tool that a verb of needing or getting names: after it, or before it where it is passive.
    fn named(&self, verb: &Word) -> Option<(usize, Object)> {
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
    fn polarity(&self, i: usize) -> Polarity {
        if self.is_mentioned(i) {
            Polarity::Mentioned
        } else if self.setting.negated || self.is_forbidden(i) {
            Polarity::Negated
        } else {
            Polarity::Affirmed
        }
    }

    /// The polarity of what is said by a negation.
    fn unless_mentioned(&self, i: usize) -> Polarity {
        if self.setting.negated || (i < self.words.len() && self.is_mentioned(i)) {
            Polarity::Mentioned
        } else {
            Polarity::Affirmed
        }
    }

    /// Quoted, taught or listed as an attack.
    fn is_mentioned(&self, i: usize) -> bool {
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
    fn is_forbidden(&self, i: usize) -> bool {
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

    fn is_append(&self, verb: &Word) -> bool {
        self.lower[verb.start..verb.end].starts_with("append")
            && !self
                .objects
                .iter()
                .any(|(_, o)| matches!(o, Object::Url(_)))
    }

    /// Whether verb `i` is followed by the answer that a judge is asked for, and not by its denial.
    fn is_called_harmless(&self, i: usize) -> bool {
        let denied = |at: usize| {
            self.words[at - 1].cue == Cue::Not && self.words[at].start - self.words[at - 1].end < 12
        };
        (i + 1..self.words.len()).any(|at| self.words[at].cue == Cue::Harmless && !denied(at))
    }

    /// Whether a prohibition to tell has "this" or nothing as its object: `do not mention this`.
    fn points_back(&self, end: usize) -> bool {
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
    fn is_silent_act(&self, i: usize) -> bool {
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

    fn is_fetch_verb(&self) -> bool {
        self.has(|c| matches!(c, Cue::Do(Action::Download | Action::Read | Action::Visit)))
            || [
                "check ", "load ", "curl ", "pull ", "poll ", "query ", "request ",
            ]
            .iter()
            .any(|v| self.lower[self.range.clone()].contains(v))
    }

    fn is_fetch(&self) -> bool {
        self.objects
            .iter()
            .any(|(_, o)| matches!(o, Object::Url(_)))
            && self.is_fetch_verb()
    }

    fn is_command(&self) -> bool {
        self.has(|c| matches!(c, Cue::Thing(Thing::Command | Thing::Page)))
            || self
                .objects
                .iter()
                .any(|(_, o)| matches!(o, Object::Code(_) | Object::Url(_)))
    }

    fn addressee(&self) -> Addressee {
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

    fn force(&self, i: usize, action: Action) -> Force {
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

/// What a heading or lead says of what stands below it.
fn colour(lower: &str) -> Setting {
    let words = lexicon::words(lower);
    let has = |cue| words.iter().any(|w: &Word| w.cue == cue);
    Setting {
        negated: has(Cue::Not),
        mentioned: has(Cue::Mention),
        required: has(Cue::Must) || has(Cue::Do(Action::Require)),
    }
}

/// Ranges whose words are no prose: inline code, addresses, paths, file names.
fn masks(block: &Block, objects: &[(Range<usize>, Object)]) -> Vec<Range<usize>> {
    let code = block
        .marks
        .iter()
        .filter(|m| matches!(m.what, What::Code))
        .map(|m| m.range.clone());
    let mut masks: Vec<_> = code
        .chain(
            objects
                .iter()
                .filter(|(_, o)| !matches!(o, Object::Secret(_)))
                .map(|(r, _)| r.clone()),
        )
        .collect();
    masks.sort_by_key(|r| (r.start, r.end));
    masks
}

/// The text with what is no prose made a word, so that its punctuation parts no clauses.
fn quiet(lower: String, masks: &[Range<usize>]) -> String {
    let mut bytes = lower.into_bytes();
    for mask in masks {
        bytes[mask.clone()].fill(b'x');
    }
    String::from_utf8(bytes).expect("masks begin and end between characters")
}

/// Ranges between quotation marks that hold more than a word or two.
fn quotes(block: &Block) -> Vec<Range<usize>> {
    let text = block.plain.text();
    let mut found = Vec::new();
    let mut open: Option<(usize, char)> = None;
    for (at, c) in text.char_indices() {
        match open {
            Some((start, close)) if c == close || at - start > LONGEST_QUOTE => {
                if c == close && text[start..at].split_whitespace().count() > 1 {
                    found.push(start..at + c.len_utf8());
                }
                open = None;
            }
            None => {
                open = match c {
                    '"' => Some('"'),
                    '“' | '„' => Some('”'),
                    '«' => Some('»'),
                    '「' => Some('」'),
                    '『' => Some('』'),
                    _ => None,
                }
                .map(|close| (at, close));
            }
            Some(_) => {}
        }
    }
    found
}
