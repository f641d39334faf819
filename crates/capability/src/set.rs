//! Sets of capabilities and their algebra.

use std::{borrow::Cow, collections::BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AgentAct, Capability, EnvPattern, ExecRule, Limit, NetRule, PathPattern, Resource, SecretRule,
    capability::line_schema,
    lex::{ParseError, Words},
    segments::widest,
};

/// What may be done: all that some capability allows and no `never` takes away.
///
/// A [`Limit`] is a bound: where a set has several for one resource the largest holds, where it has
/// none [`Resource::default_amount`] does. So the empty set is not below one with a smaller limit.
///
/// Comparisons never say yes wrongly; they may say no where only several capabilities together
/// cover one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct CapabilitySet {
    allows: BTreeSet<Capability>,
    nevers: BTreeSet<Capability>,
}

impl CapabilitySet {
    /// The most lines that are read: comparing takes time with the square.
    pub const MAX_LINES: usize = 1024;

    /// The empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one capability or `never` a line; `#` begins a comment.
    ///
    /// # Errors
    /// The first line that is neither, its span into the whole text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut set = Self::new();
        let mut offset = 0;
        for line in text.split('\n') {
            set.read_line(line, offset)?;
            offset += line.len() + 1;
        }
        Ok(set)
    }

    fn read_line(&mut self, line: &str, offset: usize) -> Result<(), ParseError> {
        let mut words = Words::split(line, offset)?;
        if words.is_empty() {
            return Ok(());
        }
        let never = words.next_if(|word| word == "never").is_some();
        let capability = Capability::parse(&mut words, never)?;
        if self.len() >= Self::MAX_LINES {
            let message = format!("more than {} capabilities", Self::MAX_LINES);
            return Err(ParseError::new(message, offset..offset + line.len()));
        }
        if never {
            self.nevers.insert(capability)
        } else {
            self.allows.insert(capability)
        };
        Ok(())
    }

    /// Adds one.
    pub fn insert(&mut self, capability: Capability) {
        self.allows.insert(capability);
    }

    /// Takes one away, whatever is added. A budget is left out, as all of it is refused; a limit
    /// does nothing, as there is no run without.
    pub fn deny(&mut self, capability: Capability) {
        match capability {
            Capability::Limit(_) => {}
            Capability::Net(rule) => {
                self.nevers.insert(Capability::Net(rule.unbudgeted()));
            }
            other => {
                self.nevers.insert(other);
            }
        }
    }

    /// Adds all of `other`, and what either never allows stays refused. This is how grants are put
    /// together; [`Self::union`] is for comparing.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Self {
        self.allows.extend(other.allows.iter().cloned());
        self.nevers.extend(other.nevers.iter().cloned());
        self
    }

    /// The capabilities, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Capability> {
        self.allows.iter()
    }

    /// What is taken away, in order.
    pub fn nevers(&self) -> impl Iterator<Item = &Capability> {
        self.nevers.iter()
    }

    /// How many capabilities and nevers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.allows.len() + self.nevers.len()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same set with nothing said twice: a capability that another covers or a `never` refuses
    /// goes, methods of otherwise equal rules are joined, the largest limit stays and goes too
    /// where it is the default.
    ///
    /// Two sets without nevers that are subsets of each other have one normal form.
    #[must_use]
    pub fn normalise(&self) -> Self {
        let mut joined: Vec<Capability> = Vec::new();
        for part in widest(self.parts(), Capability::covers) {
            let absorbed = joined.iter_mut().any(|c| match (c, &part) {
                (Capability::Net(rule), Capability::Net(part)) => rule.absorb(part),
                _ => false,
            });
            if !absorbed {
                joined.push(part);
            }
        }
        let nevers = widest(self.nevers.iter().cloned().collect(), Capability::covers);
        Self {
            allows: joined.into_iter().collect(),
            nevers: nevers.into_iter().collect(),
        }
        .with_limits(|resource| self.limit(resource))
    }

    /// All that either allows. Where a `never` of one reaches into what the other allows, it gives
    /// way, so that the union may be more than both: use [`Self::merge`] to put grants together.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (a, b) = (self.normalise(), other.normalise());
        let apart =
            |never: &Capability, set: &Self| set.allows.iter().all(|c| c.meet(never).is_nothing());
        let mut nevers: BTreeSet<_> = a
            .nevers
            .iter()
            .filter(|never| apart(never, &b))
            .chain(b.nevers.iter().filter(|never| apart(never, &a)))
            .cloned()
            .collect();
        for never in &a.nevers {
            nevers.extend(b.nevers.iter().flat_map(|other| never.meet(other).pieces));
        }
        Self {
            allows: a.allows.iter().chain(&b.allows).cloned().collect(),
            nevers,
        }
        .with_limits(|resource| a.limit(resource).max(b.limit(resource)))
        .normalise()
    }

    /// All that both allow. Where no pattern can say it all, less.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut allows = BTreeSet::new();
        for a in &self.allows {
            allows.extend(other.allows.iter().flat_map(|b| a.meet(b).pieces));
        }
        Self {
            allows,
            nevers: self.nevers.union(&other.nevers).cloned().collect(),
        }
        .with_limits(|resource| self.limit(resource).min(other.limit(resource)))
        .normalise()
    }

    /// The capabilities of `self` that `other` does not cover, with the nevers that touch them.
    /// Empty exactly where `self` is a subset.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let parts = self.parts().into_iter();
        let allows: BTreeSet<_> = parts.filter(|c| !other.admits(c, &self.nevers)).collect();
        let nevers = self.nevers.iter();
        let nevers = nevers.filter(|never| allows.iter().any(|c| !c.meet(never).is_nothing()));
        let mut rest = Self {
            nevers: nevers.cloned().collect(),
            allows,
        }
        .normalise();
        for resource in Resource::ALL {
            let amount = self.limit(resource);
            if amount > other.limit(resource) {
                rest.insert(Capability::Limit(Limit { resource, amount }));
            }
        }
        rest
    }

    /// Whether `other` allows all that `self` does.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.difference(other).is_empty()
    }

    /// Whether all of one capability is allowed.
    #[must_use]
    pub fn covers(&self, capability: &Capability) -> bool {
        match capability {
            Capability::Limit(limit) => self.limit(limit.resource) >= limit.amount,
            other => other
                .parts()
                .iter()
                .all(|part| self.admits(part, &BTreeSet::new())),
        }
    }

    /// The bound that holds for a resource.
    #[must_use]
    pub fn limit(&self, resource: Resource) -> u64 {
        let amounts = self.allows.iter().filter_map(|c| match c {
            Capability::Limit(limit) if limit.resource == resource => Some(limit.amount),
            _ => None,
        });
        amounts.max().unwrap_or_else(|| resource.default_amount())
    }

    /// The places that may be read.
    pub fn fs_read(&self) -> impl Iterator<Item = &PathPattern> {
        self.allows.iter().filter_map(|c| {
            if let Capability::FsRead(p) = c {
                Some(p)
            } else {
                None
            }
        })
    }

    /// The places that may be written.
    pub fn fs_write(&self) -> impl Iterator<Item = &PathPattern> {
        self.allows.iter().filter_map(|c| {
            if let Capability::FsWrite(p) = c {
                Some(p)
            } else {
                None
            }
        })
    }

    /// The connections that may be made.
    pub fn net(&self) -> impl Iterator<Item = &NetRule> {
        self.allows.iter().filter_map(|c| {
            if let Capability::Net(r) = c {
                Some(r)
            } else {
                None
            }
        })
    }

    /// The uses of secrets.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretRule> {
        self.allows.iter().filter_map(|c| {
            if let Capability::Secret(r) = c {
                Some(r)
            } else {
                None
            }
        })
    }

    /// The variables that may be seen.
    pub fn env(&self) -> impl Iterator<Item = &EnvPattern> {
        self.allows.iter().filter_map(|c| {
            if let Capability::Env(p) = c {
                Some(p)
            } else {
                None
            }
        })
    }

    /// The programs that may be started.
    pub fn exec(&self) -> impl Iterator<Item = &ExecRule> {
        self.allows.iter().filter_map(|c| {
            if let Capability::Exec(r) = c {
                Some(r)
            } else {
                None
            }
        })
    }

    /// What may be done to the agent.
    pub fn agent(&self) -> impl Iterator<Item = AgentAct> {
        self.allows.iter().filter_map(|c| {
            if let Capability::Agent(a) = c {
                Some(*a)
            } else {
                None
            }
        })
    }

    /// The parts of what it allows but its limits, less those that a `never` refuses as a whole.
    fn parts(&self) -> Vec<Capability> {
        let allows = self
            .allows
            .iter()
            .filter(|c| !matches!(c, Capability::Limit(_)));
        let parts = allows.flat_map(Capability::parts);
        parts
            .filter(|part| !self.nevers.iter().any(|never| never.covers(part)))
            .collect()
    }

    /// Whether `part`, less what `already` refuses, is allowed.
    ///
    /// What one of our nevers takes from it must be refused already, by one other: that keeps
    /// `is_subset` transitive.
    fn admits(&self, part: &Capability, already: &BTreeSet<Capability>) -> bool {
        self.allows.iter().any(|allow| allow.covers(part))
            && self.nevers.iter().all(|never| {
                let taken = part.meet(never);
                taken.is_nothing()
                    || already.iter().any(|refused| {
                        refused.covers(never)
                            || taken.complete && taken.pieces.iter().all(|p| refused.covers(p))
                    })
            })
    }

    /// With these bounds and no others.
    fn with_limits(mut self, amount: impl Fn(Resource) -> u64) -> Self {
        self.allows.retain(|c| !matches!(c, Capability::Limit(_)));
        for resource in Resource::ALL {
            let amount = amount(resource);
            if amount != resource.default_amount() {
                self.insert(Capability::Limit(Limit { resource, amount }));
            }
        }
        self
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let allows = self.allows.iter().map(ToString::to_string);
        allows.chain(self.nevers.iter().map(|never| format!("never {never}")))
    }
}

/// One a line: capabilities first, then nevers.
impl std::fmt::Display for CapabilitySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, line) in self.lines().enumerate() {
            write!(f, "{}{line}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::str::FromStr for CapabilitySet {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(s)
    }
}

/// Reads a list of lines; the span of an error is into the line that it quotes.
impl TryFrom<Vec<String>> for CapabilitySet {
    type Error = ParseError;

    fn try_from(lines: Vec<String>) -> Result<Self, Self::Error> {
        let mut set = Self::new();
        for line in &lines {
            set.read_line(line, 0).map_err(|e| {
                let shown: String = line.chars().take(80).collect();
                ParseError::new(format!("in `{shown}`: {}", e.message), e.span)
            })?;
        }
        Ok(set)
    }
}

impl From<CapabilitySet> for Vec<String> {
    fn from(set: CapabilitySet) -> Self {
        set.lines().collect()
    }
}

impl FromIterator<Capability> for CapabilitySet {
    fn from_iter<I: IntoIterator<Item = Capability>>(i: I) -> Self {
        Self {
            allows: i.into_iter().collect(),
            nevers: BTreeSet::new(),
        }
    }
}

impl Extend<Capability> for CapabilitySet {
    fn extend<I: IntoIterator<Item = Capability>>(&mut self, i: I) {
        self.allows.extend(i);
    }
}

impl JsonSchema for CapabilitySet {
    fn schema_name() -> Cow<'static, str> {
        "CapabilitySet".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let line = line_schema(
            "(never )?",
            "A capability, or `never` and what is taken away.",
        );
        schemars::json_schema!({
            "type": "array",
            "description": "What may be done: all that some line allows and no `never` refuses.",
            "items": line,
            "maxItems": Self::MAX_LINES,
        })
    }
}
