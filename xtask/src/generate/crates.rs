//! The table of crates, in the order of the layers.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;

use super::Files;
use crate::structure::{LAYERS, manifest};

pub(super) fn add(root: &Path, files: &mut Files) -> anyhow::Result<()> {
    let mut page = "# Crates\n\nFrom top to bottom: a crate knows only what is below it, and those in one row do not know \
                    each other. `cargo xtask structure` keeps it so; `cargo xtask generate` writes this table.\n\n\
                    | crate | its job |\n|---|---|\n"
        .to_owned();
    for layer in LAYERS {
        let mut jobs = Vec::new();
        for name in *layer {
            let manifest = manifest(root, name)?;
            let job = manifest
                .get("package")
                .and_then(|p| p.get("description"))
                .and_then(toml::Value::as_str)
                .with_context(|| format!("crates/{name}/Cargo.toml has no description"))?;
            jobs.push(job.to_owned());
        }
        let names: Vec<_> = layer
            .iter()
            .map(|name| format!("[`{name}`]({name})"))
            .collect();
        let _ = writeln!(page, "| {} | {} |", names.join("<br>"), jobs.join("<br>"));
    }
    files.insert("crates/README.md".into(), page.into_bytes());
    Ok(())
}
