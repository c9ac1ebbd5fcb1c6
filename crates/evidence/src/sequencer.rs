//! 编号: numbers committed leaves, grows the tiles, signs checkpoints.
//!
//! A round is: number in a transaction that holds the lease's row → sign outside of any
//! transaction → raise the high-water mark → publish. A crash between any two leaves
//! nothing wrong: the next round signs what is numbered and unsigned.

use crate::checkpoint::Checkpoint;
use crate::high_water::HighWater;
use crate::keys::Signer;
use crate::log::nodes;
use crate::merkle::{self, Hash, leaf_hash};
use crate::store::{self, Published};
use crate::tiles::{self, Place};
use crate::{EvidenceError, Note};
use db::{Database, Tx};
use jiff::Timestamp;
use sm3::Sm3;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// The sequencer of one log. Many processes may have one; the lease lets one work.
#[derive(Debug, Clone)]
pub struct Sequencer {
    /// The log's name; the signing key carries the same.
    pub origin: String,
    /// Who holds the lease: one name a machine, the same after a restart.
    pub holder: String,
    /// The largest checkpoint that may have been seen outside.
    pub high_water: HighWater,
    /// How long the lease outlives a holder that died.
    pub lease: Duration,
    /// Leaves numbered in one transaction at most.
    pub batch: usize,
    /// Transactions before a checkpoint at most, so that a flood of leaves cannot put it off.
    pub batches: usize,
}

/// What a round did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Round {
    /// Nothing waited.
    Idle,
    /// Another process holds the lease.
    Standby {
        /// Who.
        holder: String,
    },
    /// A checkpoint was published.
    Signed {
        /// Leaves numbered in this round (0 when an earlier one was cut off before signing).
        numbered: u64,
        /// The checkpoint.
        note: Note,
    },
}

/// What must hold before anything is numbered.
#[derive(Clone)]
struct Seen {
    marks: Vec<(Checkpoint, String)>,
}

enum Numbered {
    Standby(String),
    Head { added: u64, size: u64, root: Hash },
}

impl Sequencer {
    /// A sequencer with the usual lease (5 s) and batches (16 × 4,096 leaves).
    #[must_use]
    pub fn new(origin: &str, holder: &str, high_water: HighWater) -> Sequencer {
        Sequencer {
            origin: origin.to_owned(),
            holder: holder.to_owned(),
            high_water,
            lease: Duration::from_secs(5),
            batch: 4096,
            batches: 16,
        }
    }

    /// One round at `now`. Call it a few times a second.
    ///
    /// # Errors
    /// [`EvidenceError::Smaller`] and [`EvidenceError::Forked`] when the database is not
    /// the one that signed what was seen: nothing is numbered. Otherwise storage or key.
    pub fn run_once(&self, db: &Database, signer: &dyn Signer, now: Timestamp) -> Result<Round, EvidenceError> {
        let mark = self.high_water.read()?;
        let (waiting, head, latest) = db.read(|tx| -> Result<_, EvidenceError> {
            Ok((store::is_waiting(tx)?, store::head(tx)?, store::latest_checkpoint(tx)?))
        })?;
        let now_ms = now.as_millisecond();
        if head.holder != self.holder && head.until_ms > now_ms {
            return self.stand_by(head.holder, latest);
        }
        let seen = self.seen(mark, latest.as_ref())?;
        let signed = latest.map_or(0, |published| published.note.checkpoint.size);
        if !waiting && head.size == signed {
            db.read(move |tx| seen.check(tx, head.size))?;
            return Ok(Round::Idle);
        }
        let mut numbered = 0;
        let mut last = None;
        for _ in 0..self.batches.max(1) {
            let (sequencer, seen) = (self.clone(), seen.clone());
            match db.deed(move |tx| sequencer.number(tx, now_ms, &seen))? {
                Numbered::Standby(holder) => return Ok(Round::Standby { holder }),
                Numbered::Head { added, size, root } => {
                    numbered += added;
                    last = Some((size, root));
                    if added < self.batch as u64 {
                        break;
                    }
                }
            }
        }
        let (size, root) = last.expect("a round has at least one batch");
        if numbered == 0 && size == signed {
            return Ok(Round::Idle);
        }
        let note = Checkpoint { origin: self.origin.clone(), size, root, time: now }.sign(signer)?;
        self.high_water.raise(&note)?;
        let (published, key) = (note.clone(), signer.public().to_string());
        db.deed(move |tx| -> Result<_, EvidenceError> { Ok(store::publish(tx, &published, &key)?) })?;
        Ok(Round::Signed { numbered, note })
    }

    /// One batch in one transaction: lease, checks, numbers, tiles, size, root.
    fn number(&self, tx: &mut dyn Tx, now_ms: i64, seen: &Seen) -> Result<Numbered, EvidenceError> {
        let until_ms = now_ms.saturating_add(i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX));
        if !store::take_lease(tx, &self.holder, until_ms, now_ms)? {
            return Ok(Numbered::Standby(store::head(tx)?.holder));
        }
        let size = store::head(tx)?.size;
        seen.check(tx, size)?;
        let contents = store::number(tx, size, self.batch)?;
        let leaves: Vec<Hash> = contents.iter().map(|content| leaf_hash::<Sm3>(content)).collect();
        let mut edge: BTreeMap<Place, Vec<u8>> = BTreeMap::new();
        for place in tiles::right_edge(size).into_iter().flatten() {
            edge.insert(place, store::tile(tx, place)?);
        }
        let changed = tiles::extend::<Sm3>(size, &edge, &leaves);
        store::write_tiles(tx, changed, |place| edge.contains_key(place))?;
        let grown = size + leaves.len() as u64;
        store::set_size(tx, grown)?;
        let root = merkle::root::<Sm3, _>(&mut nodes(tx), grown)?;
        Ok(Numbered::Head { added: leaves.len() as u64, size: grown, root })
    }

    /// What the file and the database remember.
    fn seen(&self, mark: Option<Note>, latest: Option<&Published>) -> Result<Seen, EvidenceError> {
        let published = latest.map(|published| &published.note.checkpoint);
        let path = || self.high_water.path().to_owned();
        match (&mark, published) {
            (Some(mark), _) if mark.checkpoint.origin != self.origin => {
                let found = mark.checkpoint.origin.clone();
                return Err(EvidenceError::MarkOfAnother { path: path(), found, origin: self.origin.clone() });
            }
            (None, Some(last)) if last.origin == self.origin => {
                let (origin, size) = (self.origin.clone(), last.size);
                return Err(EvidenceError::MarkMissing { path: path(), origin, size });
            }
            _ => {}
        }
        let file = mark.map(|note| (note.checkpoint, format!("the file {}", self.high_water.path().display())));
        let table = published.map(|checkpoint| (checkpoint.clone(), "the database's own checkpoints".to_owned()));
        Ok(Seen { marks: file.into_iter().chain(table).collect() })
    }

    /// While another holds the lease, its checkpoints raise this machine's mark too, so
    /// that it may take over.
    fn stand_by(&self, holder: String, latest: Option<Published>) -> Result<Round, EvidenceError> {
        if let Some(published) = latest.filter(|published| published.note.checkpoint.origin == self.origin) {
            self.high_water.raise(&published.note)?;
        }
        Ok(Round::Standby { holder })
    }

    /// Lets another process take over at once.
    ///
    /// # Errors
    /// [`EvidenceError`] from storage.
    pub fn release(&self, db: &Database) -> Result<(), EvidenceError> {
        let holder = self.holder.clone();
        db.deed(move |tx| -> Result<_, EvidenceError> { Ok(store::release_lease(tx, &holder)?) })
    }

    /// Runs rounds on a thread of its own, `every` so often (a flood of leaves makes the
    /// next round follow at once; after an error it waits a second). `told` hears what
    /// each round did.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn spawn(
        self,
        db: Database,
        signer: Arc<dyn Signer>,
        every: Duration,
        told: impl Fn(&Result<Round, EvidenceError>) + Send + 'static,
    ) -> std::io::Result<Running> {
        let (stop, stopped) = sync_channel::<()>(1);
        let work = move || {
            let mut pause = Duration::ZERO;
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                let round = self.run_once(&db, &*signer, Timestamp::now());
                told(&round);
                pause = match &round {
                    Ok(Round::Signed { numbered, .. }) if *numbered >= (self.batch * self.batches) as u64 => {
                        Duration::ZERO
                    }
                    Ok(_) => every,
                    Err(_) => every.max(Duration::from_secs(1)),
                };
            }
            // What was answered before the stop is signed before it, if it can be.
            told(&self.run_once(&db, &*signer, Timestamp::now()));
            if let Err(error) = self.release(&db) {
                told(&Err(error));
            }
        };
        let thread = std::thread::Builder::new().name("evidence-sequencer".to_owned()).spawn(work)?;
        Ok(Running { stop, thread: Some(thread) })
    }
}

impl Seen {
    /// The tree must continue every tree that was seen.
    fn check(&self, tx: &mut dyn Tx, size: u64) -> Result<(), EvidenceError> {
        for (checkpoint, by) in &self.marks {
            let (seen, by) = (checkpoint.size, by.clone());
            if seen > size {
                return Err(EvidenceError::Smaller { size, seen, by });
            }
            if merkle::root::<Sm3, _>(&mut nodes(tx), seen)? != checkpoint.root {
                return Err(EvidenceError::Forked { seen, by });
            }
        }
        Ok(())
    }
}

/// A running sequencer; dropping it stops it after a last round.
pub struct Running {
    stop: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Stops after a last round, and waits for it.
    pub fn stop(self) {}
}

impl Drop for Running {
    fn drop(&mut self) {
        // The thread may have ended already; then nobody listens.
        let _ = self.stop.try_send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
