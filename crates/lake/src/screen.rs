//! 批量审核: every history of a lake held against a library of rules, part by part, as many parts
//! at a time as there are threads. A finished part is kept in a file, so that a run that was cut
//! off goes on with the next one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use screening::{Options, Screened, Screener};
use serde::{Deserialize, Serialize};

use crate::behind::{self, Named};
use crate::{Chunk, Lake, LakeError, LakeTable, Month, PartReader, Seen};

/// Lines of a block: what a thread holds at a time, whole persons.
const BLOCK: usize = 200_000;

/// How a lake is screened.
pub struct Screening<'a> {
    /// The rules, with institutions and practitioners around them.
    pub screener: &'a Screener,
    /// What is asked.
    pub options: Options,
    /// Threads.
    pub threads: usize,
    /// Where finished parts are kept; `None` keeps none.
    pub keep: Option<PathBuf>,
}

/// 审核结果 of a lake or a part of it.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Findings and coverage.
    pub screened: Screened,
    /// Persons with a visit.
    pub persons: u64,
    /// Visits.
    pub visits: u64,
    /// Lines.
    pub lines: u64,
}

impl Found {
    fn merge(&mut self, other: Found) {
        self.screened.merge(other.screened);
        self.persons += other.persons;
        self.visits += other.visits;
        self.lines += other.lines;
    }
}

/// Screens every history of a lake. `progress` is told of so many more lines.
///
/// # Errors
/// A file cannot be read or written.
pub fn screen(lake: &Lake, how: &Screening<'_>, progress: &(dyn Fn(u64) + Sync)) -> Result<Found, LakeError> {
    let months = lake.months()?;
    if let Some(keep) = &how.keep {
        fs::create_dir_all(keep).map_err(LakeError::file(keep))?;
    }
    let next = AtomicU32::new(0);
    let done: Mutex<BTreeMap<u32, Result<Found, LakeError>>> = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..how.threads.clamp(1, lake.parts() as usize) {
            scope.spawn(|| {
                let mut chunk = Chunk::new(&needed);
                loop {
                    let part = next.fetch_add(1, Ordering::Relaxed);
                    if part >= lake.parts() {
                        return;
                    }
                    let found = kept_or_screened(lake, how, part, &months, &mut chunk, progress);
                    let failed = found.is_err();
                    done.lock().expect("no thread panics").insert(part, found);
                    if failed {
                        next.store(lake.parts(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let mut all = Found::default();
    for found in done.into_inner().expect("no thread panics").into_values() {
        all.merge(found?);
    }
    all.screened.sort();
    Ok(all)
}

fn needed(_: LakeTable) -> Option<Vec<&'static str>> {
    None
}

fn kept_or_screened(
    lake: &Lake,
    how: &Screening<'_>,
    part: u32,
    months: &[Month],
    chunk: &mut Chunk,
    progress: &dyn Fn(u64),
) -> Result<Found, LakeError> {
    let path = how.keep.as_ref().map(|keep| keep.join(format!("part-{part:02}.json")));
    if let Some(path) = path.as_deref().filter(|path| path.is_file()) {
        let bytes = fs::read(path).map_err(LakeError::file(path))?;
        let found: Found = serde_json::from_slice(&bytes)
            .map_err(|error| LakeError::content(path, format!("{error}; delete it and run again")))?;
        progress(found.lines);
        return Ok(found);
    }
    let found = screen_part(lake, how, part, months, chunk, progress)?;
    if let Some(path) = path {
        let bytes = serde_json::to_vec(&found).expect("findings are plain data");
        put(&path, &bytes)?;
    }
    Ok(found)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), LakeError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    fs::write(&part, bytes).map_err(LakeError::file(&part))?;
    fs::rename(&part, path).map_err(LakeError::file(path))
}

fn screen_part(
    lake: &Lake,
    how: &Screening<'_>,
    part: u32,
    months: &[Month],
    chunk: &mut Chunk,
    progress: &dyn Fn(u64),
) -> Result<Found, LakeError> {
    let mut reader = PartReader::open(lake, part, months, &needed)?;
    let mut found = Found::default();
    chunk.clear();
    loop {
        let more = chunk.add_person(&mut reader)?;
        if chunk.lines() >= BLOCK || chunk.visits() >= BLOCK || (!more && chunk.persons() > 0) {
            let words = chunk.words();
            let screened = how.screener.screen_columns(&chunk.columns(&words), &how.options);
            let screened = screened.map_err(|error| LakeError::content(lake.folder(), error))?;
            let lines = chunk.lines() as u64;
            found.merge(Found { screened, persons: chunk.persons() as u64, visits: chunk.visits() as u64, lines });
            progress(lines);
            chunk.clear();
        }
        if !more {
            return Ok(found);
        }
    }
}

/// What stands behind findings: the visits and lines that they name, read again from the lake.
///
/// # Errors
/// A file cannot be read.
pub fn look_behind(lake: &Lake, screened: &Screened) -> Result<Seen, LakeError> {
    let months = lake.months()?;
    let named = Named::by(&screened.findings);
    let mut seen = Seen::default();
    for part in 0..lake.parts() {
        let mut reader = PartReader::open(lake, part, &months, &behind::wanted)?;
        seen.merge(named.look(&mut reader)?);
    }
    Ok(seen)
}
