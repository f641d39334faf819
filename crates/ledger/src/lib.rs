//! The append-only, Merkle-hashed, signed record.
