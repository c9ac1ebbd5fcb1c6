//! Worker threads that each own a connection: those that run deeds and those that read.

use crate::session::Session;
use crate::{PostgresOptions, failed};
use db::{DbError, Erased, ErasedDeed, Failed, attempt};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio_postgres::Config;

type Outcome = Result<Erased, Failed>;

/// What a pool's workers do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 办理: durable transactions, retried on a conflict.
    Deed,
    /// 查询: one snapshot, nothing changed.
    Read,
}

struct Job {
    work: ErasedDeed,
    reply: SyncSender<Outcome>,
}

/// The threads and the queue before them.
pub(crate) struct Pool {
    jobs: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    pub(crate) fn start(
        kind: Kind,
        threads: usize,
        config: &Config,
        options: &PostgresOptions,
    ) -> Result<Pool, DbError> {
        let (jobs, queue) = sync_channel(options.waiting_max);
        let queue = Arc::new(Mutex::new(queue));
        let word = if kind == Kind::Deed { "deed" } else { "read" };
        let threads = (0..threads.max(1))
            .map(|number| {
                let worker = Worker {
                    kind,
                    number: number as u64,
                    config: config.clone(),
                    session: None,
                    retries_max: options.retries_max,
                };
                let queue = Arc::clone(&queue);
                std::thread::Builder::new()
                    .name(format!("postgres-{word}-{number}"))
                    .spawn(move || worker.serve(&queue))
                    .map_err(|error| failed("start a worker thread", error))
            })
            .collect::<Result<_, _>>()?;
        Ok(Pool { jobs: Some(jobs), threads })
    }

    pub(crate) fn run(&self, work: ErasedDeed) -> Outcome {
        let (reply, answer) = sync_channel(1);
        let jobs = self.jobs.as_ref().expect("the workers live until they are dropped");
        jobs.send(Job { work, reply }).map_err(|_| Failed::Db(failed("run", "the workers have stopped")))?;
        answer.recv().unwrap_or_else(|_| Err(Failed::Db(failed("run", "the worker has stopped"))))
    }
}

impl Drop for Pool {
    /// Finishes what was accepted.
    fn drop(&mut self) {
        drop(self.jobs.take());
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

struct Worker {
    kind: Kind,
    number: u64,
    config: Config,
    session: Option<Session>,
    retries_max: u32,
}

/// How one run of a deed ended.
enum Run {
    Done(Outcome),
    /// Nothing was recorded and running again may succeed.
    Again(DbError),
}

impl Worker {
    fn serve(mut self, queue: &Mutex<Receiver<Job>>) {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = next else { return };
            // The caller may have gone; then nobody misses the answer.
            let _ = job.reply.send(self.retried(&job.work));
        }
    }

    fn retried(&mut self, work: &ErasedDeed) -> Outcome {
        let mut retries = 0;
        loop {
            match self.once(work) {
                Run::Done(outcome) => return outcome,
                Run::Again(error) if retries >= self.retries_for(&error) => return Err(Failed::Db(error)),
                Run::Again(_) => {
                    retries += 1;
                    // Workers that met once must not meet again in step: each waits its own time.
                    let step = 500 + (self.number * 377) % 1000;
                    std::thread::sleep(Duration::from_micros(step << retries.min(8)));
                }
            }
        }
    }

    /// A taken key may be what another deed committed a moment ago: the second run sees it
    /// and decides; taken again, it is an error.
    fn retries_for(&self, error: &DbError) -> u32 {
        if matches!(error, DbError::Duplicate { .. }) { self.retries_max.min(1) } else { self.retries_max }
    }

    fn once(&mut self, work: &ErasedDeed) -> Run {
        let session = match &mut self.session {
            Some(session) if !session.is_closed() => session,
            _ => match Session::open(&self.config) {
                Ok(session) => self.session.insert(session),
                Err(error) => return Run::Done(Err(Failed::Db(error))),
            },
        };
        transaction(session, self.kind, work)
    }
}

/// Runs the work in one transaction on an open session.
fn transaction(session: &mut Session, kind: Kind, work: &ErasedDeed) -> Run {
    session.begin(match kind {
        Kind::Deed => "BEGIN",
        Kind::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    });
    let outcome = attempt(work, session);
    let trouble = match (&outcome, session.failed.take()) {
        (_, Some(error)) => Some(error),
        (Err(Failed::Db(error)), None) => Some(error.clone()),
        _ => None,
    };
    if outcome.is_ok() && trouble.is_none() {
        return match session.commit() {
            Ok(()) => Run::Done(outcome),
            // Of the COMMIT, or of a statement that went with it: rolled back, and may run again.
            Err(error @ (DbError::Conflict { .. } | DbError::Duplicate { .. })) => Run::Again(error),
            Err(error) if session.lost && kind == Kind::Deed => Run::Done(Err(Failed::Db(DbError::Unknown {
                statement: "commit".to_owned(),
                detail: error.to_string(),
            }))),
            Err(error) => Run::Done(Err(Failed::Db(error))),
        };
    }
    // If even this fails the connection is gone, and the server rolls back by itself.
    let rolled_back = session.roll_back();
    match trouble {
        Some(error @ (DbError::Conflict { .. } | DbError::Duplicate { .. })) => Run::Again(error),
        Some(error) if session.lost || rolled_back.is_err() => not_recorded(session, error),
        Some(error) if outcome.is_ok() => Run::Done(Err(Failed::Db(error))),
        _ => Run::Done(outcome),
    }
}

/// Before the commit a lost connection has recorded nothing: the deed may run again.
fn not_recorded(session: &Session, error: DbError) -> Run {
    if session.lost { Run::Again(error) } else { Run::Done(Err(Failed::Db(error))) }
}
