//! Hosts by name and address.

use std::net::{Ipv4Addr, Ipv6Addr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// A set of hosts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostPattern {
    /// The whole internet, spelled `any`.
    Any,
    /// All names below this one, at any depth, but not the name itself: `*.example.com`.
    Below(DomainName),
    /// One name.
    Name(DomainName),
    /// One IPv4 address.
    V4(Ipv4Addr),
    /// One IPv6 address, never one that stands for an IPv4 address.
    V6(Ipv6Addr),
}

/// A name as it goes into a DNS query: IDNA (UTS 46) applied, lower case, no final dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

impl DomainName {
    /// The name in ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(text: &str) -> Result<Self, String> {
        let bare = text.strip_suffix('.').unwrap_or(text);
        let ascii = Uts46::new()
            .to_ascii(
                bare.as_bytes(),
                AsciiDenyList::URL,
                Hyphens::Allow,
                DnsLength::Verify,
            )
            .map_err(|_| format!("expected a host name or address, found `{text}`"))?;
        let last = ascii.rsplit('.').next().unwrap_or("");
        // Browsers and libc read `0x7f.1` and `2130706433` as addresses, each in its own way.
        if last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x") {
            return Err(format!(
                "expected an address like `192.0.2.1`, found `{text}`"
            ));
        }
        if let Some(c) = ascii
            .chars()
            .find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.'))
        {
            return Err(format!("`{c}` cannot be in a host name, found `{text}`"));
        }
        Ok(Self(ascii.into_owned()))
    }

    fn is_below(&self, parent: &Self) -> bool {
        self.0
            .strip_suffix(&parent.0)
            .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    }
}

impl HostPattern {
    /// Reads the text form, without a port.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text == "any" {
            return Ok(Self::Any);
        }
        if let Some(rest) = text.strip_prefix('[') {
            let address = rest.strip_suffix(']').and_then(|inner| inner.parse().ok());
            return address
                .map(Self::of_v6)
                .ok_or_else(|| format!("expected an IPv6 address in brackets, found `{text}`"));
        }
        if text.parse::<Ipv6Addr>().is_ok() {
            return Err(format!("an IPv6 address stands in brackets: `[{text}]`"));
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::V4(address));
        }
        let Some(parent) = text.strip_prefix("*.") else {
            if text.contains('*') {
                return Err(format!(
                    "`*` stands only for whole names below another, as in `*.example.com`; \
                     the whole internet is `any`; found `{text}`"
                ));
            }
            return DomainName::read(text).map(Self::Name);
        };
        let parent = DomainName::read(parent)?;
        // The list has a rule for every name, so a name without a registrable part is itself
        // a suffix under which strangers register.
        if psl::domain(parent.0.as_bytes()).is_none() {
            return Err(format!(
                "anybody can register a name below `{}` (public suffix list), so `{text}` would \
                 grant everybody; name the registered domain",
                parent.0
            ));
        }
        Ok(Self::Below(parent))
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        address.to_ipv4_mapped().map_or(Self::V6(address), Self::V4)
    }

    /// Whether every host that `narrow` stands for is in this.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        match (self, narrow) {
            (Self::Any, _) => true,
            (Self::Below(wide), Self::Name(name)) => name.is_below(wide),
            (Self::Below(wide), Self::Below(below)) => wide == below || below.is_below(wide),
            _ => self == narrow,
        }
    }

    /// The hosts in both: always one of the two, as names form a tree.
    pub(crate) fn meet(&self, other: &Self) -> Option<Self> {
        if self.covers(other) {
            Some(other.clone())
        } else {
            other.covers(self).then(|| self.clone())
        }
    }
}

impl std::fmt::Display for HostPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Below(name) => write!(f, "*.{}", name.0),
            Self::Name(name) => f.write_str(&name.0),
            Self::V4(address) => write!(f, "{address}"),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}
