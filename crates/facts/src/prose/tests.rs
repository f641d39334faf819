use proptest::prelude::*;

use super::*;
use crate::{Action, Addressee, Force, Polarity};

/// A claim in one line: what, how, to whom, with what.
fn line(c: &Claim) -> String {
    let polarity = match c.polarity {
        Polarity::Affirmed => "+",
        Polarity::Negated => "-",
        Polarity::Mentioned => "~",
    };
    let force = match c.force {
        Force::Described => "",
        Force::Instructed => "!",
        Force::Required => "!!",
    };
    let whom = match c.addressee {
        Addressee::Reader => "",
        Addressee::Agent => " @agent",
        Addressee::User => " @user",
        Addressee::Judge => " @judge",
    };
    let hidden = if c.hidden { " hidden" } else { "" };
    let objects: Vec<_> = c.objects.iter().map(|o| format!("{o:?}").replace('"', "")).collect();
    format!("{polarity}{:?}{force}{whom}{hidden} [{}]", c.action, objects.join(", "))
}

fn lines(path: &str, text: &str) -> Vec<String> {
    read(path, text).claims.iter().map(line).collect()
}

#[test]
fn dump() {
    if let Ok(path) = std::env::var("PROSE_DUMP") {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let prose = read(&path, &text);
        for c in &prose.claims {
            println!("{}/{} {}\n      {}", c.block, c.sentence, line(c), c.text.replace('\n', "⏎"));
        }
        for o in &prose.oddities {
            println!("{o:?}");
        }
    }
}
