//! The confined process in which hostile bytes are parsed.
