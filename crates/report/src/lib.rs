//! Renderers of findings: terminal, JSON, JSON lines, SARIF.
