//! The laws of the algebra, on sets whose members are likely to overlap.

use std::sync::LazyLock;

use capability::{Capability, CapabilitySet};
use proptest::prelude::*;

const SEGMENTS: &[&str] = &["a", "b", "ab", "a*", "*b", "*", "**", "a*b", "b*a"];
const HOSTS: &[&str] = &[
    "example.com",
    "a.example.com",
    "b.a.example.com",
    "*.example.com",
    "*.a.example.com",
    "any",
    "192.0.2.1",
    "[2001:db8::1]",
];

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(SEGMENTS), 0..4)
        .prop_map(|segments| segments.iter().map(|s| format!("/{s}")).collect())
}

fn place() -> impl Strategy<Value = String> {
    (
        prop::sample::select(&["$SKILL", "$SKILL", "$HOME", ""][..]),
        path(),
    )
        .prop_map(|(root, path)| format!("{root}{path}"))
        .prop_map(|text| if text.is_empty() { "/".into() } else { text })
}

fn endpoint() -> impl Strategy<Value = String> {
    (
        prop::sample::select(HOSTS),
        prop::sample::select(&["", ":443", ":80", ":*"][..]),
    )
        .prop_map(|(host, port)| format!("{host}{port}"))
}

fn budget() -> impl Strategy<Value = String> {
    let bound = (
        1u64..70,
        prop::sample::select(&["B/s", "B/min", "KiB/min", "KiB/h"][..]),
    );
    prop_oneof![
        2 => Just(String::new()),
        1 => prop::collection::vec(bound, 1..3).prop_map(|bounds| {
            bounds.iter().map(|(n, unit)| format!(" up {n}{unit}")).collect()
        }),
    ]
}

fn http() -> impl Strategy<Value = String> {
    let methods = prop::sample::select(&["", " GET", " POST", " GET,POST", " GET,PUT"][..]);
    (methods, prop::option::of(path())).prop_map(|(methods, path)| match path {
        Some(path) if path.is_empty() => format!("{methods} /"),
        Some(path) => format!("{methods} {path}"),
        None => methods.into(),
    })
}

/// A line that may also stand after `never`.
fn deniable() -> impl Strategy<Value = String> {
    let select = |items: &'static [&'static str]| prop::sample::select(items);
    prop_oneof![
        4 => place().prop_map(|p| format!("fs.read {p}")),
        1 => place().prop_map(|p| format!("fs.write {p}")),
        3 => (endpoint(), http()).prop_map(|(e, h)| format!("net {e}{h}")),
        1 => select(&["env LANG", "env LC_ALL", "env LC_*", "env LC_A_*", "env! LD_PRELOAD"])
            .prop_map(Into::into),
        1 => select(&["exec any", "exec git", "exec /usr/bin/git", "exec /usr/**", "exec $SKILL/**"])
            .prop_map(Into::into),
        1 => select(&["agent cron", "agent edit SOUL.md", "secret K release",
            "secret K @ a.example.com header X-Key", "secret K @ *.example.com header X-Key"])
            .prop_map(Into::into),
    ]
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => deniable(),
        1 => (endpoint(), http(), budget()).prop_map(|(e, h, b)| format!("net {e}{h}{b}")),
        1 => (1u64..2048).prop_map(|n| format!("limit memory {n}MiB")),
    ]
}

fn read(lines: &[String]) -> CapabilitySet {
    let text = lines.join("\n");
    CapabilitySet::parse(&text).unwrap_or_else(|e| panic!("{e} in {text}"))
}

fn allows() -> impl Strategy<Value = CapabilitySet> {
    prop::collection::vec(line(), 0..5).prop_map(|lines| read(&lines))
}

fn set() -> impl Strategy<Value = CapabilitySet> {
    let nevers = prop::collection::vec(deniable().prop_map(|l| format!("never {l}")), 0..3);
    (prop::collection::vec(line(), 0..5), nevers)
        .prop_map(|(lines, nevers)| read(&[lines, nevers].concat()))
}

/// Single things that may be done, all of which the patterns above may meet.
static ACTS: LazyLock<Vec<Capability>> = LazyLock::new(|| {
    let mut lines = Vec::new();
    let names = ["a", "b", "ab", "aab", "c"];
    let mut paths = vec![String::new()];
    for _ in 0..3 {
        let longer = paths
            .iter()
            .flat_map(|p| names.iter().map(move |n| format!("{p}/{n}")));
        let longer: Vec<_> = longer.collect();
        paths.extend(longer);
    }
    paths.sort();
    paths.dedup();
    for path in &paths {
        lines.push(format!("fs.read $SKILL{path}"));
        if path.len() < 5 {
            lines.push(format!("fs.write $HOME{path}"));
            for host in [
                "example.com",
                "a.example.com",
                "b.a.example.com:80",
                "192.0.2.1",
            ] {
                let path = if path.is_empty() { "/" } else { path };
                lines.push(format!("net {host} GET {path}"));
                lines.push(format!("net {host} POST {path} up 1B/h"));
            }
        }
    }
    for line in [
        "env LANG",
        "env LC_ALL",
        "env LC_A_B",
        "exec git",
        "exec /usr/bin/git",
        "agent cron",
        "secret K @ a.example.com header X-Key",
        "secret K release",
    ] {
        lines.push(line.into());
    }
    let read = |line: &String| line.parse().expect("an act is a capability");
    lines.iter().map(read).collect()
});

/// Whether one act is in the set, by the definition: some line allows it, none refuses it.
fn has(set: &CapabilitySet, act: &Capability) -> bool {
    set.iter().any(|c| c.covers(act)) && !set.nevers().any(|n| n.covers(act))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_subset_holds_no_more(a in set(), b in set()) {
        if a.is_subset(&b) {
            for act in ACTS.iter() {
                prop_assert!(!has(&a, act) || has(&b, act), "{act} in\n{a}\nbut not in\n{b}");
            }
        }
    }

    #[test]
    fn subset_is_reflexive(a in set()) {
        prop_assert!(a.is_subset(&a));
        prop_assert!(a.normalise().is_subset(&a));
        prop_assert!(a.is_subset(&a.normalise()));
    }

    #[test]
    fn subset_is_antisymmetric_up_to_normal_form(a in allows(), b in allows()) {
        prop_assert_eq!(a.is_subset(&b) && b.is_subset(&a), a.normalise() == b.normalise());
    }

    #[test]
    fn subset_is_transitive(a in set(), b in set(), c in set()) {
        // Unions and intersections make chains likely.
        let (low, high) = (a.intersection(&b), b.union(&c));
        for (x, y, z) in [(&a, &b, &c), (&low, &b, &high), (&low, &a, &b), (&b, &high, &c)] {
            if x.is_subset(y) && y.is_subset(z) {
                prop_assert!(x.is_subset(z), "{x}\n--\n{y}\n--\n{z}");
            }
        }
        prop_assert!(low.is_subset(&high));
    }

    #[test]
    fn a_set_is_a_subset_of_its_union(a in set(), b in set()) {
        let union = a.union(&b);
        prop_assert!(a.is_subset(&union), "{a}\n--\n{union}");
        prop_assert!(b.is_subset(&union), "{b}\n--\n{union}");
    }

    #[test]
    fn an_intersection_is_a_subset_of_both_and_holds_what_both_do(a in set(), b in set()) {
        let both = a.intersection(&b);
        prop_assert!(both.is_subset(&a), "{both}\n--\n{a}");
        prop_assert!(both.is_subset(&b), "{both}\n--\n{b}");
        for act in ACTS.iter() {
            // A name and a place may be one program: that is left out rather than guessed.
            if act.kind() != "exec" {
                prop_assert_eq!(has(&both, act), has(&a, act) && has(&b, act), "{}", act);
            }
        }
    }

    #[test]
    fn merged_sets_keep_every_never(a in set(), b in set()) {
        let merged = a.clone().merge(&b);
        for act in ACTS.iter() {
            if a.nevers().chain(b.nevers()).any(|never| never.covers(act)) {
                prop_assert!(!merged.covers(act));
            }
        }
    }

    #[test]
    fn a_difference_is_empty_exactly_for_a_subset(a in set(), b in set()) {
        let rest = a.difference(&b);
        prop_assert_eq!(rest.is_empty(), a.is_subset(&b));
        prop_assert!(a.is_subset(&b.union(&rest)) || a.nevers().next().is_some() || b.nevers().next().is_some());
        for act in ACTS.iter() {
            let missing = has(&a, act) && !has(&b, act);
            prop_assert!(!missing || has(&rest, act), "{act} is in neither of\n{b}\n--\n{rest}");
        }
    }

    #[test]
    fn covers_is_the_subset_of_one(a in set(), line in line()) {
        let one: Capability = line.parse().unwrap();
        let set = CapabilitySet::from_iter([one.clone()]);
        // The set of one also has the default limits.
        if one.kind() != "limit" && !a.iter().any(|c| c.kind() == "limit") {
            prop_assert_eq!(a.covers(&one), set.is_subset(&a));
        }
    }

    #[test]
    fn normalising_twice_changes_nothing(a in set()) {
        let normal = a.normalise();
        prop_assert_eq!(normal.normalise(), normal.clone());
        for act in ACTS.iter() {
            prop_assert_eq!(has(&a, act), has(&normal, act), "{}", act);
        }
    }

    #[test]
    fn what_is_printed_reads_back(a in set()) {
        let text = a.to_string();
        let again = CapabilitySet::parse(&text).unwrap();
        prop_assert_eq!(&again, &a);
        prop_assert_eq!(again.to_string(), text);
        let json = serde_json::to_string(&a).unwrap();
        prop_assert_eq!(serde_json::from_str::<CapabilitySet>(&json).unwrap(), a);
    }
}
