//! Connections.

use std::{collections::BTreeSet, num::NonZeroU16};

use crate::{
    Budget, HostPattern, UrlPattern,
    lex::{ParseError, Words},
    segments::Meet,
    url,
};

/// The ports of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Port {
    /// `*`
    Any,
    /// One.
    One(NonZeroU16),
}

impl Port {
    /// Where HTTPS is served: the port of a rule that names none.
    pub const HTTPS: Self = Self::One(NonZeroU16::new(443).expect("443 is not 0"));

    fn read(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        crate::unit::read_number(text)
            .and_then(|port| NonZeroU16::try_from(u16::try_from(port).ok()?).ok())
            .map(Self::One)
            .ok_or_else(|| format!("expected a port from 1 to 65535 or `*`, found `{text}`"))
    }

    fn covers(self, narrow: Self) -> bool {
        self == Self::Any || self == narrow
    }
}

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::One(port) => write!(f, "{port}"),
        }
    }
}

/// A host and port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The host.
    pub host: HostPattern,
    /// The port.
    pub port: Port,
}

impl Endpoint {
    /// Reads `host`, `host:port` or `host:*`.
    pub(crate) fn read(text: &str, default: Port) -> Result<Self, String> {
        // `::1` without brackets would otherwise be taken apart at its last colon.
        let (host, port) = match url::split_port(text) {
            (host, Some(_)) if host.contains(':') && !host.starts_with('[') => (text, None),
            parts => parts,
        };
        let host = HostPattern::read(host)?;
        Ok(Self {
            host,
            port: port.map_or(Ok(default), Port::read)?,
        })
    }

    /// Whether every host and port in `narrow` is in this.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        self.host.covers(&narrow.host) && self.port.covers(narrow.port)
    }

    pub(crate) fn meet(&self, other: &Self) -> Option<Self> {
        let host = self.host.meet(&other.host)?;
        let port = match (self.port, other.port) {
            (Port::Any, port) | (port, Port::Any) => port,
            (a, b) if a == b => a,
            _ => return None,
        };
        Some(Self { host, port })
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// HTTP methods, upper case; none stands for any.
type Methods = Option<BTreeSet<String>>;

/// Connections to a host, perhaps only for some HTTP requests and up to a budget.
///
/// A budget counts all bytes that the run exchanges with one registered domain (or address),
/// whichever rule let them pass: so it holds for the names below a wildcard together, and two rules
/// with the same budget are not twice the budget.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetRule {
    endpoint: Endpoint,
    path: Option<UrlPattern>,
    methods: Methods,
    up: Budget,
    down: Budget,
}

impl NetRule {
    /// Any traffic with this endpoint.
    #[must_use]
    pub fn to(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            path: None,
            methods: None,
            up: Budget::default(),
            down: Budget::default(),
        }
    }

    /// Requests of a URL as a program writes it; the query and a user name are left out, a path
    /// that no pattern can say is left open, and `*` in the path stands for what is not known.
    ///
    /// # Errors
    /// Where it cannot be told which host and port the URL leads to.
    pub fn from_url(method: Option<&str>, url: &str) -> Result<Self, ParseError> {
        let fail = |message| ParseError::new(message, 0..url.len());
        let parts = url::split(url).map_err(fail)?;
        let host = HostPattern::read(parts.host).map_err(fail)?;
        let mut rule = Self::to(Endpoint {
            host,
            port: Port::One(parts.port),
        });
        if parts.http {
            let path = if parts.path.is_empty() {
                "/"
            } else {
                parts.path
            };
            rule.path = UrlPattern::read(path).ok();
            rule.methods = method
                .map(|method| read_methods(&method.to_ascii_uppercase()))
                .transpose()
                .map_err(fail)?;
        }
        Ok(rule)
    }

    /// The same endpoint for any traffic.
    #[must_use]
    pub fn whole_endpoint(&self) -> Self {
        Self::to(self.endpoint.clone())
    }

    /// Reads what follows `net`.
    pub(crate) fn parse(words: &mut Words<'_>, default: Port) -> Result<Self, ParseError> {
        let endpoint = words
            .expect("a host")?
            .read(|text| Endpoint::read(text, default))?;
        let mut rule = Self::to(endpoint);
        if let Some(word) = words.next_if(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
        {
            rule.methods = Some(word.read(read_methods)?);
        }
        if let Some(word) = words.next_if(|word| word.starts_with('/')) {
            rule.path = Some(word.read(UrlPattern::read)?);
        }
        let (mut up, mut down) = (Vec::new(), Vec::new());
        while let Some(word) = words.next_if(|word| word == "up" || word == "down") {
            let bounds = if word.text == "up" {
                &mut up
            } else {
                &mut down
            };
            bounds.push(words.expect("a budget like `1MiB/h`")?.read(Budget::read)?);
        }
        rule.up = Budget::of(up);
        rule.down = Budget::of(down);
        Ok(rule)
    }

    /// What may follow the host, for an error.
    pub(crate) const TAIL: &str = "a method, a path, `up`, `down` or the end";

    /// Where to.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The HTTP methods, upper case; nothing where any will do.
    #[must_use]
    pub fn methods(&self) -> Option<&BTreeSet<String>> {
        self.methods.as_ref()
    }

    /// The HTTP paths; nothing where any will do.
    #[must_use]
    pub fn path(&self) -> Option<&UrlPattern> {
        self.path.as_ref()
    }

    /// How much may be sent to one registered domain.
    #[must_use]
    pub fn up(&self) -> &Budget {
        &self.up
    }

    /// How much may be received from one.
    #[must_use]
    pub fn down(&self) -> &Budget {
        &self.down
    }

    /// Whether only some HTTP requests pass, so that the requests have to be read.
    #[must_use]
    pub fn is_http(&self) -> bool {
        self.path.is_some() || self.methods.is_some()
    }

    /// The same without budgets.
    pub(crate) fn unbudgeted(self) -> Self {
        Self {
            up: Budget::default(),
            down: Budget::default(),
            ..self
        }
    }

    /// Whether all that `narrow` lets through passes here.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        self.endpoint.covers(&narrow.endpoint)
            && all_or(&self.methods, &narrow.methods, |wide, narrow| {
                narrow.is_subset(wide)
            })
            && all_or(&self.path, &narrow.path, UrlPattern::covers)
            && self.up.covers(&narrow.up)
            && self.down.covers(&narrow.down)
    }

    pub(crate) fn meet(&self, other: &Self) -> Meet<Self> {
        let Some(endpoint) = self.endpoint.meet(&other.endpoint) else {
            return Meet::nothing();
        };
        let methods = match (&self.methods, &other.methods) {
            (Some(a), Some(b)) => Some(a.intersection(b).cloned().collect::<BTreeSet<_>>()),
            (methods, None) | (None, methods) => methods.clone(),
        };
        if methods.as_ref().is_some_and(BTreeSet::is_empty) {
            return Meet::nothing();
        }
        let paths = match (&self.path, &other.path) {
            (Some(a), Some(b)) => a.meet(b).map(Some),
            (path, None) | (None, path) => Meet::of(path.clone()),
        };
        let (up, down) = (self.up.meet(&other.up), self.down.meet(&other.down));
        paths.map(|path| Self {
            endpoint: endpoint.clone(),
            path,
            methods: methods.clone(),
            up: up.clone(),
            down: down.clone(),
        })
    }

    /// One rule for each method.
    pub(crate) fn by_method(&self) -> Vec<Self> {
        match &self.methods {
            None => vec![self.clone()],
            Some(methods) => methods
                .iter()
                .map(|method| Self {
                    methods: Some([method.clone()].into()),
                    ..self.clone()
                })
                .collect(),
        }
    }

    /// Takes in the methods of `other` if the two differ in nothing else.
    pub(crate) fn absorb(&mut self, other: &Self) -> bool {
        let same = (&self.endpoint, &self.path, &self.up, &self.down)
            == (&other.endpoint, &other.path, &other.up, &other.down);
        match (&mut self.methods, &other.methods) {
            (Some(mine), Some(theirs)) if same => {
                mine.extend(theirs.iter().cloned());
                true
            }
            _ => false,
        }
    }
}

impl std::fmt::Display for NetRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.endpoint)?;
        if let Some(methods) = &self.methods {
            let methods: Vec<_> = methods.iter().map(String::as_str).collect();
            write!(f, " {}", methods.join(","))?;
        }
        if let Some(path) = &self.path {
            write!(f, " {path}")?;
        }
        self.up
            .bounds()
            .iter()
            .try_for_each(|bound| write!(f, " up {bound}"))?;
        self.down
            .bounds()
            .iter()
            .try_for_each(|bound| write!(f, " down {bound}"))
    }
}

/// Whether `wide` is open or covers what `narrow` says.
fn all_or<T>(wide: &Option<T>, narrow: &Option<T>, covers: impl Fn(&T, &T) -> bool) -> bool {
    match (wide, narrow) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => covers(wide, narrow),
    }
}

const MAX_METHODS: usize = 16;

/// Reads `GET` or `GET,HEAD`.
fn read_methods(text: &str) -> Result<BTreeSet<String>, String> {
    if text.matches(',').count() >= MAX_METHODS {
        return Err(format!("at most {MAX_METHODS} methods"));
    }
    text.split(',')
        .map(|method| {
            let valid = (1..=20).contains(&method.len())
                && method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-');
            valid.then(|| method.to_owned()).ok_or_else(|| {
                format!("expected HTTP methods like `GET` or `GET,HEAD`, found `{text}`")
            })
        })
        .collect()
}
