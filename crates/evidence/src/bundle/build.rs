//! Filing a step in its deed, and gathering a case's leaves into a bundle.

use super::steps::{Content, Document, Step, document_id, state_id, step_id};
use super::{Bundle, Entry, file_hash};
use crate::facts::{Facts, Leaf, Salt};
use crate::log::nodes;
use crate::merkle::{self, Hash, leaf_hash};
use crate::{EvidenceError, store};
use db::Tx;
use sm3::Sm3;
use std::collections::BTreeMap;

/// What filing a step left in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The step's leaf.
    pub step: String,
    /// The state's leaf.
    pub state: String,
    /// The documents' leaves.
    pub documents: Vec<String>,
}

/// 归档: seals a step with its documents in the deed's own transaction. `salt` is drawn
/// before the deed. The same step and documents must be given again, word for word, to
/// [`build`]; nothing of them is kept here.
///
/// # Errors
/// [`EvidenceError::UnknownLeaf`] when the step before was never filed,
/// [`EvidenceError::Facts`] when an amount is not whole, storage
/// ([`db::DbError::Duplicate`] when the step or a document's name was filed before).
pub fn file_step(tx: &mut dyn Tx, step: &Step, documents: &[Document], salt: Salt) -> Result<Filed, EvidenceError> {
    assert!(step.number > 0, "steps are numbered from 1");
    let previous = match step.number {
        1 => None,
        number => Some(known(tx, &step_id(&step.case, number - 1))?.0.content),
    };
    let mut leaves: Vec<Leaf> = Vec::new();
    for (n, document) in (2_u64..).zip(documents) {
        leaves.push(document.facts(&step.case).seal(salt.nth(n))?);
    }
    let named: Vec<(String, Hash)> = leaves.iter().map(|leaf| (leaf.id.clone(), leaf.content)).collect();
    let taken = step.facts(previous.as_ref(), &named).seal(salt.nth(0))?;
    let state = step.state(&taken.content).seal(salt.nth(1))?;
    let documents = named.into_iter().map(|(id, _)| id).collect();
    let filed = Filed { step: taken.id.clone(), state: state.id.clone(), documents };
    leaves.extend([taken, state]);
    store::append_many(tx, &leaves)?;
    Ok(filed)
}

/// 组卷: the bundle of a case, from its steps and documents as they were filed and the bytes
/// of its files (in any order; those that no document names are left out).
///
/// # Errors
/// [`EvidenceError::Pending`] while no checkpoint covers the whole case (ask again in a
/// second), [`EvidenceError::FactsDiffer`] when the registers no longer say what was filed,
/// [`EvidenceError::FileMissing`], [`EvidenceError::UnknownLeaf`], storage.
///
/// # Panics
/// If there is no step, or they are not all of one case.
pub fn build(tx: &mut dyn Tx, steps: &[(Step, Vec<Document>)], files: &[Vec<u8>]) -> Result<Bundle, EvidenceError> {
    let (last, _) = steps.last().expect("a case has a step");
    assert!(steps.iter().all(|(step, _)| step.case == last.case), "a bundle is of one case");
    let case = last.case.clone();
    let held: BTreeMap<Hash, &Vec<u8>> = files.iter().map(|file| (file_hash(file), file)).collect();
    let mut gathered = Gathered::default();
    let mut named_files: Vec<Hash> = Vec::new();
    let mut previous = None;
    let mut taken = Vec::new();
    for (step, documents) in steps {
        let mut named = Vec::new();
        for document in documents {
            let (leaf, place) = known(tx, &document_id(&case, &document.name))?;
            named.push((leaf.id.clone(), leaf.content));
            gathered.documents.push(opened(document.facts(&case), &leaf, place)?);
            add_file(document, &held, &mut named_files)?;
        }
        let (leaf, place) = known(tx, &step_id(&case, step.number))?;
        taken.push(opened(step.facts(previous.as_ref(), &named), &leaf, place)?);
        previous = Some(leaf.content);
    }
    gathered.steps = taken;
    let (leaf, place) = known(tx, &state_id(&case, last.number))?;
    let state = opened(last.state(&previous.expect("a case has a step")), &leaf, place)?;
    let all = gathered.steps.iter().chain(&gathered.documents).chain([&state]);
    let highest = all.map(|entry| entry.index).max().expect("a case has a state");
    let Some(published) = store::covering(tx, highest)? else {
        return Err(EvidenceError::Pending { id: state.facts.id });
    };
    let size = published.note.checkpoint.size;
    let mut prove = |mut entry: Entry| -> Result<Entry, EvidenceError> {
        entry.path = merkle::prove_inclusion::<Sm3, _>(&mut nodes(tx), entry.index, size)?;
        Ok(entry)
    };
    Ok(Bundle {
        case,
        steps: gathered.steps.into_iter().map(&mut prove).collect::<Result<_, _>>()?,
        state: prove(state)?,
        documents: gathered.documents.into_iter().map(&mut prove).collect::<Result<_, _>>()?,
        files: named_files.iter().map(|hash| held[hash].clone()).collect(),
        checkpoint: published.note,
        keys: published.keys,
    })
}

#[derive(Default)]
struct Gathered {
    steps: Vec<Entry>,
    documents: Vec<Entry>,
}

fn known(tx: &mut dyn Tx, id: &str) -> Result<(Leaf, Option<u64>), EvidenceError> {
    store::leaf(tx, id)?.ok_or_else(|| EvidenceError::UnknownLeaf { id: id.to_owned() })
}

/// The entry without its path, if the facts are still those that were sealed.
fn opened(facts: Facts, leaf: &Leaf, place: Option<u64>) -> Result<Entry, EvidenceError> {
    if facts.seal(leaf.salt)?.content != leaf.content {
        return Err(EvidenceError::FactsDiffer { id: facts.id });
    }
    let Some(index) = place else { return Err(EvidenceError::Pending { id: facts.id }) };
    let hash = leaf_hash::<Sm3>(&leaf.content);
    Ok(Entry { facts, salt: leaf.salt, leaf: hash, index, path: Vec::new() })
}

/// A document's file must be given; each file stands once, in the order of the documents.
fn add_file(document: &Document, held: &BTreeMap<Hash, &Vec<u8>>, named: &mut Vec<Hash>) -> Result<(), EvidenceError> {
    let Content::File { name, sm3, .. } = &document.content else { return Ok(()) };
    if !held.contains_key(sm3) {
        return Err(EvidenceError::FileMissing { name: name.clone() });
    }
    if !named.contains(sm3) {
        named.push(*sm3);
    }
    Ok(())
}
