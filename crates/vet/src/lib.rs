//! What an artifact does, judged: rules over facts.
