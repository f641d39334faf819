//! The RFC 6962 Merkle tree: hashing, growth, inclusion and consistency proofs.
//!
//! Proofs are built over a `node` callback that answers the root of a complete, aligned
//! subtree: `node(level, i)` covers leaves `i << level .. (i + 1) << level`.

use capability::Digest;
use sha2::{Digest as _, Sha256};

/// The hash of a leaf: SHA-256 of `0x00` and its bytes (RFC 6962, section 2.1).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    Digest::from_bytes(
        Sha256::new()
            .chain_update([0])
            .chain_update(leaf)
            .finalize()
            .into(),
    )
}

/// The hash of an inner node: SHA-256 of `0x01` and its children.
pub(crate) fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let hash = Sha256::new()
        .chain_update([1])
        .chain_update(left.as_bytes())
        .chain_update(right.as_bytes());
    Digest::from_bytes(hash.finalize().into())
}

/// Folds the roots of adjacent subtrees, largest first, into the root over all of them.
fn fold(parts: &[Digest]) -> Digest {
    let Some((last, rest)) = parts.split_last() else {
        return Digest::of(&[]);
    };
    rest.iter()
        .rev()
        .fold(*last, |right, left| node_hash(left, &right))
}

/// The right edge of a tree: all that is needed to let it grow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frontier {
    size: u64,
    /// The roots of the complete subtrees, one for each bit set in `size`, largest first.
    roots: Vec<Digest>,
}

impl Frontier {
    /// A frontier put together from the complete subtrees of a tree of this size.
    pub(crate) fn from_roots(size: u64, roots: Vec<Digest>) -> Self {
        debug_assert_eq!(size.count_ones() as usize, roots.len());
        Self { size, roots }
    }

    pub(crate) fn of(leaves: &[Digest]) -> Self {
        let mut frontier = Self::default();
        leaves.iter().for_each(|leaf| frontier.push(*leaf));
        frontier
    }

    pub(crate) fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self
                .roots
                .pop()
                .expect("one root for each bit set in the size");
            hash = node_hash(&left, &hash);
        }
        self.roots.push(hash);
        self.size += 1;
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn roots(&self) -> &[Digest] {
        &self.roots
    }

    pub(crate) fn root(&self) -> Digest {
        fold(&self.roots)
    }
}

/// The largest power of two below `n`, for `n` of 2 and more.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The root over leaves `lo..hi`, where `lo` starts a subtree that holds them.
fn range_root<E>(
    mut lo: u64,
    hi: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Digest, E>,
) -> Result<Digest, E> {
    let mut parts = Vec::new();
    while lo < hi {
        let level = (hi - lo).ilog2().min(lo.trailing_zeros());
        parts.push(node(level, lo >> level)?);
        lo += 1 << level;
    }
    Ok(fold(&parts))
}

/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1).
pub(crate) fn inclusion_path<E>(
    index: u64,
    size: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Digest, E>,
) -> Result<Vec<Digest>, E> {
    let (mut lo, mut hi, mut path) = (0, size, Vec::new());
    while hi - lo > 1 {
        let middle = lo + split(hi - lo);
        if index < middle {
            path.push(range_root(middle, hi, node)?);
            hi = middle;
        } else {
            path.push(range_root(lo, middle, node)?);
            lo = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Proves that the tree of `old` leaves is a prefix of that of `new` (RFC 6962, section 2.1.2).
pub(crate) fn consistency_path<E>(
    old: u64,
    new: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Digest, E>,
) -> Result<Vec<Digest>, E> {
    let (mut lo, mut hi, mut known, mut path) = (0, new, true, Vec::new());
    if old == 0 {
        return Ok(path);
    }
    while old < hi {
        let middle = lo + split(hi - lo);
        if old <= middle {
            path.push(range_root(middle, hi, node)?);
            hi = middle;
        } else {
            path.push(range_root(lo, middle, node)?);
            lo = middle;
            known = false;
        }
    }
    if !known {
        path.push(range_root(lo, hi, node)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether `path` proves that `leaf` is number `index` of the `size` leaves under `root`
/// (RFC 9162, section 2.1.3.2).
#[must_use]
pub fn check_inclusion(index: u64, size: u64, leaf: Digest, path: &[Digest], root: Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(step, &hash);
            let level = at.trailing_zeros().min(63);
            (at, last) = if at == 0 {
                (0, 0)
            } else {
                (at >> level, last >> level)
            };
        } else {
            hash = node_hash(&hash, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == root
}

/// Whether `path` proves that the `old` leaves under `old_root` are the first of the `new`
/// under `new_root` (RFC 9162, section 2.1.4.2).
#[must_use]
pub fn check_consistency(
    old: u64,
    old_root: Digest,
    new: u64,
    new_root: Digest,
    path: &[Digest],
) -> bool {
    if old == 0 || old >= new {
        return path.is_empty() && (old == 0 || (old == new && old_root == new_root));
    }
    // A complete old tree is a node of the new one, so the prover leaves it out.
    let known = old.is_power_of_two().then_some(&old_root);
    let mut steps = known.into_iter().chain(path);
    let Some(first) = steps.next() else {
        return false;
    };
    let level = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> level, (new - 1) >> level);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(step, &old_hash);
            new_hash = node_hash(step, &new_hash);
            let level = at.trailing_zeros().min(63);
            (at, last) = if at == 0 {
                (0, 0)
            } else {
                (at >> level, last >> level)
            };
        } else {
            new_hash = node_hash(&new_hash, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old_hash == old_root && new_hash == new_root
}
