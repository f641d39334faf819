//! From the words of a sentence to what it asks for.

use std::{ops::Range, rc::Rc};

use super::{
    block::{Block, Kind, What, head},
    grammar::{Sentence, Setting},
    lexicon::{self, Cue, Thing},
    object, sentence,
};
use crate::{Action, Addressee, Claim, Object, Polarity};

/// A claim carries at most so many objects.
const MOST_OBJECTS: usize = 24;
/// A claim quotes at most so many bytes of its sentence.
const LONGEST_QUOTE: usize = 400;
/// So many blocks after an archive was spoken of, a password is still its password.
const ARCHIVE_REACH: u32 = 4;

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
                    let said = Setting::of(&heading.to_lowercase());
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
            let said = Setting::of(&lead.to_lowercase());
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
                Cue::Ask if self.is_about(s, Action::Authenticate, i) => {
                    self.push(s, i, Action::Authenticate, polarity(), s.addressee());
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
