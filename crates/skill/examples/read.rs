//! Reads artifacts as `vet` does and prints what was odd, one finding a line, and the time it took.
//!
//! `cargo run --release -p skill --example read -- DIRECTORY...`

use std::path::Path;
use std::time::Instant;

use skill::{Caps, Kind, archive, declared, dir, manifest, skill_md};

fn main() {
    let caps = Caps::default();
    let start = Instant::now();
    let (mut files, mut bytes) = (0, 0);
    for path in std::env::args().skip(1) {
        let mut bundle = match dir::read(Path::new(&path), &caps) {
            Ok(bundle) => bundle,
            Err(error) => {
                report(&path, "error", &error.to_string());
                continue;
            }
        };
        bundle.expect_skill();
        let nested = archive::unpack_nested(&bundle, &caps);
        files += bundle.entries.len();
        bytes += bundle.entries.iter().map(|e| e.bytes.len()).sum::<usize>();
        for entry in bundle
            .entries
            .iter()
            .chain(&nested.entries)
            .filter(|e| e.kind == Kind::File)
        {
            match manifest::Kind::of(&entry.path) {
                Some(manifest::Kind::Skill) => {
                    let skill = skill_md::parse(&entry.path, &entry.bytes);
                    let declared =
                        declared::capabilities(&skill, &String::from_utf8_lossy(&entry.bytes));
                    for finding in skill.findings.iter().chain(&declared.findings) {
                        report(&path, finding.rule.as_str(), &finding.message);
                    }
                    for gap in &skill.incomplete {
                        report(&path, gap.rule.as_str(), &gap.reason);
                    }
                }
                Some(_) => {
                    if let Err(finding) = manifest::parse(&entry.path, &entry.bytes) {
                        report(&path, finding.rule.as_str(), &finding.message);
                    }
                }
                None => {}
            }
        }
        for bundle in [&bundle, &nested] {
            for finding in &bundle.findings {
                report(&path, finding.rule.as_str(), &finding.message);
            }
            for gap in &bundle.incomplete {
                report(&path, gap.rule.as_str(), &gap.reason);
            }
        }
    }
    report(
        "total",
        "",
        &format!("{files} files, {bytes} bytes, {:?}", start.elapsed()),
    );
}

#[expect(clippy::print_stdout, reason = "an example that prints")]
fn report(path: &str, rule: &str, what: &str) {
    println!("{path}\t{rule}\t{what}");
}
