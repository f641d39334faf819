//! Where C2SP tlog-tiles puts hashes and entries, and how an entry bundle is written.

/// Hashes in a full tile, entries in a full bundle.
pub(crate) const WIDTH: u64 = 256;

/// The largest leaf that an entry bundle can hold, in bytes: its length is a `u16`.
pub const MAX_LEAF: usize = u16::MAX as usize;

/// `1234067` as `x001/x234/067`.
fn number(mut n: u64) -> String {
    let mut text = format!("{:03}", n % 1000);
    while n >= 1000 {
        n /= 1000;
        text = format!("x{:03}/{text}", n % 1000);
    }
    text
}

/// The path of tile `n` of `level` that holds `width` hashes (1 to 256).
pub(crate) fn tile_path(level: u32, n: u64, width: u64) -> String {
    with_width(format!("tile/{level}/{}", number(n)), width)
}

/// The path of entry bundle `n` that holds `width` entries (1 to 256).
pub(crate) fn bundle_path(n: u64, width: u64) -> String {
    with_width(format!("tile/entries/{}", number(n)), width)
}

fn with_width(path: String, width: u64) -> String {
    if width == WIDTH {
        path
    } else {
        format!("{path}.p/{width}")
    }
}

/// Appends one entry to a bundle: a big-endian `u16` length, then the bytes.
pub(crate) fn push_entry(bundle: &mut Vec<u8>, leaf: &[u8]) {
    let length = u16::try_from(leaf.len()).expect("events are encoded within MAX_LEAF");
    bundle.extend(length.to_be_bytes());
    bundle.extend(leaf);
}

/// The entries of a bundle; nothing where it is cut short.
pub(crate) fn entries(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        bundle = rest;
    }
    bundle.is_empty().then_some(entries)
}

/// The hashes of a tile; nothing where it does not hold exactly `width` of them.
pub(crate) fn hashes(tile: &[u8], width: u64) -> Option<Vec<capability::Digest>> {
    let (hashes, rest) = tile.as_chunks::<32>();
    (rest.is_empty() && hashes.len() as u64 == width).then(|| {
        hashes
            .iter()
            .map(|hash| capability::Digest::from_bytes(*hash))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(tile_path(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(tile_path(2, 0, 7), "tile/2/000.p/7");
        assert_eq!(bundle_path(999, 256), "tile/entries/999");
        assert_eq!(bundle_path(1000, 255), "tile/entries/x001/000.p/255");
    }

    proptest! {
        #[test]
        fn a_bundle_gives_back_its_entries(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..40)) {
            let mut bundle = Vec::new();
            leaves.iter().for_each(|leaf| push_entry(&mut bundle, leaf));
            prop_assert_eq!(entries(&bundle).expect("whole"), leaves);
            if bundle.pop().is_some() {
                let cut = entries(&bundle).map(|e| e.len());
                prop_assert!(cut.is_none() || bundle.is_empty() || cut.is_some_and(|n| n < 40));
            }
        }

        #[test]
        fn reading_any_bytes_as_a_bundle_ends(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = entries(&bytes);
        }
    }
}
