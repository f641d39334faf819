//! The bundled policy: its own tests, and that all of it is compiled in.

use policy::{Outcome, Policy};

#[test]
fn the_tests_beside_the_bundled_rules_pass_and_cover_every_line() {
    let report = Policy::bundled().test().unwrap();
    let failed: Vec<_> = report
        .tests
        .iter()
        .filter(|t| t.outcome != Outcome::Pass)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(report.passed());
    assert!(report.tests.len() > 25, "{}", report.tests.len());
    let missed: Vec<_> = report
        .coverage
        .iter()
        .filter(|c| !c.missed.is_empty())
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert!((report.percent() - 100.0).abs() < f64::EPSILON);
}

#[test]
fn every_file_below_policies_is_compiled_in() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let loaded = Policy::bundled();
    let mut compiled: Vec<_> = loaded
        .modules()
        .filter_map(|m| m.file.strip_prefix("bundled:"))
        .collect();
    compiled.sort_unstable();
    let mut on_disk = Vec::new();
    let mut directories = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|e| e == "rego") {
                on_disk.push(
                    path.strip_prefix(&root)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        }
    }
    on_disk.sort();
    assert_eq!(compiled, on_disk);
}
