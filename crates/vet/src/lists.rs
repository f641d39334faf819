//! The data that rules read: named patterns, each with examples that it must and must not match.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use serde::Deserialize;

/// One entry of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// What is matched, as a reader is told it.
    pub(crate) what: String,
    pattern: String,
    /// Registrable domains where it belongs.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "examples are for readers and tests")
    )]
    matches: Vec<String>,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "examples are for readers and tests")
    )]
    passes: Vec<String>,
}

/// A list of entries.
#[derive(Debug)]
pub(crate) struct List {
    entries: Vec<Entry>,
    set: RegexSet,
}

impl List {
    fn parse(text: &str) -> Self {
        #[derive(Deserialize)]
        struct File {
            entry: Vec<Entry>,
        }
        let file: File = toml::from_str(text).expect("a list of ours is valid TOML");
        let set = RegexSet::new(file.entry.iter().map(|e| &e.pattern))
            .expect("a list of ours has valid patterns");
        Self {
            entries: file.entry,
            set,
        }
    }

    /// All of it.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The first entry that matches.
    pub(crate) fn find(&self, text: &str) -> Option<&Entry> {
        self.set
            .matches(text)
            .iter()
            .next()
            .map(|index| &self.entries[index])
    }
}

macro_rules! list {
    ($(#[$doc:meta] $name:ident = $file:literal;)*) => {
        $(#[$doc] pub(crate) static $name: LazyLock<List> =
            LazyLock::new(|| List::parse(include_str!(concat!("../../../rules/", $file))));)*

        #[cfg(test)]
        static ALL: &[(&str, &LazyLock<List>)] = &[$(($file, &$name)),*];
    };
}

list! {
    /// Files whose content is access or money, by path.
    CREDENTIAL_PATHS = "credential-paths.toml";
    /// Hosts where anybody puts anything.
    OPEN_HOSTS = "open-hosts.toml";
    /// Installers that their makers publish, by host and path.
    OFFICIAL_INSTALLERS = "official-installers.toml";
    /// Whose key a variable holds, by its name.
    KEY_PROVIDERS = "key-providers.toml";
    /// Files that decide what an agent is and starts with, by path.
    AGENT_SURFACES = "agent-surfaces.toml";
}

/// Whether a name says that what it holds is a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    static SECRET: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(^|_)(API_?KEY|SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?|MNEMONIC|SEED_?PHRASE|AUTH|PAT)(_|$)")
            .expect("a constant pattern")
    });
    // `CREDENTIALS_DIR` says where one is.
    let where_it_is = [
        "_DIR",
        "_PATH",
        "_FILE",
        "_URL",
        "_URI",
        "_NAME",
        "_ENDPOINT",
    ];
    SECRET.is_match(name)
        && !where_it_is
            .iter()
            .any(|end| name.to_ascii_uppercase().ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_a_secret_is_no_secret() {
        assert!(is_secret_name("ACME_API_KEY") && is_secret_name("DOCKER_PASSWORD"));
        assert!(!is_secret_name("CREDENTIALS_DIR") && !is_secret_name("TOKEN_URL"));
    }

    #[test]
    fn every_entry_matches_and_passes_its_examples() {
        for (file, list) in ALL {
            for (index, entry) in list.entries.iter().enumerate() {
                assert!(
                    !entry.matches.is_empty() && !entry.passes.is_empty(),
                    "{file}: {}",
                    entry.what
                );
                for example in &entry.matches {
                    assert!(
                        list.set.matches(example).matched(index),
                        "{file}: {} misses {example}",
                        entry.what
                    );
                }
                for example in &entry.passes {
                    assert!(
                        !list.set.matches(example).matched(index),
                        "{file}: {} takes {example}",
                        entry.what
                    );
                }
            }
        }
    }
}
