//! What may be done to the agent itself.

use crate::lex::{ParseError, Words, suggestion};

/// The files that the agent reads into its prompts.
const FILES: [&str; 8] = [
    "AGENTS.md",
    "BOOTSTRAP.md",
    "HEARTBEAT.md",
    "IDENTITY.md",
    "MEMORY.md",
    "SOUL.md",
    "TOOLS.md",
    "USER.md",
];

/// One act upon the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentAct {
    /// Edit a file that the agent reads into its prompts. No `fs.write` includes it.
    Edit(&'static str),
    /// Add, change or remove scheduled jobs.
    Cron,
    /// Send messages in the agent's name.
    Message,
    /// Change its configuration.
    Config,
}

impl AgentAct {
    /// Reads what follows `agent`.
    pub(crate) fn parse(words: &mut Words<'_>) -> Result<Self, ParseError> {
        let word = words.expect("`edit <file>`, `cron`, `message` or `config`")?;
        match &*word.text {
            "edit" => words.expect("a file like `MEMORY.md`")?.read(|text| {
                Self::edit(text)
                    .ok_or_else(|| format!("expected one of {}, found `{text}`", FILES.join(", ")))
            }),
            "cron" => Ok(Self::Cron),
            "message" => Ok(Self::Message),
            "config" => Ok(Self::Config),
            other => Err(word.error(format!(
                "expected `edit <file>`, `cron`, `message` or `config`, found `{other}`{}",
                suggestion(other, &["edit", "cron", "message", "config"])
            ))),
        }
    }

    /// Editing the file of this name, if the agent reads it into its prompts.
    #[must_use]
    pub fn edit(file: &str) -> Option<Self> {
        FILES
            .iter()
            .find(|name| **name == file)
            .map(|name| Self::Edit(name))
    }
}

impl std::fmt::Display for AgentAct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Edit(file) => write!(f, "edit {file}"),
            Self::Cron => f.write_str("cron"),
            Self::Message => f.write_str("message"),
            Self::Config => f.write_str("config"),
        }
    }
}
