//! One capability.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AgentAct, EnvPattern, ExecRule, Limit, NetRule, PathPattern, Port, Root, SecretRule,
    lex::{ParseError, Words, suggestion},
    segments::Meet,
};

/// One thing that may be done. Its text form is that of the [crate], in one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Capability {
    /// Reading and listing files.
    FsRead(PathPattern),
    /// Creating, changing, renaming and removing files. Implies no reading.
    FsWrite(PathPattern),
    /// Connections.
    Net(NetRule),
    /// The use of a secret.
    Secret(SecretRule),
    /// Seeing an environment variable.
    Env(EnvPattern),
    /// Starting a program.
    Exec(ExecRule),
    /// Using up to so much.
    Limit(Limit),
    /// Acting upon the agent.
    Agent(AgentAct),
}

/// The words that a capability begins with.
const KINDS: [&str; 9] = [
    "fs.read", "fs.write", "net", "secret", "env", "env!", "exec", "limit", "agent",
];

impl Capability {
    /// Reads one, in a `never` or not.
    pub(crate) fn parse(words: &mut Words<'_>, never: bool) -> Result<Self, ParseError> {
        let kind = words.expect("a capability")?;
        let path = |words: &mut Words<'_>| words.expect("a path")?.read(PathPattern::read);
        let mut tail = "the end";
        let capability = match &*kind.text {
            "fs.read" => Self::FsRead(path(words)?),
            "fs.write" => Self::FsWrite(path(words)?),
            "net" => {
                tail = NetRule::TAIL;
                // What is refused is refused at every port, unless one is named.
                let default = if never { Port::Any } else { Port::HTTPS };
                let rule = NetRule::parse(words, default)?;
                if never && rule.clone().unbudgeted() != rule {
                    return Err(kind.error("a `never` has no budget: it refuses all"));
                }
                Self::Net(rule)
            }
            "secret" => Self::Secret(SecretRule::parse(words, never)?),
            "env" | "env!" => {
                let bang = kind.text.ends_with('!');
                let name = words.expect("a variable")?;
                Self::Env(name.read(|text| EnvPattern::read(text, bang, never))?)
            }
            "exec" => {
                tail = ExecRule::TAIL;
                Self::Exec(ExecRule::parse(words)?)
            }
            "limit" if never => {
                return Err(kind.error("a limit cannot be refused; set a smaller one"));
            }
            "limit" => Self::Limit(Limit::parse(words)?),
            "agent" => Self::Agent(AgentAct::parse(words)?),
            "never" => {
                return Err(kind.error(if never {
                    "found `never` twice"
                } else {
                    "`never` is part of a set, not a capability"
                }));
            }
            other => {
                return Err(kind.error(format!(
                    "expected one of {}, found `{other}`{}",
                    KINDS.join(", "),
                    suggestion(other, &KINDS)
                )));
            }
        };
        words.finish(tail)?;
        Ok(capability)
    }

    /// Reading the place that a program means by `raw`; see [`PathPattern::infer`]. A relative
    /// path lies in the workspace, where the agent starts programs.
    ///
    /// # Errors
    /// Where the place cannot be told.
    pub fn fs_read(raw: &str) -> Result<Self, ParseError> {
        infer_path(raw).map(Self::FsRead)
    }

    /// Writing the place that a program means by `raw`, as [`Self::fs_read`].
    ///
    /// # Errors
    /// Where the place cannot be told.
    pub fn fs_write(raw: &str) -> Result<Self, ParseError> {
        infer_path(raw).map(Self::FsWrite)
    }

    /// A request of a URL; see [`NetRule::from_url`].
    ///
    /// # Errors
    /// Where it cannot be told where the URL leads.
    pub fn net(method: Option<&str>, url: &str) -> Result<Self, ParseError> {
        NetRule::from_url(method, url).map(Self::Net)
    }

    /// Seeing the variable of this name, also one by which code is brought in.
    ///
    /// # Errors
    /// Where that is no name.
    pub fn env(name: &str) -> Result<Self, ParseError> {
        EnvPattern::named(name)
            .map(Self::Env)
            .map_err(|message| ParseError::new(message, 0..name.len()))
    }

    /// Starting a program by name or place; see [`ExecRule::infer`].
    ///
    /// # Errors
    /// Where it is neither.
    pub fn exec(raw: &str) -> Result<Self, ParseError> {
        ExecRule::infer(raw).map(Self::Exec)
    }

    /// The word that it begins with, without a bang.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FsRead(_) => "fs.read",
            Self::FsWrite(_) => "fs.write",
            Self::Net(_) => "net",
            Self::Secret(_) => "secret",
            Self::Env(_) => "env",
            Self::Exec(_) => "exec",
            Self::Limit(_) => "limit",
            Self::Agent(_) => "agent",
        }
    }

    /// Whether all that `narrow` allows is allowed by this. In doubt, no.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        match (self, narrow) {
            (Self::FsRead(wide), Self::FsRead(narrow))
            | (Self::FsWrite(wide), Self::FsWrite(narrow)) => wide.covers(narrow),
            (Self::Net(wide), Self::Net(narrow)) => wide.covers(narrow),
            (Self::Secret(wide), Self::Secret(narrow)) => wide.covers(narrow),
            (Self::Env(wide), Self::Env(narrow)) => wide.covers(narrow),
            (Self::Exec(wide), Self::Exec(narrow)) => wide.covers(narrow),
            (Self::Limit(wide), Self::Limit(narrow)) => wide.covers(*narrow),
            (Self::Agent(wide), Self::Agent(narrow)) => wide == narrow,
            _ => false,
        }
    }

    /// What both allow.
    pub(crate) fn meet(&self, other: &Self) -> Meet<Self> {
        let one = |piece: Option<Self>| piece.map_or_else(Meet::nothing, Meet::of);
        match (self, other) {
            (Self::FsRead(a), Self::FsRead(b)) => a.meet(b).map(Self::FsRead),
            (Self::FsWrite(a), Self::FsWrite(b)) => a.meet(b).map(Self::FsWrite),
            (Self::Net(a), Self::Net(b)) => a.meet(b).map(Self::Net),
            (Self::Secret(a), Self::Secret(b)) => one(a.meet(b).map(Self::Secret)),
            (Self::Env(a), Self::Env(b)) => one(a.meet(b).map(Self::Env)),
            (Self::Exec(a), Self::Exec(b)) => a.meet(b).map(Self::Exec),
            (Self::Agent(a), Self::Agent(b)) if a == b => Meet::of(self.clone()),
            _ => Meet::nothing(),
        }
    }

    /// The parts of which a wider set may cover one here and another there.
    pub(crate) fn parts(&self) -> Vec<Self> {
        match self {
            Self::Net(rule) => rule.by_method().into_iter().map(Self::Net).collect(),
            _ => vec![self.clone()],
        }
    }
}

fn infer_path(raw: &str) -> Result<PathPattern, ParseError> {
    PathPattern::infer(raw, Root::Workspace).map_err(|e| ParseError::new(e.0, 0..raw.len()))
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = self.kind();
        match self {
            Self::FsRead(path) | Self::FsWrite(path) => write!(f, "{kind} {path}"),
            Self::Net(rule) => write!(f, "{kind} {rule}"),
            Self::Secret(rule) => write!(f, "{kind} {rule}"),
            Self::Env(name) if name.loads_code() => write!(f, "{kind}! {name}"),
            Self::Env(name) => write!(f, "{kind} {name}"),
            Self::Exec(rule) => write!(f, "{kind} {rule}"),
            Self::Limit(limit) => write!(f, "{kind} {limit}"),
            Self::Agent(act) => write!(f, "{kind} {act}"),
        }
    }
}

impl std::str::FromStr for Capability {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(&mut Words::split(s, 0)?, false)
    }
}

impl TryFrom<String> for Capability {
    type Error = ParseError;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<Capability> for String {
    fn from(capability: Capability) -> Self {
        capability.to_string()
    }
}

/// The schema of a line that begins with a capability's word, after `prefix`.
pub(crate) fn line_schema(prefix: &str, description: &str) -> schemars::Schema {
    schemars::json_schema!({
        "type": "string",
        "description": description,
        "pattern": format!(r"^{prefix}(fs\.(read|write)|net|secret|env!?|exec|limit|agent) \S"),
        "examples": [
            "fs.read $SKILL/**",
            "net api.example.com:443 GET /data/** up 1MiB/h",
            "secret API_KEY @ api.example.com:443 header Authorization",
            "env LANG",
            "exec python3",
            "limit memory 256MiB",
            "agent edit MEMORY.md",
        ],
    })
}

impl JsonSchema for Capability {
    fn schema_name() -> Cow<'static, str> {
        "Capability".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        line_schema(
            "",
            "One thing that may be done, in the text form of capabilities.",
        )
    }
}
