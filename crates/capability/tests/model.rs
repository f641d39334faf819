//! Patterns against what they stand for: every decision is compared with a plain enumeration.

use std::sync::LazyLock;

use capability::{Capability, CapabilitySet, Window};
use proptest::prelude::*;

const PATTERN: &[&str] = &["a", "b", "ab", "*", "**", "a*", "*a", "a*b", "*ab", "ab*"];
/// For each glob above a name that only it and wider ones match: `z` is any other text.
const NAMES: &[&str] = &["a", "b", "ab", "z", "az", "za", "azb", "zab", "abz"];

fn pattern() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(PATTERN), 0..5)
}

fn capability(segments: &[&str]) -> Capability {
    format!("fs.read $SKILL/{}", segments.join("/"))
        .parse()
        .expect("segments make a path")
}

/// The definition of a match, written for clearness.
fn matches(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**", rest @ ..], _) => {
            matches(rest, path) || !path.is_empty() && matches(pattern, &path[1..])
        }
        ([glob, rest @ ..], [name, names @ ..]) => {
            let fits = match glob.split_once('*') {
                None => glob == name,
                Some((start, end)) => (0..=name.len()).any(|at| {
                    name[..at].starts_with(start)
                        && name[at..].ends_with(end)
                        && at >= start.len()
                        && name.len() - at >= end.len()
                }),
            };
            fits && matches(rest, names)
        }
        _ => false,
    }
}

/// Every path of up to so many segments.
fn paths(depth: usize) -> Vec<Vec<&'static str>> {
    let mut all: Vec<Vec<&str>> = vec![vec![]];
    let mut last = all.clone();
    for _ in 0..depth {
        last = last
            .iter()
            .flat_map(|path| {
                NAMES
                    .iter()
                    .map(move |name| [path.as_slice(), &[*name]].concat())
            })
            .collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// The paths of up to three segments, each as a capability too.
static SHORT: LazyLock<Vec<(Vec<&'static str>, Capability)>> = LazyLock::new(|| {
    paths(3)
        .into_iter()
        .map(|p| {
            let one = capability(&p);
            (p, one)
        })
        .collect()
});

static LONG: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| paths(4));

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_covers_exactly_the_paths_that_it_matches(p in pattern()) {
        let wide = capability(&p);
        for (path, one) in SHORT.iter() {
            prop_assert_eq!(wide.covers(one), matches(&p, path), "{:?}", path);
        }
    }

    #[test]
    fn a_covered_pattern_matches_no_path_more(p in pattern(), q in pattern()) {
        let covers = capability(&p).covers(&capability(&q));
        let witness = LONG.iter().find(|path| matches(&q, path) && !matches(&p, path));
        if let Some(path) = witness {
            prop_assert!(!covers, "{path:?}");
        } else if q.iter().filter(|s| **s == "**").count() == 0 {
            // With no `**`, four segments show every difference: `z` stands for any other name.
            prop_assert!(covers, "{:?} has no path outside {:?}", q, p);
        }
    }

    #[test]
    fn an_intersection_of_paths_is_exact(p in pattern(), q in pattern()) {
        let [a, b] = [&p, &q].map(|s| CapabilitySet::from_iter([capability(s)]));
        let both = a.intersection(&b);
        for (path, one) in SHORT.iter() {
            let expected = matches(&p, path) && matches(&q, path);
            prop_assert_eq!(both.covers(one), expected, "{:?} in {}", path, both);
        }
    }

    #[test]
    fn traffic_within_a_narrower_budget_is_within_the_wider(
        narrow in budget(), wide in budget(), gaps in prop::collection::vec((0u64..90, 1u64..80), 1..60),
    ) {
        let mut now = 0;
        let traffic: Vec<(u64, u64)> = gaps
            .iter()
            .map(|(gap, bytes)| { now += gap; (now, *bytes) })
            .collect();
        // As a gateway does: what would break the narrower budget does not pass.
        let mut passed: Vec<(u64, u64)> = Vec::new();
        for event in traffic {
            passed.push(event);
            if !within(&narrow, &passed) {
                passed.pop();
            }
        }
        let rule = |budget: &[(u64, Window)]| -> Capability {
            let bounds = budget.iter().map(|(bytes, window)| {
                let per = match window.seconds() { 1 => "s", 60 => "min", 3600 => "h", _ => "d" };
                format!(" up {bytes}B/{per}")
            });
            format!("net example.com{}", bounds.collect::<String>()).parse().unwrap()
        };
        if rule(&wide).covers(&rule(&narrow)) {
            prop_assert!(within(&wide, &passed));
        }
    }
}

fn budget() -> impl Strategy<Value = Vec<(u64, Window)>> {
    let window = prop::sample::select(&[Window::Second, Window::Minute, Window::Hour][..]);
    prop::collection::vec((prop_oneof![1u64..100, 1u64..5000], window), 0..3)
}

fn within(budget: &[(u64, Window)], traffic: &[(u64, u64)]) -> bool {
    budget.iter().all(|(bytes, window)| {
        traffic.iter().all(|(start, _)| {
            let during = traffic
                .iter()
                .filter(|(at, _)| (*start..start + window.seconds()).contains(at));
            during.map(|(_, bytes)| bytes).sum::<u64>() <= *bytes
        })
    })
}

#[test]
fn hosts_cover_exactly_their_names() {
    let hosts = [
        "example.com",
        "a.example.com",
        "b.a.example.com",
        "badexample.com",
        "example.org",
        "192.0.2.1",
    ];
    type Model = fn(&str) -> bool;
    let patterns: [(&str, Model); 5] = [
        ("any", |_| true),
        ("*.example.com", |h| h.ends_with(".example.com")),
        ("*.a.example.com", |h| h.ends_with(".a.example.com")),
        ("example.com", |h| h == "example.com"),
        ("192.0.2.1", |h| h == "192.0.2.1"),
    ];
    for (pattern, model) in patterns {
        let wide: Capability = format!("net {pattern}").parse().unwrap();
        for host in hosts {
            let narrow: Capability = format!("net {host}").parse().unwrap();
            assert_eq!(wide.covers(&narrow), model(host), "{pattern} and {host}");
        }
        for (other, other_model) in patterns {
            let narrow: Capability = format!("net {other}").parse().unwrap();
            let outside = hosts.iter().any(|h| other_model(h) && !model(h));
            assert!(!(outside && wide.covers(&narrow)), "{pattern} and {other}");
        }
    }
}
