//! Whose word is taken when something is fetched from a URL.

use crate::Artifact;

/// Hosts where the first part of the path is the owner.
const CODE_HOSTS: &[&str] = &[
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "huggingface.co",
    "raw.githubusercontent.com",
    "gist.github.com",
    "gist.githubusercontent.com",
];

/// What the agent and its registry are called, and who speaks for them.
const AGENT_NAMES: &[&str] = &[
    "openclaw", "clawdbot", "moltbot", "clawhub", "clawdhub", "molthub",
];
const AGENT_OWNERS: &[&str] = &[
    "openclaw.ai",
    "clawd.bot",
    "molt.bot",
    "clawhub.ai",
    "clawhub.com",
    "clawdhub.com",
    "clawdbot.com",
    "github.com/openclaw",
    "github.com/clawdbot",
    "github.com/moltbot",
    "npmjs.com",
];
/// What is added to such a name to make it sound like a part of the agent.
const AGENT_PARTS: &[&str] = &[
    "cli",
    "core",
    "tool",
    "tools",
    "utility",
    "util",
    "client",
    "agent",
    "app",
    "provider",
    "driver",
    "helper",
    "runtime",
    "engine",
    "sdk",
    "setup",
    "installer",
    "update",
    "updater",
    "desktop",
    "service",
    "base",
    "pro",
];

/// A URL, taken apart as far as it says who is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Lower case, without port and user.
    pub(crate) host: String,
    /// From the first `/`, without query and fragment.
    pub(crate) path: String,
}

impl Place {
    /// Reads `https://host/path` or `host/path`.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = host
            .split(':')
            .next()
            .unwrap_or_default()
            .trim_start_matches("www.")
            .trim_end_matches('.');
        host.contains('.').then(|| Self {
            host: host.to_ascii_lowercase(),
            path: path.to_owned(),
        })
    }

    /// Whether it names an address, not a name.
    pub(crate) fn is_address(&self) -> bool {
        self.host.parse::<std::net::Ipv4Addr>().is_ok()
    }

    /// Whether it is this machine or a private network.
    pub(crate) fn is_local(&self) -> bool {
        let private = self
            .host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|a| a.is_loopback() || a.is_private() || a.is_unspecified());
        private
            || self.host == "localhost"
            || self.host.ends_with(".local")
            || self.host.ends_with(".internal")
            || self.host.ends_with(".test")
    }

    /// Who answers for what is there: the registrable domain, with the owner on hosts of code.
    pub(crate) fn owner(&self) -> String {
        let first = self
            .path
            .trim_start_matches('/')
            .split('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if let Some(owner) = self.host.strip_suffix(".github.io") {
            return format!("github.com/{owner}");
        }
        if CODE_HOSTS.contains(&self.host.as_str()) {
            let host = if self.host.contains("github") {
                "github.com"
            } else {
                &self.host
            };
            return format!("{host}/{first}");
        }
        psl::domain_str(&self.host).unwrap_or(&self.host).to_owned()
    }

    /// Whether anybody gets a name like this one for nothing: the host is a customer's name under
    /// a provider's.
    pub(crate) fn is_handed_out(&self) -> bool {
        psl::suffix(self.host.as_bytes()).is_some_and(|s| s.typ() == Some(psl::Type::Private))
    }

    /// Whether the artifact says what it is by the name of who is there: `api.acme.com` for a skill
    /// called `acme-mail`. On hosts of code the owner and the repository are names.
    pub(crate) fn is_named_by(&self, artifact: &Artifact) -> bool {
        let plain = |s: &str| -> String {
            s.to_ascii_lowercase()
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect()
        };
        let said = plain(&format!("{} {}", artifact.name, artifact.description));
        let mut names: Vec<String> = if CODE_HOSTS.contains(&self.host.as_str()) {
            self.path
                .split('/')
                .filter(|p| !p.is_empty())
                .take(2)
                .map(plain)
                .collect()
        } else {
            let domain = psl::domain_str(&self.host).unwrap_or(&self.host);
            // A host such as `api.x.ai` has too short a name of its own.
            vec![
                plain(domain.split('.').next().unwrap_or_default()),
                plain(domain),
            ]
        };
        names.retain(|n| n.len() > 2);
        let own = plain(&artifact.name);
        names
            .iter()
            .any(|n| said.contains(n.as_str()) || (own.len() > 2 && n.contains(&own)))
    }

    /// Whether it is where the artifact says that it comes from.
    pub(crate) fn is_home_of(&self, artifact: &Artifact) -> bool {
        artifact
            .homepage
            .as_deref()
            .and_then(Self::parse)
            .is_some_and(|home| home.owner() == self.owner())
    }

    /// Whether the agent's own makers speak there.
    pub(crate) fn is_agents(&self) -> bool {
        AGENT_OWNERS.contains(&self.owner().as_str())
    }

    /// Whether its host is named like a part of the agent, and the agent's makers do not answer for
    /// it.
    pub(crate) fn poses_as_agents(&self) -> bool {
        !self.is_agents()
            && psl::domain_str(&self.host)
                .and_then(|d| d.split('.').next())
                .is_some_and(sounds_like_agent)
    }

    /// The last part of the path.
    pub(crate) fn file(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// Whether a name claims to be a part of the agent itself.
pub(crate) fn sounds_like_agent(name: &str) -> bool {
    let lower: String = name
        .to_ascii_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    AGENT_NAMES.iter().any(|agent| {
        lower
            .strip_prefix(agent)
            .is_some_and(|part| AGENT_PARTS.contains(&part))
    })
}

/// Whether a name is the agent's own.
pub(crate) fn is_agents_name(name: &str) -> bool {
    AGENT_NAMES.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a file by this name is an archive or a program: something that is opened, not read.
pub(crate) fn is_opened(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        ".zip",
        ".rar",
        ".7z",
        ".exe",
        ".msi",
        ".msix",
        ".dmg",
        ".pkg",
        ".scr",
        ".bat",
        ".cmd",
        ".ps1",
        ".vbs",
        ".hta",
        ".lnk",
        ".jar",
        ".apk",
        ".appimage",
        ".iso",
        ".img",
        ".command",
        ".tgz",
        ".tar.gz",
        ".tar.xz",
        ".run",
        ".bin",
    ];
    let lower = name.to_ascii_lowercase();
    ENDINGS.iter().any(|e| lower.ends_with(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_who_answers_for_the_page() {
        for (url, owner) in [
            ("https://docs.example.com/a", "example.com"),
            (
                "https://github.com/Someone/tool/releases/x.zip",
                "github.com/someone",
            ),
            (
                "https://raw.githubusercontent.com/someone/tool/main/x",
                "github.com/someone",
            ),
            ("https://someone.github.io/tool", "github.com/someone"),
            ("https://tool.vercel.app/", "tool.vercel.app"),
            ("example.co.uk/x", "example.co.uk"),
        ] {
            assert_eq!(Place::parse(url).unwrap().owner(), owner, "{url}");
        }
    }

    #[test]
    fn a_name_under_a_provider_is_handed_out() {
        for (url, handed) in [
            ("https://tool.vercel.app", true),
            ("https://a.netlify.app/x", true),
            ("https://example.com", false),
        ] {
            assert_eq!(Place::parse(url).unwrap().is_handed_out(), handed, "{url}");
        }
    }

    #[test]
    fn a_host_poses_by_its_name() {
        for (url, poses) in [
            ("https://openclawcli.example/", true),
            ("https://openclaw-core.vercel.app", true),
            ("https://openclaw.ai/cli", false),
            ("https://example.com/openclawcli", false),
        ] {
            assert_eq!(Place::parse(url).unwrap().poses_as_agents(), poses, "{url}");
        }
    }

    #[test]
    fn parts_of_the_agent_are_told_from_what_is_made_for_it() {
        for name in ["OpenClawCLI", "openclaw-core", "ClawHub CLI"] {
            assert!(sounds_like_agent(name), "{name}");
        }
        for name in [
            "openclaw",
            "openclaw-dashboard",
            "claw",
            "docker",
            "clawback",
        ] {
            assert!(!sounds_like_agent(name), "{name}");
        }
    }
}
