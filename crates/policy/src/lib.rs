//! Decisions as Rego: admission.
