//! The facts: what rules read.

use serde::{Deserialize, Serialize};

/// A half-open range of bytes of the containing file's text, or of the decoded text of a layer.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Markdown or plain text: instructions to an agent or a person.
    Prose,
    /// POSIX shell, bash, zsh.
    Shell,
    /// Python 3.
    Python,
    /// JavaScript, JSX, CommonJS or ES modules.
    JavaScript,
    /// TypeScript, TSX.
    TypeScript,
    /// JSON, YAML, TOML and the like: strings only.
    Data,
    /// Text of no language that a front end reads; strings only.
    Other,
    /// Not text.
    Binary,
}

/// What a file is to the artifact, by its path and by what it says of itself. A role lowers
/// confidence, it never clears: an agent can be told to run a fixture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Loaded, run or obeyed.
    Operative,
    /// Explains to people: README, CHANGELOG, references.
    Documentation,
    /// Shown, not run.
    Example,
    /// Tests and fixtures.
    Test,
    /// Somebody else's code carried along.
    Vendored,
}

/// Where the text of a [`Source`] comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The file itself.
    File,
    /// A code fence or inline command of a Markdown file; spans are those of the file.
    Fence {
        /// The info string's first word, as written.
        info: String,
        /// Headings above it, outermost first.
        headings: Vec<String>,
        /// The prose block just above it, if any (index into that source's claims' `block`).
        after_block: Option<u32>,
    },
    /// Code inside a string of another source (`bash -c '…'`, `node -e`, here-document); spans are
    /// those of the file where the string is verbatim, else of `text`.
    Embedded {
        /// Which call carried it.
        by: String,
    },
    /// A decoded layer of another source; spans are those of `text`.
    Decoded {
        /// How, outermost first: `base64`, `hex`, `gzip`, `url`, `reversed`, `charcodes`, …
        how: Vec<String>,
        /// Where the encoded text is in the file.
        at: Span,
    },
}

/// The facts of one text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Path inside the artifact, with `/`.
    pub path: String,
    /// Index of the source that this one was found in, in [`Facts::sources`].
    pub parent: Option<u32>,
    /// Where the text comes from.
    pub origin: Origin,
    /// What it is written in.
    pub language: Language,
    /// What it is to the artifact.
    pub role: Role,
    /// The text, where it is not that of the file.
    pub text: Option<String>,
    /// What it does, in source order.
    pub effects: Vec<Effect>,
    /// How data moves.
    pub flows: Vec<Flow>,
    /// Modules and programs that it needs.
    pub imports: Vec<Import>,
    /// Resolved strings worth reading: URLs, hosts, addresses, paths, long encoded texts.
    pub literals: Vec<Literal>,
    /// What prose says.
    pub claims: Vec<Claim>,
    /// Oddities of the text itself: invisible characters, bidirectional overrides, padding.
    pub oddities: Vec<Oddity>,
    /// Parts that could not be parsed (the facts around them stand).
    pub unparsed: Vec<Span>,
}

/// The facts of an artifact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Its texts; a parent stands before its children.
    pub sources: Vec<Source>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A file, or a part of one, without facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Path inside the artifact.
    pub path: String,
    /// Why: one of the rule ids `unreadable-file`, `oversized-file`, `too-deep`, `timed-out`,
    /// `worker-died`, `unsupported-file`, …
    pub cause: String,
    /// In words.
    pub reason: String,
}

/// A string as far as it could be resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Value(pub Vec<Part>);

/// A piece of a [`Value`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Part {
    /// Known text, after folding of concatenation, templates, character codes and encodings.
    Text(String),
    /// The value of an environment variable.
    Env(String),
    /// The user's home directory.
    Home,
    /// A parameter, an argument of the program, or input.
    Input(String),
    /// Whatever that is.
    Unknown,
}

/// Something that a text makes happen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Effect {
    /// What.
    pub kind: EffectKind,
    /// Where.
    pub span: Span,
    /// The call or command as written there, canonical: `subprocess.run`, `curl`, `fs.readFile`.
    pub call: String,
    /// Runs when the text is loaded or run, not only when a function of it is called by others.
    pub top_level: bool,
}

/// The kinds of effect: the language-independent vocabulary of rules and of inferred capabilities.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EffectKind {
    /// Reads a file or lists a directory.
    Read {
        /// Which.
        path: Value,
    },
    /// Creates, changes or appends to a file.
    Write {
        /// Which.
        path: Value,
        /// What, where it is known.
        content: Option<Value>,
    },
    /// Deletes.
    Delete {
        /// Which.
        path: Value,
        /// With all below it.
        recursive: bool,
    },
    /// Changes mode or owner.
    Permission {
        /// Which.
        path: Value,
        /// The new mode or owner as written.
        to: String,
    },
    /// Reads one environment variable.
    Env {
        /// Its name.
        name: String,
    },
    /// Reads the whole environment.
    EnvAll,
    /// Talks to the network.
    Net {
        /// URL, or `host:port`, or `host`.
        target: Value,
        /// HTTP method, upper case, where it is known.
        method: Option<String>,
        /// Whether it sends a body, query or headers that are not constant.
        sends: bool,
    },
    /// Resolves a name.
    Resolve {
        /// Which.
        name: Value,
    },
    /// Waits for connections.
    Listen {
        /// Address or port.
        on: Value,
    },
    /// Runs a program.
    Exec {
        /// Its name or path.
        program: Value,
        /// Its arguments, without the name.
        args: Vec<Value>,
        /// Through a shell.
        shell: bool,
    },
    /// Turns text into code of this or another language.
    Eval {
        /// The text, as far as it is known.
        code: Value,
        /// What it becomes.
        language: Language,
    },
    /// Decodes or decrypts.
    Decode {
        /// `base64`, `hex`, `gzip`, `xor`, …
        how: String,
        /// What, as far as it is known.
        input: Value,
    },
    /// Installs packages.
    Install {
        /// `npm`, `pip`, `brew`, `apt`, `go`, `cargo`, `uv`, `npx`, `clawhub`, …
        manager: String,
        /// Package arguments as written.
        packages: Vec<String>,
    },
    /// Fetches to a file.
    Download {
        /// From where.
        url: Value,
        /// To where.
        to: Option<Value>,
    },
    /// Reads clipboard, keystrokes, screen, camera, microphone or location.
    Sense {
        /// Which.
        what: String,
    },
    /// Loads a shared library, a pickle, or another serialised object that runs code.
    Load {
        /// Which.
        what: Value,
    },
}

/// Data moving from a source to a sink, within or across functions of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Where it starts.
    pub from: FlowEnd<Origination>,
    /// What happens to it on the way (`base64`, `json`, `concat`, a variable or function name).
    pub through: Vec<(String, Span)>,
    /// Where it ends.
    pub to: FlowEnd<Destination>,
}

/// One end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FlowEnd<T> {
    /// What it is.
    pub what: T,
    /// Where.
    pub span: Span,
}

/// Where data comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origination {
    /// One environment variable.
    Env(String),
    /// The whole environment.
    EnvAll,
    /// A file's content.
    File(Value),
    /// A network answer.
    Net(Value),
    /// A program's output.
    Output(Value),
    /// Something decoded from a constant.
    Decoded(String),
    /// Clipboard, keystrokes, screen, …
    Sensed(String),
    /// Facts about the machine: host name, user name, addresses, processes.
    Machine(String),
}

/// Where data goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Destination {
    /// To the network, in body, query, header or path.
    Net(Value),
    /// Into a name that is resolved.
    Resolve(Value),
    /// Into a program's arguments or input.
    Exec(Value),
    /// Becomes code.
    Eval(Language),
    /// Into a file.
    File(Value),
}

/// A module, package or file that a text needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its name as written: `requests`, `node:fs`, `./util.js`.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// A string of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Literal {
    /// What it is.
    pub kind: LiteralKind,
    /// Its text, resolved.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// What a literal looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LiteralKind {
    /// A URL with a scheme.
    Url,
    /// A host name or address without one.
    Host,
    /// A path.
    Path,
    /// Long text that looks encoded and was not decoded into a source of its own.
    Encoded,
    /// Shaped like a credential.
    Secret,
}

/// One thing that prose says: an action on objects, in a sentence, list item, table row or front
/// matter field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What is to be done.
    pub action: Action,
    /// Whether it is asked for at all.
    pub polarity: Polarity,
    /// How strongly.
    pub force: Force,
    /// Who is to do it.
    pub addressee: Addressee,
    /// What it is done to or with, in order.
    pub objects: Vec<Object>,
    /// Headings above it, outermost first.
    pub headings: Vec<String>,
    /// Number of the block (paragraph, item, row) in the file, so that distance can be measured.
    pub block: u32,
    /// Number of the sentence in the file.
    pub sentence: u32,
    /// Not shown to a person who reads the rendered page: HTML comment, hidden element, alt text,
    /// invisible characters.
    pub hidden: bool,
    /// The sentence, at most 400 bytes.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// What prose asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Get a file or program from somewhere.
    Download,
    /// Unpack an archive.
    Extract,
    /// Run, open or launch a program.
    Run,
    /// Paste something into a terminal.
    Paste,
    /// Open a page.
    Visit,
    /// Install a package by a package manager or in general.
    Install,
    /// Read a file, secret or conversation.
    Read,
    /// Send, post, upload, include in a request.
    Send,
    /// Write, append, edit, save.
    Write,
    /// Keep from the user: do not mention, do not tell, silently.
    Conceal,
    /// Set aside instructions, rules, approval, safety.
    Override,
    /// Fetch instructions from somewhere and do what they say.
    Obey,
    /// Turn something off.
    Disable,
    /// Enter or hand over credentials.
    Authenticate,
    /// Say that something is needed before anything works.
    Require,
    /// Delete or overwrite.
    Destroy,
    /// Repeat on a schedule or from now on.
    Schedule,
}

/// Whether a claim is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Polarity {
    /// It is.
    Affirmed,
    /// It is warned against or forbidden.
    Negated,
    /// It is quoted, listed as an attack, taught or tested for.
    Mentioned,
}

/// How strongly a claim is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Force {
    /// A possibility or a description.
    Described,
    /// An instruction.
    Instructed,
    /// Nothing works without it.
    Required,
}

/// To whom a claim speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Addressee {
    /// The agent that reads the skill.
    Agent,
    /// The person.
    User,
    /// Whoever reads.
    Reader,
    /// Somebody who judges the skill: a scanner, a reviewer, a model.
    Judge,
}

/// What a claim is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Object {
    /// A link or bare URL.
    Url(String),
    /// An archive or program by file name.
    File(String),
    /// A path.
    Path(String),
    /// Inline code.
    Code(String),
    /// A password for an archive.
    Password(String),
    /// An operating system.
    Platform(String),
    /// An environment variable, key, token, wallet or password by name.
    Secret(String),
    /// A named thing: a tool, a utility, a page.
    Name(String),
}

/// Something odd about the text itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oddity {
    /// What.
    pub kind: OddityKind,
    /// The text that it hides, where it hides one.
    pub hidden: Option<String>,
    /// Where.
    pub span: Span,
}

/// The kinds of oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OddityKind {
    /// Zero-width characters inside text.
    ZeroWidth,
    /// Unicode tag characters.
    Tags,
    /// Bidirectional overrides or isolates.
    Bidi,
    /// Variation selectors that carry data.
    Selectors,
    /// A host or word that mixes scripts to look like another.
    Homoglyph,
    /// So many blank lines or spaces that the rest is out of sight.
    Padding,
    /// Not UTF-8.
    Encoding,
}
