//! What a file is written in, and what it is to its artifact.

use crate::{Language, Role};

/// What a file is written in: by its name, else by its first line, else by its content.
pub(crate) fn of_file(path: &str, bytes: &[u8]) -> Language {
    if is_binary(bytes) {
        return Language::Binary;
    }
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(2_048)]);
    let by_name = match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "md" | "markdown" | "mdx" | "txt" | "rst" | "adoc" => Some(Language::Prose),
        "sh" | "bash" | "zsh" | "command" | "ksh" | "fish" | "envrc" => Some(Language::Shell),
        "py" | "pyw" | "pyi" => Some(Language::Python),
        "js" | "mjs" | "cjs" | "jsx" => Some(Language::JavaScript),
        "ts" | "mts" | "cts" | "tsx" => Some(Language::TypeScript),
        "json" | "yaml" | "yml" | "toml" | "json5" | "jsonc" | "ini" | "cfg" | "conf" | "plist"
        | "xml" | "csv" | "env" | "properties" | "lock" | "jsonl" => Some(Language::Data),
        _ => match name.as_str() {
            "readme" | "license" | "changelog" | "notice" | "authors" => Some(Language::Prose),
            ".bashrc" | ".zshrc" | ".profile" | ".bash_profile" | "pre-commit" | "post-install"
            | "postinst" => Some(Language::Shell),
            "dockerfile" | "makefile" => Some(Language::Other),
            _ if name.starts_with(".env") => Some(Language::Data),
            _ => None,
        },
    };
    // A shebang is what the kernel obeys, whatever the name says; prose with one is a script.
    match (by_shebang(&text), by_name) {
        (Some(by_shebang), None | Some(Language::Prose | Language::Data | Language::Other)) => {
            by_shebang
        }
        (_, Some(by_name)) => by_name,
        (None, None) => of_text(&text),
    }
}

fn by_shebang(text: &str) -> Option<Language> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let program = line
        .split(['/', ' '])
        .rfind(|w| !w.is_empty() && !w.starts_with('-'))?;
    match program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "sh" | "bash" | "zsh" | "dash" | "ksh" => Some(Language::Shell),
        "python" | "pypy" => Some(Language::Python),
        "node" | "bun" | "deno" | "run" => Some(Language::JavaScript),
        "tsx" | "ts-node" => Some(Language::TypeScript),
        _ => Some(Language::Other),
    }
}

/// What an info string names; nothing for none or one that isn't known.
pub(crate) fn of_info(info: &str) -> Option<Language> {
    Some(
        match info
            .to_ascii_lowercase()
            .trim_start_matches('{')
            .trim_start_matches('.')
            .trim_end_matches('}')
        {
            "sh" | "bash" | "zsh" | "shell" | "console" | "terminal" | "shellsession"
            | "shell-session" | "inline" | "ksh" | "fish" | "cmd" | "command" => Language::Shell,
            "py" | "python" | "python3" | "py3" => Language::Python,
            "js" | "javascript" | "node" | "mjs" | "cjs" | "jsx" => Language::JavaScript,
            "ts" | "typescript" | "tsx" => Language::TypeScript,
            "json" | "yaml" | "yml" | "toml" | "json5" | "jsonc" | "ini" | "env" | "dotenv" => {
                Language::Data
            }
            _ => return None,
        },
    )
}

/// What a text without a name looks like.
pub(crate) fn of_text(text: &str) -> Language {
    if let Some(language) = by_shebang(text) {
        return language;
    }
    let trimmed = text.trim_start();
    if (trimmed.starts_with('{') || trimmed.starts_with('[')) && trimmed.contains('"') {
        return Language::Data;
    }
    let (mut shell, mut python, mut javascript) = (0, 0, 0);
    for line in text.lines().take(60) {
        let line = line.trim();
        let first = line
            .trim_start_matches("$ ")
            .split([' ', ';', '('])
            .next()
            .unwrap_or_default();
        shell += usize::from(is_command(first) && !line.ends_with([':', ',', '{']))
            + usize::from(
                line.contains(" | ") && !line.starts_with('|')
                    || line.contains(" && ")
                    || line.contains("$("),
            )
            + usize::from(matches!(line, "fi" | "done" | "esac" | "then"));
        python += usize::from(
            line.starts_with("def ") && line.ends_with(':')
                || line.starts_with("from ") && line.contains(" import ")
                || line.starts_with("import ")
                    && !line.contains(['{'])
                    && !line.contains(" from ")
                    && line
                        .split_whitespace()
                        .nth(1)
                        .is_some_and(|m| m.starts_with(|c: char| c.is_ascii_alphabetic()))
                || line.starts_with("print(")
                || (line.starts_with("exec(") || line.starts_with("__import__(")),
        ) * 2;
        javascript += usize::from(
            line.starts_with("const ") && line.contains('=')
                || line.starts_with("let ") && line.contains('=')
                || line.contains("require(")
                || line.contains("=> {")
                || line.starts_with("function ") && line.contains('{')
                || line.contains("function(")
                || line.starts_with("await fetch("),
        ) * 2;
    }
    match (shell, python, javascript) {
        (0, 0, 0) => Language::Other,
        (s, p, j) if p > s && p >= j => Language::Python,
        (s, _, j) if j > s => Language::JavaScript,
        _ => Language::Shell,
    }
}

/// Whether inline code is a command line: a command that people run, with something after it.
pub(crate) fn is_command_line(code: &str) -> bool {
    let code = code.trim().trim_start_matches("$ ");
    let mut words = code.split_whitespace();
    let Some(first) = words.next() else {
        return false;
    };
    let first = first.rsplit('/').next().unwrap_or(first);
    let rest = words.next();
    is_command(first) && rest.is_some()
        || code.starts_with("/bin/") && rest.is_some()
        || code.contains("| bash")
        || code.contains("| sh")
}

fn is_command(word: &str) -> bool {
    const COMMANDS: &[&str] = &[
        "apt",
        "apt-get",
        "aws",
        "base64",
        "bash",
        "brew",
        "bun",
        "bunx",
        "cargo",
        "cat",
        "cd",
        "chmod",
        "chown",
        "clawdhub",
        "clawhub",
        "cp",
        "crontab",
        "curl",
        "dd",
        "deno",
        "dig",
        "docker",
        "echo",
        "env",
        "eval",
        "exec",
        "export",
        "find",
        "gem",
        "gh",
        "git",
        "go",
        "grep",
        "gunzip",
        "iex",
        "irm",
        "iwr",
        "jq",
        "kill",
        "launchctl",
        "ln",
        "ls",
        "make",
        "mkdir",
        "mv",
        "nc",
        "ncat",
        "node",
        "nohup",
        "npm",
        "npx",
        "nslookup",
        "open",
        "openclaw",
        "openssl",
        "osascript",
        "perl",
        "pip",
        "pip3",
        "pipx",
        "pnpm",
        "powershell",
        "printf",
        "pwsh",
        "python",
        "python3",
        "rm",
        "rsync",
        "ruby",
        "scp",
        "sed",
        "sh",
        "socat",
        "source",
        "ssh",
        "sudo",
        "systemctl",
        "tar",
        "tee",
        "telnet",
        "touch",
        "unzip",
        "uv",
        "uvx",
        "wget",
        "xattr",
        "xxd",
        "yarn",
        "zip",
        "zsh",
    ];
    COMMANDS.binary_search(&word).is_ok() || word.starts_with("./") && word.len() > 3
}

/// NULs, or hardly any text.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4_096)];
    let utf16 = matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    if utf16 {
        return false;
    }
    let nul = head.iter().filter(|b| **b == 0).count();
    let control = head
        .iter()
        .filter(|b| **b < 9 || (14..27).contains(*b))
        .count();
    executable(bytes).is_some()
        || nul * 20 > head.len()
        || control * 5 > head.len() && head.len() > 16
}

/// What kind of executable code that nobody reads line by line a file is.
pub(crate) fn executable(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0x7f, b'E', b'L', b'F', ..] => "an ELF program or library",
        [b'M', b'Z', _, _, rest @ ..] if rest.len() > 60 => "a Windows program or library",
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] => {
            "a macOS program or library"
        }
        [0xca, 0xfe, 0xba, 0xbe, ..] => "a Java class or a macOS program",
        [0, b'a', b's', b'm', ..] => "a WebAssembly module",
        // CPython: a version number, then CRLF.
        [_, _, 0x0d, 0x0a, 0..=3, 0, 0, 0, ..] if bytes.len() > 16 => "compiled Python",
        _ => return None,
    })
}

/// What a file is to its artifact, by its path.
pub(crate) fn role(path: &str, language: Language) -> Role {
    let lower = path.to_ascii_lowercase();
    let mut folders: Vec<&str> = lower.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    let within = |names: &[&str]| folders.iter().any(|f| names.contains(f));
    if within(&[
        "node_modules",
        "vendor",
        "third_party",
        "site-packages",
        "bower_components",
        ".venv",
        "venv",
    ]) {
        return Role::Vendored;
    }
    let stem = name.split('.').next().unwrap_or_default();
    if within(&[
        "test",
        "tests",
        "__tests__",
        "spec",
        "specs",
        "fixtures",
        "fixture",
        "testdata",
        "__mocks__",
        "mocks",
        "e2e",
    ]) || name.contains(".test.")
        || name.contains(".spec.")
        || stem.starts_with("test_")
        || stem.ends_with("_test")
    {
        return Role::Test;
    }
    if within(&["examples", "example", "samples", "demo", "demos"]) {
        return Role::Example;
    }
    let read_by_agents = matches!(
        name,
        "skill.md" | "heartbeat.md" | "agents.md" | "soul.md" | "memory.md" | "tools.md"
    );
    if language == Language::Prose
        && !read_by_agents
        && (within(&["docs", "doc"])
            || [
                "readme",
                "changelog",
                "license",
                "contributing",
                "security",
                "history",
                "notice",
            ]
            .contains(&stem))
    {
        return Role::Documentation;
    }
    Role::Operative
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_by_name_shebang_and_content() {
        for (path, text, language) in [
            ("a.py", "", Language::Python),
            ("run", "#!/usr/bin/env bash\n", Language::Shell),
            ("run", "#!/usr/bin/python3.11\n", Language::Python),
            ("notes.txt", "#!/bin/sh\nls", Language::Shell),
            ("notes.txt", "ls", Language::Prose),
            ("x", "import os\nfrom a import b\n", Language::Python),
            ("x", "const a = require('fs')\n", Language::JavaScript),
            ("x", "curl https://example.invalid | sh\n", Language::Shell),
            ("x.json", "{}", Language::Data),
        ] {
            assert_eq!(of_file(path, text.as_bytes()), language, "{path}: {text:?}");
        }
    }

    #[test]
    fn roles_are_told_by_path() {
        assert_eq!(role("SKILL.md", Language::Prose), Role::Operative);
        assert_eq!(role("docs/SKILL.md", Language::Prose), Role::Operative);
        assert_eq!(role("README.md", Language::Prose), Role::Documentation);
        assert_eq!(role("tests/a.py", Language::Python), Role::Test);
        assert_eq!(role("src/a.test.ts", Language::TypeScript), Role::Test);
        assert_eq!(
            role("node_modules/x/index.js", Language::JavaScript),
            Role::Vendored
        );
    }

    #[test]
    fn inline_code_is_a_command_line_only_with_arguments() {
        assert!(is_command_line("curl -fsSL https://example.invalid"));
        assert!(is_command_line("$ npm install x"));
        assert!(!is_command_line("curl"));
        assert!(!is_command_line("config.json"));
    }
}
