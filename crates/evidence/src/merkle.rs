//! 默克尔树: the tree of RFC 6962 (section 2.1), over any 32-byte hash.
//!
//! A leaf is `H(0x00 ‖ content)`, a node `H(0x01 ‖ left ‖ right)`. Proofs are made from
//! nodes of complete subtrees, wherever they are kept ([`Nodes`]), so a log of any size
//! reads a logarithm of it. Verification follows RFC 9162, sections 2.1.3.2 and 2.1.4.2.

use sm3::digest::{Digest, array::typenum::U32};

/// 杂凑值: 32 bytes.
pub type Hash = [u8; 32];

/// A hash function that a tree may be built with. The log uses SM3; the published test
/// vectors use SHA-256.
pub trait TreeHash: Digest<OutputSize = U32> {}
impl<D: Digest<OutputSize = U32>> TreeHash for D {}

/// The hash of a tree without leaves: `H()`.
#[must_use]
pub fn empty_root<D: TreeHash>() -> Hash {
    D::new().finalize().into()
}

/// The hash of a leaf: `H(0x00 ‖ content)`.
#[must_use]
pub fn leaf_hash<D: TreeHash>(content: &[u8]) -> Hash {
    D::new().chain_update([0]).chain_update(content).finalize().into()
}

/// The hash of a node: `H(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash<D: TreeHash>(left: &Hash, right: &Hash) -> Hash {
    D::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Where nodes of complete subtrees are read from.
pub trait Nodes {
    /// Why a node could not be read.
    type Error;

    /// The node over the `2^height` leaves that begin at `index × 2^height`. It is asked
    /// only for subtrees that are complete.
    ///
    /// # Errors
    /// When the store fails or does not hold the node.
    fn node(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The root over the first `size` leaves.
///
/// # Errors
/// Those of `nodes`.
pub fn root<D: TreeHash, N: Nodes>(nodes: &mut N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(empty_root::<D>()) } else { range_root::<D, N>(nodes, 0, size) }
}

/// The root of the subtree over `begin..end`: complete subtrees from left to right, each
/// smaller than the one before, folded from the right. `begin` is a multiple of the
/// largest of them.
fn range_root<D: TreeHash, N: Nodes>(nodes: &mut N, begin: u64, end: u64) -> Result<Hash, N::Error> {
    let mut peaks = Vec::new();
    let mut at = begin;
    while at < end {
        let height = (end - at).ilog2();
        peaks.push(nodes.node(height, at >> height)?);
        at += 1 << height;
    }
    let last = peaks.pop().expect("a range has a leaf");
    Ok(peaks.iter().rev().fold(last, |right, left| node_hash::<D>(left, &right)))
}

/// The largest power of two below `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// 存在证明: the siblings from leaf `index` up to the root over `size` leaves
/// (RFC 6962, 2.1.1).
///
/// # Errors
/// Those of `nodes`.
///
/// # Panics
/// If `index` is not below `size`.
pub fn prove_inclusion<D: TreeHash, N: Nodes>(nodes: &mut N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    assert!(index < size, "leaf {index} does not stand in a tree of {size}");
    let (mut begin, mut end) = (0, size);
    let mut path = Vec::new();
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            path.push(range_root::<D, N>(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range_root::<D, N>(nodes, begin, middle)?);
            begin = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// 一致证明: that the tree of `old` leaves is the beginning of the tree of `new` leaves
/// (RFC 6962, 2.1.2). Empty when `old` is 0 or equals `new`.
///
/// # Errors
/// Those of `nodes`.
///
/// # Panics
/// If `old` is above `new`.
pub fn prove_consistency<D: TreeHash, N: Nodes>(nodes: &mut N, old: u64, new: u64) -> Result<Vec<Hash>, N::Error> {
    assert!(old <= new, "a tree of {old} is not the beginning of a tree of {new}");
    let mut path = Vec::new();
    if old == 0 || old == new {
        return Ok(path);
    }
    let (mut begin, mut end) = (0, new);
    while old < end {
        let middle = begin + split(end - begin);
        if old <= middle {
            path.push(range_root::<D, N>(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range_root::<D, N>(nodes, begin, middle)?);
            begin = middle;
        }
    }
    // The old root itself is known to the verifier; a part of it is not.
    if begin > 0 {
        path.push(range_root::<D, N>(nodes, begin, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether `path` leads from `leaf` at `index` to `root` over `size` leaves.
#[must_use]
pub fn verify_inclusion<D: TreeHash>(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash::<D>(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash::<D>(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `path` shows that `old_root` over `old` leaves is the beginning of `new_root`
/// over `new` leaves. A tree of 0 leaves is the beginning of every tree.
#[must_use]
pub fn verify_consistency<D: TreeHash>(old: u64, old_root: &Hash, new: u64, new_root: &Hash, path: &[Hash]) -> bool {
    if old > new {
        return false;
    }
    if old == 0 {
        return path.is_empty() && *old_root == empty_root::<D>();
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    let whole = old.is_power_of_two().then_some(old_root);
    let mut steps = whole.into_iter().chain(path);
    let Some(&seed) = steps.next() else { return false };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (seed, seed);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash::<D>(step, &old_hash);
            new_hash = node_hash::<D>(step, &new_hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash::<D>(&new_hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}
