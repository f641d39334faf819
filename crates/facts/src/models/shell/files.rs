//! Commands that touch files, and commands that install packages.

use super::Run;
use crate::interpret::Val;
use crate::out::Taints;
use crate::{EffectKind, Value};

impl Run<'_> {
    pub(super) fn file(&mut self) -> Option<Val> {
        Some(match self.name.as_str() {
            "cat" | "head" | "tail" | "tac" | "nl" | "less" | "more" | "strings" | "sort"
            | "uniq" | "cut" | "fold" | "paste" | "od" | "hexdump" | "bat" | "wc" | "column"
            | "fmt" | "zgrep" => self.input(&["-n", "-c", "-d", "-f", "-k", "-w", "-t"], 0),
            "grep" | "egrep" | "fgrep" | "rg" | "ag" | "jq" | "yq" | "awk" | "gawk" => self.input(
                &[
                    "-e",
                    "-f",
                    "-A",
                    "-B",
                    "-C",
                    "-m",
                    "--include",
                    "--exclude",
                    "-F",
                    "-v",
                    "--arg",
                    "--argjson",
                ],
                1,
            ),
            "sed" | "gsed" => self.sed(),
            "sqlite3" => {
                if let Some(file) = self.operands(&[]).first().map(|f| f.text.clone()) {
                    let taints = self.read(&file);
                    return Some(Val::tainted(taints));
                }
                Val::unknown()
            }
            "find" | "ls" | "du" | "tree" | "stat" | "file" => self.find(),
            "rm" | "rmdir" | "unlink" | "shred" | "srm" | "trash" => self.remove(),
            "dd" => self.dd(),
            "mkfs" | "mkfs.ext4" | "mkfs.xfs" | "wipefs" | "fdisk" | "parted" | "diskutil" => {
                if let Some(device) = self.operands(&["-t"]).pop().map(|d| d.text.clone()) {
                    self.effect(EffectKind::Delete {
                        path: device,
                        recursive: true,
                    });
                }
                Val::unknown()
            }
            "chmod" | "chown" | "chgrp" | "chattr" => {
                let operands: Vec<Value> =
                    self.operands(&[]).iter().map(|o| o.text.clone()).collect();
                // `chmod -x f` has its mode where options stand.
                let (to, paths) = match operands.split_first() {
                    Some((first, rest)) if !rest.is_empty() => (first.rendered(), rest.to_vec()),
                    _ => (self.text(0).to_owned(), operands),
                };
                for path in paths {
                    self.effect(EffectKind::Permission {
                        path: path.tidy_path(),
                        to: to.clone(),
                    });
                }
                Val::unknown()
            }
            "cp" | "mv" | "ln" | "install" | "ditto" => self.copy(),
            "mkdir" | "touch" | "truncate" | "mkfifo" => {
                let paths: Vec<Value> = self
                    .operands(&["-m", "-s", "-t", "-d"])
                    .iter()
                    .map(|o| o.text.clone())
                    .collect();
                for path in paths {
                    self.write(&path, None);
                }
                Val::unknown()
            }
            "tee" => {
                let paths: Vec<Value> = self.operands(&[]).iter().map(|o| o.text.clone()).collect();
                let stdin = self.stdin.clone();
                for path in paths {
                    self.write(&path, Some(&stdin));
                }
                stdin
            }
            "crontab" => {
                let stdin = self.stdin.clone();
                let file = self
                    .operands(&["-u"])
                    .into_iter()
                    .find(|f| f.text.as_text() != Some("-"))
                    .cloned();
                if self.flag('l') {
                    let taints = self.read(&Value::text("crontab"));
                    return Some(Val::tainted(taints));
                }
                let content = file.map_or(stdin, |f| f);
                self.write(&Value::text("crontab"), Some(&content));
                Val::unknown()
            }
            "tar" | "zip" | "7z" | "7za" | "unzip" | "unrar" | "bsdtar" => self.archive(),
            _ => return None,
        })
    }

    fn sed(&mut self) -> Val {
        let in_place = self
            .args
            .iter()
            .any(|a| a.text.prefix().starts_with("-i") || a.text.prefix() == "--in-place");
        let expression = usize::from(!self.has("-e") && !self.has("-f"));
        let files: Vec<Value> = self
            .operands(&["-e", "-f"])
            .iter()
            .skip(expression)
            .map(|f| f.text.clone())
            .collect();
        if in_place {
            for file in files {
                self.write(&file, None);
            }
            return Val::unknown();
        }
        let input = self.input(&["-e", "-f"], expression);
        Val::tainted(input.taints)
    }

    fn find(&mut self) -> Val {
        let deletes = self.name == "find" && self.has("-delete");
        let roots: Vec<Value> = self
            .args
            .iter()
            .skip_while(|a| self.name != "find" && a.text.prefix().starts_with('-'))
            .take_while(|a| !a.text.prefix().starts_with(['-', '(', '!']))
            .map(|a| a.text.clone().tidy_path())
            .collect();
        for root in roots {
            self.effect(EffectKind::Read { path: root.clone() });
            if deletes {
                self.effect(EffectKind::Delete {
                    path: root,
                    recursive: true,
                });
            }
        }
        let taints = self.args_taints();
        if self.name == "find"
            && let Some(at) = self
                .args
                .iter()
                .position(|a| matches!(a.text.prefix(), "-exec" | "-execdir" | "-ok"))
        {
            let words: Vec<Val> = self.args[at + 1..]
                .iter()
                .take_while(|a| !matches!(a.text.prefix(), ";" | "+" | "\\;"))
                .cloned()
                .collect();
            let (stdin, span) = (Val::unknown(), self.span);
            let command = super::Command {
                words: &words,
                stdin: &stdin,
                span,
                call: "",
                shell: true,
            };
            return super::run(self.out, &command);
        }
        Val::tainted(taints)
    }

    fn remove(&mut self) -> Val {
        let recursive = self.flag('r') || self.flag('R') || self.has("--recursive");
        let paths: Vec<Value> = self
            .operands(&["-n"])
            .iter()
            .map(|o| o.text.clone())
            .collect();
        for path in paths {
            self.effect(EffectKind::Delete {
                path: path.tidy_path(),
                recursive,
            });
        }
        Val::unknown()
    }

    fn dd(&mut self) -> Val {
        let mut taints = self.stdin.taints.clone();
        for arg in self.args {
            let Some((name, _)) = arg.text.prefix().split_once('=') else {
                continue;
            };
            let cut = name.len() + 1;
            let mut first = true;
            let mut path = Value::default();
            for part in &arg.text.0 {
                match part {
                    crate::Part::Text(t) if first => {
                        path.push(crate::Part::Text(t[cut..].to_owned()));
                    }
                    other => path.push(other.clone()),
                }
                first = false;
            }
            match name {
                "if" => taints.join(&self.read(&path)),
                "of" if path.prefix().starts_with("/dev/")
                    && !path.prefix().starts_with("/dev/null") =>
                {
                    self.effect(EffectKind::Delete {
                        path,
                        recursive: true,
                    });
                }
                "of" => self.write(&path, Some(&Val::tainted(taints.clone()))),
                _ => {}
            }
        }
        Val::tainted(taints)
    }

    fn copy(&mut self) -> Val {
        let operands: Vec<Value> = self
            .operands(&["-m", "-o", "-g", "-t", "-S"])
            .iter()
            .map(|o| o.text.clone())
            .collect();
        let Some((to, from)) = operands.split_last() else {
            return Val::unknown();
        };
        let mut taints = self.args_taints();
        for path in from {
            taints.join(&self.read(path));
        }
        if !from.is_empty() {
            self.write(to, Some(&Val::tainted(taints.clone())));
            // Into a directory, it keeps its name.
            if let [one] = from
                && let Some(name) = one.rendered().rsplit('/').next().filter(|n| !n.is_empty())
            {
                let inside = Value::join_path([to, &Value::text(name)]);
                self.out.wrote(&inside, &taints);
            }
        }
        Val::unknown()
    }

    fn archive(&mut self) -> Val {
        let first = self.text(0).trim_start_matches('-').to_owned();
        let makes = match self.name.as_str() {
            "tar" | "bsdtar" => first.contains('c') && !first.contains('x') || self.has("--create"),
            "zip" => true,
            "7z" | "7za" => first == "a",
            _ => false,
        };
        if !makes {
            return Val::tainted(self.stdin.taints.clone());
        }
        let mut operands: Vec<Value> = self
            .operands(&["-C", "-P", "-p", "--exclude", "-x"])
            .iter()
            .map(|o| o.text.clone())
            .collect();
        if !self.text(0).starts_with('-') && self.name != "zip" && !operands.is_empty() {
            operands.remove(0);
        }
        // Of `tar` only what `f` names is a file; `-` is not.
        let named = !self.name.ends_with("tar") || first.contains('f') || self.has("--file");
        let output = (named && !operands.is_empty())
            .then(|| operands.remove(0))
            .filter(|o| o.as_text() != Some("-"));
        let mut taints = Taints::default();
        for path in operands {
            taints.join(&self.read(&path));
        }
        match output {
            Some(file) => {
                self.write(&file, Some(&Val::tainted(taints)));
                Val::unknown()
            }
            None => Val::tainted(taints),
        }
    }

    pub(super) fn package(&mut self) -> Option<Val> {
        let name = self.name.clone();
        let words: Vec<String> = self
            .operands(&[
                "-r",
                "--registry",
                "--index-url",
                "-i",
                "-t",
                "--prefix",
                "--from",
            ])
            .iter()
            .map(|o| o.text.rendered())
            .collect();
        let verb = words.first().map(String::as_str).unwrap_or_default();
        let (manager, skip) = match (name.as_str(), verb) {
            ("npm" | "pnpm" | "yarn" | "bun", "install" | "i" | "add" | "ci") => (name.as_str(), 1),
            ("npm" | "pnpm" | "yarn" | "bun", "exec" | "x" | "dlx") => (name.as_str(), 1),
            ("yarn", "global") => ("yarn", 2),
            ("npx" | "bunx" | "pnpx" | "uvx", _) => (name.as_str(), 0),
            ("pip" | "pip3" | "pipx", "install" | "run") => ("pip", 1),
            ("uv", "pip") => ("uv", 2),
            ("uv", "tool" | "add" | "run") => ("uv", if verb == "tool" { 2 } else { 1 }),
            ("brew", "install" | "tap") => ("brew", 1),
            (
                "apt" | "apt-get" | "dnf" | "yum" | "apk" | "zypper" | "snap" | "port" | "choco"
                | "scoop" | "winget",
                "install" | "add",
            ) => (name.as_str(), 1),
            ("pacman", _) if self.flag('S') => ("pacman", 0),
            ("go", "install" | "get" | "run") => ("go", 1),
            ("cargo", "install" | "binstall") => ("cargo", 1),
            ("gem" | "composer" | "conda" | "mamba", "install" | "require") => (name.as_str(), 1),
            ("clawhub" | "clawdhub", "install") => ("clawhub", 1),
            ("docker" | "podman", "pull" | "run") => (name.as_str(), 1),
            ("python" | "python3", _) => return None,
            _ => return None,
        };
        // What a runner runs is one package; what follows are that program's arguments.
        let one = matches!(
            name.as_str(),
            "npx" | "bunx" | "pnpx" | "uvx" | "go" | "docker" | "podman"
        ) || matches!(verb, "dlx" | "exec" | "x" | "run");
        let packages: Vec<String> = words
            .into_iter()
            .skip(skip)
            .take(if one { 1 } else { 64 })
            .collect();
        self.effect(EffectKind::Install {
            manager: manager.to_owned(),
            packages,
        });
        let mut taints = self.args_taints();
        taints.join(&self.stdin.taints.clone());
        self.out.flow(
            &taints,
            &crate::Destination::Exec(Value::text(name.clone())),
            self.span,
        );
        Some(Val::origin(
            crate::Origination::Output(Value::text(name)),
            self.span,
        ))
    }
}
