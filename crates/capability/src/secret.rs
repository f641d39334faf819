//! Secrets: which, where to, and in which place of a request.

use crate::{
    Endpoint, HostPattern, Port,
    lex::{ParseError, Words, quoted},
};

/// The use of one secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretRule {
    name: String,
    usage: SecretUse,
}

/// What a secret may be used for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretUse {
    /// Put into requests to an endpoint, in one place; the program never holds it.
    At(Endpoint, Place),
    /// Handed to the program itself, as for local signing. No host protects it then.
    Release,
    /// Anything; only a `never` can say so.
    Any,
}

/// The place in an HTTP request that a secret is put into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A header, its name in `Train-Case`.
    Header(String),
    /// A parameter of the query.
    Query(String),
    /// A field of a form or of a JSON object.
    Body(String),
    /// The key of an AWS Signature Version 4.
    SigV4,
}

impl SecretRule {
    /// A secret put into requests to one endpoint.
    ///
    /// # Errors
    /// Where the name or the place cannot be written in the text form, or the endpoint is
    /// everywhere.
    pub fn at(name: &str, endpoint: Endpoint, place: Place) -> Result<Self, ParseError> {
        let rule = Self {
            name: name.to_owned(),
            usage: SecretUse::At(endpoint, place),
        };
        let text = rule.to_string();
        let mut words = Words::split(&text, 0)?;
        let rule = Self::parse(&mut words, false)?;
        words.finish("the end").map(|()| rule)
    }

    /// Reads what follows `secret`.
    pub(crate) fn parse(words: &mut Words<'_>, never: bool) -> Result<Self, ParseError> {
        let name = words.expect("the name of a secret")?.read(read_name)?;
        if never && words.is_empty() {
            return Ok(Self {
                name,
                usage: SecretUse::Any,
            });
        }
        let how = words.expect("`@ host` or `release`")?;
        match &*how.text {
            "release" => Ok(Self {
                name,
                usage: SecretUse::Release,
            }),
            "@" => {
                let host = words.expect("a host")?;
                let endpoint = host.read(|text| Endpoint::read(text, Port::HTTPS))?;
                if endpoint.host == HostPattern::Any || endpoint.port == Port::Any {
                    return Err(host.error(
                        "a secret goes to named hosts at one port; a secret for everybody is none",
                    ));
                }
                Ok(Self {
                    name,
                    usage: SecretUse::At(endpoint, Place::parse(words)?),
                })
            }
            _ => Err(how.error(format!(
                "expected `@ host` or `release`, found `{}`",
                how.text
            ))),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it may be used for.
    #[must_use]
    pub fn usage(&self) -> &SecretUse {
        &self.usage
    }

    /// Whether every use that `narrow` allows is allowed by this.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        self.meet(narrow).as_ref() == Some(narrow)
    }

    pub(crate) fn meet(&self, other: &Self) -> Option<Self> {
        let usage = match (&self.usage, &other.usage) {
            (SecretUse::Any, usage) | (usage, SecretUse::Any) => usage.clone(),
            (SecretUse::At(a, place), SecretUse::At(b, other)) if place == other => {
                SecretUse::At(a.meet(b)?, place.clone())
            }
            (a, b) if a == b => a.clone(),
            _ => return None,
        };
        (self.name == other.name).then(|| Self {
            name: self.name.clone(),
            usage,
        })
    }
}

impl Place {
    const EXPECTED: &str = "`header <name>`, `query <name>`, `body <field>` or `sigv4`";

    fn parse(words: &mut Words<'_>) -> Result<Self, ParseError> {
        let word = words.expect(Self::EXPECTED)?;
        match &*word.text {
            "header" => {
                let name = words.expect("the name of a header")?;
                name.read(read_header).map(Self::Header)
            }
            "query" => Ok(Self::Query(
                words.expect("the name of a parameter")?.read(read_field)?,
            )),
            "body" => Ok(Self::Body(
                words.expect("the name of a field")?.read(read_field)?,
            )),
            "sigv4" => Ok(Self::SigV4),
            _ => Err(word.error(format!(
                "expected {}, found `{}`",
                Self::EXPECTED,
                word.text
            ))),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header {}", quoted(name)),
            Self::Query(name) => write!(f, "query {}", quoted(name)),
            Self::Body(field) => write!(f, "body {}", quoted(field)),
            Self::SigV4 => f.write_str("sigv4"),
        }
    }
}

impl std::fmt::Display for SecretRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&quoted(&self.name))?;
        match &self.usage {
            SecretUse::At(endpoint, place) => write!(f, " @ {endpoint} {place}"),
            SecretUse::Release => f.write_str(" release"),
            SecretUse::Any => Ok(()),
        }
    }
}

/// A secret's name is that of the variable which holds its placeholder, or a dotted path.
fn read_name(text: &str) -> Result<String, String> {
    let valid = (1..=128).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    valid.then(|| text.to_owned()).ok_or_else(|| {
        format!("a secret's name is letters, digits, `_`, `-` and `.`, found `{text}`")
    })
}

/// A header's name is a token (RFC 9110, 5.6.2) without regard to case.
fn read_header(text: &str) -> Result<String, String> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if !(1..=128).contains(&text.len()) || !text.bytes().all(token) {
        return Err(format!("expected the name of a header, found `{text}`"));
    }
    let words: Vec<_> = text
        .split('-')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
        })
        .collect();
    Ok(words.join("-"))
}

fn read_field(text: &str) -> Result<String, String> {
    if (1..=128).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("a field's name has 1 to 128 bytes".into())
    }
}
