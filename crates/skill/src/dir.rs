//! Reading an artifact from the file system: never through a link, never anything but regular
//! files and directories, never out of the tree.
//!
//! Every name is opened relative to its directory's descriptor, one component at a time and
//! without following links, so no rename or link planted meanwhile can lead elsewhere. (With single
//! components `O_NOFOLLOW` is all that `openat2` with `RESOLVE_BENEATH` would add.) A file is looked
//! at before it is opened, for opening a FIFO or a device may block or act, and again after.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat,
};
use rustix::io::Errno;

use crate::bundle::Collector;
use crate::{Bundle, Caps, names, rules};

/// The directory of a checkout that is not part of the artifact.
const GIT: &str = ".git";

/// Why nothing at all could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is nothing at the path.
    #[error(
        "there is nothing at {path:?}: give the directory, the archive or the SKILL.md of a skill"
    )]
    Missing {
        /// As given.
        path: PathBuf,
    },
    /// The path is a FIFO, a socket or a device.
    #[error("{path:?} is {what}, which is never opened: give a directory or a file")]
    Special {
        /// As given.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The system refused.
    #[error("cannot read {path:?}: {source}; make it readable for this user")]
    Refused {
        /// As given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Reads a directory, or a single file as a bundle of one (which may be an archive:
/// [`Bundle::sole_archive`]). The path itself may be a link: who gives it means where it leads.
///
/// # Errors
/// Where the path as such cannot be read. What cannot be read below it is in the bundle's
/// `incomplete`.
pub fn read(path: &Path, caps: &Caps) -> Result<Bundle, ReadError> {
    let refused = |errno: Errno| match errno {
        Errno::NOENT | Errno::NOTDIR => ReadError::Missing {
            path: path.to_owned(),
        },
        errno => ReadError::Refused {
            path: path.to_owned(),
            source: errno.into(),
        },
    };
    let kind = FileType::from_raw_mode(
        statat(CWD, path, AtFlags::empty())
            .map_err(refused)?
            .st_mode,
    );
    if let Some(what) = special(kind) {
        return Err(ReadError::Special {
            path: path.to_owned(),
            what,
        });
    }
    let fd = openat(CWD, path, READ, Mode::empty()).map_err(refused)?;
    let stat = fstat(&fd).map_err(refused)?;
    let name = name_of(path);
    let mut reader = Reader {
        collector: Collector::new(&name, caps),
        left_out: None,
    };
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => reader.tree(fd),
        FileType::RegularFile => reader.single(&name, fd, &stat),
        kind => {
            let what = special(kind).unwrap_or("of an unknown kind");
            return Err(ReadError::Special {
                path: path.to_owned(),
                what,
            });
        }
    }
    Ok(reader.collector.finish(reader.left_out))
}

/// How everything is opened: `NONBLOCK` so that a FIFO put in a file's place cannot hold us.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

fn name_of(path: &Path) -> String {
    let own = path.file_name().map(ToOwned::to_owned);
    let own = own.or_else(|| path.canonicalize().ok()?.file_name().map(ToOwned::to_owned));
    own.map_or_else(
        || "/".to_owned(),
        |name| names::escape(name.as_encoded_bytes()).into_owned(),
    )
}

fn special(kind: FileType) -> Option<&'static str> {
    match kind {
        FileType::Fifo => Some("a FIFO"),
        FileType::Socket => Some("a socket"),
        FileType::CharacterDevice => Some("a character device"),
        FileType::BlockDevice => Some("a block device"),
        FileType::RegularFile | FileType::Directory | FileType::Symlink => None,
        FileType::Unknown => Some("of an unknown kind"),
    }
}

struct Reader<'c> {
    collector: Collector<'c>,
    /// [`GIT`], once it was found at the root.
    left_out: Option<&'static str>,
}

/// A directory on the way down: its descriptor, its path with a final `/`, the names still to read.
struct Level {
    fd: OwnedFd,
    path: String,
    names: Vec<CString>,
}

impl Reader<'_> {
    /// Walks depth first with an explicit stack: at most [`Caps::depth`] descriptors are open.
    fn tree(&mut self, root: OwnedFd) {
        let mut stack = Vec::new();
        stack.extend(self.list(root, String::new()));
        while let Some(level) = stack.last_mut() {
            let Some(name) = level.names.pop() else {
                stack.pop();
                continue;
            };
            let path = format!("{}{}", level.path, names::escape(name.to_bytes()));
            if self.collector.is_full() {
                return;
            }
            self.collector.name(&path, name.to_bytes());
            if self.collector.admits(&path)
                && let Some(fd) = self.entry(level.fd.as_fd(), &name, &path)
            {
                stack.extend(self.list(fd, path + "/"));
            }
        }
    }

    /// The names in a directory, last first, at most one more than there is room for.
    fn list(&mut self, fd: OwnedFd, path: String) -> Option<Level> {
        let mut names = Vec::new();
        let result = Dir::read_from(&fd).and_then(|dir| {
            for entry in dir {
                let name = entry?.file_name().to_owned();
                if !matches!(name.to_bytes(), b"." | b"..")
                    && names.len() <= self.collector.caps().entries
                {
                    names.push(name);
                }
            }
            Ok(())
        });
        if let Err(errno) = result {
            self.unreadable(path.trim_end_matches('/'), errno);
        }
        names.sort_unstable_by(|a, b| b.cmp(a));
        Some(Level { fd, path, names })
    }

    /// Reads one entry; a directory's descriptor is handed back.
    fn entry(&mut self, dir: impl AsFd, name: &CStr, path: &str) -> Option<OwnedFd> {
        let stat = match statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(errno) => return self.unreadable(path, errno),
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => match readlinkat(&dir, name, Vec::new()) {
                Ok(target) => self.collector.symlink(path.to_owned(), target.to_bytes()),
                Err(errno) => return self.unreadable(path, errno),
            },
            FileType::Directory if path == GIT => {
                self.left_out = Some(GIT);
                let message =
                    "the checkout's .git directory is not part of the artifact".to_owned();
                let rule = &rules::GIT_DIRECTORY_LEFT_OUT;
                self.collector.find(rule, rule.severity, path, message);
            }
            FileType::Directory => match openat(
                &dir,
                name,
                READ | OFlags::NOFOLLOW | OFlags::DIRECTORY,
                Mode::empty(),
            ) {
                Ok(fd) => return Some(fd),
                Err(errno) => return self.unreadable(path, errno),
            },
            FileType::RegularFile => self.regular(dir, name, path),
            kind => {
                let what = special(kind).unwrap_or("of an unknown kind");
                self.collector.miss(
                    &rules::SPECIAL_FILE,
                    Some(path),
                    &format!("is {what}; it was not opened"),
                );
            }
        }
        None
    }

    fn unreadable(&mut self, path: &str, errno: Errno) -> Option<OwnedFd> {
        // The root has no path of its own.
        let path = (!path.is_empty()).then_some(path);
        let cause = format!("could not be read: {}", std::io::Error::from(errno));
        self.collector.miss(&rules::UNREADABLE_FILE, path, &cause);
        None
    }

    fn regular(&mut self, dir: impl AsFd, name: &CStr, path: &str) {
        let open = || {
            let fd = openat(&dir, name, READ | OFlags::NOFOLLOW, Mode::empty())?;
            let stat = fstat(&fd)?;
            Ok((fd, stat))
        };
        for _ in 0..2 {
            let (fd, stat) = match open() {
                Ok(opened) => opened,
                Err(errno) => {
                    self.unreadable(path, errno);
                    return;
                }
            };
            if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                continue;
            }
            let (room, _) = self.collector.room();
            if size(&stat) > room {
                return self.collector.too_large(path, Some(size(&stat)));
            }
            match content(fd, &stat) {
                Ok(Some(bytes)) => {
                    return self
                        .collector
                        .file(path.to_owned(), executable(&stat), bytes);
                }
                Ok(None) => {}
                Err(errno) => {
                    self.unreadable(path, errno);
                    return;
                }
            }
        }
        self.collector.miss(
            &rules::CHANGED_WHILE_READ,
            Some(path),
            "changed while it was read, twice",
        );
    }

    /// A file given by itself. An archive may have as many bytes as a whole artifact.
    fn single(&mut self, name: &str, fd: OwnedFd, stat: &Stat) {
        let caps = self.collector.caps();
        if size(stat) > caps.total {
            return self.collector.too_large(name, Some(size(stat)));
        }
        match content(fd, stat) {
            Ok(Some(bytes)) if size(stat) > caps.file && !crate::archive::is_archive(&bytes) => {
                self.collector.too_large(name, Some(size(stat)));
            }
            Ok(Some(bytes)) => self
                .collector
                .file(name.to_owned(), executable(stat), bytes),
            Ok(None) => self.collector.miss(
                &rules::CHANGED_WHILE_READ,
                Some(name),
                "changed while it was read",
            ),
            Err(errno) => {
                self.unreadable(name, errno);
            }
        }
    }
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(u64::MAX)
}

fn executable(stat: &Stat) -> bool {
    stat.st_mode & 0o111 != 0
}

/// The bytes of a file that had `before`, or nothing where it changed meanwhile.
///
/// A change too quick for the clock of the file system may go unseen. It does no harm: the bytes
/// read here are the ones that are inspected and pinned.
fn content(fd: OwnedFd, before: &Stat) -> Result<Option<Vec<u8>>, Errno> {
    let mut file = File::from(fd);
    let expected = size(before);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0).saturating_add(1));
    (&mut file)
        .take(expected + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Errno::from_io_error(&e).unwrap_or(Errno::IO))?;
    let after = fstat(&file)?;
    let identity = |s: &Stat| {
        (
            s.st_dev,
            s.st_ino,
            s.st_size,
            s.st_mtime,
            s.st_mtime_nsec,
            s.st_ctime,
            s.st_ctime_nsec,
        )
    };
    let same = bytes.len() as u64 == expected && identity(before) == identity(&after);
    Ok(same.then_some(bytes))
}
