//! 跟随: reads the feed by its numbers and projects it, in stretches, on a thread of its own.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use db::Database;
use operation::feed;

use crate::error::OverviewError;
use crate::project::project;
use crate::queries::reach;

/// Changes numbered, or read, in one transaction. Numbering sorts all that waits, so few large
/// rounds get through a backlog sooner than many small ones.
const STRETCH: i64 = 4_096;

/// What keeps the feed from being followed, shown to those who look at the lists.
#[derive(Debug, Clone, Default)]
pub struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    /// What it is, in words; `None` when all is well.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tell(&self, words: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }
}

/// Numbers what waits in the feed and projects the next stretch; says whether there was one.
///
/// # Errors
/// [`OverviewError`]; what was projected before stays.
pub fn catch_up(database: &Database) -> Result<bool, OverviewError> {
    let seen = database.read(|tx| reach(tx).map(|reach| reach.seen))?;
    let mut stretch = database.read(move |tx| feed::read_after(tx, seen, STRETCH))?;
    if stretch.is_empty() && database.read(feed::is_waiting)? {
        database.deed(|tx| feed::number(tx, STRETCH))?;
        stretch = database.read(move |tx| feed::read_after(tx, seen, STRETCH))?;
    }
    if stretch.is_empty() {
        return Ok(false);
    }
    let stretch = Arc::new(stretch);
    database.deed(move |tx| project(tx, &stretch))?;
    Ok(true)
}

/// Follows the feed on a thread of its own, looking `every` so often, until the answer is
/// dropped.
///
/// # Errors
/// When the system starts no thread.
pub fn follow(database: Database, every: Duration) -> std::io::Result<Following> {
    let (stop, stopped) = sync_channel::<()>(1);
    let trouble = Trouble::default();
    let told = trouble.clone();
    let work = move || {
        let mut pause = Duration::ZERO;
        while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let outcome = catch_up(&database);
            told.tell(outcome.as_ref().err().map(ToString::to_string));
            pause = match outcome {
                Ok(true) => Duration::ZERO,
                Ok(false) => every,
                Err(_) => every.max(Duration::from_secs(1)),
            };
        }
    };
    let thread = std::thread::Builder::new().name("overview".to_owned()).spawn(work)?;
    Ok(Following { stop, thread: Some(thread), trouble })
}

/// Follows the feed until it is dropped.
pub struct Following {
    stop: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
    trouble: Trouble,
}

impl Following {
    /// What keeps the feed from being followed, if anything does; may be kept and asked again.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        self.trouble.clone()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // The thread may have ended already; then nobody listens.
        let _ = self.stop.try_send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
