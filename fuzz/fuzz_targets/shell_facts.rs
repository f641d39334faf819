#![no_main]
//! Reading code never panics, and what it finds is where it says.

use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};

use facts::{File, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The first byte says what the rest is written in: shell most of the time.
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let path = match kind % 8 {
        0 => "a.py",
        1 => "a.js",
        2 => "a.ts",
        3 => "package.json",
        _ => "a.sh",
    };
    read(File {
        path: path.to_owned(),
        bytes: bytes.to_vec(),
        mode: 0o644,
    });
});

/// Reads on a thread with a stack as large as the worker's.
fn read(file: File) {
    static READER: OnceLock<SyncSender<(File, SyncSender<()>)>> = OnceLock::new();
    let reader = READER.get_or_init(|| {
        let (to, from) = sync_channel::<(File, SyncSender<()>)>(1);
        std::thread::Builder::new()
            .stack_size(256 << 20)
            .spawn(move || {
                for (file, done) in from {
                    check(&file);
                    done.send(()).expect("the target waits");
                }
            })
            .expect("a thread");
        to
    });
    let (done, finished) = sync_channel(1);
    reader.send((file, done)).expect("the reader runs");
    finished.recv().expect("the reader ends");
}

fn check(file: &File) {
    let whole = String::from_utf8_lossy(&file.bytes);
    let facts = facts::extract(std::slice::from_ref(file), &Limits::default());
    for (index, source) in facts.sources.iter().enumerate() {
        assert!(
            source.parent.is_none_or(|p| (p as usize) < index),
            "a parent stands before its children"
        );
        let length = source.text.as_deref().unwrap_or(&whole).len() as u32;
        for effect in &source.effects {
            assert!(effect.span.start <= effect.span.end && effect.span.end <= length);
        }
        for literal in &source.literals {
            assert!(literal.span.start <= literal.span.end && literal.span.end <= length);
        }
    }
}
