//! Where keys, grants and the ledger are kept.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

/// The state directory: as given, else `/var/lib/shellproof` for root, else below
/// `$XDG_STATE_HOME` or `~/.local/state`.
pub(crate) fn directory(given: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(dir) = given {
        return Ok(dir);
    }
    if rustix::process::geteuid().is_root() {
        return Ok("/var/lib/shellproof".into());
    }
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map(|base| base.join("shellproof"))
        .context("no state directory: neither XDG_STATE_HOME nor HOME is set; pass --state DIR")
}
