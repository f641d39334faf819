//! What plugins, packages and MCP configurations say they run, connect to and depend on.

use finding::{Finding, Location};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{rules, value};

/// A file that an agent or a package manager reads before any code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// `SKILL.md`, in any case: some file systems do not tell.
    Skill,
    /// `openclaw.plugin.json` and what it was called before.
    OpenClawPlugin,
    /// `.claude-plugin/plugin.json` and its like: bundles that OpenClaw loads too.
    BundlePlugin,
    /// `.mcp.json`: MCP servers to start or to connect to.
    Mcp,
    /// npm's `package.json`.
    Package,
}

impl Kind {
    /// What the file at this path is read as, if anything.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let dir = dir.rsplit(['/', '!']).next().unwrap_or_default();
        let name = name.rsplit('!').next().unwrap_or(name);
        match name {
            "openclaw.plugin.json" | "clawdbot.plugin.json" | "moltbot.plugin.json" => {
                Some(Self::OpenClawPlugin)
            }
            ".mcp.json" | "mcp.json" | "mcporter.json" => Some(Self::Mcp),
            "package.json" => Some(Self::Package),
            "plugin.json"
                if matches!(
                    dir,
                    "" | ".claude-plugin" | ".codex-plugin" | ".cursor-plugin"
                ) =>
            {
                Some(Self::BundlePlugin)
            }
            _ if name.eq_ignore_ascii_case("SKILL.md") => Some(Self::Skill),
            _ => None,
        }
    }
}

/// Something that a manifest has run or connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A line for a shell.
    Shell(String),
    /// A program with its arguments.
    Program {
        /// The program's name or path.
        program: String,
        /// Its arguments.
        args: Vec<String>,
        /// Names of the variables that it is given.
        env: Vec<String>,
    },
    /// A server at a URL.
    Connect(String),
}

/// An [`Action`] and where in the manifest it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The place: `scripts.postinstall`, `mcpServers.files`, `hooks.SessionStart`.
    pub key: String,
    /// Whether it runs by itself, on installation or at start, before anybody asks for it.
    pub automatic: bool,
    /// What it does.
    pub action: Action,
}

/// A package that a manifest has installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// A version range, or where to take it from.
    pub spec: String,
}

/// A manifest, reduced to what can do harm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The name that it gives.
    pub name: Option<String>,
    /// The version that it gives.
    pub version: Option<String>,
    /// What it runs and connects to.
    pub commands: Vec<Command>,
    /// What it has installed.
    pub dependencies: Vec<Dependency>,
    /// Files that are loaded as code into the agent.
    pub entry_points: Vec<String>,
    /// Directories of skills that it brings.
    pub skills: Vec<String>,
}

/// npm scripts that `npm install` runs by itself, in a package or in a checkout.
const LIFECYCLE: [&str; 7] = [
    "preinstall",
    "install",
    "postinstall",
    "preprepare",
    "prepare",
    "postprepare",
    "prepublish",
];

/// Reads a manifest that is JSON (or JSON5, which some agents accept).
///
/// # Errors
/// A `malformed-manifest` finding that says why it cannot be read.
pub fn parse(path: &str, bytes: &[u8]) -> Result<Manifest, Box<Finding>> {
    let json = match serde_json::from_slice(bytes) {
        Ok(json) => Ok(json),
        Err(_) => value::json5(&String::from_utf8_lossy(bytes)),
    };
    let json = json.and_then(|json| {
        if json.is_object() {
            Ok(json)
        } else {
            Err("not an object".to_owned())
        }
    });
    let json: Value = json.map_err(|why| {
        let rule = &rules::MALFORMED_MANIFEST;
        let finding = Finding::new(rule, format!("{path:?} cannot be read as JSON: {why}"));
        Box::new(finding.at(Location::file(path, rule.summary)))
    })?;
    let openclaw = &json["openclaw"];
    let mut manifest = Manifest {
        name: value::text(&json, "name").or_else(|| value::text(&json, "id")),
        version: value::text(&json, "version"),
        entry_points: value::words(openclaw.get("extensions")),
        skills: value::words(json.get("skills")),
        ..Manifest::default()
    };
    for (name, line) in value::members(&json, "scripts") {
        if let Some(line) = line.as_str() {
            manifest.commands.push(Command {
                key: format!("scripts.{name}"),
                automatic: LIFECYCLE.contains(&name.as_str()),
                action: Action::Shell(line.to_owned()),
            });
        }
    }
    for key in ["mcpServers", "servers", "mcp_servers"] {
        for (name, server) in value::members(&json, key) {
            let action = server_action(server);
            manifest.commands.extend(action.map(|action| Command {
                key: format!("{key}.{name}"),
                automatic: true,
                action,
            }));
        }
    }
    for (event, hook) in value::members(&json, "hooks") {
        hooks(&format!("hooks.{event}"), hook, &mut manifest.commands);
    }
    for key in [
        "dependencies",
        "devDependencies",
        "optionalDependencies",
        "peerDependencies",
    ] {
        for (name, spec) in value::members(&json, key) {
            let spec = spec.as_str().unwrap_or_default().to_owned();
            manifest.dependencies.push(Dependency {
                name: name.clone(),
                spec,
            });
        }
    }
    Ok(manifest)
}

/// An MCP server: a program to start, or a URL.
fn server_action(server: &Value) -> Option<Action> {
    if let Some(program) = value::text(server, "command") {
        let env = value::members(server, "env")
            .map(|(name, _)| name.clone())
            .collect();
        let args = server
            .get("args")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        return Some(Action::Program {
            program,
            args: args.filter_map(value::scalar).collect(),
            env,
        });
    }
    ["url", "serverUrl", "baseUrl"]
        .iter()
        .find_map(|key| value::text(server, key))
        .map(Action::Connect)
}

/// Hook commands: each `command` anywhere below an event. Recursion is as deep as the value, and
/// that is bounded by its parser.
fn hooks(key: &str, hook: &Value, out: &mut Vec<Command>) {
    match hook {
        Value::Array(items) => items.iter().for_each(|item| hooks(key, item, out)),
        Value::Object(fields) => {
            if let Some(line) = value::text(hook, "command") {
                out.push(Command {
                    key: key.to_owned(),
                    automatic: true,
                    action: Action::Shell(line),
                });
            }
            fields
                .values()
                .filter(|f| !f.is_string())
                .for_each(|field| hooks(key, field, out));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kinds_are_known_by_name_and_directory() {
        assert_eq!(Kind::of("SKILL.md"), Some(Kind::Skill));
        assert_eq!(Kind::of("a/skill.md"), Some(Kind::Skill));
        assert_eq!(Kind::of("x.zip!SKILL.md"), Some(Kind::Skill));
        assert_eq!(
            Kind::of(".claude-plugin/plugin.json"),
            Some(Kind::BundlePlugin)
        );
        assert_eq!(Kind::of("docs/plugin.json"), None);
        assert_eq!(Kind::of("README.md"), None);
    }

    #[test]
    fn a_package_says_what_installation_runs() {
        let manifest = parse(
            "package.json",
            br#"{"name": "p", "scripts": {"postinstall": "node setup.js", "test": "vitest"},
                 "dependencies": {"left": "^1"}, "openclaw": {"extensions": ["./index.js"]}}"#,
        )
        .expect("valid");
        let automatic: Vec<_> = manifest
            .commands
            .iter()
            .filter(|c| c.automatic)
            .map(|c| c.key.as_str())
            .collect();
        assert_eq!(automatic, ["scripts.postinstall"]);
        assert_eq!(manifest.dependencies[0].name, "left");
        assert_eq!(manifest.entry_points, ["./index.js"]);
    }

    #[test]
    fn an_mcp_configuration_says_what_it_starts_and_where_it_connects() {
        let manifest = parse(
            "package.json",
            br#"{mcpServers: {files: {command: "npx", args: ["-y", "files"], env: {TOKEN: "x"}},
                 far: {type: "http", url: "https://mcp.example/sse"}}} // JSON5"#,
        )
        .expect("valid");
        assert_eq!(manifest.commands.len(), 2);
        assert!(
            manifest
                .commands
                .iter()
                .any(|c| matches!(&c.action, Action::Connect(u) if u.ends_with("/sse")))
        );
        assert!(
            manifest
                .commands
                .iter()
                .any(|c| matches!(&c.action, Action::Program { env, .. } if env == &["TOKEN"]))
        );
    }

    #[test]
    fn hooks_are_found_however_deep() {
        let manifest =
            parse("plugin.json", br#"{"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "sh x.sh"}]}]}}"#).expect("valid");
        assert_eq!(manifest.commands[0].key, "hooks.SessionStart");
    }

    #[test]
    fn deep_nesting_is_an_error() {
        assert!(parse("x", &b"[".repeat(256_000)).is_err());
        assert!(parse("x", &br#"{"hooks":"#.repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = parse("x", &bytes);
        }
    }
}
