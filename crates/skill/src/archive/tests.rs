use std::io::{Cursor, Write as _};

use ::tar::{Builder, EntryType, Header};
use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tar_header(name: &[u8], kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    // Written raw: the crate refuses the names that matter here.
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_mode(0o755);
    header.set_size(size);
    header.set_cksum();
    header
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (name, bytes) in files {
        let header = tar_header(name.as_bytes(), EntryType::Regular, bytes.len() as u64);
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::best());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn unpacked(bytes: &[u8]) -> Bundle {
    unpack("x", bytes, &Caps::default())
}

fn paths(bundle: &Bundle) -> Vec<&str> {
    bundle.entries.iter().map(|e| e.path.as_str()).collect()
}

#[track_caller]
fn finds(bundle: &Bundle, rule: &str) {
    let found: Vec<_> = bundle.findings.iter().map(|f| f.rule.as_str()).collect();
    assert!(
        found.contains(&rule),
        "{rule} not in {:#?}",
        bundle.findings
    );
}

#[track_caller]
fn misses(bundle: &Bundle, rule: &str) {
    assert!(
        bundle.incomplete.iter().any(|i| i.rule.as_str() == rule),
        "{rule} not in {:#?}",
        bundle.incomplete
    );
    assert_eq!(bundle.digest(), None);
}

#[track_caller]
fn clean(bundle: &Bundle) {
    assert_eq!(
        (&bundle.findings[..], &bundle.incomplete[..]),
        (&[][..], &[][..])
    );
}

const SKILL: &[(&str, &[u8])] = &[("w/SKILL.md", b"# hi"), ("w/run.sh", b"echo")];

#[test]
fn every_format_gives_the_same_skill() {
    let tar = tar_of(SKILL);
    for bytes in [gzip_of(&tar), tar] {
        let bundle = unpacked(&bytes);
        clean(&bundle);
        assert_eq!(paths(&bundle), ["SKILL.md", "run.sh"]);
        assert_eq!(bundle.root_name, "w");
    }
    let bundle = unpacked(&zip_of(SKILL));
    clean(&bundle);
    assert_eq!(bundle.get("SKILL.md").unwrap().bytes, b"# hi");
}

#[test]
fn a_directory_beside_other_files_is_not_stripped() {
    let bundle = unpacked(&zip_of(&[("SKILL.md", b"a"), ("b/c", b"d")]));
    assert_eq!(paths(&bundle), ["SKILL.md", "b/c"]);
}

#[test]
fn the_digest_does_not_depend_on_order_and_does_on_content() {
    let one = unpacked(&zip_of(&[("a", b"1"), ("b", b"2")])).digest();
    assert_eq!(one, unpacked(&zip_of(&[("b", b"2"), ("a", b"1")])).digest());
    assert_ne!(one, unpacked(&zip_of(&[("a", b"2"), ("b", b"1")])).digest());
}

#[test]
fn a_path_that_leads_out_is_found_and_tamed() {
    for name in ["../../x", "/etc/x", "a/../../x", "..\\x", "C:\\x", "C:/x"] {
        for bytes in [zip_of(&[(name, b"x")]), tar_of(&[(name, b"x")])] {
            let bundle = unpacked(&bytes);
            finds(&bundle, "path-escapes");
            assert!(
                bundle.entries.iter().all(|e| !e.path.contains("..")),
                "{:?}",
                paths(&bundle)
            );
        }
    }
}

#[test]
fn the_last_of_two_entries_has_the_name_and_the_first_is_kept() {
    let mut tar = Builder::new(Vec::new());
    for bytes in [b"one", b"two"] {
        tar.append(&tar_header(b"SKILL.md", EntryType::Regular, 3), &bytes[..])
            .unwrap();
    }
    let bundle = unpacked(&tar.into_inner().unwrap());
    finds(&bundle, "duplicate-name");
    assert_eq!(paths(&bundle), ["SKILL.md", "SKILL.md!earlier-1"]);
    assert_eq!(bundle.entries[0].bytes, b"two");
}

#[test]
fn names_that_differ_by_case_are_duplicates() {
    finds(
        &unpacked(&zip_of(&[("a/Run.sh", b"1"), ("a/run.SH", b"2")])),
        "duplicate-name",
    );
}

#[test]
fn a_zip_whose_headers_disagree_is_found() {
    let mut bytes = zip_of(&[("README.md", b"hello")]);
    // The first is the local header, the second the directory's.
    let local = bytes.windows(9).position(|w| w == b"README.md").unwrap();
    bytes[local..local + 9].copy_from_slice(b"setup.bat");
    let bundle = unpacked(&bytes);
    finds(&bundle, "archive-mismatch");
    assert_eq!(paths(&bundle), ["README.md"]);
}

#[test]
fn a_file_that_the_directory_does_not_list_is_found() {
    let listed = zip_of(&[("a", b"listed")]);
    let hidden = zip_of(&[("b", b"hidden")]);
    let record = |zip: &[u8]| zip.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let local = &hidden[..record(&hidden)];
    let mut bytes = listed[..record(&listed)].to_vec();
    bytes.extend(local);
    let directory = u32::try_from(bytes.len()).unwrap();
    bytes.extend(&listed[record(&listed)..]);
    let end = bytes.len() - END_OFFSET;
    bytes[end..end + 4].copy_from_slice(&directory.to_le_bytes());
    finds(&unpacked(&bytes), "archive-mismatch");
}

/// From the end of a zip without a comment to its directory's offset.
const END_OFFSET: usize = 6;

#[test]
fn an_encrypted_zip_is_found_and_incomplete() {
    let mut bytes = zip_of(&[("a", b"secret")]);
    bytes[6] |= 1;
    let directory = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[directory + 8] |= 1;
    let bundle = unpacked(&bytes);
    finds(&bundle, "password-protected-archive");
    misses(&bundle, "password-protected-archive");
}

#[test]
fn bytes_around_an_archive_are_found() {
    let zip = zip_of(SKILL);
    let before = [b"\x89PNG picture".as_slice(), &zip].concat();
    assert_eq!(detect(&before), Some(Format::Zip));
    finds(&unpacked(&before), "polyglot-archive");
    finds(
        &unpacked(&[&zip, b"more".as_slice()].concat()),
        "polyglot-archive",
    );
    finds(
        &unpacked(&[tar_of(SKILL), b"more".to_vec()].concat()),
        "polyglot-archive",
    );
}

#[test]
fn a_bomb_stops_at_the_ratio() {
    let zeros = vec![0_u8; 7 << 20];
    misses(&unpacked(&zip_of(&[("zeros", &zeros)])), "archive-bomb");
    misses(
        &unpacked(&gzip_of(&tar_of(&[("zeros", &zeros)]))),
        "archive-bomb",
    );
}

#[test]
fn entries_that_share_their_data_are_found() {
    let mut bytes = zip_of(&[("a", b"shared"), ("b", b"shared")]);
    let second = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    bytes[second + 42..second + 46].fill(0);
    finds(&unpacked(&bytes), "archive-mismatch");
}

#[test]
fn files_beyond_the_caps_are_named() {
    let caps = Caps {
        file: 10,
        total: 15,
        entries: 3,
        depth: 1,
        path: 40,
        ..Caps::default()
    };
    let of = |files: &[(&str, &[u8])]| unpack("x", &tar_of(files), &caps);
    misses(&of(&[("a", &[1; 11])]), "oversized-file");
    misses(
        &of(&[("a", &[1; 10]), ("b", &[1; 6])]),
        "oversized-artifact",
    );
    misses(
        &of(&[("a", b""), ("b", b""), ("c", b""), ("d", b"")]),
        "too-many-files",
    );
    misses(&of(&[("a/b/c", b"")]), "too-deep");
    misses(&of(&[(&"é".repeat(30), b"")]), "too-deep");
}

#[test]
fn links_and_devices_in_a_tar_are_found() {
    let entry = |kind, target: &str| {
        let mut tar = Builder::new(Vec::new());
        tar.append(&tar_header(b"d/a", EntryType::Regular, 1), &b"x"[..])
            .unwrap();
        let mut header = tar_header(b"d/l", kind, 0);
        if !target.is_empty() {
            header.set_link_name(target).unwrap();
            header.set_cksum();
        }
        tar.append(&header, &b""[..]).unwrap();
        tar.append(&tar_header(b"e", EntryType::Regular, 0), &b""[..])
            .unwrap();
        unpacked(&tar.into_inner().unwrap())
    };
    finds(
        &entry(EntryType::Symlink, "../../etc/passwd"),
        "link-escapes",
    );
    finds(&entry(EntryType::Symlink, "a"), "symbolic-link");
    finds(&entry(EntryType::Link, "/etc/passwd"), "link-escapes");
    assert_eq!(
        entry(EntryType::Link, "d/a").get("d/l").unwrap().bytes,
        b"x"
    );
    misses(&entry(EntryType::Char, ""), "special-file");
    misses(&entry(EntryType::Fifo, ""), "special-file");
}

#[test]
fn links_in_a_zip_are_found() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("out", "/etc/passwd", SimpleFileOptions::default())
        .unwrap();
    let bundle = unpacked(&zip.finish().unwrap().into_inner());
    finds(&bundle, "link-escapes");
    assert!(bundle.entries[0].bytes.is_empty());
}

#[test]
fn a_damaged_archive_is_incomplete() {
    let zip = zip_of(SKILL);
    misses(&unpacked(&zip[..zip.len() - 10]), "corrupt-archive");
    let tar = gzip_of(&tar_of(SKILL));
    misses(&unpacked(&tar[..tar.len() - 20]), "corrupt-archive");
    let mut huge = tar_header(b"a", EntryType::Regular, 4 << 20)
        .as_bytes()
        .to_vec();
    huge.extend(b"short");
    misses(&unpacked(&huge), "corrupt-archive");
}

#[test]
fn other_formats_are_known_and_not_opened() {
    for magic in [
        &b"BZh91AY"[..],
        b"7z\xbc\xaf\x27\x1c\0",
        b"Rar!\x1a\x07\x01\0",
        b"\xfd7zXZ\0\0",
    ] {
        misses(&unpacked(magic), "unsupported-archive");
    }
    misses(&unpacked(b"# Hello"), "unsupported-archive");
}

#[test]
fn ordinary_files_are_no_archives() {
    for bytes in [
        &b""[..],
        b"# PK\x05\x06",
        &[0; 1024],
        b"\x89PNG\r\n",
        "läuft".as_bytes(),
        b"PK",
    ] {
        assert!(!is_archive(bytes), "{bytes:?}");
    }
}

#[test]
fn archives_in_archives_are_read_to_the_fourth_level() {
    let mut bytes = zip_of(&[("deep.sh", b"echo")]);
    for _ in 0..5 {
        bytes = zip_of(&[("in.zip", &bytes), ("beside", b"x")]);
    }
    let outer = unpacked(&bytes);
    assert_eq!(paths(&outer), ["beside", "in.zip"]);
    let nested = unpack_nested(&outer, &Caps::default());
    misses(&nested, "too-deep");
    assert_eq!(
        nested
            .entries
            .iter()
            .filter(|e| e.path.ends_with("!beside"))
            .count(),
        4
    );
    assert!(nested.get("in.zip!in.zip!in.zip!beside").is_some());
}

#[test]
fn a_single_compressed_file_is_a_bundle_of_one() {
    let bundle = unpack("notes.txt.gz", &gzip_of(b"hello"), &Caps::default());
    assert_eq!(paths(&bundle), ["notes.txt"]);
}

/// Whether every path stays inside, is unique and in order.
fn sound(bundle: &Bundle) -> bool {
    let inside = |path: &str| {
        !path.is_empty() && !path.starts_with('/') && path.split('/').all(|part| part != "..")
    };
    bundle.entries.iter().all(|e| inside(&e.path))
        && bundle.entries.is_sorted_by(|a, b| a.path < b.path)
}

fn name() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            Just(".."),
            Just("."),
            Just(""),
            Just("a"),
            Just("A"),
            Just("..\\"),
            Just("\\"),
            Just("C:")
        ],
        1..6,
    )
    .prop_map(|parts| parts.join("/"))
    .prop_filter("zip's writer wants a name", |name| !name.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_path_escapes(names in proptest::collection::vec(name(), 1..8)) {
        let files: Vec<_> = names.iter().map(|n| (n.as_str(), n.as_bytes())).collect();
        prop_assert!(sound(&unpacked(&tar_of(&files))));
        let mut unique = files.clone();
        unique.sort_unstable();
        unique.dedup();
        prop_assert!(sound(&unpacked(&zip_of(&unique))));
    }

    #[test]
    fn damage_never_panics(at in 0_usize..400, byte: u8, cut in 0_usize..400, which in 0_u8..3) {
        let mut bytes = match which {
            0 => zip_of(SKILL),
            1 => tar_of(SKILL),
            _ => gzip_of(&tar_of(SKILL)),
        };
        let len = bytes.len();
        bytes[at % len] = byte;
        bytes.truncate(len - cut % len);
        let bundle = unpacked(&bytes);
        prop_assert!(sound(&bundle));
        prop_assert!(sound(&unpack_nested(&bundle, &Caps::default())));
    }

    #[test]
    fn arbitrary_bytes_never_panic(magic in 0_usize..4, mut bytes: Vec<u8>) {
        let magic: &[u8] = [&b"PK\x03\x04"[..], b"\x1f\x8b\x08", b"BZh", b""][magic];
        bytes.splice(0..0, magic.iter().copied());
        prop_assert!(sound(&unpacked(&bytes)));
    }
}
