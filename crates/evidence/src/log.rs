//! Reading the log: proofs for a leaf and between two trees.

use crate::EvidenceError;
use crate::facts::Facts;
use crate::merkle::{self, Hash};
use crate::receipt::{Receipt, Sealed};
use crate::store::{self, Published};
use crate::tiles::{Place, TileNodes};
use crate::witness::Continuation;
use db::Tx;
use sm3::Sm3;

/// Nodes of the log's tree, read through a transaction.
pub(crate) fn nodes(tx: &mut dyn Tx) -> TileNodes<Sm3, impl FnMut(Place) -> Result<Vec<u8>, EvidenceError> + '_> {
    TileNodes::new(move |place| Ok(store::tile(tx, place)?))
}

/// 存证状态: how far a leaf has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Committed, but no signed checkpoint covers it yet; usually for less than a second.
    Pending,
    /// Covered by a signed checkpoint.
    Sealed(Proof),
}

/// Where a leaf stands and the way from it to the signed root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The leaf's number, from 0.
    pub index: u64,
    /// Siblings from the leaf to the root.
    pub path: Vec<Hash>,
    /// The checkpoint that holds the root.
    pub published: Published,
}

/// 存在证明: for a leaf, against the newest checkpoint that witnesses co-signed, else the
/// latest. Reads a logarithm of the log.
///
/// # Errors
/// [`EvidenceError::UnknownLeaf`], or storage.
pub fn inclusion(tx: &mut dyn Tx, leaf_id: &str) -> Result<Standing, EvidenceError> {
    let (_, number) = store::leaf(tx, leaf_id)?.ok_or_else(|| EvidenceError::UnknownLeaf { id: leaf_id.to_owned() })?;
    standing(tx, number)
}

fn standing(tx: &mut dyn Tx, number: Option<u64>) -> Result<Standing, EvidenceError> {
    let Some(index) = number else { return Ok(Standing::Pending) };
    let Some(published) = store::covering(tx, index)? else { return Ok(Standing::Pending) };
    let path = merkle::prove_inclusion::<Sm3, _>(&mut nodes(tx), index, published.note.checkpoint.size)?;
    Ok(Standing::Sealed(Proof { index, path, published }))
}

/// 一致证明: that the tree of `old` leaves is the beginning of the tree of `new` leaves.
///
/// # Errors
/// [`EvidenceError::NoSuchTree`], or storage.
pub fn consistency(tx: &mut dyn Tx, old: u64, new: u64) -> Result<Vec<Hash>, EvidenceError> {
    let size = store::head(tx)?.size;
    if old > new || new > size {
        return Err(EvidenceError::NoSuchTree { old, new, size });
    }
    merkle::prove_consistency::<Sm3, _>(&mut nodes(tx), old, new)
}

/// 延续证明 for a witness: the root over the first `old` leaves of this log and the way to the
/// root over `new`.
///
/// # Errors
/// [`EvidenceError::NoSuchTree`], or storage.
pub fn continuation(tx: &mut dyn Tx, old: u64, new: u64) -> Result<Continuation, EvidenceError> {
    let path = consistency(tx, old, new)?;
    Ok(Continuation { old_root: merkle::root::<Sm3, _>(&mut nodes(tx), old)?, path })
}

/// 凭证: the receipt of the deed whose facts are given again from the registers. It is
/// pending while no checkpoint covers the leaf.
///
/// # Errors
/// [`EvidenceError::FactsDiffer`] when the registers no longer say what was sealed;
/// [`EvidenceError::UnknownLeaf`], or storage.
pub fn receipt(tx: &mut dyn Tx, facts: &Facts) -> Result<Receipt, EvidenceError> {
    let (leaf, number) =
        store::leaf(tx, &facts.id)?.ok_or_else(|| EvidenceError::UnknownLeaf { id: facts.id.clone() })?;
    if facts.seal(leaf.salt)?.content != leaf.content {
        return Err(EvidenceError::FactsDiffer { id: facts.id.clone() });
    }
    let sealed = match standing(tx, number)? {
        Standing::Pending => None,
        Standing::Sealed(proof) => Some(Sealed {
            index: proof.index,
            path: proof.path,
            checkpoint: proof.published.note,
            key: proof.published.signer,
        }),
    };
    Ok(Receipt { facts: facts.clone(), salt: leaf.salt, sealed })
}
