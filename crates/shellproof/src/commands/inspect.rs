//! Inspection and verdict: what `vet` and `grant` have in common.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use finding::{Inspection, Report};

use super::record::Recorder;
use crate::cli::Inspecting;

/// An inspector and the policy that judges what it sees.
pub(super) struct Inspector {
    inspector: vet::Inspector,
    policy: policy::Policy,
}

impl Inspector {
    /// As asked for on the command line.
    pub(super) fn new(args: &Inspecting) -> Result<Self> {
        let limits = worker::Limits {
            artifact: Duration::from_secs(args.timeout),
            ..worker::Limits::default()
        };
        let settings = vet::Settings {
            known_lists: !args.no_known_lists,
        };
        Ok(Self {
            inspector: vet::Inspector::new(worker::Host::new(limits), settings),
            policy: load_policy(args.policy.as_deref())?,
        })
    }

    /// The authority of this process, which decides by the same policy.
    pub(super) fn recorder(&self, state: &Path) -> Result<Recorder> {
        Recorder::open(state, self.policy.clone())
    }

    /// Inspects and judges one artifact.
    pub(super) fn report(&self, path: &Path) -> Report {
        self.judge(self.inspector.inspect(path))
    }

    /// Judges an inspection.
    pub(super) fn judge(&self, inspection: Inspection) -> Report {
        let verdict = self.policy.admission(&inspection);
        Report {
            inspection,
            verdict,
        }
    }
}

/// The policy at a path, or the built-in one.
pub(super) fn load_policy(path: Option<&Path>) -> Result<policy::Policy> {
    Ok(match path {
        Some(path) => policy::Policy::load(&[path.to_owned()])?,
        None => policy::Policy::bundled(),
    })
}
