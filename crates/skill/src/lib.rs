//! Artifacts: bundles, SKILL.md in both of OpenClaw's parsing modes, declared capabilities.
