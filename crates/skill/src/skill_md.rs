//! SKILL.md as OpenClaw reads it.
//!
//! OpenClaw reads front matter twice, with a YAML parser and with a line reader of its own, and
//! merges the two: YAML wins, except where it made a structure of a line that has a colon in its
//! value; then, and for keys that YAML lacks, and for all of it where YAML fails, the line reader
//! wins. Every value ends up as a text; `metadata` is then read as JSON5. All of that is repeated
//! here, for what another reader of the same file sees is not what OpenClaw acts on, and where the
//! two differ is a finding.

mod line;
mod metadata;

use std::collections::BTreeMap;
use std::ops::Range;

use finding::{Finding, Incomplete, Location, RuleMeta, Span};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_saphyr::DuplicateKeyPolicy;

pub use metadata::{Install, Metadata, Permissions, Requires};

use crate::{rules, value};

/// Which of OpenClaw's readers made sense of the front matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// It is valid YAML.
    Strict,
    /// It is not, and was read line by line.
    Lenient,
    /// There is none.
    #[default]
    None,
}

/// A SKILL.md. Offsets are in its text, decoded lossily where it is not UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillMd {
    /// Path inside the artifact.
    pub path: String,
    /// How its front matter was read.
    pub mode: Mode,
    /// Every key of the front matter with its value as OpenClaw's loader has it: a text, which for
    /// structures is JSON.
    pub keys: BTreeMap<String, String>,
    /// `name`; OpenClaw takes the directory's where there is none.
    pub name: Option<String>,
    /// `description`: what the model reads when it chooses.
    pub description: Option<String>,
    /// `homepage`, or the one in the metadata.
    pub homepage: Option<String>,
    /// Whether a person may call it by a slash command.
    pub user_invocable: bool,
    /// Whether it is hidden from the model's own choice.
    pub disable_model_invocation: bool,
    /// The tool that its slash command calls past the model.
    pub command_tool: Option<String>,
    /// `allowed-tools`, which Claude reads and OpenClaw does not.
    pub allowed_tools: Vec<String>,
    /// What OpenClaw takes from `metadata`.
    pub metadata: Metadata,
    /// Where the front matter is, without its `---` lines.
    pub front_matter: Option<Span>,
    /// Where the body begins.
    pub body: u32,
    /// What was odd.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub incomplete: Vec<Incomplete>,
}

/// Longer front matter is not read: no skill has a hundredth of it.
const MAX_FRONT_MATTER: usize = 256 << 10;

/// Keys that change what OpenClaw does.
const READ: [&str; 9] = [
    "name",
    "description",
    "homepage",
    "user-invocable",
    "disable-model-invocation",
    "command-dispatch",
    "command-tool",
    "command-arg-mode",
    "metadata",
];

/// Reads a SKILL.md. Never fails: what is wrong with it is in its findings.
#[must_use]
pub fn parse(path: &str, bytes: &[u8]) -> SkillMd {
    let text = String::from_utf8_lossy(bytes);
    let mut skill = SkillMd {
        path: path.to_owned(),
        user_invocable: true,
        ..SkillMd::default()
    };
    let Some((front, body)) = split(&text) else {
        skill.body = offset(text.len() - text.strip_prefix('\u{feff}').unwrap_or(&text).len());
        return skill;
    };
    skill.front_matter = Some(Span {
        start: offset(front.start),
        end: offset(front.end),
    });
    skill.body = offset(body);
    let reader = Reader {
        text: &text,
        front,
        skill: &mut skill,
    };
    reader.read();
    skill
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Where the front matter is and where the body begins: the text starts (after a byte-order mark)
/// with a line `---` and has a second one.
fn split(text: &str) -> Option<(Range<usize>, usize)> {
    let mark = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let mut lines = line::spans(text, mark);
    let delimits = |line: &Range<usize>| line::trim_end(&text[line.clone()]) == "---";
    lines.next().filter(|(line, _)| delimits(line))?;
    let mut start = None;
    for (line, next) in lines {
        let start = *start.get_or_insert(line.start);
        if delimits(&line) {
            return Some((start..line.start, next));
        }
    }
    None
}

struct Reader<'a> {
    text: &'a str,
    front: Range<usize>,
    skill: &'a mut SkillMd,
}

impl Reader<'_> {
    fn read(mut self) {
        if self.front.len() > MAX_FRONT_MATTER {
            let rule = &rules::OVERSIZED_FILE;
            let reason = format!(
                "{:?} has front matter of {} bytes; {MAX_FRONT_MATTER} are read. {}",
                self.skill.path,
                self.front.len(),
                rule.fix
            );
            let path = Some(self.skill.path.clone());
            self.skill.incomplete.push(Incomplete {
                rule: rule.id.clone(),
                path,
                reason,
            });
            return;
        }
        let block = line::normalise(&self.text[self.front.clone()]);
        let by_line = line::parse(&block);
        let by_yaml = self.yaml(&block);
        self.skill.mode = if by_yaml.is_some() {
            Mode::Strict
        } else {
            Mode::Lenient
        };
        self.skill.keys = merge(by_line, by_yaml.as_ref());
        if let Some(by_yaml) = &by_yaml {
            self.compare(by_yaml);
        }
        self.fields();
    }

    /// The YAML reading, with its complaints.
    fn yaml(&mut self, block: &str) -> Option<BTreeMap<String, Value>> {
        let map = |value: Value| match value {
            Value::Object(map) => Some(
                map.into_iter()
                    .map(|(k, v)| (k.trim().to_owned(), v))
                    .collect(),
            ),
            _ => None,
        };
        let (error, line) = match value::yaml(block, DuplicateKeyPolicy::Error) {
            Ok(Value::Null) => return None,
            Ok(value) => {
                let read = map(value);
                if read.is_none() {
                    self.find(
                        &rules::MALFORMED_FRONT_MATTER,
                        None,
                        "the front matter is not a list of keys".into(),
                    );
                }
                return read;
            }
            Err(error) => error,
        };
        // Readers that allow a key twice disagree about which one counts.
        let first = value::yaml(block, DuplicateKeyPolicy::FirstWins).ok();
        let last = value::yaml(block, DuplicateKeyPolicy::LastWins).ok();
        let span = line.and_then(|n| self.line(n));
        if first != last {
            let message = "the front matter gives a key twice with different values; which one counts depends on the reader";
            self.find(&rules::AMBIGUOUS_FRONT_MATTER, span, message.into());
        } else {
            let message = format!(
                "the front matter is not valid YAML, so OpenClaw reads it line by line: {error}"
            );
            self.find(&rules::MALFORMED_FRONT_MATTER, span, message);
        }
        None
    }

    /// Reports the keys that mean one thing to a YAML reader and another to OpenClaw.
    fn compare(&mut self, by_yaml: &BTreeMap<String, Value>) {
        for key in READ {
            let Some(ours) = self.skill.keys.get(key) else {
                continue;
            };
            let same = match (by_yaml.get(key), value::json5(ours)) {
                // Metadata that is dropped is reported where it is dropped.
                (_, Err(_)) if key == "metadata" => true,
                (Some(structure @ (Value::Object(_) | Value::Array(_))), ours) => {
                    ours.is_ok_and(|ours| ours == *structure)
                }
                (Some(scalar), _) => as_text(scalar).is_some_and(|text| text == *ours),
                (None, _) => false,
            };
            if !same {
                let span = self.locate(&format!("{key}:"));
                let message = format!(
                    "{key:?} means one thing to a YAML reader and another to OpenClaw, which reads {:?}",
                    brief(ours)
                );
                self.find(&rules::AMBIGUOUS_FRONT_MATTER, span, message);
            }
        }
    }

    fn fields(&mut self) {
        let skill = &mut *self.skill;
        let text = |key: &str| {
            skill
                .keys
                .get(key)
                .filter(|v| !v.trim().is_empty())
                .cloned()
        };
        let truth = |key: &str, otherwise: bool| match skill
            .keys
            .get(key)
            .map(|v| v.trim().to_lowercase())
            .as_deref()
        {
            Some("true" | "1" | "yes" | "on") => true,
            Some("false" | "0" | "no" | "off") => false,
            _ => otherwise,
        };
        skill.name = text("name");
        skill.description = text("description");
        skill.homepage = text("homepage");
        skill.user_invocable = truth("user-invocable", true);
        skill.disable_model_invocation = truth("disable-model-invocation", false);
        skill.command_tool =
            text("command-tool").filter(|_| text("command-dispatch").as_deref() == Some("tool"));
        skill.allowed_tools = text("allowed-tools")
            .map(|list| tools(&list))
            .unwrap_or_default();
        if let Some(metadata) = text("metadata") {
            self.metadata(&metadata);
        }
    }

    fn metadata(&mut self, text: &str) {
        let json = match value::json5(text) {
            Ok(json) => json,
            Err(error) => {
                let span = self.locate("metadata:");
                let message = format!("OpenClaw drops the metadata, for it is not JSON5: {error}");
                return self.find(&rules::MALFORMED_FRONT_MATTER, span, message);
            }
        };
        let (metadata, unread) = metadata::read(&json);
        self.skill.homepage = self
            .skill
            .homepage
            .take()
            .or_else(|| metadata.homepage.clone());
        for what in unread {
            let span = self.locate("metadata:");
            self.find(&rules::UNREAD_METADATA, span, what);
        }
        if let Permissions::Unreadable(why) = &metadata.permissions {
            let span = self.locate("permissions");
            self.find(
                &rules::MALFORMED_PERMISSIONS,
                span,
                format!("the permissions are {why}"),
            );
        }
        self.skill.metadata = metadata;
    }

    fn find(&mut self, rule: &RuleMeta, span: Option<Span>, message: String) {
        let span = span.or(self.skill.front_matter).unwrap_or_default();
        let location = Location::in_text(self.skill.path.clone(), self.text, span, rule.summary);
        self.skill
            .findings
            .push(Finding::new(rule, message).at(location));
    }

    /// The `number`th line of the front matter, from 1.
    fn line(&self, number: usize) -> Option<Span> {
        let front = &self.text[..self.front.end];
        let (line, _) = line::spans(front, self.front.start).nth(number.checked_sub(1)?)?;
        Some(Span {
            start: offset(line.start),
            end: offset(line.end),
        })
    }

    fn locate(&self, needle: &str) -> Option<Span> {
        locate(self.text, self.skill.front_matter?, needle)
    }
}

/// Where a text first stands in a part of another.
pub(crate) fn locate(text: &str, within: Span, needle: &str) -> Option<Span> {
    let start = within.start as usize;
    let at = start + text.get(start..within.end as usize)?.find(needle)?;
    Some(Span {
        start: offset(at),
        end: offset(at + needle.len()),
    })
}

fn brief(text: &str) -> String {
    let mut brief: String = text.chars().take(80).collect();
    if brief.len() < text.len() {
        brief.push('…');
    }
    brief
}

/// A YAML value as OpenClaw's loader keeps it.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.trim().to_owned()),
        // JavaScript has one kind of number and writes 1.0 as 1.
        Value::Number(n) if n.is_f64() => n.as_f64().map(|f| f.to_string()),
        Value::Number(_) | Value::Bool(_) => value::scalar(value),
        Value::Array(_) | Value::Object(_) => Some(value.to_string()),
    }
}

/// OpenClaw's merge of its two readings.
fn merge(
    by_line: BTreeMap<String, line::Value>,
    by_yaml: Option<&BTreeMap<String, Value>>,
) -> BTreeMap<String, String> {
    let Some(by_yaml) = by_yaml else {
        return by_line
            .into_iter()
            .map(|(key, value)| (key, value.text))
            .collect();
    };
    let mut merged: BTreeMap<String, String> = by_yaml
        .iter()
        .filter(|(key, _)| !key.is_empty())
        .filter_map(|(key, value)| Some((key.clone(), as_text(value)?)))
        .collect();
    for (key, line) in by_line {
        let structure = by_yaml
            .get(&key)
            .is_some_and(|v| v.is_object() || v.is_array());
        if !merged.contains_key(&key) || (structure && line.overrides_structure()) {
            merged.insert(key, line.text);
        }
    }
    merged
}

/// `Bash(git:*), Read Write` or `["Bash(git:*)", "Read"]` as its items: separated by commas or
/// spaces, but not inside parentheses.
fn tools(list: &str) -> Vec<String> {
    if let Ok(Value::Array(items)) = value::json5(list) {
        return items.iter().filter_map(value::scalar).collect();
    }
    let mut depth = 0_usize;
    let items = list.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (c == ',' || c.is_whitespace())
    });
    items
        .filter(|item| !item.is_empty() && *item != "-")
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
