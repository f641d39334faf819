#![no_main]
//! Reading SKILL.md never panics, and its spans lie inside the text.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let skill = skill::skill_md::parse("SKILL.md", bytes);
    assert!(text.is_char_boundary(skill.body as usize));
    if let Some(front) = skill.front_matter {
        assert!(front.start <= front.end && front.end <= skill.body);
        assert!(text.get(front.start as usize..front.end as usize).is_some());
    }
    let declared = skill::declared::capabilities(&skill, &text);
    let findings = skill.findings.iter().chain(&declared.findings);
    for span in findings.flat_map(|f| &f.locations).filter_map(|l| l.span) {
        assert!(text.get(span.start as usize..span.end as usize).is_some());
    }
    let _ = skill::manifest::parse("package.json", bytes);
});
