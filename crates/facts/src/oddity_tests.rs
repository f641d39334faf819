use proptest::prelude::*;

use super::*;

fn kinds(text: &str) -> Vec<OddityKind> {
    scan(text, Language::Prose).iter().map(|o| o.kind).collect()
}

fn tags(text: &str) -> String {
    text.chars()
        .map(|c| char::from_u32(0xe0000 + c as u32).unwrap())
        .collect()
}

#[test]
fn ordinary_text_has_no_oddities() {
    for text in [
        "plain",
        "\u{feff}# a byte order mark at the start",
        "family 👩‍👩‍👧, heart ❤️, keycap 1️⃣, tone 👍🏽, rainbow 🏳️‍🌈",
        "England 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "Persian می‌خواهم and Hindi क्‍ष",
        "Hebrew \u{5d0}\u{5d1} with \u{2067}an isolate\u{2069}",
        "Привет, мир. Ελλάδα. 5 μm, Δx, αβ-test",
        "日本語と English",
        "co\u{ad}operate",
    ] {
        assert_eq!(kinds(text), [], "{text}");
    }
}

#[test]
fn each_oddity_is_told_from_the_others() {
    for (text, kind) in [
        (format!("a{}", tags("run")), OddityKind::Tags),
        ("pass\u{200b}word".to_owned(), OddityKind::ZeroWidth),
        ("a\u{feff}b".to_owned(), OddityKind::ZeroWidth),
        ("a\u{202e}txt.exe".to_owned(), OddityKind::Bidi),
        ("a\u{2066}b\u{2069}".to_owned(), OddityKind::Bidi),
        (
            "x\u{e0158}\u{e0159}\u{e015a}".to_owned(),
            OddityKind::Selectors,
        ),
        ("p\u{430}ypal".to_owned(), OddityKind::Homoglyph),
        (
            "https://\u{441}\u{43e}\u{440}.com".to_owned(),
            OddityKind::Homoglyph,
        ),
        (format!("a{}b", "\n".repeat(300)), OddityKind::Padding),
        (format!("a{}b", " ".repeat(3000)), OddityKind::Padding),
    ] {
        assert!(kinds(&text).contains(&kind), "{text:?}");
    }
}

#[test]
fn what_invisible_characters_spell_is_decoded() {
    let selectors: String = "hi there"
        .bytes()
        .map(|b| char::from_u32(0xe0100 + u32::from(b) - 16).unwrap())
        .collect();
    let bits: String = "obey"
        .bytes()
        .flat_map(|b| {
            (0..8).rev().map(move |i| {
                if b >> i & 1 == 1 {
                    '\u{200c}'
                } else {
                    '\u{200b}'
                }
            })
        })
        .collect();
    for (text, hidden) in [
        (tags("ignore it"), "ignore it"),
        (selectors, "hi there"),
        (bits, "obey"),
    ] {
        let found = scan(&format!("a{text}b"), Language::Prose);
        assert_eq!(found[0].hidden.as_deref(), Some(hidden));
    }
}

#[test]
fn blank_lines_at_the_end_hide_nothing() {
    assert_eq!(kinds(&format!("a{}", "\n".repeat(100_000))), []);
}

#[test]
fn imitations_are_read_as_what_they_imitate() {
    assert_eq!(
        latinised("ign\u{43e}re \u{440}r\u{435}vious").as_deref(),
        Some("ignore previous")
    );
    assert_eq!(latinised("только по-русски"), None);
}

proptest! {
    #[test]
    fn spans_are_inside_the_text_on_boundaries(text in "\\PC*|[ \u{200b}\u{e0041}\u{202e}\u{430}a.\n]{0,200}") {
        for odd in scan(&text, Language::Prose) {
            prop_assert!(text.get(odd.span.start as usize..odd.span.end as usize).is_some());
        }
    }
}
