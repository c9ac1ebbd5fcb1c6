//! 查询: a bounded pool of reader threads, each with its own read-only connection.

use crate::session::Session;
use crate::{SqliteOptions, connect, failed};
use db::{DbError, Erased, ErasedDeed, Failed, Sql, attempt};
use rusqlite::{Connection, OpenFlags};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

static BEGIN: Sql = Sql::new("sqlite.begin_read", "BEGIN");
static END: Sql = Sql::new("sqlite.end_read", "ROLLBACK");

struct Job {
    work: ErasedDeed,
    reply: SyncSender<Result<Erased, Failed>>,
}

/// The reader threads.
pub(crate) struct Readers {
    jobs: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn start(options: &SqliteOptions) -> Result<Readers, DbError> {
        let (jobs, queue) = sync_channel(options.waiting_max);
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::new();
        for number in 0..options.readers.max(1) {
            let connection = connect(options, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new()
                .name(format!("sqlite-reader-{number}"))
                .spawn(move || serve(&connection, &queue))
                .map_err(|error| failed("start a reader thread", error))?;
            threads.push(thread);
        }
        Ok(Readers { jobs: Some(jobs), threads })
    }

    pub(crate) fn read(&self, work: ErasedDeed) -> Result<Erased, Failed> {
        let (reply, answer) = sync_channel(1);
        let jobs = self.jobs.as_ref().expect("the readers live until they are dropped");
        jobs.send(Job { work, reply }).map_err(|_| Failed::Db(failed("read", "the readers have stopped")))?;
        answer.recv().unwrap_or_else(|_| Err(Failed::Db(failed("read", "the reader has stopped"))))
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.jobs.take());
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

fn serve(connection: &Connection, queue: &Mutex<Receiver<Job>>) {
    let mut session = Session::new(connection);
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // The caller may have gone; then nobody misses the answer.
        let _ = job.reply.send(one(&mut session, &job.work));
    }
}

/// Runs the work on one snapshot.
fn one(session: &mut Session<'_>, work: &ErasedDeed) -> Result<Erased, Failed> {
    session.failed = None;
    session.control(&BEGIN).map_err(Failed::Db)?;
    let outcome = attempt(work, session);
    session.control(&END).map_err(Failed::Db)?;
    match session.failed.take() {
        Some(error) if outcome.is_ok() => Err(Failed::Db(error)),
        _ => outcome,
    }
}
