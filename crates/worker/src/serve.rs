//! The worker's side: confine, read the request, answer, end.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use capability::Digest;
use skill::declared::{self, Declared};
use skill::{Entry, Kind, archive, manifest, skill_md};

use crate::wire::{self, Answer, File, Request};
use crate::{Budget, Confinement, Reading, Words, confine};

/// The first argument by which the binary is told to be a worker.
pub const VERB: &str = "__worker";

/// What the binary does when its first argument is [`VERB`]; `arguments` are those after it.
/// Returns what it ends with. To be called before anything else in `main`: it confines this
/// process, and reads nothing before it has.
#[must_use]
pub fn serve(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    serve_with(arguments, read)
}

/// As [`serve`], with another way to read a file.
#[must_use]
pub fn serve_with(
    arguments: impl IntoIterator<Item = OsString>,
    read: impl Fn(facts::File) -> Reading + Send + 'static,
) -> ExitCode {
    let mut numbers = arguments
        .into_iter()
        .map_while(|a| a.to_str()?.parse().ok());
    let Budget {
        address_space,
        cpu_seconds,
    } = Budget::default();
    let budget = Budget {
        address_space: numbers.next().unwrap_or(address_space),
        cpu_seconds: numbers.next().unwrap_or(cpu_seconds),
    };
    confine::enter(budget, move |confined| match answer(confined, read) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Read by the parent, where there still is one.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    })
}

fn read(file: facts::File) -> Reading {
    let mut reading = Reading::default();
    match manifest::Kind::of(&file.path) {
        Some(manifest::Kind::Skill) => {
            let mut skill = Box::new(skill_md::parse(&file.path, &file.bytes));
            let text = String::from_utf8_lossy(&file.bytes);
            let Declared {
                capabilities: declared,
                declares,
                findings,
            } = declared::capabilities(&skill, &text);
            reading.findings.append(&mut skill.findings);
            reading.findings.extend(findings);
            reading.incomplete.append(&mut skill.incomplete);
            reading.words = Some(Words::Skill {
                skill,
                declared,
                declares,
            });
        }
        Some(kind) => match manifest::parse(&file.path, &file.bytes) {
            Ok(manifest) => {
                reading.words = Some(Words::Manifest {
                    kind,
                    manifest: Box::new(manifest),
                });
            }
            Err(finding) => reading.findings.push(*finding),
        },
        None => {}
    }
    reading.facts = facts::extract(&[file], &facts::Limits::default());
    reading
}

fn answer(
    confined: Result<Confinement, confine::Error>,
    read: impl Fn(facts::File) -> Reading,
) -> io::Result<()> {
    let confinement = match confined {
        Ok(confinement) => confinement,
        Err(error) => return say(&Answer::Refused(error.to_string())),
    };
    say(&Answer::Confined(confinement))?;
    let request = wire::read(io::stdin().lock(), wire::REQUEST_CAP)?;
    match postcard::from_bytes(&request).map_err(io::Error::other)? {
        Request::Unpack { name, bytes, caps } => unpacked(archive::unpack(name, bytes, &caps)),
        Request::UnpackNested { archive, caps } => {
            let mut outer = skill::Bundle::default();
            outer.entries.push(entry(&archive));
            unpacked(archive::unpack_nested(&outer, &caps))
        }
        Request::Read { files } => files.iter().try_for_each(|file| {
            let path = file.path.to_owned();
            let file = facts::File {
                path,
                bytes: file.bytes.to_vec(),
                mode: file.mode,
            };
            say(&Answer::Read(Box::new(read(file))))
        }),
    }
}

fn unpacked(mut bundle: skill::Bundle) -> io::Result<()> {
    for entry in std::mem::take(&mut bundle.entries) {
        say(&Answer::Entry(entry))?;
    }
    say(&Answer::Unpacked(bundle))
}

fn entry(file: &File<'_>) -> Entry {
    Entry {
        path: file.path.to_owned(),
        mode: file.mode,
        kind: Kind::File,
        bytes: file.bytes.to_vec(),
        digest: Digest::of(file.bytes),
    }
}

fn say(answer: &Answer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    wire::write(&mut out, answer, wire::ANSWER_CAP)?;
    out.flush()
}
