//! Whatever the text, the parser answers; what it accepts, it prints and reads back as the same;
//! and the sets made of it keep the laws of the algebra.
#![no_main]

use capability::{Capability, CapabilitySet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sets = [CapabilitySet::new(), CapabilitySet::new()];
    // Comparing takes time with the square of the lines; a few show as much.
    for (at, line) in text.lines().take(16).enumerate() {
        if let Ok(capability) = line.parse::<Capability>() {
            let printed = capability.to_string();
            assert_eq!(printed.parse(), Ok(capability));
        }
        if let Ok(set) = CapabilitySet::parse(line) {
            let [a, b] = sets;
            sets = if at % 2 == 0 { [a.merge(&set), b] } else { [a, b.merge(&set)] };
        }
    }

    let [a, b] = sets;
    assert_eq!(CapabilitySet::parse(&a.to_string()).as_ref(), Ok(&a));
    assert!(a.is_subset(&a));
    assert!(a.is_subset(&a.union(&b)));
    let both = a.intersection(&b);
    assert!(both.is_subset(&a) && both.is_subset(&b));
    assert_eq!(a.normalise(), a.normalise().normalise());
});
