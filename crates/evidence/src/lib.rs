//! # evidence 存证
//!
//! The transparency log: what a deed decided is sealed as a salted hash in an append-only
//! Merkle tree (RFC 6962 in shape, SM3 as hash, kept as tiles), whose head is signed with
//! SM2 at most a second later. A [`Receipt`] proves a settlement to anyone who holds the
//! log's public key, offline.
//!
//! Called by `journeys` ([`append`] in a deed's transaction, [`receipt`] on a query), by
//! the binary ([`Sequencer::spawn`], [`verify_receipt`], [`witness::Witness`]) and by whoever
//! audits the log ([`inclusion`], [`consistency`], [`latest_checkpoint`]). A case files its
//! steps with [`bundle::file_step`] and is handed out whole with [`bundle::build`].
//!
//! Never: personal data in a leaf, a rule, a network, a check of money (the caller of
//! [`verify_receipt`] does that with the facts it returns). No deed waits for the log.
//!
//! Decisions stand in `docs/design/evidence.md`.

mod checkpoint;
mod error;
mod facts;
mod high_water;
mod keys;
mod log;
mod policy;
mod receipt;
mod sequencer;
mod store;
mod unique;

pub mod bundle;
pub mod cosign;
pub mod merkle;
pub mod tiles;
pub mod witness;

pub use checkpoint::{Checkpoint, NotACheckpoint, Note, SignatureLine, Signed};
pub use error::EvidenceError;
pub use facts::{Facts, Leaf, NotCanonical, Salt, canonical, salted};
pub use high_water::{HighWater, MarkError};
pub use keys::{KeyError, KeyId, Role, Signer, Sm2Key, TrustedKey, USER_ID, Verifier};
pub use log::{Proof, Standing, consistency, continuation, inclusion, receipt};
pub use merkle::Hash;
pub use policy::{Policy, PolicyError};
pub use receipt::{Receipt, Sealed, Verified, Why, verify_receipt, verify_receipt_by};
pub use sequencer::{Round, Running, Sequencer};
pub use store::{
    Cosigned, MIGRATIONS, Published, STATEMENTS, add_cosignature, append, append_many, latest_checkpoint, leaf, tile,
    with_cosignatures,
};
