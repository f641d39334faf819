//! All file access of the commit path, so that a test can put a disk behind it that loses
//! what was not synced.

use std::{
    collections::HashMap,
    io::{self, Read as _},
    os::{fd::OwnedFd, unix::fs::FileExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rustix::{
    fs::{AtFlags, FlockOperation, Mode, OFlags},
    io::Errno,
};

/// The most that is read of one file, in bytes. Nothing that the ledger writes comes near.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// How many files are synced at a time.
const SYNC_THREADS: usize = 16;

/// A held lock; dropped, or its process dead, it is free.
pub(crate) type Guard = Option<OwnedFd>;

/// Files under one directory, by relative path. Writing makes no promise before the matching
/// `sync` (contents and length of a file) and `sync_dir` (the names in a directory) return.
pub(crate) trait Disk: Send + Sync {
    /// Waits for the lock that appenders hold alone and readers share.
    fn lock(&self, exclusive: bool) -> io::Result<Guard>;
    /// The file from this offset to its end.
    fn read(&self, path: &str, offset: u64) -> io::Result<Vec<u8>>;
    /// The length of a file.
    fn size(&self, path: &str) -> io::Result<u64>;
    /// The names in a directory; none where it does not exist.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;
    /// Writes at this offset, into a new file if there is none.
    fn write(&self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cuts a file.
    fn truncate(&self, path: &str, size: u64) -> io::Result<()>;
    /// Makes what was written to a file durable.
    fn sync(&self, path: &str) -> io::Result<()>;
    /// The same for many files, in any order.
    fn sync_all(&self, paths: &[&str]) -> io::Result<()> {
        paths.iter().try_for_each(|path| self.sync(path))
    }
    /// Makes the names in a directory durable.
    fn sync_dir(&self, path: &str) -> io::Result<()>;
    /// Makes a directory; one that exists will do.
    fn make_dir(&self, path: &str) -> io::Result<()>;
    /// Gives a file another name, replacing what had it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &str) -> io::Result<()>;
}

/// The directory part of a relative path; `.` at the top.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(parent, _)| parent)
}

/// Writes whole files under new names. When this returns, each of them and every directory on
/// the way to it is durable. A file cut short by a crash is written again, so nothing may
/// refer to one before.
pub(crate) fn create(disk: &dyn Disk, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    let mut touched = std::collections::BTreeSet::new();
    for (path, bytes) in files {
        let mut dir = parent(path);
        while touched.insert(dir) && dir != "." {
            dir = parent(dir);
        }
        // From the top down; a component is a prefix that ends before a slash.
        for (slash, _) in path.match_indices('/') {
            disk.make_dir(&path[..slash])?;
        }
        disk.write(path, 0, bytes)?;
        disk.truncate(path, bytes.len() as u64)?;
    }
    disk.sync_all(
        &files
            .iter()
            .map(|(path, _)| path.as_str())
            .collect::<Vec<_>>(),
    )?;
    for dir in touched {
        disk.sync_dir(dir)?;
    }
    Ok(())
}

/// Replaces a file as a whole: after a crash it is the old one or the new one.
pub(crate) fn replace(disk: &dyn Disk, path: &str, bytes: &[u8]) -> io::Result<()> {
    let new = format!("{path}.new");
    disk.write(&new, 0, bytes)?;
    disk.truncate(&new, bytes.len() as u64)?;
    disk.sync(&new)?;
    disk.rename(&new, path)?;
    disk.sync_dir(parent(path))
}

/// Makes a directory and those above it that are missing, for their owner only (0700). When this
/// returns, the new ones are durable. One that exists is left as it is.
///
/// # Errors
/// The operating system refused.
pub fn make_private_dir(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .take_while(|dir| !dir.as_os_str().is_empty() && !dir.is_dir())
        .collect();
    std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700)
        .recursive(true)
        .create(path)?;
    for dir in missing {
        let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
        std::fs::File::open(above.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// A real directory.
pub(crate) struct Directory {
    root: OwnedFd,
    path: PathBuf,
    /// Files written and not yet synced: an error in writing back is reported only to
    /// descriptors that were open when it happened.
    written: Mutex<HashMap<String, OwnedFd>>,
}

impl Directory {
    /// Opens a directory that exists.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
        let root = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self {
            root,
            path: path.to_owned(),
            written: Mutex::default(),
        })
    }

    /// Makes the directory if there is none (0700), durably, and refuses one that others may
    /// enter or own.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        make_private_dir(path)?;
        let directory = Self::open(path)?;
        let stat = rustix::fs::fstat(&directory.root)?;
        let refuse = |why: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        if stat.st_uid != rustix::process::geteuid().as_raw() {
            return refuse(format!("it belongs to user {}", stat.st_uid));
        }
        if stat.st_mode & 0o077 != 0 {
            return refuse(format!(
                "others may enter it (mode {:03o}): chmod 700 {}",
                stat.st_mode & 0o777,
                path.display()
            ));
        }
        Ok(directory)
    }

    fn open_file(&self, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
        // NONBLOCK: a FIFO in place of a file must not make us wait for its other end.
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = rustix::fs::openat(&self.root, path, flags, Mode::RUSR | Mode::WUSR)?;
        let kind = rustix::fs::FileType::from_raw_mode(rustix::fs::fstat(&file)?.st_mode);
        if kind != rustix::fs::FileType::RegularFile {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is not a regular file",
            ));
        }
        Ok(file)
    }

    fn take_written(&self, path: &str) -> Option<OwnedFd> {
        self.written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(path)
    }

    fn keep_written(&self, path: &str, file: OwnedFd) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(path.to_owned(), file);
    }
}

impl Disk for Directory {
    fn lock(&self, exclusive: bool) -> io::Result<Guard> {
        let (flags, operation) = if exclusive {
            (OFlags::RDWR | OFlags::CREATE, FlockOperation::LockExclusive)
        } else {
            (OFlags::RDONLY, FlockOperation::LockShared)
        };
        let file = match self.open_file("lock", flags) {
            Ok(file) => file,
            // A copy without its lock: nobody appends to it.
            Err(e) if !exclusive && e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        while let Err(e) = rustix::fs::flock(&file, operation) {
            if e != Errno::INTR {
                return Err(e.into());
            }
        }
        Ok(Some(file))
    }

    fn read(&self, path: &str, offset: u64) -> io::Result<Vec<u8>> {
        let file = std::fs::File::from(self.open_file(path, OFlags::RDONLY)?);
        rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "it is larger than 256 MiB",
            ));
        }
        Ok(bytes)
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        let stat = rustix::fs::statat(&self.root, path, AtFlags::SYMLINK_NOFOLLOW)?;
        u64::try_from(stat.st_size).map_err(io::Error::other)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(self.path.join(path)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn write(&self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let file = std::fs::File::from(self.open_file(path, OFlags::WRONLY | OFlags::CREATE)?);
        let result = file.write_all_at(bytes, offset);
        self.keep_written(path, file.into());
        result
    }

    fn truncate(&self, path: &str, size: u64) -> io::Result<()> {
        let file = match self.take_written(path) {
            Some(file) => file,
            None => self.open_file(path, OFlags::WRONLY)?,
        };
        let result = rustix::fs::ftruncate(&file, size);
        self.keep_written(path, file);
        Ok(result?)
    }

    fn sync(&self, path: &str) -> io::Result<()> {
        let file = match self.take_written(path) {
            Some(file) => file,
            None => self.open_file(path, OFlags::RDONLY)?,
        };
        std::fs::File::from(file).sync_data()
    }

    fn sync_all(&self, paths: &[&str]) -> io::Result<()> {
        // Side by side, so that the file system commits them together: a sync is mostly waiting.
        let sync = |paths: &[&str]| paths.iter().try_for_each(|path| self.sync(path));
        std::thread::scope(|scope| {
            let threads: Vec<_> = paths
                .chunks(paths.len().div_ceil(SYNC_THREADS).max(1))
                .map(|chunk| scope.spawn(move || sync(chunk)))
                .collect();
            threads.into_iter().try_for_each(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(io::Error::other("a sync panicked")))
            })
        })
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
        let dir = rustix::fs::openat(&self.root, path, flags, Mode::empty())?;
        std::fs::File::from(dir).sync_all()
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        match rustix::fs::mkdirat(&self.root, path, Mode::RWXU) {
            Err(Errno::EXIST) => Ok(()),
            result => Ok(result?),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.root, from, &self.root, to)?)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.root, path, AtFlags::empty())?)
    }
}
