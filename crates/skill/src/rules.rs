//! What the readers report, one line a rule; each one's page is `rules/<id>.md`.

use finding::{Confidence, RuleId, RuleMeta, Severity};

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident $confidence:ident, $reads:literal,
        $summary:literal, $fix:literal;)*) => {
        $(
            #[doc = $summary]
            pub(crate) static $name: RuleMeta = RuleMeta {
                id: RuleId::new($id),
                summary: $summary,
                severity: Severity::$severity,
                confidence: Confidence::$confidence,
                reads: &[$reads],
                docs: include_str!(concat!("rules/", $id, ".md")),
                fix: $fix,
                since: "0.1.0",
                file: file!(),
            };
        )*

        static ALL: &[&RuleMeta] = &[$(&$name),*];
    };
}

/// Every rule of the readers, by id.
#[must_use]
pub fn rules() -> &'static [&'static RuleMeta] {
    ALL
}

rules! {
    AMBIGUOUS_FRONT_MATTER = "ambiguous-front-matter", Medium Medium, "metadata",
        "front matter that means one thing to a YAML reader and another to OpenClaw",
        "Write the value so that it has one reading: quote it, and give each key once.";
    ARCHIVE_BOMB = "archive-bomb", High High, "files",
        "an archive that expands beyond all measure",
        "Ship the files themselves, or an archive that holds only what the skill needs.";
    ARCHIVE_MISMATCH = "archive-mismatch", High Medium, "files",
        "an archive that holds different files for different readers",
        "Build the archive again with an ordinary tool.";
    CHANGED_WHILE_READ = "changed-while-read", Medium High, "files",
        "a file that changed while it was read",
        "Stop what writes to the artifact, or inspect a copy of it.";
    CORRUPT_ARCHIVE = "corrupt-archive", Medium High, "files",
        "an archive that cannot be read to its end",
        "Build the archive again, or ship the files themselves.";
    DUPLICATE_NAME = "duplicate-name", Medium Medium, "files",
        "two files that are one file somewhere else",
        "Give each file a name that differs by more than case or Unicode form.";
    GIT_DIRECTORY_LEFT_OUT = "git-directory-left-out", Info High, "files",
        "a checkout's own .git directory, which is not part of the artifact",
        "Nothing, unless the skill is meant to use the directory: then move what it needs out of it.";
    LINK_ESCAPES = "link-escapes", High High, "files",
        "a symbolic or hard link that leads out of the artifact",
        "Replace the link by the file that it stands for.";
    MALFORMED_FRONT_MATTER = "malformed-front-matter", Low High, "metadata",
        "front matter that is not valid YAML, or metadata that is not valid JSON5",
        "Correct the syntax at the place shown; OpenClaw falls back to reading line by line.";
    MALFORMED_MANIFEST = "malformed-manifest", Low High, "metadata",
        "a plugin manifest, package.json or MCP configuration that is not valid JSON",
        "Correct the syntax.";
    MALFORMED_PERMISSIONS = "malformed-permissions", Medium High, "metadata",
        "a declared permission that is not a capability",
        "Write it as `shellproof explain capability` shows; what cannot be read is not declared.";
    NOT_A_SKILL = "not-a-skill", Medium High, "files",
        "nothing in it that an agent would load",
        "Give the directory or archive that holds SKILL.md or a plugin's manifest.";
    ODD_NAME = "odd-name", Low High, "files",
        "a file name that shows or means something else than it is",
        "Rename the file with letters, digits, `-`, `_` and `.`.";
    OVERSIZED_ARTIFACT = "oversized-artifact", Medium High, "files",
        "more bytes in all than are inspected",
        "Leave out what the skill does not need.";
    OVERSIZED_FILE = "oversized-file", Medium High, "files",
        "a file larger than is inspected",
        "Split the file or leave it out.";
    PASSWORD_PROTECTED_ARCHIVE = "password-protected-archive", High High, "files",
        "an archive that hides its contents behind a password",
        "Ship the files themselves: nobody can inspect what is encrypted.";
    PATH_ESCAPES = "path-escapes", High High, "files",
        "an archive entry that would be written outside of the artifact",
        "Build the archive from inside the skill's directory.";
    POLYGLOT_ARCHIVE = "polyglot-archive", Medium Medium, "files",
        "an archive with something else before or after it in the same file",
        "Build the archive again with an ordinary tool, and ship the other part as its own file.";
    SPECIAL_FILE = "special-file", Medium High, "files",
        "a FIFO, socket or device among the files",
        "Remove it: a skill is made of files and directories.";
    SYMBOLIC_LINK = "symbolic-link", Info High, "files",
        "a symbolic link inside the artifact",
        "Replace the link by a copy if the artifact is to be readable everywhere.";
    TOO_DEEP = "too-deep", Medium High, "files",
        "directories, paths or archives nested deeper than is inspected",
        "Flatten the tree.";
    TOO_MANY_FILES = "too-many-files", Medium High, "files",
        "more files and directories than are inspected",
        "Leave out what the skill does not need.";
    UNREAD_METADATA = "unread-metadata", Info High, "metadata",
        "metadata that OpenClaw does not read",
        "Move it under `metadata.openclaw`, in a form that OpenClaw knows.";
    UNREADABLE_FILE = "unreadable-file", Medium High, "files",
        "a file that could not be read",
        "Make it readable for the user who inspects.";
    UNSUPPORTED_ARCHIVE = "unsupported-archive", Medium High, "files",
        "an archive in a format that is not opened",
        "Ship the files themselves, or a zip or tar archive.";
}

#[cfg(test)]
mod tests {
    use super::rules;

    #[test]
    fn ids_are_sorted_and_unique() {
        assert!(rules().is_sorted_by(|a, b| a.id < b.id));
    }

    #[test]
    fn every_page_has_every_part() {
        for rule in rules() {
            for part in [
                "## What it does",
                "## Why",
                "## Finds",
                "## Passes",
                "## Fix",
            ] {
                assert!(rule.docs.contains(part), "{}: no {part:?}", rule.id);
            }
        }
    }
}
