//! The traits and wire types by which callers sign, append, decide and spawn; the in-process authority.
