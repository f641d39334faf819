//! Facts to capabilities: the least that covers what was seen.

use std::collections::BTreeSet;

use capability::{AgentAct, Capability, CapabilitySet, ExecRule, NetRule, PathPattern, Root};
use facts::{EffectKind, Facts, Language, Origin, Part, Role, Source, Value};

/// What an artifact was seen to need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Inferred {
    /// The least set that covers every effect whose object is known.
    pub(crate) capabilities: CapabilitySet,
    /// Effects whose object is known only when they happen, in words.
    pub(crate) unresolved: BTreeSet<String>,
}

/// So many capabilities no person reads; a hostile artifact can ask for any number.
const MOST: usize = 256;

/// What the operative sources of an artifact need.
pub(crate) fn infer(facts: &Facts) -> Inferred {
    let mut inferred = Inferred::default();
    for source in facts
        .sources
        .iter()
        .filter(|source| source.role == Role::Operative)
    {
        if !source.effects.is_empty() {
            inferred.add("fs.read $SKILL/**".parse().ok());
        }
        if let Some(interpreter) = interpreter(source) {
            inferred.exec(&Value::text(interpreter));
        }
        for effect in &source.effects {
            inferred.effect(source, &effect.kind);
        }
    }
    inferred.capabilities = inferred.capabilities.normalise();
    inferred
}

/// What runs a script file. Commands in prose are run by the agent's shell, which is the agent's.
fn interpreter(source: &Source) -> Option<&'static str> {
    if source.origin != Origin::File || source.effects.is_empty() {
        return None;
    }
    match source.language {
        Language::Shell => Some("bash"),
        Language::Python => Some("python3"),
        Language::JavaScript | Language::TypeScript => Some("node"),
        Language::Prose | Language::Data | Language::Other | Language::Binary => None,
    }
}

impl Inferred {
    fn add(&mut self, capability: Option<Capability>) {
        let Some(capability) = capability else { return };
        if self.capabilities.len() < MOST {
            self.capabilities.insert(capability);
        } else if !self.capabilities.covers(&capability) {
            self.unresolved
                .insert(format!("needs more than {MOST} capabilities"));
        }
    }

    fn effect(&mut self, source: &Source, effect: &EffectKind) {
        match effect {
            EffectKind::Read { path } => self.path("reads", path, source, Capability::FsRead),
            EffectKind::Write { path, .. } => self.write("writes", path, source),
            EffectKind::Delete { path, .. } => self.write("deletes", path, source),
            EffectKind::Permission { path, .. } => self.write("changes the mode of", path, source),
            EffectKind::Load { what } => self.path("loads", what, source, Capability::FsRead),
            EffectKind::Env { name } => self.add(format!("env {name}").parse().ok()),
            EffectKind::EnvAll => {
                self.unresolved
                    .insert(format!("{}: reads its whole environment", source.path));
            }
            EffectKind::Net { target, method, .. } => self.net(method.as_deref(), target, source),
            EffectKind::Download { url, to } => {
                self.net(Some("GET"), url, source);
                if let Some(to) = to {
                    self.write("downloads to", to, source);
                }
            }
            EffectKind::Exec { program, args, .. } => {
                self.exec(program);
                if program.as_text() == Some("crontab")
                    && !args.iter().any(|arg| arg.as_text() == Some("-l"))
                {
                    self.add(Some(Capability::Agent(AgentAct::Cron)));
                }
            }
            EffectKind::Install { manager, .. } => self.exec(&Value::text(manager.as_str())),
            EffectKind::Listen { on } => {
                self.unresolved
                    .insert(format!("{}: listens on {}", source.path, on.rendered()));
            }
            // What these lead to is covered by the effects of what they decode, run or resolve.
            EffectKind::Resolve { .. }
            | EffectKind::Eval { .. }
            | EffectKind::Decode { .. }
            | EffectKind::Sense { .. } => {}
        }
    }

    fn path(
        &mut self,
        does: &str,
        path: &Value,
        source: &Source,
        capability: impl Fn(PathPattern) -> Capability,
    ) {
        // A relative path is the working directory's; a parameter names a file of the user's.
        let pattern = if path.is_unknown() || matches!(path.0.first(), Some(Part::Input(_))) {
            PathPattern::infer("**", Root::Workspace)
        } else {
            PathPattern::infer(&open_ended(path), Root::Workspace)
        };
        match pattern {
            Ok(pattern) => self.add(Some(capability(pattern))),
            Err(_) => {
                self.unresolved
                    .insert(format!("{}: {does} {}", source.path, path.rendered()));
            }
        }
    }

    fn write(&mut self, does: &str, path: &Value, source: &Source) {
        let name = path.0.last().and_then(|part| match part {
            Part::Text(text) => text.rsplit('/').next(),
            _ => None,
        });
        if let Some(act) = name.and_then(AgentAct::edit) {
            self.add(Some(Capability::Agent(act)));
        }
        self.path(does, path, source, Capability::FsWrite);
    }

    fn net(&mut self, method: Option<&str>, target: &Value, source: &Source) {
        match NetRule::from_url(method, &open_ended(target)) {
            Ok(rule) => self.add(Some(Capability::Net(rule))),
            Err(_) => {
                self.unresolved.insert(format!(
                    "{}: connects to {}",
                    source.path,
                    target.rendered()
                ));
            }
        }
    }

    fn exec(&mut self, program: &Value) {
        match program.as_text().map(ExecRule::infer) {
            Some(Ok(rule)) => self.add(Some(Capability::Exec(rule))),
            _ => {
                self.unresolved
                    .insert(format!("runs {}", program.rendered()));
            }
        }
    }
}

/// The text of a value, with `**` for everything from the path segment on in which something is
/// not known.
fn open_ended(value: &Value) -> String {
    let mut text = String::new();
    for part in &value.0 {
        match part {
            Part::Text(known) => text.push_str(known),
            Part::Home => text.push_str("$HOME"),
            Part::Env(name) if matches!(&**name, "HOME" | "TMPDIR") => {
                text.push('$');
                text.push_str(name);
            }
            Part::Env(_) | Part::Input(_) | Part::Unknown => {
                let host_ends = text.find("://").map_or(0, |scheme| scheme + 3);
                match text[host_ends..].rfind('/') {
                    Some(slash) => {
                        text.truncate(host_ends + slash + 1);
                        text.push_str("**");
                    }
                    // The unknown part is in the host, or is the first segment.
                    None => text.push('\0'),
                }
                break;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(files: &[(&str, &str)]) -> (String, Vec<String>) {
        let inputs = files.iter().map(|(path, text)| facts::File {
            path: (*path).to_owned(),
            bytes: text.as_bytes().to_vec(),
            mode: 0o644,
        });
        let inputs: Vec<_> = inputs.collect();
        let inferred = infer(&facts::extract(&inputs, &facts::Limits::default()));
        (
            inferred.capabilities.to_string(),
            inferred.unresolved.into_iter().collect(),
        )
    }

    #[test]
    fn a_script_needs_what_it_touches() {
        let (capabilities, unresolved) = inferred(&[(
            "scripts/get.py",
            "import os, sys, urllib.request\n\
             lang = os.environ['LANG']\n\
             city = sys.argv[1]\n\
             answer = urllib.request.urlopen(f'https://api.weather.example/v1/now?q={city}').read()\n\
             open(os.path.expanduser('~/.cache/weather.json'), 'wb').write(answer)\n",
        )]);
        for needed in [
            "fs.read $SKILL/**",
            "exec python3",
            "env LANG",
            "net api.weather.example:443",
            "fs.write $HOME/.cache/weather.json",
        ] {
            assert!(
                capabilities.contains(needed),
                "{needed} is not in\n{capabilities}"
            );
        }
        assert_eq!(unresolved, Vec::<String>::new());
    }

    #[test]
    fn what_is_not_known_is_open_ended_or_said() {
        assert_eq!(
            open_ended(&Value(vec![
                Part::Text("https://a.example/u/".into()),
                Part::Unknown
            ])),
            "https://a.example/u/**"
        );
        assert_eq!(
            open_ended(&Value(vec![
                Part::Home,
                Part::Text("/notes/day-".into()),
                Part::Unknown,
                Part::Text(".md".into())
            ])),
            "$HOME/notes/**"
        );
        let host = open_ended(&Value(vec![Part::Text("https://".into()), Part::Unknown]));
        assert!(NetRule::from_url(None, &host).is_err());
    }

    #[test]
    fn tests_of_a_skill_ask_for_nothing() {
        let (capabilities, _) =
            inferred(&[("tests/test_it.py", "import os\nos.remove('/etc/passwd')\n")]);
        assert_eq!(capabilities, "");
    }
}
