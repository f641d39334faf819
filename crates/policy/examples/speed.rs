//! Prints what the bundled policy costs: once to load, and for each decision over an artifact
//! with 20 findings.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::time::Instant;

use finding::{
    Audience, Capabilities, Confidence, Finding, Inspection, Location, RuleId, Severity,
};
use policy::Policy;

const EVALUATIONS: u32 = 1_000;

fn main() {
    let start = Instant::now();
    let policy = Policy::bundled();
    println!(
        "load                   {:>8.1} µs",
        start.elapsed().as_secs_f64() * 1e6
    );

    let inspection = inspection();
    let mut times: Vec<f64> = (0..EVALUATIONS)
        .map(|_| {
            let start = Instant::now();
            let verdict = policy.admission(&inspection);
            assert!(!verdict.reasons.is_empty());
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    for (name, place) in [("median", 0.5), ("99th percentile", 0.99)] {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list of 1,000"
        )]
        let i = (f64::from(EVALUATIONS) * place) as usize;
        println!("decide, {name:<15}{:>8.1} µs", times[i]);
    }
}

fn inspection() -> Inspection {
    let severities = [
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    let confidences = [Confidence::Low, Confidence::Medium, Confidence::High];
    let findings = (0..20).map(|i| Finding {
        rule: RuleId::new(["pipe-to-shell", "reads-credentials", "raw-address"][i % 3]),
        severity: severities[i % severities.len()],
        confidence: confidences[i % confidences.len()],
        audience: Audience::User,
        message: format!("does something that rule {i} is about"),
        locations: vec![Location::file(format!("scripts/{i}.sh"), "here")],
        fix: None,
    });
    Inspection {
        path: "skills/example".to_owned(),
        name: "example".to_owned(),
        digest: None,
        findings: findings.collect(),
        incomplete: Vec::new(),
        capabilities: Capabilities::default(),
        tested: vec!["static:shell".to_owned(), "static:prose".to_owned()],
        not_tested: vec!["dynamic".to_owned()],
        engine: "example".to_owned(),
        elapsed_us: 0,
    }
}
