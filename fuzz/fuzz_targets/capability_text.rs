//! Whatever the text, the parser answers; what it accepts, it prints and reads back as the same,
//! and a set is a subset of itself and of its unions.
#![no_main]

use capability::{Capability, CapabilitySet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for line in text.lines() {
        let Ok(capability) = line.parse::<Capability>() else { continue };
        let printed = capability.to_string();
        let again: Capability = printed.parse().expect("what is printed can be parsed");
        assert_eq!(capability, again);
        assert_eq!(printed, again.to_string());
    }

    let set: CapabilitySet = text.lines().filter_map(|line| line.parse().ok()).collect();
    assert!(set.is_subset(&set));
    assert!(set.difference(&set).is_empty());
});
