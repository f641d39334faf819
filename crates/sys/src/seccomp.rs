//! Seccomp filters, made from tables that say why each system call is there.

mod compute;

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

pub use compute::COMPUTE;

/// What a process may ask of the kernel. Whatever is in neither table ends the process
/// (`SIGSYS`), as does a call of another architecture or of the x32 ABI.
#[derive(Debug)]
pub struct Profile {
    /// Name, for messages.
    pub name: &'static str,
    /// Done.
    pub allow: &'static [Call],
    /// Answered `EPERM`: tried by honest libraries, which cope with the refusal.
    pub refuse: &'static [Call],
}

/// One line of a [`Profile`]. A call with several lines passes when any of them fits.
#[derive(Debug)]
pub struct Call {
    /// The system call's number on this architecture.
    pub number: libc::c_long,
    /// What its arguments must be, all of it.
    pub when: &'static [Argument],
    /// What it is for.
    pub why: &'static str,
}

/// What an argument must be; the first number is its position, from 0.
#[derive(Debug, Clone, Copy)]
pub enum Argument {
    /// This, in its low 32 bits (a descriptor, a command).
    Is(u8, u32),
    /// All these bits are set.
    Has(u8, u64),
    /// None of these bits is set.
    Lacks(u8, u64),
    /// The number of this process.
    OwnPid(u8),
}

/// Why a filter is not in force.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The processor has no profiles.
    #[error(
        "no seccomp profiles for the {} architecture; x86_64 and aarch64 have them",
        std::env::consts::ARCH
    )]
    Architecture,
    /// The table cannot be compiled.
    #[error("the seccomp profile `{profile}` does not compile: {source}")]
    Compile {
        /// Its name.
        profile: &'static str,
        /// Why.
        source: seccompiler::BackendError,
    },
    /// The kernel refused it.
    #[error(
        "the kernel refused the seccomp profile `{profile}`: {source}; it needs Linux 4.14 or \
         later with CONFIG_SECCOMP_FILTER=y, and a container profile that allows seccomp(2)"
    )]
    Refused {
        /// Its name.
        profile: &'static str,
        /// Why.
        source: seccompiler::Error,
    },
}

impl Profile {
    /// Puts the profile in force for every thread of this process, for good. Sets `no_new_privs`.
    ///
    /// # Errors
    /// When this fails the process is not confined and must not go on.
    pub fn apply(&self) -> Result<(), Error> {
        for program in self.compile()? {
            seccompiler::apply_filter_all_threads(&program).map_err(|source| Error::Refused {
                profile: self.name,
                source,
            })?;
        }
        Ok(())
    }

    /// Two filters, since one has only two answers; of two answers the kernel takes the stricter.
    /// The first refuses what `refuse` lists and passes the rest on, the second ends the process
    /// at whatever neither table lists.
    fn compile(&self) -> Result<[BpfProgram; 2], Error> {
        let refuse = SeccompAction::Errno(libc::EPERM as u32);
        let quiet = self.filter(&[self.refuse], SeccompAction::Allow, refuse)?;
        let fatal = self.filter(
            &[self.allow, self.refuse],
            SeccompAction::KillProcess,
            SeccompAction::Allow,
        )?;
        Ok([quiet, fatal])
    }

    fn filter(
        &self,
        tables: &[&[Call]],
        otherwise: SeccompAction,
        listed: SeccompAction,
    ) -> Result<BpfProgram, Error> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|_| Error::Architecture)?;
        rules(tables)
            .and_then(|rules| SeccompFilter::new(rules, otherwise, listed, arch))
            .and_then(BpfProgram::try_from)
            .map_err(|source| Error::Compile {
                profile: self.name,
                source,
            })
    }
}

/// A number without rules fits whatever its arguments are.
fn rules(tables: &[&[Call]]) -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for call in tables.iter().copied().flatten() {
        let alternatives = rules.entry(call.number).or_default();
        if !call.when.is_empty() {
            let conditions = call
                .when
                .iter()
                .map(|a| a.condition())
                .collect::<Result<_, _>>()?;
            alternatives.push(SeccompRule::new(conditions)?);
        }
    }
    Ok(rules)
}

impl Argument {
    fn condition(self) -> Result<SeccompCondition, seccompiler::BackendError> {
        use SeccompCmpArgLen::{Dword, Qword};
        let (position, length, operator, value) = match self {
            Self::Is(n, value) => (n, Dword, SeccompCmpOp::Eq, value.into()),
            Self::Has(n, bits) => (n, Qword, SeccompCmpOp::MaskedEq(bits), bits),
            Self::Lacks(n, bits) => (n, Qword, SeccompCmpOp::MaskedEq(bits), 0),
            Self::OwnPid(n) => (n, Dword, SeccompCmpOp::Eq, std::process::id().into()),
        };
        SeccompCondition::new(position, length, operator, value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_says_why() {
        for call in COMPUTE.allow.iter().chain(COMPUTE.refuse) {
            assert!(call.why.len() > 10, "system call {}", call.number);
        }
    }

    /// A line without conditions would otherwise lose against one with conditions.
    #[test]
    fn a_call_with_conditions_has_no_line_without() {
        let (free, bound): (Vec<_>, Vec<_>) = COMPUTE
            .allow
            .iter()
            .chain(COMPUTE.refuse)
            .partition(|call| call.when.is_empty());
        let bound: BTreeSet<_> = bound.iter().map(|call| call.number).collect();
        let mut seen = BTreeSet::new();
        for call in free {
            assert!(!bound.contains(&call.number), "system call {}", call.number);
            assert!(
                seen.insert(call.number),
                "system call {} is listed twice",
                call.number
            );
        }
    }

    #[test]
    fn the_profile_compiles_for_this_architecture() {
        let [quiet, fatal] = COMPUTE.compile().expect("compiles");
        assert!(!quiet.is_empty() && !fatal.is_empty());
    }
}
