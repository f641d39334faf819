//! Amounts with units: bytes and times, each printed in the largest unit that leaves no fraction.

const BYTES: [(&str, u64); 5] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

const SECONDS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// Reads an amount of bytes: `512B`, `10MiB`.
pub(crate) fn read_bytes(text: &str) -> Result<u64, String> {
    read(
        text,
        &BYTES,
        "an amount like `512B`, `64KiB`, `10MiB` or `1GiB`",
    )
}

/// Reads a time: `30s`, `10min`, `2h`, `1d`, in seconds.
pub(crate) fn read_seconds(text: &str) -> Result<u64, String> {
    read(text, &SECONDS, "a time like `30s`, `10min`, `2h` or `1d`")
}

pub(crate) fn bytes(amount: u64) -> String {
    show(amount, &BYTES)
}

pub(crate) fn seconds(amount: u64) -> String {
    show(amount, &SECONDS)
}

/// Reads a whole number without sign or leading zeros.
pub(crate) fn read_number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

fn read(text: &str, units: &[(&str, u64)], expected: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    units
        .iter()
        .find(|(name, _)| *name == unit)
        .and_then(|(_, factor)| read_number(number)?.checked_mul(*factor))
        .ok_or_else(|| format!("expected {expected}, found `{text}`"))
}

fn show(amount: u64, units: &[(&str, u64)]) -> String {
    let fitting = units
        .iter()
        .find(|(_, factor)| amount >= *factor && amount.is_multiple_of(*factor));
    let (unit, factor) = fitting
        .or(units.last())
        .expect("a list of units is not empty");
    format!("{}{unit}", amount / factor)
}
