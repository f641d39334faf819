//! The tree against an independent implementation of RFC 6962.

use std::convert::Infallible;

use capability::Digest;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use crate::merkle::{
    Frontier, check_consistency, check_inclusion, consistency_path, inclusion_path, leaf_hash,
    node_hash,
};

fn leaves(n: u64) -> Vec<Digest> {
    (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn oracle(n: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..n).for_each(|i| tree.push(i.to_be_bytes().to_vec()));
    tree
}

fn node(leaves: &[Digest], level: u32, i: u64) -> Result<Digest, Infallible> {
    let (start, end) = ((i << level) as usize, ((i + 1) << level) as usize);
    Ok(Frontier::of(&leaves[start..end]).root())
}

fn bytes(path: &[Digest]) -> Vec<u8> {
    path.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roots_and_inclusion_proofs_are_the_oracles(size in 1u64..600, at in any::<prop::sample::Index>()) {
        let (leaves, oracle) = (leaves(size), oracle(size));
        let root = Frontier::of(&leaves).root();
        prop_assert_eq!(root.as_bytes().to_vec(), oracle.root().as_bytes().to_vec());

        let index = at.index(size as usize);
        let Ok(path) = inclusion_path(index as u64, size, &mut |level, i| node(&leaves, level, i));
        let proof = oracle.prove_inclusion(index);
        prop_assert_eq!(&bytes(&path)[..], proof.as_bytes());
        prop_assert!(check_inclusion(index as u64, size, leaves[index], &path, root));
    }

    #[test]
    fn a_changed_inclusion_proof_proves_nothing(size in 1u64..300, at in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let (root, index) = (Frontier::of(&leaves).root(), at.index(size as usize));
        let Ok(path) = inclusion_path(index as u64, size, &mut |level, i| node(&leaves, level, i));
        let check = |index: usize, path: &[Digest]| check_inclusion(index as u64, size, leaves[at.index(size as usize)], path, root);
        if !path.is_empty() {
            let mut changed = path.clone();
            let step = bit.index(path.len());
            changed[step] = leaf_hash(b"another");
            prop_assert!(!check(index, &changed));
            prop_assert!(!check(index, &path[1..]));
        }
        let longer: Vec<_> = path.iter().copied().chain([root]).collect();
        prop_assert!(!check(index, &longer));
        prop_assert!(!check(index + 1, &path) && !check(size as usize, &path));
        prop_assert!(!check_inclusion(index as u64, size, leaf_hash(b"another"), &path, root));
    }

    #[test]
    fn consistency_holds_between_prefixes_only(old in 1u64..300, more in 0u64..300) {
        let (leaves, new) = (leaves(old + more), old + more);
        let (old_root, new_root) = (Frontier::of(&leaves[..old as usize]).root(), Frontier::of(&leaves).root());
        let Ok(path) = consistency_path(old, new, &mut |level, i| node(&leaves, level, i));
        if more > 0 {
            let proof = oracle(new).prove_consistency(more as usize);
            prop_assert_eq!(&bytes(&path)[..], proof.as_bytes());
        }
        prop_assert!(check_consistency(old, old_root, new, new_root, &path));
        let other = leaf_hash(b"another");
        prop_assert!(!check_consistency(old, other, new, new_root, &path));
        prop_assert!(!check_consistency(old, old_root, new, other, &path));
        if let Some((_, shorter)) = path.split_last() {
            prop_assert!(!check_consistency(old, old_root, new, new_root, shorter));
        }
    }

    #[test]
    fn checking_any_proof_ends(index in any::<u64>(), old in any::<u64>(), size in any::<u64>(), steps in 0usize..130) {
        let hash = leaf_hash(b"any");
        prop_assert!(!check_inclusion(index, size, hash, &vec![hash; steps], node_hash(&hash, &leaf_hash(b"b"))));
        let _ = check_consistency(old, hash, size, hash, &vec![hash; steps]);
    }
}

#[test]
fn the_empty_tree_has_the_root_of_the_specification() {
    assert_eq!(Frontier::default().root(), Digest::of(b""));
    assert!(check_consistency(
        0,
        Digest::of(b""),
        5,
        leaf_hash(b"any"),
        &[]
    ));
}
