//! `shellproof grant`: draft, approve, show, diff, revoke, list.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use authority::Authority as _;
use authority::grants::{Diff, Draft, Entry, Grants, State};
use capability::{Capability, CapabilitySet, Decision, Digest, Timestamp};
use finding::Report;

use super::Setting;
use super::inspect::Inspector;
use super::record::{Recorder, actor};
use crate::cli::{Approve, Grant, Inspecting};
use crate::{Exit, Failure};

pub(super) fn run(setting: &Setting, args: Grant) -> Result<Exit> {
    match args {
        Grant::Draft {
            skill,
            inspecting,
            json,
        } => draft(setting, &skill, &inspecting, json),
        Grant::Approve(args) => approve(setting, args),
        Grant::Show { grant, json } => show(setting, &grant, json),
        Grant::Diff {
            grant,
            skill,
            inspecting,
            json,
        } => diff(setting, &grant, &skill, &inspecting, json),
        Grant::Revoke { grant, reason } => revoke(setting, &grant, &reason),
        Grant::List { json } => list(setting, json),
    }
}

/// The inspected skill, and the authority that keeps grants.
struct Desk {
    inspector: Inspector,
    recorder: Recorder,
    dir: PathBuf,
}

impl Desk {
    fn open(setting: &Setting, inspecting: &Inspecting) -> Result<Self> {
        let state = setting.state()?;
        let inspector = Inspector::new(inspecting)?;
        let recorder = inspector.recorder(&state)?;
        Ok(Self {
            inspector,
            recorder,
            dir: state.join("grants"),
        })
    }

    fn grants(&self) -> Grants<'_> {
        Grants::new(&self.recorder.authority, &self.dir)
    }

    /// The verdict on a skill, recorded, and the least grant that covers what was inferred.
    fn propose(&self, skill: &Path) -> Result<(Report, Draft)> {
        let report = self.inspector.report(skill);
        self.recorder.vets(std::slice::from_ref(&report))?;
        let inspection = &report.inspection;
        let Some(artifact) = inspection.digest else {
            let cause: Vec<_> = inspection
                .incomplete
                .iter()
                .map(|i| i.reason.as_str())
                .collect();
            return Err(Failure::refused(format!(
                "{}: cannot be pinned, because it could not be read as a whole: {}",
                skill.display(),
                cause.join("; ")
            )));
        };
        let draft = Draft {
            artifact,
            name: inspection.name.clone(),
            capabilities: inspection.capabilities.inferred.clone(),
            evidence: inspection.evidence(),
        };
        Ok((report, draft))
    }
}

fn now() -> Timestamp {
    ledger::Moment::now().timestamp()
}

fn draft(setting: &Setting, skill: &Path, inspecting: &Inspecting, json: bool) -> Result<Exit> {
    let desk = Desk::open(setting, inspecting)?;
    let (report, draft) = desk.propose(skill)?;
    desk.grants().draft(&draft, &actor())?;
    if json {
        setting.out.json(&draft)?;
    } else {
        print_draft(setting, &report, &draft)?;
        setting.out.line(&format!(
            "\nNothing is allowed yet: `shellproof grant approve {}` signs it.",
            skill.display()
        ))?;
    }
    Ok(Exit::Clean)
}

fn print_draft(setting: &Setting, report: &Report, draft: &Draft) -> Result<()> {
    let out = setting.out;
    let capabilities = &report.inspection.capabilities;
    out.line(&format!(
        "{} {}  {} ({})",
        report::escape(&draft.name),
        draft.artifact.short(),
        report.verdict.decision,
        report.verdict.status
    ))?;
    for reason in &report.verdict.reasons {
        out.line(&format!("  {}", report::escape(reason)))?;
    }
    if !capabilities.unresolved.is_empty() {
        out.line("not covered, because it is known only when it happens:")?;
        for effect in &capabilities.unresolved {
            out.line(&format!("  {}", report::escape(effect)))?;
        }
    }
    if capabilities.declares && !capabilities.over_reach.is_empty() {
        out.line("needed and not declared (over-reach):")?;
        print_set(setting, "+ ", &capabilities.over_reach)?;
    } else if !capabilities.declares {
        out.line("It declares no permissions, so there is nothing to compare with.")?;
    }
    out.line("proposed grant:")?;
    print_set(setting, "  ", &draft.capabilities)
}

fn print_set(setting: &Setting, mark: &str, set: &CapabilitySet) -> Result<()> {
    if set.is_empty() {
        setting.out.line(&format!("{mark}(nothing)"))?;
    }
    for capability in set.to_string().lines() {
        setting
            .out
            .line(&format!("{mark}{}", report::escape(capability)))?;
    }
    Ok(())
}

fn approve(setting: &Setting, args: Approve) -> Result<Exit> {
    let (now, expires) = (now(), now().plus(seconds(&args.expires)?));
    let add = parse_capabilities(&args.add)?;
    let without = parse_capabilities(&args.without)?;
    let desk = Desk::open(setting, &args.inspecting)?;
    let (report, mut draft) = desk.propose(&args.skill)?;
    match report.verdict.decision {
        Decision::Block => {
            print_draft(setting, &report, &draft)?;
            return Err(Failure::refused(format!(
                "{}: blocked; no grant is made for what policy blocks",
                args.skill.display()
            )));
        }
        Decision::Hold if args.reason.is_none() => {
            print_draft(setting, &report, &draft)?;
            return Err(Failure::refused(format!(
                "{}: held; if you know better, say why with --reason",
                args.skill.display()
            )));
        }
        Decision::Allow | Decision::Warn | Decision::Hold => {}
    }
    draft.capabilities = draft.capabilities.difference(&without).union(&add);
    if !draft.capabilities.intersection(&without).is_empty() {
        return Err(Failure::usage(
            "what --without names is part of a wider capability of the proposal; leave that out, \
             and add what remains of it with --add",
        ));
    }

    let by = args.by.unwrap_or_else(actor);
    print_draft(setting, &report, &draft)?;
    setting.out.line(&format!(
        "approved by {}, until {expires}",
        report::escape(&by)
    ))?;
    if !args.yes && !confirmed()? {
        return Err(Failure::refused("not approved"));
    }
    if let Some(reason) = &args.reason {
        let body = serde_json::json!({ "name": draft.name, "decision": report.verdict.decision, "reason": reason });
        let event = ledger::Event::now("grant.reason", &by, draft.artifact, body);
        desk.recorder.authority.append(vec![event])?;
    }
    let signed = desk.grants().approve(draft, &by, now, expires)?;
    setting
        .out
        .line(&format!("granted: {}", signed.grant.id()))?;
    setting
        .out
        .line(&format!("note: {}", desk.recorder.authority.guarantee()))?;
    Ok(Exit::Clean)
}

/// Asks the person at the terminal. Without one there is nobody to ask.
fn confirmed() -> Result<bool> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::refused(
            "approving needs a person at a terminal; a script says --yes",
        ));
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "Approve? [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn parse_capabilities(texts: &[String]) -> Result<CapabilitySet> {
    texts
        .iter()
        .map(|text| {
            text.parse::<Capability>().map_err(|error| {
                let mark = " ".repeat(text.get(..error.span.start).unwrap_or("").chars().count());
                Failure::usage(format!("{}\n  {text}\n  {mark}^", error.message))
            })
        })
        .collect()
}

/// `90s`, `15m`, `12h`, `30d`, `4w` in seconds; at most ten years.
fn seconds(text: &str) -> Result<i64> {
    let units = [
        ("s", 1),
        ("m", 60),
        ("h", 3600),
        ("d", 86_400),
        ("w", 604_800),
    ];
    let parse = || {
        let (unit, factor) = units.iter().find(|(unit, _)| text.ends_with(unit))?;
        let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
        Some(i64::from(number) * factor).filter(|s| (1..=315_360_000).contains(s))
    };
    parse().ok_or_else(|| {
        Failure::usage(format!(
            "--expires {text:?}: expected a time like `12h`, `30d` or `4w`, at most ten years"
        ))
    })
}

/// Finds a grant by its id or the beginning of one.
fn find(grants: &Grants<'_>, text: &str) -> Result<(Digest, Entry)> {
    let wanted = if text.starts_with("sha256:") {
        text.to_owned()
    } else {
        format!("sha256:{text}")
    };
    let entries = grants.list(now())?;
    let mut found = entries
        .into_iter()
        .filter_map(|entry| Some((entry.id?, entry)));
    let mut found = found
        .by_ref()
        .filter(|(id, _)| id.to_string().starts_with(&wanted));
    match (found.next(), found.next()) {
        (Some(one), None) if wanted.len() >= "sha256:".len() + 4 => Ok(one),
        (Some(_), _) => Err(Failure::usage(format!(
            "{text}: several grants begin so, or it is too short to tell"
        ))),
        (None, _) => Err(Failure::usage(format!(
            "{text}: there is no such grant; `shellproof grant list` names all"
        ))),
    }
}

fn show(setting: &Setting, grant: &str, json: bool) -> Result<Exit> {
    let desk = Desk::open(setting, &Inspecting::default())?;
    let grants = desk.grants();
    if !Path::new(grant).exists() {
        let (_, entry) = find(&grants, grant)?;
        print_entry(setting, &entry, json)?;
        return Ok(worth(&entry));
    }
    let (report, draft) = desk.propose(Path::new(grant))?;
    if let Some(signed) = grants.find_for(draft.artifact, now())? {
        let (_, entry) = find(&grants, &signed.grant.id().to_string())?;
        print_entry(setting, &entry, json)?;
        return Ok(Exit::Clean);
    }
    // A changed file voids the grant: say which one, and what changed.
    let earlier = grants.list(now())?.into_iter().rev().find_map(|entry| {
        entry
            .grant
            .filter(|signed| signed.grant.name == report.inspection.name)
    });
    match earlier {
        Some(signed) => {
            setting.out.line(&format!(
                "No grant is in force for {} as it is now. {} was granted to it as {}:",
                grant,
                signed.grant.id(),
                signed.grant.artifact
            ))?;
            let diff = authority::grants::diff(&signed.grant, &draft.capabilities);
            print_diff(setting, &diff)?;
        }
        None => setting
            .out
            .line(&format!("No grant is in force for {grant}."))?,
    }
    Ok(Exit::Found)
}

fn worth(entry: &Entry) -> Exit {
    if entry.state == State::Active {
        Exit::Clean
    } else {
        Exit::Found
    }
}

fn print_entry(setting: &Setting, entry: &Entry, json: bool) -> Result<()> {
    if json {
        setting.out.json(entry)?;
        return Ok(());
    }
    setting.out.line(&headline(entry))?;
    let Some(signed) = &entry.grant else {
        return Ok(());
    };
    let grant = &signed.grant;
    setting.out.line(&format!("artifact  {}", grant.artifact))?;
    setting.out.line(&format!("evidence  {}", grant.evidence))?;
    setting.out.line(&format!(
        "approved  by {} at {}, until {}",
        report::escape(&grant.approved_by),
        grant.approved_at,
        grant.expires_at
    ))?;
    setting.out.line(&format!("key       {}", signed.key.0))?;
    print_set(setting, "  ", &grant.capabilities)
}

/// Id, state and name of a grant in one line.
fn headline(entry: &Entry) -> String {
    let state = match &entry.state {
        State::Active => "active".to_owned(),
        State::Expired => "expired".to_owned(),
        State::Revoked(r) => format!("revoked by {} at {}: {}", r.by, r.at, r.reason),
        State::Void { cause } => format!("void: {cause}"),
    };
    let id = entry
        .id
        .map_or_else(|| entry.path.display().to_string(), |id| id.to_string());
    let name = entry
        .grant
        .as_ref()
        .map_or("?", |signed| &signed.grant.name);
    report::escape(&format!("{id}  {name}  {state}")).into_owned()
}

fn diff(
    setting: &Setting,
    grant: &str,
    skill: &Path,
    inspecting: &Inspecting,
    json: bool,
) -> Result<Exit> {
    let desk = Desk::open(setting, inspecting)?;
    let (_, entry) = find(&desk.grants(), grant)?;
    let signed = entry.grant.context("the grant's file cannot be read")?;
    let (_, draft) = desk.propose(skill)?;
    let diff = authority::grants::diff(&signed.grant, &draft.capabilities);
    let same = signed.grant.artifact == draft.artifact;
    if json {
        setting.out.json(&diff)?;
    } else {
        setting.out.line(&if same {
            format!("unchanged: {}", draft.artifact)
        } else {
            format!(
                "changed: granted {}\n         now     {}",
                signed.grant.artifact, draft.artifact
            )
        })?;
        print_diff(setting, &diff)?;
    }
    Ok(if same { Exit::Clean } else { Exit::Found })
}

fn print_diff(setting: &Setting, diff: &Diff) -> Result<()> {
    if diff.added.is_empty() && diff.removed.is_empty() {
        setting.out.line("  the capabilities are the same")?;
        return Ok(());
    }
    if !diff.added.is_empty() {
        print_set(setting, "+ ", &diff.added)?;
    }
    if !diff.removed.is_empty() {
        print_set(setting, "- ", &diff.removed)?;
    }
    Ok(())
}

fn revoke(setting: &Setting, grant: &str, reason: &str) -> Result<Exit> {
    let desk = Desk::open(setting, &Inspecting::default())?;
    let grants = desk.grants();
    let (id, _) = find(&grants, grant)?;
    let receipt = grants.revoke(id, &actor(), reason)?;
    setting
        .out
        .line(&format!("revoked: {id} (record {})", receipt.index))?;
    Ok(Exit::Clean)
}

fn list(setting: &Setting, json: bool) -> Result<Exit> {
    let desk = Desk::open(setting, &Inspecting::default())?;
    let entries = desk.grants().list(now())?;
    if json {
        setting.out.json(&entries)?;
    } else if entries.is_empty() {
        setting
            .out
            .line("There are no grants. `shellproof grant draft <skill>` proposes one.")?;
    } else {
        for entry in &entries {
            setting.out.line(&headline(entry))?;
        }
    }
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_time_has_a_unit_and_an_end() {
        assert_eq!(seconds("90s").unwrap(), 90);
        assert_eq!(seconds("30d").unwrap(), 2_592_000);
        for wrong in ["", "d", "30", "-1d", "0h", "1.5h", "99999d", "30 d"] {
            assert!(seconds(wrong).is_err(), "{wrong:?}");
        }
    }
}
