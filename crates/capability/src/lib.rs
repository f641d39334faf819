//! The vocabulary: capability, grant, digest, decision, and the set algebra over them.
//! No I/O, no async.
//!
//! # The text form
//!
//! One text form serves manifests, policies, reports and the command line, one capability a line:
//!
//! ```
//! # let text = "
//! fs.read $SKILL/**
//! fs.write $WORKSPACE/out/**
//! never fs.read $HOME/.ssh/**
//! net api.openweathermap.org:443 GET /data/** up 1MiB/h
//! secret OPENWEATHER_API_KEY @ api.openweathermap.org:443 header X-Api-Key
//! env LANG
//! exec python3
//! limit memory 256MiB
//! agent edit MEMORY.md
//! # ";
//! # assert_eq!(capability::CapabilitySet::parse(text).unwrap().len(), 9);
//! ```
//!
//! ```text
//! set        = { [ line ] [ "#" comment ] newline } ;
//! line       = capability | "never" capability ;
//! capability = "fs.read" path | "fs.write" path
//!            | "net" endpoint [ methods ] [ url-path ] { ( "up" | "down" ) budget }
//!            | "secret" secret ( "@" endpoint place | "release" )
//!            | "env" variable | "env!" loader
//!            | "exec" program [ digest ]
//!            | "limit" ( ( "memory" | "disk" | "output" ) bytes | "cpu" ( percent | time )
//!                      | "pids" number | "wall" time )
//!            | "agent" ( "edit" file | "cron" | "message" | "config" ) ;
//!
//! path       = ( "$SKILL" | "$WORKSPACE" | "$HOME" | "$TMP" | "" ) { "/" segment } ;
//! segment    = "**" | text with at most one "*" ;          (* any depth, also none | one name *)
//! endpoint   = host [ ":" ( port | "*" ) ] ;               (* else 443; in a never, every port *)
//! host       = "any" | [ "*." ] name | ipv4 | "[" ipv6 "]" ;
//! methods    = method { "," method } ;                     (* upper case *)
//! url-path   = "/" segment { "/" segment } ;               (* RFC 3986, without query *)
//! budget     = bytes "/" ( "s" | "min" | "h" | "d" ) ;
//! place      = "header" name | "query" name | "body" field | "sigv4" ;
//! variable   = name | prefix "_*" ;
//! loader     = name of a variable that brings in code ;
//! program    = "any" | name | path ;
//! digest     = "sha256:" 64 lower-case hex digits ;
//! file       = "AGENTS.md" | "BOOTSTRAP.md" | "HEARTBEAT.md" | "IDENTITY.md" | "MEMORY.md"
//!            | "SOUL.md" | "TOOLS.md" | "USER.md" ;
//! bytes      = number ( "B" | "KiB" | "MiB" | "GiB" | "TiB" ) ;
//! time       = number ( "s" | "min" | "h" | "d" ) ;
//! percent    = number "%" ;
//! ```
//!
//! Words are separated by white space. A word that contains some, or begins with `"` or `#`, stands
//! in double quotes, in which `\"` and `\\` stand for `"` and `\`. Invisible and reordering
//! characters are refused everywhere but in comments. After `never` there are no budgets and no
//! limits, `secret NAME` alone means every use, and the bang of `env!` may be left out.
//!
//! Printing gives the canonical form, which reads back as the same value.

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
