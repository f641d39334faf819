//! The command line's reference, completions and manual pages, from its grammar.

use std::fmt::Write as _;

use clap::Command;
use clap_complete::Shell;

use super::Files;

pub(super) fn add(files: &mut Files) -> anyhow::Result<()> {
    let mut command = shellproof::command().term_width(100);
    command.build();

    let mut page = "# Command line\n\nWhat `--help` prints, for every command.\n".to_owned();
    reference(&command, &mut page);
    files.insert("docs/src/reference/cli.md".into(), page.into_bytes());

    for (shell, path) in [
        (Shell::Bash, "share/bash-completion/completions/shellproof"),
        (Shell::Zsh, "share/zsh/site-functions/_shellproof"),
        (
            Shell::Fish,
            "share/fish/vendor_completions.d/shellproof.fish",
        ),
    ] {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut shellproof::command(), "shellproof", &mut script);
        files.insert(path.into(), script);
    }

    let mut manual = Vec::new();
    clap_mangen::Man::new(shellproof::command()).render(&mut manual)?;
    files.insert("share/man/man1/shellproof.1".into(), manual);
    Ok(())
}

/// One section a command; the grammar nests two deep.
fn reference(command: &Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let help = command.clone().render_long_help().to_string();
    let _ = write!(page, "\n## {name}\n\n```text\n");
    for line in help.trim_end().lines() {
        let _ = writeln!(page, "{}", line.trim_end());
    }
    page.push_str("```\n");
    for sub in command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
    {
        reference(sub, page);
    }
}
