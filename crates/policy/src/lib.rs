//! Decisions as Rego: admission.
//!
//! A [`Policy`] is a set of Rego v1 modules and a data document. The bundled one (`policies/`)
//! decides by its settings; a user's directory is laid over it, package by package: a module
//! whose package the bundle has too replaces that part, any other is added, and JSON is merged
//! into the data.
//!
//! It fails closed: a policy that does not load is refused as a whole, with every cause and its
//! place, and one that does not answer, or answers nonsense, blocks.
//!
//! The syntax trees that [`lint`] walks are `regorus`'s own, which it exports without a promise of
//! stability; hence its exact version in the workspace.

mod admission;
mod builtins;
mod bundle;
mod data;
mod error;
mod explain;
mod input;
mod lint;
mod testing;

pub use admission::{Evaluation, Policy, Reason};
pub use bundle::{Module, Origin};
pub use error::{Complaint, EvalError, PolicyError};
pub use explain::{Explanation, Place, Step};
pub use testing::{Coverage, Outcome, TestReport, TestResult};
