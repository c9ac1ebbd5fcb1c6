//! 批量审核: every history of a lake held against a library of rules, part by part, as many parts
//! at a time as there are threads. A finished part is kept in a file, so that a run that was cut
//! off goes on with the next one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use encounter::{Stock, Table};
use screening::{Options, Screened, Screener, Tally};
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

/// Screens every history of a lake, and what only the whole shows. `stock` is what institutions
/// reported of their goods; `progress` is told of so many more lines.
///
/// # Errors
/// A file cannot be read or written.
pub fn screen(
    lake: &Lake,
    how: &Screening<'_>,
    stock: &[Stock],
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Found, LakeError> {
    let months = lake.months()?;
    if let Some(keep) = &how.keep {
        fs::create_dir_all(keep).map_err(LakeError::file(keep))?;
    }
    let next = AtomicU32::new(0);
    let done: Mutex<BTreeMap<u32, Found>> = Mutex::new(BTreeMap::new());
    let work = || -> Result<Tally, LakeError> {
        let mut tally = how.screener.tally(&how.options);
        let mut chunk = Chunk::new(&needed(how.screener, false));
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= lake.parts() {
                return Ok(tally);
            }
            let mut one = Part { lake, how, part, months: &months, chunk: &mut chunk, tally: &mut tally, progress };
            let found = one.kept_or_screened().inspect_err(|_| next.store(lake.parts(), Ordering::Relaxed))?;
            done.lock().expect("no thread panics").insert(part, found);
        }
    };
    let tallies: Vec<Result<Tally, LakeError>> = std::thread::scope(|scope| {
        let threads = how.threads.clamp(1, lake.parts() as usize);
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    });
    let mut whole = how.screener.tally(&how.options);
    for tally in tallies {
        whole.merge(tally?);
    }
    let mut all = Found::default();
    for found in done.into_inner().expect("no thread panics").into_values() {
        all.merge(found);
    }
    all.screened.merge(whole.finish(stock));
    all.screened.sort();
    Ok(all)
}

/// The columns that the library reads; from files the key of the visit besides.
fn needed(screener: &Screener, from_files: bool) -> impl Fn(LakeTable) -> Option<Vec<&'static str>> + '_ {
    move |table| {
        let of = match table {
            LakeTable::Persons => Table::Person,
            LakeTable::Encounters => Table::Encounter,
            LakeTable::Diagnoses => Table::Diagnosis,
            LakeTable::Procedures => Table::Procedure,
            LakeTable::Lines => Table::Line,
            _ => return Some(Vec::new()),
        };
        let mut fields = screener.library().fields(of);
        if from_files {
            fields.push("mdtrt_id");
        }
        Some(fields)
    }
}

/// A part at work on a thread.
struct Part<'a> {
    lake: &'a Lake,
    how: &'a Screening<'a>,
    part: u32,
    months: &'a [Month],
    chunk: &'a mut Chunk,
    tally: &'a mut Tally,
    progress: &'a dyn Fn(u64),
}

impl Part<'_> {
    fn kept_or_screened(&mut self) -> Result<Found, LakeError> {
        let path = self.how.keep.as_ref().map(|keep| keep.join(format!("part-{:02}.json", self.part)));
        if let Some(path) = path.as_deref().filter(|path| path.is_file()) {
            let bytes = fs::read(path).map_err(LakeError::file(path))?;
            let found: Found = serde_json::from_slice(&bytes)
                .map_err(|error| LakeError::content(path, format!("{error}; delete it and run again")))?;
            // What it adds to the whole is not kept: it is gathered again.
            self.each_block(false)?;
            return Ok(found);
        }
        let found = self.each_block(true)?;
        if let Some(path) = path {
            let bytes = serde_json::to_vec(&found).expect("findings are plain data");
            put(&path, &bytes)?;
        }
        Ok(found)
    }

    /// Reads the part block by block, adds each to the whole, and screens it where that is wanted.
    fn each_block(&mut self, screening: bool) -> Result<Found, LakeError> {
        let mut reader = PartReader::open(self.lake, self.part, self.months, &needed(self.how.screener, true))?;
        let mut found = Found::default();
        self.chunk.clear();
        loop {
            let more = self.chunk.add_person(&mut reader)?;
            let chunk = &*self.chunk;
            if chunk.lines() >= BLOCK || chunk.visits() >= BLOCK || (!more && chunk.persons() > 0) {
                let misfit = |error| LakeError::content(self.lake.folder(), error);
                let words = chunk.words();
                let columns = chunk.columns(&words);
                self.tally.add_columns(&columns).map_err(misfit)?;
                let (persons, visits, lines) = (chunk.persons() as u64, chunk.visits() as u64, chunk.lines() as u64);
                if screening {
                    let screened = self.how.screener.screen_columns(&columns, &self.how.options).map_err(misfit)?;
                    found.merge(Found { screened, persons, visits, lines });
                }
                (self.progress)(lines);
                self.chunk.clear();
            }
            if !more {
                return Ok(found);
            }
        }
    }
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), LakeError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    fs::write(&part, bytes).map_err(LakeError::file(&part))?;
    fs::rename(&part, path).map_err(LakeError::file(path))
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
