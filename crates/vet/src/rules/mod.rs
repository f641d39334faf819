//! The rules, one file each with its page beside it. A rule that is not listed here does not exist.

mod agent_impersonation;
mod agent_surface_instructions;
mod agent_surface_tampering;
mod bulk_credential_request;
mod concealment;
mod credential_exfiltration;
mod destructive_command;
mod download_then_execute;
mod encoded_execution;
mod foreign_prerequisite;
mod hidden_text;
mod install_hook_execution;
mod instruction_override;
mod judge_directed_text;
mod opaque_code;
mod password_protected_download;
mod paste_to_terminal;
mod prose_exfiltration;
mod raw_ip_endpoint;
mod remote_code_execution;
mod remote_instructions;
mod reverse_shell;
mod temp_file_execution;

use crate::Rule;

/// Every rule, by id.
pub fn all() -> &'static [&'static dyn Rule] {
    &[
        &agent_impersonation::AgentImpersonation,
        &agent_surface_instructions::AgentSurfaceInstructions,
        &agent_surface_tampering::AgentSurfaceTampering,
        &bulk_credential_request::BulkCredentialRequest,
        &concealment::Concealment,
        &credential_exfiltration::CredentialExfiltration,
        &destructive_command::DestructiveCommand,
        &download_then_execute::DownloadThenExecute,
        &encoded_execution::EncodedExecution,
        &foreign_prerequisite::ForeignPrerequisite,
        &hidden_text::HiddenText,
        &install_hook_execution::InstallHookExecution,
        &instruction_override::InstructionOverride,
        &judge_directed_text::JudgeDirectedText,
        &opaque_code::OpaqueCode,
        &password_protected_download::PasswordProtectedDownload,
        &paste_to_terminal::PasteToTerminal,
        &prose_exfiltration::ProseExfiltration,
        &raw_ip_endpoint::RawIpEndpoint,
        &remote_code_execution::RemoteCodeExecution,
        &remote_instructions::RemoteInstructions,
        &reverse_shell::ReverseShell,
        &temp_file_execution::TempFileExecution,
    ]
}

#[cfg(test)]
pub(crate) mod testing {
    //! What a rule's own tests are written with.

    use finding::Finding;

    use crate::{Artifact, Context, Rule, Settings};

    /// What `rule` finds in an artifact of these files.
    pub(crate) fn findings(rule: &dyn Rule, files: &[(&str, &str)]) -> Vec<Finding> {
        let inputs: Vec<_> = files
            .iter()
            .map(|(path, text)| facts::File {
                path: (*path).to_owned(),
                bytes: text.as_bytes().to_vec(),
                mode: 0o644,
            })
            .collect();
        let facts = facts::extract(&inputs, &facts::Limits::default());
        let name = files
            .iter()
            .find_map(|(_, text)| text.strip_prefix("---\nname: ")?.lines().next());
        let artifact = Artifact {
            name: name.unwrap_or_default().to_owned(),
            texts: files
                .iter()
                .map(|(p, t)| ((*p).to_owned(), (*t).to_owned()))
                .collect(),
            ..Artifact::default()
        };
        let mut out = Vec::new();
        rule.check(
            &Context {
                artifact: &artifact,
                facts: &facts,
                settings: &Settings::default(),
            },
            &mut out,
        );
        out
    }

    /// Asserts that the rule finds something in this SKILL.md, and returns the worst of it.
    pub(crate) fn finds(rule: &dyn Rule, skill_md: &str) -> Finding {
        let mut found = findings(rule, &[("SKILL.md", skill_md)]);
        found.sort_by_key(|f| std::cmp::Reverse((f.severity, f.confidence)));
        found
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("{} finds nothing", rule.meta().id))
    }

    /// Asserts that the rule finds nothing in this SKILL.md.
    pub(crate) fn passes(rule: &dyn Rule, skill_md: &str) {
        let found = findings(rule, &[("SKILL.md", skill_md)]);
        assert!(found.is_empty(), "{} finds {found:#?}", rule.meta().id);
    }
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn ids_are_sorted_and_unique() {
        let ids: Vec<_> = all().iter().map(|r| r.meta().id.clone()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    }

    #[test]
    fn every_page_has_an_example_of_both_kinds() {
        for rule in all() {
            let meta = rule.meta();
            for part in [
                "## What it does",
                "## Why",
                "## Finds",
                "## Passes",
                "## Fix",
            ] {
                assert!(meta.docs.contains(part), "{}: no {part:?}", meta.id);
            }
        }
    }
}
