//! What a skill declares to need, in the vocabulary of capabilities.
//!
//! Nothing here is enforced by OpenClaw. It is what the author says, to be held against what the
//! skill does.

use capability::{Capability, CapabilitySet};
use finding::{Finding, Location, Span};

use crate::rules;
use crate::skill_md::{Install, Permissions, SkillMd, locate};

/// What an artifact declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The capabilities.
    pub capabilities: CapabilitySet,
    /// Whether it declares any at all, so that what is missing is an over-reach and not silence.
    pub declares: bool,
    /// What could not be read as a capability.
    pub findings: Vec<Finding>,
}

/// What installing by each of OpenClaw's installers takes: the program that it starts and the hosts
/// that this program asks. `download` is fetched by OpenClaw itself, from the host of its URL.
const INSTALLERS: [(&str, &str, &[&str]); 4] = [
    (
        "brew",
        "brew",
        &[
            "formulae.brew.sh",
            "ghcr.io",
            "pkg-containers.githubusercontent.com",
            "github.com",
        ],
    ),
    ("node", "npm", &["registry.npmjs.org"]),
    ("go", "go", &["proxy.golang.org", "sum.golang.org"]),
    ("uv", "uv", &["pypi.org", "files.pythonhosted.org"]),
];

/// Agents' tools, by what they are called in Claude and in OpenClaw, and what they can do. `Bash`
/// and `WebFetch` are mapped by their argument.
const TOOLS: [(&[&str], &[&str]); 6] = [
    (
        &["Read", "Grep", "Glob", "LS", "NotebookRead", "read"],
        &["fs.read $WORKSPACE/**", "fs.read $SKILL/**"],
    ),
    (
        &[
            "Write",
            "Edit",
            "MultiEdit",
            "NotebookEdit",
            "write",
            "edit",
            "apply_patch",
        ],
        &["fs.write $WORKSPACE/**"],
    ),
    (
        &[
            "WebFetch",
            "WebSearch",
            "web_fetch",
            "web_search",
            "browser",
        ],
        &["net any"],
    ),
    (&["Bash", "exec", "process"], &["exec any"]),
    (&["message", "sessions_send"], &["agent message"]),
    (&["cron"], &["agent cron"]),
];

/// What a skill declares. `text` is the file's, for the findings' excerpts.
#[must_use]
pub fn capabilities(skill: &SkillMd, text: &str) -> Declared {
    let metadata = &skill.metadata;
    let mut reader = Reader {
        skill,
        text,
        declared: Declared::default(),
    };
    if let Permissions::Listed(list) = &metadata.permissions {
        for permission in list {
            reader.add(permission, permission);
        }
    }
    for name in metadata
        .requires
        .env
        .iter()
        .chain(&metadata.primary_env)
        .chain(&metadata.env_vars)
    {
        reader.add(&format!("env {name}"), name);
    }
    for name in metadata
        .requires
        .bins
        .iter()
        .chain(&metadata.requires.any_bins)
    {
        reader.add(&format!("exec {name}"), name);
    }
    for tool in &skill.allowed_tools {
        reader.tool(tool);
    }
    let declares = metadata.permissions != Permissions::Absent
        || metadata.requires.present
        || !skill.allowed_tools.is_empty();
    for install in metadata.install.iter().filter(|i| i.known) {
        reader.install(install);
    }
    reader.declared.declares = declares;
    reader.declared
}

struct Reader<'a> {
    skill: &'a SkillMd,
    text: &'a str,
    declared: Declared,
}

impl Reader<'_> {
    /// Adds a capability in the text form. `written` is what to look for in the file.
    fn add(&mut self, capability: &str, written: &str) {
        match capability.parse::<Capability>() {
            Ok(capability) => self.declared.capabilities.insert(capability),
            Err(error) => {
                let message = format!(
                    "{capability:?} is not a capability, so it is not declared: {}",
                    error.message
                );
                let front = self.skill.front_matter.unwrap_or_default();
                // `net: [host]` in a map is `net host` here: its last word is what the file has.
                let last = written.rsplit(' ').next().unwrap_or(written);
                let span =
                    locate(self.text, front, written).or_else(|| locate(self.text, front, last));
                let location = self.location(span.unwrap_or(front));
                self.declared
                    .findings
                    .push(Finding::new(&rules::MALFORMED_PERMISSIONS, message).at(location));
            }
        }
    }

    fn location(&self, span: Span) -> Location {
        Location::in_text(
            self.skill.path.clone(),
            self.text,
            span,
            rules::MALFORMED_PERMISSIONS.summary,
        )
    }

    /// `Bash(git:*)`, `WebFetch(domain:example.com)`, `Read`. A tool that is not known, such as an
    /// MCP server's, has no capability of its own.
    fn tool(&mut self, tool: &str) {
        let (name, argument) = tool.split_once('(').unwrap_or((tool, ""));
        let argument = argument.trim_end_matches(')').trim();
        match (name, argument) {
            ("Bash" | "exec", argument) if !argument.is_empty() && argument != "*" => {
                let program = argument.split([' ', ':']).next().unwrap_or(argument);
                self.add(&format!("exec {program}"), tool);
            }
            ("WebFetch" | "web_fetch", argument) if argument.starts_with("domain:") => {
                self.add(&format!("net {}", &argument["domain:".len()..]), tool);
            }
            _ => {
                let known = TOOLS.iter().filter(|(names, _)| names.contains(&name));
                for capability in known.flat_map(|(_, capabilities)| *capabilities) {
                    self.add(capability, tool);
                }
            }
        }
    }

    fn install(&mut self, install: &Install) {
        for (_, program, hosts) in INSTALLERS.iter().filter(|(kind, ..)| *kind == install.kind) {
            self.add(&format!("exec {program}"), &install.kind);
            for host in *hosts {
                self.add(&format!("net {host}"), &install.kind);
            }
        }
        if install.kind == "download"
            && let Some(url) = &install.url
            && let Some(authority) = authority(url)
        {
            self.add(&format!("net {authority}"), url);
        }
    }
}

/// Host and port of a URL over HTTP, without user and password.
fn authority(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let authority = rest
        .split(['/', '?', '#', '\\'])
        .next()?
        .rsplit('@')
        .next()?;
    let bare = !authority.contains(':') || authority.ends_with(']');
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Some(authority.to_owned()),
        "http" if bare => Some(format!("{authority}:80")),
        "http" => Some(authority.to_owned()),
        _ => None,
    }
}
