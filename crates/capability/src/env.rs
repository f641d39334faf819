//! Environment variables.

/// One variable, or all whose names start alike (`NAME_*`).
///
/// Variables that make an interpreter or the loader run other code are spelled `env! NAME`: whoever
/// approves a grant must not take one for a setting. A prefix never reaches them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvPattern(String);

/// Names by which code is brought into a program.
const LOADERS: &[&str] = &[
    "BASH_ENV",
    "BROWSER",
    "BUN_OPTIONS",
    "CLASSPATH",
    "CURL_HOME",
    "DENO_DIR",
    "EDITOR",
    "ENV",
    "GCONV_PATH",
    "GIT_ASKPASS",
    "GIT_CONFIG",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TEMPLATE_DIR",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LESSOPEN",
    "LUA_CPATH",
    "LUA_INIT",
    "LUA_PATH",
    "MANPAGER",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PAGER",
    "PATH",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PERLLIB",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONBREAKPOINT",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONWARNINGS",
    "RUBYLIB",
    "RUBYOPT",
    "SHELLOPTS",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    "VISUAL",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];

/// How such names begin, where there are too many to list.
const LOADER_PREFIXES: &[&str] = &[
    "BASH_FUNC_",
    "DYLD_",
    "GIT_CONFIG_",
    "LD_",
    "NPM_CONFIG_",
    "npm_config_",
];

impl EnvPattern {
    /// Reads the text after `env` or, with `bang`, after `env!`. A `never` may leave out the bang
    /// and may use any prefix: it only takes away.
    pub(crate) fn read(text: &str, bang: bool, never: bool) -> Result<Self, String> {
        let prefix = text.strip_suffix('*');
        let name = prefix.unwrap_or(text);
        let valid = (1..=128).contains(&name.len())
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !valid || prefix.is_some_and(|p| !p.ends_with('_') || p.len() < 2) {
            return Err(format!(
                "expected a variable like `LANG` or `LC_*`, found `{text}`"
            ));
        }
        let pattern = Self(text.to_owned());
        if bang && !pattern.loads_code() {
            return Err(format!("`{text}` brings in no code; write `env {text}`"));
        }
        if never || bang {
            return Ok(pattern);
        }
        if pattern.loads_code() {
            return Err(format!(
                "`{text}` makes programs run other code; where that is meant, write `env! {text}`"
            ));
        }
        match prefix.and_then(|p| {
            LOADERS
                .iter()
                .chain(LOADER_PREFIXES)
                .find(|l| l.starts_with(p))
        }) {
            None => Ok(pattern),
            Some(loader) => Err(format!(
                "`{text}` reaches `{loader}`, which makes programs run other code; name the \
                 variables one by one"
            )),
        }
    }

    /// One variable, also one by which code is brought in.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        if name.ends_with('*') {
            return Err(format!("expected one variable, found `{name}`"));
        }
        Self::read(name, false, true)
    }

    /// Its name, or prefix and `*`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names one variable by which code is brought into a program.
    #[must_use]
    pub fn loads_code(&self) -> bool {
        !self.0.ends_with('*')
            && (LOADERS.contains(&&*self.0)
                || LOADER_PREFIXES
                    .iter()
                    .any(|prefix| self.0.starts_with(prefix)))
    }

    /// Whether every variable that `narrow` names is in this.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        crate::segments::glob_covers(&self.0, &narrow.0)
    }

    pub(crate) fn meet(&self, other: &Self) -> Option<Self> {
        if self.covers(other) {
            Some(other.clone())
        } else {
            other.covers(self).then(|| self.clone())
        }
    }
}

impl std::fmt::Display for EnvPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
