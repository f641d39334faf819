//! Where results go: standard output for what was asked for, standard error for what went wrong.

use std::io::{IsTerminal as _, Write as _};

use crate::cli::Color;

/// Standard output, and what is known about who reads it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// How the terminal renderer writes.
    pub(crate) style: report::Style,
}

impl Output {
    /// Standard output with colour as asked for.
    pub(crate) fn new(color: Color) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
            }
        };
        let width = rustix::termios::tcgetwinsize(std::io::stdout())
            .map_or(0, |size| usize::from(size.ws_col));
        let width = if terminal && width > 0 {
            width.clamp(40, 160)
        } else {
            100
        };
        Self {
            style: report::Style {
                color,
                width,
                detail: report::Detail::Normal,
            },
        }
    }

    /// Writes text as it is, at once.
    pub(crate) fn write(self, text: &str) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Writes a line.
    pub(crate) fn line(self, text: &str) -> std::io::Result<()> {
        self.write(&format!("{text}\n"))
    }

    /// Writes a value as indented JSON.
    pub(crate) fn json(self, value: &impl serde::Serialize) -> std::io::Result<()> {
        self.write(&report::json::pretty(value))
    }
}

/// Says on standard error what went wrong. Text of artifacts in it is escaped.
pub(crate) fn complain(message: &str) {
    let escaped: Vec<_> = message.lines().map(report::escape).collect();
    // Nobody is left to tell if this fails.
    let _ = writeln!(std::io::stderr(), "shellproof: {}", escaped.join("\n"));
}

/// Whether the error is only that whoever read our output has stopped, as `| head` does.
pub(crate) fn reader_left(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
