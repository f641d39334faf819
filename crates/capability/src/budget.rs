//! How many bytes may pass in a while.

/// A length of time over which bytes are counted. Any interval of that length counts, wherever it
/// starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// `s`
    Second,
    /// `min`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
}

impl Window {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Second, "s"),
        (Self::Minute, "min"),
        (Self::Hour, "h"),
        (Self::Day, "d"),
    ];

    /// Its length.
    #[must_use]
    pub fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

/// At most so many bytes in any interval of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    /// The interval's length.
    pub window: Window,
    /// The bytes.
    pub bytes: u64,
}

impl Bound {
    /// Whether traffic within this bound is always within `wide`.
    ///
    /// A longer interval holds several of ours, each of which may be used up; in a shorter one all
    /// of ours may pass at once.
    fn implies(self, wide: Self) -> bool {
        let intervals = (wide.window.seconds() / self.window.seconds()).max(1);
        self.bytes.saturating_mul(intervals) <= wide.bytes
    }
}

/// Bounds that hold together; none means no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Budget(Vec<Bound>);

impl Budget {
    /// Of bounds, less those that follow from others.
    pub(crate) fn of(bounds: impl IntoIterator<Item = Bound>) -> Self {
        let mut bounds =
            crate::segments::widest(bounds.into_iter().collect(), |a, b| a.implies(*b));
        bounds.sort_unstable();
        Self(bounds)
    }

    /// Reads one bound: `1MiB/h`.
    pub(crate) fn read(text: &str) -> Result<Bound, String> {
        let expected = || format!("expected a budget like `1MiB/h` or `64KiB/s`, found `{text}`");
        let (amount, per) = text.split_once('/').ok_or_else(expected)?;
        let window = Window::ALL
            .iter()
            .find(|(_, name)| *name == per)
            .ok_or_else(|| {
                format!("expected a budget per `s`, `min`, `h` or `d`, found `{text}`")
            })?;
        Ok(Bound {
            window: window.0,
            bytes: crate::unit::read_bytes(amount)?,
        })
    }

    /// The bounds, shortest window first; empty where nothing bounds.
    #[must_use]
    pub fn bounds(&self) -> &[Bound] {
        &self.0
    }

    /// Whether traffic within `narrow` is always within this.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        self.0
            .iter()
            .all(|wide| narrow.0.iter().any(|bound| bound.implies(*wide)))
    }

    pub(crate) fn meet(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).copied())
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let per = Window::ALL
            .iter()
            .find(|(window, _)| *window == self.window);
        write!(
            f,
            "{}/{}",
            crate::unit::bytes(self.bytes),
            per.map_or("", |(_, name)| name)
        )
    }
}
