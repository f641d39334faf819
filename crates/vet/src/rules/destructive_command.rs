use facts::{EffectKind, Part, Value};
use finding::{Finding, RuleMeta};

use crate::code;
use crate::rule::declare_rule;
use crate::{Context, Rule};

declare_rule! {
    DestructiveCommand = "destructive-command",
    summary: "deletes what is not the skill's",
    severity: High, confidence: High, reads: ["code"],
    fix: "Do not run it. A skill deletes below its own directory or workspace.",
    since: "0.1.0",
}

impl Rule for DestructiveCommand {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
        for (_, source) in cx.sources() {
            for effect in &source.effects {
                let EffectKind::Delete {
                    path,
                    recursive: true,
                } = &effect.kind
                else {
                    continue;
                };
                let Some(what) = all_of(path) else { continue };
                let finding = Finding::new(&META, format!("deletes {what} ({path})"))
                    .confidence(code::confidence(cx, source, META.confidence));
                out.push(code::located(
                    cx,
                    source,
                    finding,
                    (effect.span, "the deletion"),
                    [],
                ));
            }
        }
    }
}

/// What somebody loses, if it is more than a skill's own.
fn all_of(path: &Value) -> Option<&'static str> {
    if path.0.first() == Some(&Part::Home) {
        let below = match path.0.as_slice() {
            [_] => "",
            [_, Part::Text(rest)] => rest.as_str(),
            _ => return None,
        };
        return matches!(
            below,
            "" | "/"
                | "/*"
                | "/.*"
                | "/{*,.*}"
                | "/Documents"
                | "/Desktop"
                | "/.ssh"
                | "/.openclaw"
                | "/.openclaw/"
        )
        .then_some("the user's files");
    }
    let text = path.as_text()?;
    let trimmed = text.trim_end_matches(['/', '*']);
    if trimmed.is_empty() && text.starts_with('/') {
        return Some("everything on this machine");
    }
    if text.starts_with("/dev/sd")
        || text.starts_with("/dev/nvme")
        || text.starts_with("/dev/disk")
        || text.starts_with("/dev/vd")
    {
        return Some("a disk");
    }
    matches!(
        trimmed,
        "/etc"
            | "/usr"
            | "/var"
            | "/home"
            | "/bin"
            | "/lib"
            | "/boot"
            | "/opt"
            | "/Users"
            | "/System"
            | "/Library"
            | "/Applications"
            | "C:"
            | "C:\\Windows"
    )
    .then_some("the system")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, finds, passes};

    #[test]
    fn root_and_home_are_found() {
        finds(
            &DestructiveCommand,
            "```bash\nsudo rm -rf / --no-preserve-root\n```\n",
        );
        finds(&DestructiveCommand, "```bash\nrm -rf ~/*\n```\n");
        assert_eq!(
            findings(
                &DestructiveCommand,
                &[(
                    "a.py",
                    "import shutil, os\nshutil.rmtree(os.path.expanduser('~'))"
                )]
            )
            .len(),
            1
        );
    }

    #[test]
    fn own_folders_pass() {
        passes(
            &DestructiveCommand,
            "```bash\nrm -rf ./build /tmp/work ~/.cache/tool\nrm -f /tmp/x\nrm -rf \"$DIR/out\"\n```\n",
        );
    }
}
