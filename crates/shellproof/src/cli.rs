//! The arguments. Nothing here does anything but say what was asked for.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

/// Puts a shell around a self-hosted OpenClaw agent, and proves that it holds.
#[derive(Debug, Parser)]
#[command(
    name = "shellproof",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 clean, 1 stopped or at fault, 2 usage, 3 incomplete or failed closed, \
4 refused, 70 internal error, 130 interrupted.\n\nStart with `shellproof demo`, or `shellproof vet <skill>`."
)]
pub struct Cli {
    /// What everybody may say.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Where keys, grants and the ledger are kept
    /// [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]
    #[arg(long, global = true, env = "SHELLPROOF_STATE", value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Global options")]
    pub state: Option<PathBuf>,

    /// When to use colour; NO_COLOR is honoured
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        help_heading = "Global options"
    )]
    pub color: Color,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Color {
    /// On a terminal that has it.
    #[default]
    Auto,
    /// In any case.
    Always,
    /// Not at all.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Inspect skills and say whether they may be installed, with the evidence
    Vet(Vet),
    /// Propose, approve, show and revoke what a skill may do
    #[command(subcommand)]
    Grant(Grant),
    /// Test, check and explain the policy that decides
    #[command(subcommand)]
    Policy(Policy),
    /// Read, verify and prove the tamper-evident record
    #[command(subcommand)]
    Ledger(Ledger),
    /// Say what a rule finds, why it matters and how to fix it
    Explain(Explain),
    /// See it work: three skills, a grant, and a ledger that notices
    Demo(Demo),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  shellproof completions bash > /etc/bash_completion.d/shellproof"
    )]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:\n  shellproof man | man -l -")]
    Man,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// One JSON object a line, as soon as each is there.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// How an artifact is looked at; shared by all commands that inspect one.
#[derive(Debug, Clone, Args)]
pub struct Inspecting {
    /// Policy directory or file to decide by, instead of the built-in one
    #[arg(long, env = "SHELLPROOF_POLICY", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub policy: Option<PathBuf>,

    /// Use no list of known hosts, hashes, owners or campaigns
    #[arg(long)]
    pub no_known_lists: bool,

    /// Seconds that one artifact may take before it is held as incomplete
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

impl Default for Inspecting {
    /// As when nothing is said.
    fn default() -> Self {
        Self {
            policy: None,
            no_known_lists: false,
            timeout: 30,
        }
    }
}

/// `shellproof vet`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shellproof vet ~/.openclaw/workspace/skills/weather
  shellproof vet skill.zip --format sarif > skill.sarif
  shellproof vet skills/*/ --format jsonl --no-record | jq -r 'select(.decision != \"allow\") | .path'

Exit codes: 0 all may be installed; 1 at least one reaches --fail-on; 3 at least one could not be
inspected as a whole (it is held) or the verdict could not be recorded.")]
pub struct Vet {
    /// Skills: directories, archives (zip, tar, tar.gz), git checkouts, or SKILL.md files
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

    /// How to write the result
    #[arg(long, short, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,

    /// The mildest decision that makes the exit code 1
    #[arg(long, value_enum, default_value_t, value_name = "DECISION")]
    pub fail_on: FailOn,

    /// How to look
    #[command(flatten)]
    pub inspecting: Inspecting,

    /// Artifacts inspected side by side [default: the number of processors]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,

    /// Read nothing kept from earlier runs
    #[arg(long)]
    pub no_cache: bool,

    /// Do not append the verdicts to the ledger
    #[arg(long)]
    pub no_record: bool,

    /// Also show findings meant for reviewers and authors
    #[arg(long, short)]
    pub verbose: bool,
}

/// From which decision on `vet` fails.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum FailOn {
    /// Warned, held or blocked.
    Warn,
    /// Held or blocked.
    #[default]
    Hold,
    /// Blocked.
    Block,
    /// The exit code tells only whether the inspection was complete.
    Never,
}

/// `shellproof grant`.
#[derive(Debug, Subcommand)]
pub enum Grant {
    /// Propose the least grant that covers what a skill was seen to need
    #[command(after_help = "Example:\n  shellproof grant draft ./weather")]
    Draft {
        /// The skill.
        #[arg(value_hint = ValueHint::AnyPath)]
        skill: PathBuf,
        /// How to look.
        #[command(flatten)]
        inspecting: Inspecting,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Sign a grant for a skill exactly as it is now
    #[command(after_help = "Examples:
  shellproof grant approve ./weather
  shellproof grant approve ./weather --without 'net any' --add 'env TZ' --expires 7d --yes")]
    Approve(Approve),
    /// Show one grant, or the one in force for a skill
    #[command(
        after_help = "Examples:\n  shellproof grant show ./weather\n  shellproof grant show sha256:…"
    )]
    Show {
        /// A skill's path, a grant's id, or the beginning of one.
        grant: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what changed in a skill since its grant, as capabilities
    #[command(after_help = "Example:\n  shellproof grant diff sha256:1f2e ./weather")]
    Diff {
        /// The grant: its id, or the beginning of one.
        grant: String,
        /// The skill as it is now.
        #[arg(value_hint = ValueHint::AnyPath)]
        skill: PathBuf,
        /// How to look.
        #[command(flatten)]
        inspecting: Inspecting,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// End a grant now
    #[command(
        after_help = "Example:\n  shellproof grant revoke sha256:1f2e --reason 'no longer used'"
    )]
    Revoke {
        /// The grant: its id, or the beginning of one.
        grant: String,
        /// Why, for the record
        #[arg(long)]
        reason: String,
    },
    /// List all grants with their state
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

/// `shellproof grant approve`.
#[derive(Debug, Args)]
pub struct Approve {
    /// The skill.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub skill: PathBuf,
    /// Grant this capability as well; may be repeated
    #[arg(long, value_name = "CAPABILITY")]
    pub add: Vec<String>,
    /// Leave this capability out of what was proposed; may be repeated
    #[arg(long, value_name = "CAPABILITY")]
    pub without: Vec<String>,
    /// How long it holds: `12h`, `30d`
    #[arg(long, value_name = "TIME", default_value = "30d")]
    pub expires: String,
    /// Who approves [default: the user who runs this]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Why a skill that is held may have a grant all the same
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// How to look.
    #[command(flatten)]
    pub inspecting: Inspecting,
}

/// `shellproof policy`.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Run the tests of a policy, with coverage
    #[command(after_help = "Example:\n  shellproof policy test ./my-policy")]
    Test {
        /// Policy directory or file [default: the built-in policy].
        #[arg(value_hint = ValueHint::AnyPath)]
        policy: Option<PathBuf>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Load a policy and say what is wrong with it
    #[command(after_help = "Example:\n  shellproof policy check ./my-policy")]
    Check {
        /// Policy directory or file [default: the built-in policy].
        #[arg(value_hint = ValueHint::AnyPath)]
        policy: Option<PathBuf>,
    },
    /// Say which rules of a policy made a decision, from an inspection in JSON
    #[command(after_help = "Example:
  shellproof vet ./weather --format json > weather.json; shellproof policy explain weather.json")]
    Explain {
        /// What `vet --format json` wrote; `-` reads standard input.
        #[arg(value_hint = ValueHint::FilePath)]
        inspection: PathBuf,
        /// Policy directory or file [default: the built-in policy]
        #[arg(long, env = "SHELLPROOF_POLICY", value_hint = ValueHint::AnyPath)]
        policy: Option<PathBuf>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

/// `shellproof ledger`.
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Show the newest records
    #[command(
        after_help = "Examples:\n  shellproof ledger tail -n 50\n  shellproof ledger tail --kind grant.approve --json"
    )]
    Tail {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: u32,
        /// Only records of this kind: vet, grant.draft, grant.approve, grant.revoke
        #[arg(long)]
        kind: Option<String>,
        /// Only records about this artifact or grant
        #[arg(long, value_name = "DIGEST")]
        subject: Option<String>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Show one record in full
    #[command(after_help = "Example:\n  shellproof ledger show 17")]
    Show {
        /// Its index.
        index: u64,
    },
    /// Check every record against the tree, the tree against its signed checkpoint, and that
    /// against one kept elsewhere
    #[command(after_help = "Examples:
  shellproof ledger checkpoint > /media/usb/checkpoint
  shellproof ledger verify --against /media/usb/checkpoint

Exit codes: 0 intact; 1 tampered with or damaged (each fault is named); 3 could not be read.")]
    Verify {
        /// The ledger's directory [default: the one in --state]
        #[arg(long, value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
        /// A checkpoint kept elsewhere: shows truncation and rollback
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        against: Option<PathBuf>,
        /// The verifier key to trust, as `ledger key` prints it [default: the one in --state]
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a proof that a record is in the ledger, which anybody can check offline
    #[command(after_help = "Example:\n  shellproof ledger prove 17 > record-17.proof")]
    Prove {
        /// The record's index.
        index: u64,
    },
    /// Check a proof that `prove` wrote, without the ledger
    #[command(
        after_help = "Example:\n  shellproof ledger check-proof record-17.proof --key \"$(cat key.pub)\""
    )]
    CheckProof {
        /// The proof.
        #[arg(value_hint = ValueHint::FilePath)]
        proof: PathBuf,
        /// The verifier key to trust, as `ledger key` prints it
        #[arg(long, value_name = "KEY")]
        key: String,
    },
    /// Print the newest signed checkpoint, to be kept elsewhere
    Checkpoint,
    /// Print the verifier key of the ledger
    Key,
}

/// `shellproof explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  shellproof explain foreign-prerequisite\n  shellproof explain --list"
)]
pub struct Explain {
    /// The rule's id.
    #[arg(required_unless_present = "list")]
    pub rule: Option<String>,
    /// List all rules
    #[arg(long, conflicts_with = "rule")]
    pub list: bool,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// `shellproof demo`.
#[derive(Debug, Args)]
pub struct Demo {}
