//! `metadata.openclaw`: requirements, installers, permissions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::value::{scalar, text, words};

/// The keys under which OpenClaw looks for its own metadata, in its order.
const OURS: [&str; 3] = ["openclaw", "clawdbot", "clawdis"];
/// A name that the project once had, and that OpenClaw never reads.
const NEVER_READ: [&str; 2] = ["moltbot", "molt"];
/// The installers that OpenClaw runs. It drops all others.
const INSTALLERS: [&str; 5] = ["brew", "node", "go", "uv", "download"];

/// What OpenClaw takes from a skill's metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The key it stood under.
    pub key: Option<String>,
    /// Whether it is loaded even where its requirements are not met.
    pub always: bool,
    /// Home page.
    pub homepage: Option<String>,
    /// Its key in OpenClaw's configuration.
    pub skill_key: Option<String>,
    /// The variable to which a configured key is bound.
    pub primary_env: Option<String>,
    /// Systems on which it is loaded; all where empty.
    pub os: Vec<String>,
    /// What must be there for it to be loaded.
    pub requires: Requires,
    /// How to get it.
    pub install: Vec<Install>,
    /// `envVars`, which ClawHub shows: names.
    pub env_vars: Vec<String>,
    /// What it declares to need, in our vocabulary.
    pub permissions: Permissions,
}

/// `requires`: checked by OpenClaw on the host when it loads the skill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requires {
    /// Whether there is such a key.
    pub present: bool,
    /// Programs, all of them.
    pub bins: Vec<String>,
    /// Programs, any of them.
    pub any_bins: Vec<String>,
    /// Variables.
    pub env: Vec<String>,
    /// Keys of OpenClaw's configuration.
    pub config: Vec<String>,
}

/// One way to install what the skill needs. Fields that no installer knows are in `other`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Install {
    /// `brew`, `node`, `go`, `uv`, `download`; or another, which OpenClaw drops.
    pub kind: String,
    /// Whether OpenClaw knows the kind.
    pub known: bool,
    /// What a person reads on the button.
    pub label: Option<String>,
    /// Programs that it brings.
    pub bins: Vec<String>,
    /// Systems that it is for.
    pub os: Vec<String>,
    /// brew: the formula or cask.
    pub formula: Option<String>,
    /// brew: where the formula is from, which OpenClaw does not read.
    pub tap: Option<String>,
    /// node, uv: the package.
    pub package: Option<String>,
    /// go: the module.
    pub module: Option<String>,
    /// download: from where.
    pub url: Option<String>,
    /// download: the archive's format.
    pub archive: Option<String>,
    /// download: the expected digest, if there is one.
    pub sha256: Option<String>,
    /// download: where to.
    pub target_dir: Option<String>,
    /// Everything else that is a text, number or truth value, by key.
    pub other: Vec<(String, String)>,
}

/// `metadata.openclaw.permissions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permissions {
    /// There are none.
    #[default]
    Absent,
    /// Texts that should be capabilities, in their order.
    Listed(Vec<String>),
    /// There is something that is neither a list nor a map of lists: what it is instead.
    Unreadable(String),
}

/// Reads the parsed `metadata`, and says in one sentence each what OpenClaw will not.
pub(super) fn read(json: &Value) -> (Metadata, Vec<String>) {
    let mut unread = Vec::new();
    for key in NEVER_READ.iter().filter(|key| json.get(**key).is_some()) {
        unread.push(format!(
            "OpenClaw does not read `metadata.{key}`: it looks for {}",
            OURS.join(", ")
        ));
    }
    let found = OURS.iter().find_map(|key| {
        let block = json.get(*key).filter(|v| v.is_object() || v.is_array())?;
        Some((*key, block))
    });
    let Some((key, block)) = found else {
        return (Metadata::default(), unread);
    };
    let requires = block.get("requires");
    let list = |key: &str| words(requires.and_then(|r| r.get(key)));
    let install: Vec<_> = block
        .get("install")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(installer)
        .collect();
    for dropped in install.iter().filter(|i| !i.known) {
        unread.push(format!(
            "OpenClaw drops an installer of kind {:?}: it knows {}",
            dropped.kind,
            INSTALLERS.join(", ")
        ));
    }
    let env_vars = block
        .get("envVars")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let metadata = Metadata {
        key: Some(key.to_owned()),
        always: block.get("always") == Some(&Value::Bool(true)),
        homepage: text(block, "homepage"),
        skill_key: text(block, "skillKey"),
        primary_env: text(block, "primaryEnv"),
        os: words(block.get("os")),
        requires: Requires {
            present: requires.is_some_and(Value::is_object),
            bins: list("bins"),
            any_bins: list("anyBins"),
            env: list("env"),
            config: list("config"),
        },
        install,
        env_vars: env_vars.filter_map(|v| text(v, "name")).collect(),
        permissions: block
            .get("permissions")
            .map(permissions)
            .unwrap_or_default(),
    };
    (metadata, unread)
}

fn installer(value: &Value) -> Option<Install> {
    const TAKEN: [&str; 14] = [
        "kind",
        "type",
        "label",
        "bins",
        "os",
        "formula",
        "cask",
        "tap",
        "package",
        "module",
        "url",
        "archive",
        "sha256",
        "targetDir",
    ];
    let fields = value.as_object()?;
    let kind = text(value, "kind")
        .or_else(|| text(value, "type"))
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let other = fields
        .iter()
        .filter(|(key, _)| !TAKEN.contains(&key.as_str()));
    Some(Install {
        known: INSTALLERS.contains(&kind.as_str()),
        kind,
        label: text(value, "label"),
        bins: words(value.get("bins")),
        os: words(value.get("os")),
        formula: text(value, "formula").or_else(|| text(value, "cask")),
        tap: text(value, "tap"),
        package: text(value, "package"),
        module: text(value, "module"),
        url: text(value, "url"),
        archive: text(value, "archive"),
        sha256: text(value, "sha256"),
        target_dir: text(value, "targetDir"),
        other: other
            .filter_map(|(key, value)| Some((key.clone(), scalar(value)?)))
            .collect(),
    })
}

/// A list of capabilities, or a map from kind to what follows it: `net: [example.com]` and
/// `fs: {read: [$SKILL/**]}` are `net example.com` and `fs.read $SKILL/**`.
fn permissions(value: &Value) -> Permissions {
    let mut out = Vec::new();
    let read = match value {
        Value::Array(items) => listed("", items, &mut out),
        Value::Object(_) => mapped(value, &mut out),
        _ => None,
    };
    match read {
        Some(()) => Permissions::Listed(out),
        None => Permissions::Unreadable(
            "neither a list of capabilities nor a map from kind to list".to_owned(),
        ),
    }
}

fn listed(kind: &str, items: &[Value], out: &mut Vec<String>) -> Option<()> {
    for item in items {
        out.push(format!(
            "{kind}{}{}",
            if kind.is_empty() { "" } else { " " },
            scalar(item)?.trim()
        ));
    }
    Some(())
}

fn mapped(value: &Value, out: &mut Vec<String>) -> Option<()> {
    for (kind, rest) in value.as_object()? {
        match rest {
            Value::Array(items) => listed(kind, items, out)?,
            Value::Object(inner) => {
                for (sub, items) in inner {
                    let items = items
                        .as_array()
                        .map_or(std::slice::from_ref(items), Vec::as_slice);
                    listed(&format!("{kind}.{sub}"), items, out)?;
                }
            }
            single => listed(kind, std::slice::from_ref(single), out)?,
        }
    }
    Some(())
}
