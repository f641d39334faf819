//! Bounds on what a run may use up.

use crate::{
    lex::{ParseError, Words, suggestion},
    unit,
};

/// What a bound is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Memory of all processes together, in bytes.
    Memory,
    /// Share of processor time, in percent of one core.
    CpuShare,
    /// Processor time of all processes together, in seconds.
    CpuTime,
    /// Processes and threads at once.
    Pids,
    /// Time from start to end, in seconds.
    Wall,
    /// Bytes written to disk that remain.
    Disk,
    /// Bytes written to standard output and error.
    Output,
}

impl Resource {
    /// Each once.
    pub const ALL: [Self; 7] = [
        Self::Memory,
        Self::CpuShare,
        Self::CpuTime,
        Self::Pids,
        Self::Wall,
        Self::Disk,
        Self::Output,
    ];

    const NAMES: [&str; 6] = ["memory", "cpu", "pids", "wall", "disk", "output"];

    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::CpuShare | Self::CpuTime => "cpu",
            Self::Pids => "pids",
            Self::Wall => "wall",
            Self::Disk => "disk",
            Self::Output => "output",
        }
    }

    /// The bound of a set that names none. Part of what a set means, so that it never changes:
    /// a signed grant would change with it.
    #[must_use]
    pub fn default_amount(self) -> u64 {
        match self {
            Self::Memory => 512 << 20,
            Self::CpuShare => 100,
            Self::CpuTime | Self::Wall => 600,
            Self::Pids => 64,
            Self::Disk => 256 << 20,
            Self::Output => 16 << 20,
        }
    }
}

/// One bound. A smaller one is a subset of a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limit {
    /// On what.
    pub resource: Resource,
    /// How much, in the unit of the resource.
    pub amount: u64,
}

impl Limit {
    /// Reads what follows `limit`.
    pub(crate) fn parse(words: &mut Words<'_>) -> Result<Self, ParseError> {
        let name = words.expect("`memory`, `cpu`, `pids`, `wall`, `disk` or `output`")?;
        let amount = words.expect("an amount")?;
        let (resource, amount) = match &*name.text {
            "memory" => (Resource::Memory, amount.read(unit::read_bytes)?),
            "cpu" if amount.text.ends_with('%') => (Resource::CpuShare, amount.read(read_percent)?),
            "cpu" => (Resource::CpuTime, amount.read(read_cpu)?),
            "pids" => (Resource::Pids, amount.read(read_count)?),
            "wall" => (Resource::Wall, amount.read(unit::read_seconds)?),
            "disk" => (Resource::Disk, amount.read(unit::read_bytes)?),
            "output" => (Resource::Output, amount.read(unit::read_bytes)?),
            other => {
                return Err(name.error(format!(
                    "expected `memory`, `cpu`, `pids`, `wall`, `disk` or `output`, found `{other}`{}",
                    suggestion(other, &Resource::NAMES)
                )));
            }
        };
        Ok(Self { resource, amount })
    }

    /// Whether this is the bound, or beyond it, that `narrow` sets.
    #[must_use]
    pub fn covers(self, narrow: Self) -> bool {
        self.resource == narrow.resource && self.amount >= narrow.amount
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let amount = match self.resource {
            Resource::Memory | Resource::Disk | Resource::Output => unit::bytes(self.amount),
            Resource::CpuTime | Resource::Wall => unit::seconds(self.amount),
            Resource::CpuShare => format!("{}%", self.amount),
            Resource::Pids => self.amount.to_string(),
        };
        write!(f, "{} {amount}", self.resource.name())
    }
}

fn read_percent(text: &str) -> Result<u64, String> {
    text.strip_suffix('%')
        .and_then(unit::read_number)
        .ok_or_else(|| format!("expected percent of one core like `50%`, found `{text}`"))
}

fn read_cpu(text: &str) -> Result<u64, String> {
    unit::read_seconds(text).map_err(|_| {
        format!("expected percent of one core like `50%` or a time like `30s`, found `{text}`")
    })
}

fn read_count(text: &str) -> Result<u64, String> {
    unit::read_number(text).ok_or_else(|| format!("expected a number like `64`, found `{text}`"))
}
