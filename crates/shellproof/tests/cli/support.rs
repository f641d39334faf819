//! A directory of one's own, and the binary in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A temporary directory with a state directory that nobody else uses.
pub(crate) struct Place(tempfile::TempDir);

/// What the binary said and how it ended.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, with its directories.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// A skill of the demo, copied here.
    pub(crate) fn demo(&self, name: &str) -> PathBuf {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("demo")
            .join(name);
        copy(&from, &self.path(name));
        self.path(name)
    }

    /// The binary, in this directory, with nothing of the caller's environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("SHELLPROOF_STATE", self.path("state"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }

    /// Runs, and insists on how it ends.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, arguments: &[&str]) -> Said {
        let said = self.run(arguments);
        assert_eq!(
            said.code,
            Some(code),
            "{arguments:?}\n{}\n{}",
            said.out,
            said.err
        );
        said
    }

    /// The one report that `vet --format jsonl` gives for a path.
    #[track_caller]
    pub(crate) fn vet(&self, code: i32, path: &str) -> serde_json::Value {
        let said = self.expect(code, &["vet", path, "--format", "jsonl", "--no-record"]);
        serde_json::from_str(&said.out).expect("one JSON object")
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The binary; a test that is run again as another user has a copy that this user may run.
fn binary() -> PathBuf {
    std::env::var_os("SHELLPROOF_TEST_BINARY")
        .map_or_else(|| env!("CARGO_BIN_EXE_shellproof").into(), PathBuf::from)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
