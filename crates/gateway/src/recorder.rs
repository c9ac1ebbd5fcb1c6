//! 提醒登记: reminders are written down behind the answer, so that no doctor waits for a disk, and
//! before the doctor's own word about them is looked at.
//!
//! One thread a desk takes what was told, many in one deed, within milliseconds of the answer. When
//! more waits than the queue holds, the next answer waits until there is room: nothing is left out.
//! What a crash could lose are the reminders of those milliseconds; their 3103 is then refused by
//! number. The same thread looks twice a second whether another rule library is in force.

use db::Database;
use journeys::{Centre, JourneyError, ReminderRecord};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the thread looks whether another library is in force.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Reminders that may wait before an answer has to.
const QUEUE: usize = 4_096;
/// Most records of one deed.
const A_DEED: usize = 64;
/// Records kept while the database cannot be written; the oldest go first.
const KEPT: usize = 10_000;

enum Work {
    Record(Box<ReminderRecord>),
    /// Says whether everything sent before is written.
    Flush(SyncSender<bool>),
}

/// 登记员. Dropping it writes what was accepted.
pub(crate) struct Recorder {
    sender: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// A recorder for a centre with supervision; for any other one that does nothing.
    pub(crate) fn of(centre: &Centre, database: &Database) -> Recorder {
        if centre.supervision.is_none() {
            return Recorder { sender: None, thread: None };
        }
        let (sender, receiver) = sync_channel(QUEUE);
        let (centre, database) = (centre.clone(), database.clone());
        let work = move || Writer { centre, database, waiting: Vec::new() }.run(&receiver);
        let thread = std::thread::Builder::new().name("heng-reminders".to_owned()).spawn(work);
        Recorder { sender: Some(sender), thread: thread.ok() }
    }

    /// Hands a record over; waits only when the queue is full.
    pub(crate) fn record(&self, record: ReminderRecord) {
        let sent = self.sender.as_ref().map(|sender| sender.send(Work::Record(Box::new(record))));
        if !matches!(sent, Some(Ok(()))) {
            tracing::error!("a reminder was told and not written down: its writer is gone");
        }
    }

    /// Waits until everything told before is written; `false` when it could not be.
    pub(crate) fn flush(&self) -> bool {
        let Some(sender) = &self.sender else { return true };
        let (tell, told) = sync_channel(1);
        sender.send(Work::Flush(tell)).is_ok() && told.recv().unwrap_or(false)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.sender.take());
        // The last handle of a desk may be dropped by the writer's own database work.
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

struct Writer {
    centre: Centre,
    database: Database,
    waiting: Vec<ReminderRecord>,
}

impl Writer {
    fn run(mut self, work: &Receiver<Work>) {
        let mut looked = Instant::now();
        loop {
            let mut flushes = Vec::new();
            if looked.elapsed() >= LOOK_EVERY {
                look(&self.centre, &self.database);
                looked = Instant::now();
            }
            match work.recv_timeout(LOOK_EVERY) {
                Ok(first) => {
                    self.take(first, &mut flushes);
                    while self.waiting.len() < A_DEED && flushes.is_empty() {
                        let Ok(next) = work.try_recv() else { break };
                        self.take(next, &mut flushes);
                    }
                }
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => {
                    self.write();
                    return;
                }
            }
            let written = self.write();
            for flush in flushes {
                let _ = flush.send(written);
            }
        }
    }

    fn take(&mut self, work: Work, flushes: &mut Vec<SyncSender<bool>>) {
        match work {
            Work::Record(record) => self.waiting.push(*record),
            Work::Flush(flush) => flushes.push(flush),
        }
    }

    /// Writes what waits; what cannot be written waits on.
    fn write(&mut self) -> bool {
        while !self.waiting.is_empty() {
            let some: Vec<ReminderRecord> = self.waiting.iter().take(A_DEED).cloned().collect();
            let count = some.len();
            let written: Result<(), JourneyError> = self.database.deed(move |tx| journeys::record_reminders(tx, &some));
            if let Err(error) = written {
                let over = self.waiting.len().saturating_sub(KEPT);
                self.waiting.drain(..over);
                tracing::error!(%error, waiting = self.waiting.len(), lost = over, "reminders were not written down");
                return false;
            }
            self.waiting.drain(..count);
        }
        true
    }
}

/// Takes over what is in force now.
pub(crate) fn look(centre: &Centre, database: &Database) {
    let Some(supervision) = centre.supervision.clone() else { return };
    let looked: Result<bool, JourneyError> = database.read(move |tx| supervision.refresh(tx));
    match looked {
        Ok(true) => tracing::info!("another state of the rule library is in force"),
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "the rule library in force could not be read"),
    }
}
