#![no_main]
//! Unpacking never panics, never exceeds its caps, and never yields a path that escapes.

use libfuzzer_sys::fuzz_target;
use skill::{Bundle, Caps, archive};

fuzz_target!(|bytes: &[u8]| {
    let caps = Caps { total: 4 << 20, entries: 200, ..Caps::default() };
    let bundle = archive::unpack("x", bytes, &caps);
    check(&bundle, &caps);
    check(&archive::unpack_nested(&bundle, &caps), &caps);
});

fn check(bundle: &Bundle, caps: &Caps) {
    let total: u64 = bundle.entries.iter().map(|e| e.bytes.len() as u64).sum();
    assert!(total <= caps.total && bundle.entries.len() <= caps.entries);
    assert!(bundle.entries.is_sorted_by(|a, b| a.path < b.path));
    for entry in &bundle.entries {
        assert!(!entry.path.is_empty() && !entry.path.starts_with('/'));
        assert!(entry.path.split('/').all(|part| part != ".."));
    }
}
