//! What a skill declares to need, in the vocabulary of capabilities.
//!
//! Nothing here is enforced by OpenClaw. It is what the author says, to be held against what the
//! skill does.

use capability::{Capability, CapabilitySet, ExecRule, NetRule, ParseError};
use finding::{Finding, Location, Severity};

use crate::rules;
use crate::skill_md::{Install, Permissions, SkillMd, locate};

/// What an artifact declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The capabilities.
    pub capabilities: CapabilitySet,
    /// Whether it declares permissions as such, so that what is missing is an over-reach and not
    /// silence. What a loader requires or a tool list names is no list of what is needed to run.
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
    let requires = &metadata.requires;
    let mut reader = Reader {
        skill,
        text,
        declared: Declared::default(),
    };
    if let Permissions::Listed(list) = &metadata.permissions {
        for permission in list {
            // The author means our vocabulary here, and nothing else.
            reader.add(permission.parse(), permission, Severity::Medium);
        }
    }
    for name in requires
        .env
        .iter()
        .chain(&metadata.primary_env)
        .chain(&metadata.env_vars)
    {
        reader.add(format!("env {name}").parse(), name, Severity::Low);
    }
    for name in requires.bins.iter().chain(&requires.any_bins) {
        reader.exec(name, name);
    }
    for tool in &skill.allowed_tools {
        reader.tool(tool);
    }
    for install in metadata.install.iter().filter(|install| install.known) {
        reader.install(install);
    }
    reader.declared.declares = metadata.permissions != Permissions::Absent;
    reader.declared
}

struct Reader<'a> {
    skill: &'a SkillMd,
    text: &'a str,
    declared: Declared,
}

impl Reader<'_> {
    /// Adds a capability, or says that `written` is none.
    fn add(
        &mut self,
        capability: Result<Capability, ParseError>,
        written: &str,
        severity: Severity,
    ) {
        let error = match capability {
            Ok(capability) => return self.declared.capabilities.insert(capability),
            Err(error) => error,
        };
        let rule = &rules::MALFORMED_PERMISSIONS;
        let message = format!("{written:?} is not a capability, so it is not declared: {error}");
        let front = self.skill.front_matter.unwrap_or_default();
        // `net: [host]` of a map is `net host` here: its last word is what the file has.
        let last = written.rsplit(' ').next().unwrap_or(written);
        let span = locate(self.text, front, written).or_else(|| locate(self.text, front, last));
        let span = span.unwrap_or(front);
        let location = Location::in_text(self.skill.path.clone(), self.text, span, rule.summary);
        let finding = Finding::new(rule, message).severity(severity);
        self.declared.findings.push(finding.at(location));
    }

    fn exec(&mut self, program: &str, written: &str) {
        self.add(
            ExecRule::infer(program).map(Capability::Exec),
            written,
            Severity::Low,
        );
    }

    /// `Bash(git:*)`, `WebFetch(domain:example.com)`, `Read`. A tool that is not known, such as an
    /// MCP server's, has no capability of its own.
    fn tool(&mut self, tool: &str) {
        let (name, argument) = tool.split_once('(').unwrap_or((tool, ""));
        let argument = argument.trim_end_matches(')').trim();
        match (name, argument) {
            ("Bash" | "exec", argument) if !argument.is_empty() && !argument.starts_with('*') => {
                let program = argument.split([' ', ':']).next().unwrap_or(argument);
                self.exec(program, tool);
            }
            ("WebFetch" | "web_fetch", argument) if argument.starts_with("domain:") => {
                let host = argument.trim_start_matches("domain:");
                self.add(format!("net {host}").parse(), tool, Severity::Low);
            }
            _ => {
                let known = TOOLS.iter().filter(|(names, _)| names.contains(&name));
                for capability in known.flat_map(|(_, capabilities)| *capabilities) {
                    self.add(capability.parse(), tool, Severity::Low);
                }
            }
        }
    }

    fn install(&mut self, install: &Install) {
        for (_, program, hosts) in INSTALLERS.iter().filter(|(kind, ..)| *kind == install.kind) {
            self.exec(program, &install.kind);
            for host in *hosts {
                self.add(format!("net {host}").parse(), &install.kind, Severity::Low);
            }
        }
        if install.kind == "download"
            && let Some(url) = &install.url
        {
            // Downloads are redirected: any path of the host.
            let rule =
                NetRule::from_url(None, url).map(|rule| Capability::Net(rule.whole_endpoint()));
            self.add(rule, url, Severity::Low);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skill_md;

    fn declared(front: &str) -> Declared {
        let text = format!("---\n{front}\n---\n");
        capabilities(&skill_md::parse("SKILL.md", text.as_bytes()), &text)
    }

    fn set(capabilities: &[&str]) -> CapabilitySet {
        capabilities
            .iter()
            .map(|c| c.parse::<Capability>().expect("valid"))
            .collect()
    }

    #[test]
    fn permissions_are_taken_verbatim() {
        let d = declared(
            r#"metadata: {"openclaw": {"permissions": ["net api.example.com", "exec git"]}}"#,
        );
        assert_eq!(d.capabilities, set(&["net api.example.com", "exec git"]));
        assert!(d.declares && d.findings.is_empty());
    }

    #[test]
    fn a_permission_that_is_none_is_found_where_it_stands() {
        let d = declared(
            r#"metadata: {"openclaw": {"permissions": ["network everything", "exec git"]}}"#,
        );
        assert_eq!(d.capabilities, set(&["exec git"]));
        let location = &d.findings[0].locations[0];
        assert_eq!(
            (d.findings[0].rule.as_str(), location.line),
            ("malformed-permissions", Some(2))
        );
    }

    #[test]
    fn requirements_are_variables_and_programs() {
        let d = declared(
            r#"metadata: {"openclaw": {"primaryEnv": "KEY", "requires": {"bins": ["jq"], "anyBins": ["a", "b"], "env": ["KEY"]}}}"#,
        );
        assert_eq!(
            d.capabilities,
            set(&["env KEY", "exec a", "exec b", "exec jq"])
        );
        assert!(
            !d.declares,
            "what OpenClaw checks before loading is not all that is needed"
        );
    }

    #[test]
    fn an_installer_is_its_program_and_its_registry() {
        let d = declared(
            r#"metadata: {"openclaw": {"install": [{"kind": "uv", "package": "p"}, {"kind": "download", "url": "https://get.example.com/x.tgz"}, {"kind": "shell", "command": "x"}]}}"#,
        );
        let expected = [
            "exec uv",
            "net files.pythonhosted.org",
            "net get.example.com",
            "net pypi.org",
        ];
        assert_eq!(d.capabilities, set(&expected));
        assert!(
            !d.declares,
            "how to install says nothing of what is needed to run"
        );
    }

    #[test]
    fn tools_are_mapped_by_name_and_argument() {
        let d = declared(
            "allowed-tools: Bash(git add:*), Read, WebFetch(domain:docs.example.com), mcp__x__y",
        );
        let expected = [
            "exec git",
            "fs.read $SKILL/**",
            "fs.read $WORKSPACE/**",
            "net docs.example.com",
        ];
        assert_eq!(d.capabilities, set(&expected));
        assert_eq!(
            declared("allowed-tools: [Bash, WebSearch]").capabilities,
            set(&["exec any", "net any"])
        );
        assert!(!d.declares && d.findings.is_empty());
    }

    #[test]
    fn every_tool_and_installer_maps_to_capabilities() {
        for capability in TOOLS.iter().flat_map(|(_, capabilities)| *capabilities) {
            assert!(capability.parse::<Capability>().is_ok(), "{capability}");
        }
        for (kind, ..) in INSTALLERS {
            let d = declared(&format!(
                r#"metadata: {{"openclaw": {{"install": [{{"kind": "{kind}"}}]}}}}"#
            ));
            assert!(
                d.findings.is_empty() && !d.capabilities.is_empty(),
                "{kind}"
            );
        }
    }

    #[test]
    fn a_program_called_any_is_not_every_program() {
        let d =
            declared(r#"metadata: {"openclaw": {"requires": {"bins": ["any", "git sha256:x"]}}}"#);
        assert!(!set(&["exec git"]).is_subset(&d.capabilities));
    }
}
