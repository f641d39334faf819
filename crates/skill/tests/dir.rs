//! Reading real trees: what is opened, what is not, and what is said about it.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use skill::{Bundle, Caps, Kind, dir};

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn read(path: &Path) -> Bundle {
    dir::read(path, &Caps::default()).unwrap()
}

fn paths(bundle: &Bundle) -> Vec<&str> {
    bundle.entries.iter().map(|e| e.path.as_str()).collect()
}

fn found(bundle: &Bundle) -> Vec<&str> {
    bundle.findings.iter().map(|f| f.rule.as_str()).collect()
}

fn missed(bundle: &Bundle) -> Vec<&str> {
    bundle.incomplete.iter().map(|i| i.rule.as_str()).collect()
}

#[test]
fn everything_is_read_but_the_checkouts_own_git_directory() {
    let root = tree(&[
        ("SKILL.md", "a"),
        (".hidden/x.sh", "b"),
        ("node_modules/p/index.js", "c"),
        (".git/HEAD", "d"),
        ("vendor/.git/HEAD", "e"),
    ]);
    let bundle = read(root.path());
    assert_eq!(
        paths(&bundle),
        [
            ".hidden/x.sh",
            "SKILL.md",
            "node_modules/p/index.js",
            "vendor/.git/HEAD"
        ]
    );
    assert_eq!(found(&bundle), ["git-directory-left-out"]);
    assert!(bundle.digest().is_some());
}

#[test]
fn the_digest_is_of_paths_modes_and_contents() {
    let digest = |files: &[(&str, &str)]| read(tree(files).path()).digest().unwrap();
    let one = digest(&[("a", "1"), ("b/c", "2")]);
    assert_eq!(one, digest(&[("b/c", "2"), ("a", "1")]));
    assert_ne!(one, digest(&[("a", "1"), ("b/d", "2")]));
    assert_ne!(one, digest(&[("a", "2"), ("b/c", "1")]));

    let root = tree(&[("a", "1"), ("b/c", "2")]);
    fs::set_permissions(root.path().join("a"), Permissions::from_mode(0o700)).unwrap();
    let executable = read(root.path());
    assert_eq!(executable.get("a").unwrap().mode, 0o755);
    assert_ne!(one, executable.digest().unwrap());
}

#[test]
fn links_are_recorded_and_never_followed() {
    let root = tree(&[("SKILL.md", "a"), (".git/config", "b")]);
    let link = |target: &str, name: &str| symlink(target, root.path().join(name)).unwrap();
    link("SKILL.md", "inside");
    link("/etc/passwd", "absolute");
    link("../../etc", "climbs");
    link("loop", "loop");
    link(".git/config", "left-out");
    let bundle = read(root.path());
    assert_eq!(
        paths(&bundle),
        [
            "SKILL.md", "absolute", "climbs", "inside", "left-out", "loop"
        ]
    );
    assert!(
        matches!(&bundle.get("absolute").unwrap().kind, Kind::Symlink { target } if target == "/etc/passwd")
    );
    let mut escapes: Vec<_> = bundle
        .findings
        .iter()
        .filter(|f| f.rule.as_str() == "link-escapes")
        .map(|f| f.locations[0].path.as_str())
        .collect();
    escapes.sort_unstable();
    assert_eq!(escapes, ["absolute", "climbs", "left-out"]);
}

#[test]
fn special_files_are_named_and_not_opened() {
    let root = tree(&[("SKILL.md", "a")]);
    mknodat(
        CWD,
        root.path().join("fifo"),
        FileType::Fifo,
        Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
    let _socket = UnixListener::bind(root.path().join("socket")).unwrap();
    let mut expected = 2;
    // Only root may make a device; /dev/zero would never end.
    let zero = rustix::fs::makedev(1, 5);
    if mknodat(
        CWD,
        root.path().join("zero"),
        FileType::CharacterDevice,
        Mode::from_raw_mode(0o644),
        zero,
    )
    .is_ok()
    {
        expected += 1;
    }
    let bundle = read(root.path());
    assert_eq!(missed(&bundle), vec!["special-file"; expected]);
    assert_eq!(paths(&bundle), ["SKILL.md"]);
    assert_eq!(bundle.digest(), None);
}

#[test]
fn a_huge_file_is_refused_by_its_size_alone() {
    let root = tree(&[("SKILL.md", "a")]);
    File::create(root.path().join("huge"))
        .unwrap()
        .set_len(2 << 30)
        .unwrap();
    let bundle = read(root.path());
    assert_eq!(missed(&bundle), ["oversized-file"]);
    assert!(bundle.incomplete[0].reason.contains("2147483648"));
    assert_eq!(missed(&read(&root.path().join("huge"))), ["oversized-file"]);
}

#[test]
fn deep_and_wide_trees_stop_at_the_caps() {
    let deep = "d/".repeat(40) + "f";
    let bundle = read(tree(&[("SKILL.md", ""), (&deep, "")]).path());
    assert_eq!(missed(&bundle), ["too-deep"]);

    let root = tree(&[("a", ""), ("b", ""), ("c", "")]);
    let caps = Caps {
        entries: 2,
        ..Caps::default()
    };
    let bundle = dir::read(root.path(), &caps).unwrap();
    assert_eq!(
        (missed(&bundle), bundle.entries.len()),
        (vec!["too-many-files"], 2)
    );
}

#[test]
fn directories_count_as_well() {
    let root = tree(&[]);
    for name in ["a/b", "c/d", "e"] {
        fs::create_dir_all(root.path().join(name)).unwrap();
    }
    let caps = Caps {
        entries: 4,
        ..Caps::default()
    };
    assert_eq!(
        missed(&dir::read(root.path(), &caps).unwrap()),
        ["too-many-files"]
    );
}

#[test]
fn an_unreadable_file_is_named() {
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped: root reads everything; run as an unprivileged user as well");
        return;
    }
    let root = tree(&[("SKILL.md", "a"), ("secret", "b"), ("closed/x", "c")]);
    fs::set_permissions(root.path().join("secret"), Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(root.path().join("closed"), Permissions::from_mode(0o000)).unwrap();
    let bundle = read(root.path());
    assert_eq!(missed(&bundle), ["unreadable-file", "unreadable-file"]);
    fs::set_permissions(root.path().join("closed"), Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn names_that_are_not_utf8_are_kept_apart() {
    use std::os::unix::ffi::OsStrExt as _;
    let root = tree(&[("SKILL.md", "a")]);
    for name in [&b"x\xff"[..], b"x\\xff", b"ends."] {
        fs::write(root.path().join(std::ffi::OsStr::from_bytes(name)), "").unwrap();
    }
    let bundle = read(root.path());
    assert_eq!(paths(&bundle), ["SKILL.md", "ends.", "x\\\\xff", "x\\xff"]);
    assert_eq!(found(&bundle), ["odd-name"; 3]);
}

#[test]
fn a_single_file_is_a_bundle_of_one() {
    let root = tree(&[("SKILL.md", "a"), ("x.bin", "PK\x03\x04")]);
    let bundle = read(&root.path().join("SKILL.md"));
    assert_eq!(paths(&bundle), ["SKILL.md"]);
    assert!(bundle.sole_archive().is_none());
    assert!(read(&root.path().join("x.bin")).sole_archive().is_some());
}

#[test]
fn a_path_that_cannot_be_read_says_why() {
    let root = tree(&[]);
    let error = |name: &str| {
        dir::read(&root.path().join(name), &Caps::default())
            .unwrap_err()
            .to_string()
    };
    assert!(error("missing").contains("nothing at"));
    mknodat(
        CWD,
        root.path().join("fifo"),
        FileType::Fifo,
        Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
    assert!(error("fifo").contains("is a FIFO"));
}

#[test]
fn a_directory_without_a_skill_is_not_one() {
    let mut bundle = read(tree(&[("README.md", "a")]).path());
    bundle.expect_skill();
    assert_eq!(missed(&bundle), ["not-a-skill"]);
    let mut bundle = read(tree(&[("deep/SKILL.md", "a")]).path());
    bundle.expect_skill();
    assert!(bundle.incomplete.is_empty());
}

#[test]
fn a_file_under_constant_change_is_never_taken_half() {
    let root = tree(&[("SKILL.md", "")]);
    let path = root.path().join("SKILL.md");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for byte in (b'a'..=b'z').cycle() {
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                fs::write(&path, vec![byte; 1 << 20]).unwrap();
            }
        });
        for _ in 0..20 {
            let bundle = read(root.path());
            // Truncated and refilled, the file has any length and two letters at most times; what is
            // taken has the length that it had throughout.
            let taken = bundle.entries.first().map(|e| e.bytes.len());
            let said = missed(&bundle) == ["changed-while-read"];
            assert!(taken.is_some() != said, "{taken:?} {:?}", bundle.incomplete);
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
