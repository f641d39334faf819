//! The file that an in-process authority keeps its key in.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use ledger::SecretKey;
use zeroize::Zeroizing;

/// No key text is longer, in bytes.
const MAX_KEY: u64 = 1024;

/// Why a key file cannot be used: the file, the cause, the fix.
#[derive(Debug, thiserror::Error)]
#[error("the key {path} cannot be used: {cause}; {fix}")]
pub struct Error {
    path: String,
    cause: String,
    fix: &'static str,
}

/// Reads the key in `path`, making it on first use.
///
/// A new key is written and synced under another name and then linked to this one, which fails
/// where there is a key already: of several first users one wins and all use its key, and no
/// crash leaves half of one.
///
/// # Errors
/// The file isn't a regular file of ours that only we can open (0600), or isn't a key. An
/// existing file is never replaced.
pub fn open_or_create(path: &Path) -> Result<SecretKey, Error> {
    match open(path)? {
        Some(key) => Ok(key),
        None => {
            create(path).map_err(|e| failure(path, &e, "its directory must be writable"))?;
            let vanished = io::Error::other("it vanished while it was made");
            open(path)?.ok_or_else(|| failure(path, &vanished, "keep other programs away from it"))
        }
    }
}

fn failure(path: &Path, cause: &dyn std::fmt::Display, fix: &'static str) -> Error {
    Error {
        path: path.display().to_string(),
        cause: cause.to_string(),
        fix,
    }
}

/// The key in a file; nothing where there is none, and none is made.
///
/// # Errors
/// As [`open_or_create`].
pub fn open(path: &Path) -> Result<Option<SecretKey>, Error> {
    let refuse = |cause: String, fix| Err(failure(path, &cause, fix));
    let flags = (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits();
    let file = match File::options()
        .read(true)
        .custom_flags(flags.cast_signed())
        .open(path)
    {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return refuse(e.to_string(), "it must be a file that you can read"),
        Ok(file) => file,
    };
    let meta = file
        .metadata()
        .map_err(|e| failure(path, &e, "it must be a file"))?;
    if !meta.is_file() {
        return refuse(
            "it is not a regular file".to_owned(),
            "move it away; a new key is made",
        );
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        let cause = format!("it belongs to user {}", meta.uid());
        return refuse(cause, "run as that user, or choose another state directory");
    }
    if meta.mode() & 0o177 != 0 {
        let cause = format!(
            "others may have read it (mode {:03o}, expected 600)",
            meta.mode() & 0o777
        );
        return refuse(
            cause,
            "move it away and approve the grants again, or chmod 600 if nobody did",
        );
    }
    let mut text = Zeroizing::new(String::with_capacity(MAX_KEY as usize + 1));
    let parsed = match file.take(MAX_KEY + 1).read_to_string(&mut text) {
        Err(e) => Err(e.to_string()),
        Ok(_) => text
            .trim_end()
            .parse()
            .map_err(|e: ledger::NoteError| e.to_string()),
    };
    match parsed {
        Ok(key) => Ok(Some(key)),
        Err(cause) => refuse(
            cause,
            "restore it from a copy, or move it and the ledger away to start anew",
        ),
    }
}

fn create(path: &Path) -> io::Result<()> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    ledger::make_private_dir(dir)?;
    let key = SecretKey::generate("shellproof")?;
    // Named after the key, so that no two makers share it.
    let id = ledger::Signer::key(&key).name().replace('/', "-");
    let new = NewFile(dir.join(format!(".{id}.new")));
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new.0)?;
    file.write_all(key.to_text().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    match std::fs::hard_link(&new.0, path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        result => result?,
    }
    drop(new);
    File::open(dir)?.sync_all()
}

/// Removed when it goes out of scope, whatever happened.
struct NewFile(PathBuf);

impl Drop for NewFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use ledger::Signer as _;

    use super::*;

    #[test]
    fn the_first_use_makes_a_key_that_stays() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("state/key");
        let made = open_or_create(&path).expect("made");
        assert_eq!(open_or_create(&path).expect("read").key(), made.key());
        assert_eq!(path.metadata().expect("a file").mode() & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(path.parent().expect("state"))
                .expect("a list")
                .count(),
            1
        );
    }

    #[test]
    fn of_many_first_users_all_get_one_key() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("key");
        let names: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
            let users: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| open_or_create(&path).expect("a key").key().to_string()))
                .collect();
            users
                .into_iter()
                .map(|user| user.join().expect("no panic"))
                .collect()
        });
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn a_loose_or_corrupt_key_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("key");
        open_or_create(&path).expect("made");
        let text = std::fs::read(&path).expect("a key");

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("chmod");
        let error = refusal(&path);
        assert!(
            error.contains("mode 640") && error.contains("chmod 600"),
            "{error}"
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("chmod");

        for damage in [&text[..text.len() / 2], b"", &[0xff; 2000]] {
            std::fs::write(&path, damage).expect("written");
            let error = refusal(&path);
            assert!(error.contains("restore it from a copy"), "{error}");
            assert_eq!(std::fs::read(&path).expect("still there"), damage);
        }
        std::fs::remove_file(&path).expect("removed");
        std::os::unix::fs::symlink("/dev/null", &path).expect("linked");
        refusal(&path);
    }

    fn refusal(path: &Path) -> String {
        open_or_create(path).err().expect("refused").to_string()
    }
}
