//! The vocabulary: capability, grant, digest, decision, and the set algebra over them.
//! No I/O, no async.
//!
//! One text form serves manifests, policies, reports and the command line:
//!
//! ```text
//! fs.read $SKILL/**
//! fs.write $WORKSPACE/out/**
//! never fs.read $HOME/.ssh/**
//! net api.openweathermap.org:443 GET /data/** up 1MiB/h
//! secret OPENWEATHER_API_KEY @ api.openweathermap.org:443 header X-Api-Key
//! env LANG
//! exec python3
//! limit memory 256MiB
//! agent edit MEMORY.md
//! ```

mod agent;
mod budget;
mod capability;
mod decision;
mod digest;
mod env;
mod exec;
mod grant;
mod host;
mod lex;
mod limit;
mod net;
mod path;
mod secret;
mod segments;
mod set;
mod time;
mod unit;
mod url;

pub use agent::AgentAct;
pub use budget::{Bound, Budget, Window};
pub use capability::Capability;
pub use decision::{Decision, Status};
pub use digest::{Digest, DigestParseError, TreeHasher};
pub use env::EnvPattern;
pub use exec::{ExecRule, Program};
pub use grant::{Grant, GrantError, KeyId, SignedGrant};
pub use host::{DomainName, HostPattern};
pub use lex::ParseError;
pub use limit::{Limit, Resource};
pub use net::{Endpoint, NetRule, Port};
pub use path::{ParsePathError, PathPattern, Root};
pub use secret::{Place, SecretRule, SecretUse};
pub use set::CapabilitySet;
pub use time::Timestamp;
pub use url::UrlPattern;
