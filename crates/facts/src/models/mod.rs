//! What the functions of standard libraries and well-known packages do, by canonical name.

mod javascript;
mod python;
pub(crate) mod shell;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{Language, Part, Value};

/// What a function does. "About" is what the handle is about that it is a method of: a path, a
/// host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    /// Sends a request: the URL first or named; everything else is sent.
    Net(&'static str),
    /// As `Net`, with the method before the URL.
    NetRequest,
    /// Sends its arguments to what the handle is about.
    NetAbout,
    /// Opens a connection to a host and port, an address tuple or options; the result is one.
    Connect,
    /// Runs an argument list, or a program and a list.
    Exec,
    /// Runs a line through a shell.
    Shell,
    /// Sends its arguments to the program that the handle runs.
    ExecAbout,
    /// Reads a file; `About` the one that the handle is about.
    Read,
    ReadAbout,
    /// Opens by a mode.
    Open,
    OpenAbout,
    /// Writes the second argument to the first.
    Write,
    WriteAbout,
    /// Opens a file for writing.
    Create,
    List,
    ListAbout,
    Delete {
        recursive: bool,
    },
    DeleteAbout {
        recursive: bool,
    },
    Mode,
    ModeAbout,
    /// From the first argument to the second.
    Copy,
    /// The first argument becomes code, or a callback is made.
    Eval(Language),
    /// The last argument becomes code.
    EvalLast,
    /// Runs what is in a file or a serialised object.
    Load,
    /// Makes a module.
    Import,
    Decode(&'static str),
    /// Decodes by what the second argument says.
    DecodeBy,
    Encode(&'static str),
    /// Gives back its argument in another form.
    Pass,
    Env,
    Resolve,
    Listen,
    /// Fetches a URL to a file.
    Download,
    Sense(&'static str),
    Machine(&'static str),
    JoinPath,
    JoinAbout,
    /// A path object, or the same one, in another form.
    Path,
    PathAbout,
    Home,
    Temporary,
    /// Text from character codes.
    FromCodes,
    Reverse,
    GetAttr,
    Globals,
    Promise,
    /// Calls its arguments later.
    Later,
}

/// Functions by name.
pub(crate) type Table = HashMap<String, Api>;

/// The functions of a language.
pub(crate) fn table(language: Language) -> &'static Table {
    static PYTHON: LazyLock<Table> = LazyLock::new(|| build(python::TABLE, python::HTTP_CLIENTS));
    static JAVASCRIPT: LazyLock<Table> =
        LazyLock::new(|| build(javascript::TABLE, javascript::HTTP_CLIENTS));
    if language == Language::Python {
        &PYTHON
    } else {
        &JAVASCRIPT
    }
}

fn build(table: &[(&str, Api)], clients: &[&str]) -> Table {
    let mut out: Table = table
        .iter()
        .map(|(name, api)| ((*name).to_owned(), *api))
        .collect();
    for client in clients {
        for (method, verb) in [
            ("get", "GET"),
            ("post", "POST"),
            ("put", "PUT"),
            ("patch", "PATCH"),
            ("delete", "DELETE"),
            ("head", "HEAD"),
            ("options", "OPTIONS"),
            ("stream", ""),
        ] {
            out.insert(format!("{client}.{method}"), Api::Net(verb));
        }
    }
    out
}

/// Names that are constants.
pub(crate) fn constant(name: &str) -> Option<Value> {
    Some(match name {
        "os.sep" | "path.sep" | "os.path.sep" => Value::text("/"),
        "sys.argv" | "process.argv" => Value::part(Part::Input("argv".into())),
        "sys.executable" => Value::text("python3"),
        "process.execPath" => Value::text("node"),
        "os.EOL" | "os.linesep" => Value::text("\n"),
        _ => return None,
    })
}

/// Methods of a mapping, which are not names of environment variables.
pub(crate) fn is_mapping_method(name: &str) -> bool {
    matches!(
        name,
        "get"
            | "items"
            | "keys"
            | "values"
            | "copy"
            | "update"
            | "pop"
            | "setdefault"
            | "toObject"
            | "has"
            | "__getitem__"
            | "entries"
    )
}
