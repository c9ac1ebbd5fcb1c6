//! 办理: the one thread that writes, and the grouping of waiting deeds into one commit.

use crate::session::Session;
use crate::{SqliteOptions, failed};
use db::{DbError, Erased, ErasedDeed, Failed, Sql, attempt};
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{JoinHandle, ThreadId};

static BEGIN: Sql = Sql::new("sqlite.begin", "BEGIN IMMEDIATE");
static COMMIT: Sql = Sql::new("sqlite.commit", "COMMIT");
static ROLLBACK: Sql = Sql::new("sqlite.rollback", "ROLLBACK");
static SAVEPOINT: Sql = Sql::new("sqlite.savepoint", "SAVEPOINT deed");
static KEEP: Sql = Sql::new("sqlite.keep_deed", "RELEASE deed");
static UNDO: Sql = Sql::new("sqlite.undo_deed", "ROLLBACK TO deed");

type Outcome = Result<Erased, Failed>;

struct Deed {
    deed: ErasedDeed,
    reply: SyncSender<Outcome>,
}

enum Job {
    Deed(Deed),
    Call(Box<dyn FnOnce(&Connection) + Send>),
}

/// The writer thread.
pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    id: ThreadId,
}

impl Writer {
    pub(crate) fn start(connection: Connection, options: &SqliteOptions) -> Result<Writer, DbError> {
        let (jobs, queue) = sync_channel(options.waiting_max);
        let group_max = options.group_max.max(1);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || serve(&connection, &queue, group_max))
            .map_err(|error| failed("start the writer thread", error))?;
        Ok(Writer { jobs: Some(jobs), id: thread.thread().id(), thread: Some(thread) })
    }

    pub(crate) fn deed(&self, deed: ErasedDeed) -> Outcome {
        let (reply, answer) = sync_channel(1);
        self.send(Job::Deed(Deed { deed, reply })).map_err(Failed::Db)?;
        answer.recv().unwrap_or_else(|_| Err(Failed::Db(failed("deed", "the writer has stopped"))))
    }

    /// Runs `work` on the writer's connection, between two groups.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        let (reply, answer) = sync_channel(1);
        self.send(Job::Call(Box::new(move |connection| {
            let _ = reply.send(work(connection));
        })))?;
        answer.recv().unwrap_or_else(|_| Err(failed("call", "the writer has stopped")))
    }

    fn send(&self, job: Job) -> Result<(), DbError> {
        if std::thread::current().id() == self.id {
            return Err(failed("deed", "a deed must not start another deed: it would wait for itself"));
        }
        let jobs = self.jobs.as_ref().expect("the writer lives until it is dropped");
        jobs.send(job).map_err(|_| failed("deed", "the writer has stopped"))
    }
}

impl Drop for Writer {
    /// Finishes what was accepted.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take().filter(|_| std::thread::current().id() != self.id) {
            let _ = thread.join();
        }
    }
}

fn serve(connection: &Connection, queue: &Receiver<Job>, group_max: usize) {
    let mut session = Session::new(connection);
    let mut next = None;
    while let Some(job) = next.take().or_else(|| queue.recv().ok()) {
        match job {
            Job::Call(work) => work(connection),
            Job::Deed(first) => next = group(&mut session, first, queue, group_max),
        }
    }
}

/// Runs `first` and the deeds that wait behind it in one transaction, commits, and only
/// then answers them. Returns a job that met the group but is no deed.
fn group(session: &mut Session<'_>, first: Deed, queue: &Receiver<Job>, group_max: usize) -> Option<Job> {
    let mut members = Vec::new();
    let mut other = None;
    let mut begun = session.control(&BEGIN);
    let mut waiting = Some(first);
    while let Some(Deed { deed, reply }) = waiting.take() {
        let outcome = if begun.is_ok() { one(session, &deed) } else { Ok(Box::new(()) as Erased) };
        members.push((reply, outcome));
        if begun.is_ok() && session.connection.is_autocommit() {
            // A full disk or a failed read: SQLite itself gave up the whole transaction.
            begun = Err(failed("deed", "the storage gave up the transaction; see the first error of its group"));
        }
        if members.len() < group_max {
            match queue.try_recv() {
                Ok(Job::Deed(deed)) => waiting = Some(deed),
                Ok(call) => other = Some(call),
                Err(_) => {}
            }
        }
    }
    answer(members, begun.and_then(|()| commit(session)));
    other
}

/// Runs one deed in its savepoint.
fn one(session: &mut Session<'_>, deed: &ErasedDeed) -> Outcome {
    session.failed = None;
    session.control(&SAVEPOINT).map_err(Failed::Db)?;
    let outcome = attempt(deed, session);
    let outcome = match session.failed.take() {
        Some(error) if outcome.is_ok() => Err(Failed::Db(error)),
        _ => outcome,
    };
    if outcome.is_err() && !session.connection.is_autocommit() {
        session.control(&UNDO).map_err(Failed::Db)?;
    }
    if !session.connection.is_autocommit() {
        session.control(&KEEP).map_err(Failed::Db)?;
    }
    outcome
}

fn commit(session: &mut Session<'_>) -> Result<(), DbError> {
    let outcome = session.control(&COMMIT);
    if outcome.is_err() && !session.connection.is_autocommit() {
        // Nothing more can be said if even this fails: the next BEGIN will.
        let _ = session.control(&ROLLBACK);
    }
    outcome
}

/// Answers every member: its own outcome after a commit, the commit's failure otherwise.
fn answer(members: Vec<(SyncSender<Outcome>, Outcome)>, committed: Result<(), DbError>) {
    for (reply, outcome) in members {
        let outcome = match (&committed, outcome) {
            (Ok(()), outcome) | (Err(_), outcome @ Err(Failed::Db(_))) => outcome,
            (Err(error), _) => Err(Failed::Db(error.clone())),
        };
        let _ = reply.send(outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::{Job, Outcome, Writer};
    use crate::SqliteOptions;
    use db::{Erased, ErasedDeed, Failed, Sql};
    use rusqlite::Connection;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, sync_channel};

    static CHILD: Sql = Sql::new("test.child", "INSERT INTO child (id, parent) VALUES ($1, $2)");

    /// The commit of this connection fails when a child's parent is missing.
    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys=ON; CREATE TABLE parent (id BIGINT PRIMARY KEY);
                 CREATE TABLE child (id BIGINT, parent BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
                 INSERT INTO parent VALUES (1)",
            )
            .unwrap();
        Writer::start(connection, &SqliteOptions::new("memory")).unwrap()
    }

    fn child(id: i64, parent: i64) -> ErasedDeed {
        Arc::new(move |tx| {
            tx.execute(&CHILD, &[id.into(), parent.into()]).map_err(Failed::Db)?;
            if id < 0 { Err(Failed::Own(Box::new(id))) } else { Ok(Box::new(()) as Erased) }
        })
    }

    /// Sends deeds while the writer is held, so that they are one group.
    fn one_group(writer: &Writer, deeds: Vec<ErasedDeed>) -> Vec<Outcome> {
        let (release, held) = sync_channel::<()>(1);
        writer.send(Job::Call(Box::new(move |_| held.recv().unwrap()))).unwrap();
        let answers: Vec<Receiver<Outcome>> = deeds
            .into_iter()
            .map(|deed| {
                let (reply, answer) = sync_channel(1);
                writer.send(Job::Deed(super::Deed { deed, reply })).unwrap();
                answer
            })
            .collect();
        release.send(()).unwrap();
        answers.into_iter().map(|answer| answer.recv().unwrap()).collect()
    }

    fn children(writer: &Writer) -> i64 {
        writer
            .call(|connection| Ok(connection.query_row("SELECT COUNT(*) FROM child", [], |row| row.get(0)).unwrap()))
            .unwrap()
    }

    #[test]
    fn a_failed_commit_fails_every_member_refusals_too_and_records_nothing() {
        let writer = writer();
        let outcomes = one_group(&writer, vec![child(1, 1), child(-2, 1), child(3, 404), child(4, 1)]);
        for outcome in outcomes {
            match outcome {
                Err(Failed::Db(error)) => assert!(error.to_string().contains("FOREIGN KEY"), "{error}"),
                _ => panic!("a member was answered although the commit failed"),
            }
        }
        assert_eq!(children(&writer), 0);
        assert!(one_group(&writer, vec![child(5, 1), child(6, 1)]).iter().all(Result::is_ok), "the next group is well");
        assert_eq!(children(&writer), 2);
    }

    #[test]
    fn what_was_accepted_is_finished_before_the_writer_leaves() {
        let writer = writer();
        let (reply, answer) = sync_channel(1);
        writer.send(Job::Call(Box::new(|_| std::thread::sleep(std::time::Duration::from_millis(50))))).unwrap();
        writer.send(Job::Deed(super::Deed { deed: child(1, 1), reply })).unwrap();
        drop(writer);
        assert!(answer.recv().unwrap().is_ok());
    }
}
