//! `shellproof explain`: a rule's page.

use anyhow::Result;

use super::Setting;
use crate::cli::Explain;
use crate::{Exit, Failure};

pub(super) fn run(setting: &Setting, args: &Explain) -> Result<Exit> {
    let rules = crate::rules();
    let Some(id) = &args.rule else {
        if args.json {
            setting.out.json(&rules)?;
        } else {
            let width = rules.iter().map(|r| r.id.as_str().len()).max().unwrap_or(0);
            for rule in rules {
                setting
                    .out
                    .line(&format!("{:width$}  {}", rule.id, rule.summary))?;
            }
        }
        return Ok(Exit::Clean);
    };
    let Some(rule) = rules.iter().find(|rule| rule.id.as_str() == id) else {
        return Err(Failure::usage(format!(
            "there is no rule {id:?}; `shellproof explain --list` names all"
        )));
    };
    if args.json {
        setting.out.json(rule)?;
    } else {
        setting
            .out
            .write(&report::terminal::rule(rule, setting.out.style))?;
    }
    Ok(Exit::Clean)
}
