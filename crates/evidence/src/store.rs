//! The log's tables: leaves, tiles, the sequencer's row, checkpoints.

use crate::EvidenceError;
use crate::checkpoint::{NotACheckpoint, Note, SignatureLine, Signed};
use crate::facts::{Leaf, Salt};
use crate::keys::{Role, TrustedKey, Verifier};
use crate::merkle::Hash;
use crate::tiles::{Place, Tile};
use db::{DbError, FromValue, Migration, Row, Sql, Tx, Value};

/// The log's schema.
pub static MIGRATIONS: &[Migration] = &[
    Migration { id: "evidence/0001_log", text: include_str!("migrations/0001_log.sql") },
    Migration { id: "evidence/0002_cosignature", text: include_str!("migrations/0002_cosignature.sql") },
];

/// Every statement of the log.
pub static STATEMENTS: &[&Sql] = &[
    &APPEND,
    &LEAF,
    &WAITING,
    &NUMBER,
    &TAKE_LEASE,
    &RELEASE_LEASE,
    &HEAD,
    &SET_SIZE,
    &TILE,
    &ADD_TILE,
    &GROW_TILE,
    &PUBLISH,
    &LATEST,
    &CHECKPOINT,
    &COSIGN,
    &COSIGNATURES,
    &COSIGNED,
];

static APPEND: Sql = Sql::new(
    "evidence.append",
    "INSERT INTO evidence_leaf (id, kind, subject, salt, content) VALUES ($1, $2, $3, $4, $5)",
);
static LEAF: Sql =
    Sql::new("evidence.leaf", "SELECT id, kind, subject, salt, content, seq FROM evidence_leaf WHERE id = $1");
static WAITING: Sql =
    Sql::new("evidence.waiting", "SELECT id FROM evidence_leaf WHERE seq IS NULL ORDER BY id LIMIT 1");
static NUMBER: Sql = Sql::new(
    "evidence.number",
    "UPDATE evidence_leaf SET seq = waiting.place \
     FROM (SELECT id AS leaf, CAST($1 AS BIGINT) - 1 + row_number() OVER (ORDER BY id) AS place \
           FROM (SELECT id FROM evidence_leaf WHERE seq IS NULL ORDER BY id LIMIT $2) AS batch) AS waiting \
     WHERE evidence_leaf.id = waiting.leaf \
     RETURNING evidence_leaf.seq, evidence_leaf.content",
);
static TAKE_LEASE: Sql = Sql::new(
    "evidence.take_lease",
    "INSERT INTO evidence_head (id, holder, until_ms, size) VALUES (1, $1, $2, 0) \
     ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms \
     WHERE evidence_head.holder = excluded.holder OR evidence_head.until_ms <= $3",
);
static RELEASE_LEASE: Sql =
    Sql::new("evidence.release_lease", "UPDATE evidence_head SET until_ms = 0 WHERE id = 1 AND holder = $1");
static HEAD: Sql = Sql::new("evidence.head", "SELECT holder, until_ms, size FROM evidence_head WHERE id = 1");
static SET_SIZE: Sql = Sql::new("evidence.set_size", "UPDATE evidence_head SET size = $1 WHERE id = 1");
static TILE: Sql = Sql::new("evidence.tile", "SELECT bytes FROM evidence_tile WHERE level = $1 AND idx = $2");
static ADD_TILE: Sql =
    Sql::new("evidence.add_tile", "INSERT INTO evidence_tile (level, idx, width, bytes) VALUES ($1, $2, $3, $4)");
static GROW_TILE: Sql = Sql::new(
    "evidence.grow_tile",
    "UPDATE evidence_tile SET width = $3, bytes = $4 WHERE level = $1 AND idx = $2 AND width < $3",
);
static PUBLISH: Sql = Sql::new(
    "evidence.publish",
    "INSERT INTO evidence_checkpoint (size, note, signer) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING",
);
static LATEST: Sql =
    Sql::new("evidence.latest", "SELECT note, signer FROM evidence_checkpoint ORDER BY size DESC LIMIT 1");
static CHECKPOINT: Sql =
    Sql::new("evidence.checkpoint", "SELECT note, signer FROM evidence_checkpoint WHERE size = $1");
static COSIGN: Sql = Sql::new(
    "evidence.cosign",
    "INSERT INTO evidence_cosignature (size, witness, key_line, line) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (size, witness) DO NOTHING",
);
static COSIGNATURES: Sql = Sql::new(
    "evidence.cosignatures",
    "SELECT line, key_line FROM evidence_cosignature WHERE size = $1 ORDER BY witness",
);
static COSIGNED: Sql = Sql::new(
    "evidence.cosigned",
    "SELECT size, count(*) FROM (SELECT size FROM evidence_cosignature WHERE size > $1 ORDER BY size DESC LIMIT 256) AS recent \
     GROUP BY size ORDER BY count(*) DESC, size DESC LIMIT 1",
);

fn leaf_values(leaf: &Leaf) -> Vec<Value> {
    vec![
        leaf.id.as_str().into(),
        leaf.kind.as_str().into(),
        leaf.subject.as_str().into(),
        leaf.salt.0.to_vec().into(),
        leaf.content.to_vec().into(),
    ]
}

/// 存证: adds an unnumbered leaf in the deed's own transaction.
///
/// # Errors
/// [`DbError::Duplicate`] when the leaf's id is taken.
pub fn append(tx: &mut dyn Tx, leaf: &Leaf) -> Result<(), DbError> {
    append_many(tx, std::slice::from_ref(leaf))
}

/// Adds many unnumbered leaves in one statement.
///
/// # Errors
/// [`DbError::Duplicate`] when a leaf's id is taken.
pub fn append_many(tx: &mut dyn Tx, leaves: &[Leaf]) -> Result<(), DbError> {
    let rows: Vec<_> = leaves.iter().map(leaf_values).collect();
    tx.insert_many(&APPEND, &rows)
}

/// A leaf as it is kept, and its number if it has one.
///
/// # Errors
/// [`DbError`] from storage.
pub fn leaf(tx: &mut dyn Tx, id: &str) -> Result<Option<(Leaf, Option<u64>)>, DbError> {
    let rows = tx.query(&LEAF, &[id.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let leaf = Leaf {
        id: row.get(0)?,
        kind: row.get(1)?,
        subject: row.get(2)?,
        salt: Salt(fixed(row, 3)?),
        content: fixed(row, 4)?,
    };
    let seq: Option<i64> = row.get(5)?;
    Ok(Some((leaf, seq.map(|_| count(row, 5)).transpose()?)))
}

/// Whether a committed leaf waits for its number.
pub(crate) fn is_waiting(tx: &mut dyn Tx) -> Result<bool, DbError> {
    Ok(!tx.query(&WAITING, &[])?.is_empty())
}

/// Gives numbers from `size` on to at most `limit` waiting leaves, in the order of their
/// ids, and returns their contents in the order of their numbers.
pub(crate) fn number(tx: &mut dyn Tx, size: u64, limit: usize) -> Result<Vec<Hash>, DbError> {
    let rows = tx.query(&NUMBER, &[integer(size), integer(limit as u64)])?;
    let mut numbered: Vec<(u64, Hash)> =
        rows.iter().map(|row| Ok((count(row, 0)?, fixed(row, 1)?))).collect::<Result<_, DbError>>()?;
    numbered.sort_unstable_by_key(|(seq, _)| *seq);
    for (expected, (seq, _)) in (size..).zip(&numbered) {
        assert!(*seq == expected, "leaf numbers have no gaps: {expected} expected, {seq} given");
    }
    Ok(numbered.into_iter().map(|(_, content)| content).collect())
}

/// The sequencer's row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) holder: String,
    pub(crate) until_ms: i64,
    /// Leaves numbered.
    pub(crate) size: u64,
}

pub(crate) fn head(tx: &mut dyn Tx) -> Result<Head, DbError> {
    let rows = tx.query(&HEAD, &[])?;
    match rows.first() {
        Some(row) => Ok(Head { holder: row.get(0)?, until_ms: row.get(1)?, size: count(row, 2)? }),
        None => Ok(Head::default()),
    }
}

/// Takes or renews the lease; the row stays locked until the transaction ends.
pub(crate) fn take_lease(tx: &mut dyn Tx, holder: &str, until_ms: i64, now_ms: i64) -> Result<bool, DbError> {
    Ok(tx.execute(&TAKE_LEASE, &[holder.into(), until_ms.into(), now_ms.into()])? == 1)
}

pub(crate) fn release_lease(tx: &mut dyn Tx, holder: &str) -> Result<(), DbError> {
    tx.execute(&RELEASE_LEASE, &[holder.into()]).map(drop)
}

pub(crate) fn set_size(tx: &mut dyn Tx, size: u64) -> Result<(), DbError> {
    let changed = tx.execute(&SET_SIZE, &[integer(size)])?;
    assert!(changed == 1, "the sequencer's row exists while its lease is held");
    Ok(())
}

/// A tile's hashes; empty when there is no such tile.
///
/// # Errors
/// [`DbError`] from storage.
pub fn tile(tx: &mut dyn Tx, (level, index): Place) -> Result<Vec<u8>, DbError> {
    let rows = tx.query(&TILE, &[i64::from(level).into(), integer(index)])?;
    rows.first().map_or(Ok(Vec::new()), |row| row.get(0))
}

/// Writes changed tiles: those in `edge` grow, the others are new.
pub(crate) fn write_tiles(tx: &mut dyn Tx, tiles: Vec<Tile>, is_kept: impl Fn(&Place) -> bool) -> Result<(), DbError> {
    let mut fresh = Vec::new();
    for tile in tiles {
        let width = integer(tile.width());
        let values = vec![i64::from(tile.level).into(), integer(tile.index), width, tile.bytes.into()];
        if is_kept(&(tile.level, tile.index)) {
            let changed = tx.execute(&GROW_TILE, &values)?;
            assert!(changed == 1, "tile ({}, {}) only grows", tile.level, tile.index);
        } else {
            fresh.push(values);
        }
    }
    if fresh.is_empty() { Ok(()) } else { tx.insert_many(&ADD_TILE, &fresh) }
}

pub(crate) fn publish(tx: &mut dyn Tx, note: &Note, signer: &str) -> Result<(), DbError> {
    tx.execute(&PUBLISH, &[integer(note.checkpoint.size), note.text().into(), signer.into()]).map(drop)
}

/// A checkpoint as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The signed checkpoint, with the co-signatures that were read with it.
    pub note: Note,
    /// The public key that signed it, as its line ([`crate::TrustedKey`]).
    pub signer: String,
    /// The public keys of the note's signatures, in their order: the log's, then witnesses'.
    pub keys: Vec<String>,
}

/// 最新检查点: the last one published, if any, without co-signatures.
///
/// # Errors
/// [`EvidenceError`] from storage, or when the row is not a checkpoint.
pub fn latest_checkpoint(tx: &mut dyn Tx) -> Result<Option<Published>, EvidenceError> {
    tx.query(&LATEST, &[])?.first().map(published).transpose()
}

fn published(row: &Row) -> Result<Published, EvidenceError> {
    let (text, signer): (String, String) = (row.get(0)?, row.get(1)?);
    Ok(Published { note: Note::parse(&text)?, keys: vec![signer.clone()], signer })
}

/// The checkpoint to show for leaf `index`: of the recent ones that witnesses co-signed, the
/// one that most did, the newest of these; without any, the latest. `None` while pending.
///
/// # Errors
/// [`EvidenceError`] from storage, or when a row is not a checkpoint.
pub(crate) fn covering(tx: &mut dyn Tx, index: u64) -> Result<Option<Published>, EvidenceError> {
    let Some(latest) = latest_checkpoint(tx)? else { return Ok(None) };
    if index >= latest.note.checkpoint.size {
        return Ok(None);
    }
    let Some(size) = tx.query(&COSIGNED, &[integer(index)])?.first().map(|row| count(row, 0)).transpose()? else {
        return Ok(Some(latest));
    };
    let chosen = tx.query(&CHECKPOINT, &[integer(size)])?.first().map(published).transpose()?;
    // A log that was given a new name keeps its old tree; its old name is not shown again.
    let same_log = |chosen: &Published| chosen.note.checkpoint.origin == latest.note.checkpoint.origin;
    match chosen.filter(same_log) {
        Some(chosen) => Ok(Some(with_cosignatures(tx, chosen)?)),
        None => Ok(Some(latest)),
    }
}

/// The checkpoint with the co-signatures that witnesses have sent.
///
/// # Errors
/// [`EvidenceError`] from storage, or when a row is not a signature line.
pub fn with_cosignatures(tx: &mut dyn Tx, mut published: Published) -> Result<Published, EvidenceError> {
    let rows = tx.query(&COSIGNATURES, &[integer(published.note.checkpoint.size)])?;
    for row in &rows {
        let text: String = row.get(0)?;
        let line = SignatureLine::parse(&text)
            .ok_or_else(|| NotACheckpoint { line: "co-signature".to_owned(), wanted: "`— name base64`" })?;
        published.note.signatures.push(line);
        published.keys.push(row.get(1)?);
    }
    Ok(published)
}

/// What became of a co-signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cosigned {
    /// Kept (or known before).
    Kept,
    /// No checkpoint of this size was published here.
    NoSuchCheckpoint,
    /// It is not the witness's signature over the checkpoint that was published.
    Wrong,
}

/// 收存见证签名 of a witness that the centre has accepted. The caller decides who is.
///
/// # Errors
/// [`EvidenceError`] from storage.
pub fn add_cosignature(
    tx: &mut dyn Tx,
    size: u64,
    witness: &TrustedKey,
    line: &SignatureLine,
) -> Result<Cosigned, EvidenceError> {
    let Some(mut published) = tx.query(&CHECKPOINT, &[integer(size)])?.first().map(published).transpose()? else {
        return Ok(Cosigned::NoSuchCheckpoint);
    };
    published.note.signatures = vec![line.clone()];
    if witness.role() != Role::Witness || published.note.signed_by(witness) != Signed::Yes {
        return Ok(Cosigned::Wrong);
    }
    let id = format!("{}+{}", witness.name(), witness.id());
    tx.execute(&COSIGN, &[integer(size), id.into(), witness.to_string().into(), line.to_string().into()])?;
    Ok(Cosigned::Kept)
}

fn integer(value: u64) -> Value {
    Value::Int(i64::try_from(value).expect("a log has fewer than 2^63 leaves"))
}

fn count(row: &Row, column: usize) -> Result<u64, DbError> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| unexpected(row, column, "a number from 0"))
}

fn fixed<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], DbError> {
    let bytes = Vec::<u8>::from_value(row.values.get(column).unwrap_or(&Value::Null));
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| unexpected(row, column, "bytes of the right length"))
}

fn unexpected(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}
