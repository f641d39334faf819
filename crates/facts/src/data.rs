//! JSON, YAML, TOML and text of no known language: strings, and the commands among them.

use serde_json::Value as Json;

use crate::out::{Child, ChildText, Out};
use crate::{Language, Origin, Span};

/// Values nested deeper hold nothing that anybody reads.
const MAX_DEPTH: usize = 100;

/// Reads a data file.
pub(crate) fn read(path: &str, text: &str, out: &mut Out) {
    strings(text, out);
    // Scripts of a manifest run without being asked for; those of others when somebody does.
    if path.ends_with(".json")
        && let Ok(json) = serde_json::from_str::<Json>(text)
    {
        commands(path, text, &json, out);
    }
}

/// Quoted strings and bare words that are worth reading, line by line, in linear time.
pub(crate) fn strings(text: &str, out: &mut Out) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let mut from = 0;
        for (index, c) in line.char_indices().chain([(line.len(), '\n')]) {
            if matches!(
                c,
                '"' | '\''
                    | '`'
                    | ' '
                    | '\n'
                    | '\t'
                    | ','
                    | '<'
                    | '>'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '{'
                    | '}'
                    | ';'
                    | '\r'
            ) {
                let word = line[from..index].trim_end_matches([':', '.']);
                if word.len() >= 8 && word.contains(['.', '/', '+', '=']) || word.len() >= 24 {
                    let start = (at + from) as u32;
                    let span = Span {
                        start,
                        end: start + word.len() as u32,
                    };
                    // `key=value` and `key:value`.
                    let value = word.split_once('=').map_or(word, |(key, value)| {
                        if key.len() < 40 && value.len() >= 8 && !key.contains("://") {
                            value
                        } else {
                            word
                        }
                    });
                    out.string(value, span);
                }
                from = index + c.len_utf8();
            }
        }
        at += line.len();
    }
}

/// The shell commands that a JSON document holds where a tool looks for them.
fn commands(path: &str, text: &str, json: &Json, out: &mut Out) {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "package.json"
        && let Some(Json::Object(scripts)) = json.get("scripts")
    {
        for (script, command) in scripts {
            let Some(command) = command.as_str() else {
                continue;
            };
            let lifecycle = matches!(
                script.as_str(),
                "preinstall"
                    | "install"
                    | "postinstall"
                    | "prepare"
                    | "prepublish"
                    | "preprepare"
                    | "postprepare"
            );
            add(
                text,
                command,
                &format!("package.json scripts.{script}"),
                lifecycle,
                out,
            );
        }
        return;
    }
    // Hooks and servers of agents: `command` with `args`, wherever they are.
    let mut stack = vec![(json, 0)];
    while let Some((value, depth)) = stack.pop() {
        match value {
            Json::Object(fields) if depth < MAX_DEPTH => {
                if let Some(Json::String(command)) = fields.get("command") {
                    let mut line = command.clone();
                    for arg in fields
                        .get("args")
                        .and_then(Json::as_array)
                        .into_iter()
                        .flatten()
                        .filter_map(Json::as_str)
                    {
                        line.push(' ');
                        line.push_str(&quoted(arg));
                    }
                    let agent = name.contains("mcp")
                        || name == "settings.json"
                        || name.contains("hooks")
                        || name.contains("plugin")
                        || name == "openclaw.json";
                    if agent || crate::language::is_command_line(&line) {
                        add(text, &line, &format!("{name} command"), agent, out);
                    }
                }
                stack.extend(fields.values().rev().map(|v| (v, depth + 1)));
            }
            Json::Array(items) if depth < MAX_DEPTH => {
                stack.extend(items.iter().rev().map(|v| (v, depth + 1)));
            }
            _ => {}
        }
    }
}

/// A word as a shell needs it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,~$".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn add(text: &str, command: &str, by: &str, top_level: bool, out: &mut Out) {
    let verbatim = text.find(command).filter(|_| !command.is_empty());
    let text = match verbatim {
        Some(at) => ChildText::Verbatim(Span {
            start: at as u32,
            end: (at + command.len()) as u32,
        }),
        None => ChildText::Own(command.to_owned()),
    };
    out.child(Child {
        origin: Origin::Embedded { by: by.to_owned() },
        language: Some(Language::Shell),
        text,
        top_level,
    });
}
