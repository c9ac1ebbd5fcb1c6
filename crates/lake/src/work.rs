//! 工作目录: a user's files become a lake in a folder beside the result. Each step leaves a mark
//! when it is done, so that a run that was cut off goes on where it was; a folder that was begun
//! with something else is never gone on with.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Inputs, Lake, LakeError, LakeTable, Problems, Staged, stage};

/// 工作目录.
#[derive(Debug)]
pub struct Work {
    folder: PathBuf,
}

/// How much a run may take.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Bytes that sorting may hold.
    pub memory: usize,
    /// Threads.
    pub threads: usize,
}

/// What a run tells whoever watches it.
pub struct Watch<'a> {
    /// Something to know that is not a result.
    pub tell: &'a dyn Fn(&str),
    /// So many more rows were read.
    pub rows: &'a dyn Fn(u64),
    /// A table was sorted.
    pub sorted: &'a dyn Fn(LakeTable),
}

/// Counts of problems, kept with the mark of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Rows left out.
    pub refused: u64,
    /// Rows kept with a problem.
    pub noted: u64,
}

const IDENTITY: &str = "identity";
const STAGED: &str = "staged.json";
const ARRANGED: &str = "arranged.json";

impl Work {
    /// Begins in `folder`, or goes on in it. `identity` is what decides the result: options and
    /// the contents of all files.
    ///
    /// # Errors
    /// `resume` is asked for and the folder was begun with something else, or the folder holds
    /// something that no run left.
    pub fn begin(folder: &Path, identity: &str, resume: bool) -> Result<Work, LakeError> {
        let mark = folder.join(IDENTITY);
        if folder.exists() {
            let before = fs::read_to_string(&mark).map_err(|_| {
                LakeError::content(folder, "the folder was not left by a run: remove it, or write the result elsewhere")
            })?;
            if resume && before == identity {
                return Ok(Work { folder: folder.to_owned() });
            }
            if resume {
                let problem =
                    "was left by a run with other files, rules or options; run without --resume to begin anew";
                return Err(LakeError::content(folder, problem));
            }
            fs::remove_dir_all(folder).map_err(LakeError::file(folder))?;
        }
        fs::create_dir_all(folder).map_err(LakeError::file(folder))?;
        fs::write(&mark, identity).map_err(LakeError::file(&mark))?;
        Ok(Work { folder: folder.to_owned() })
    }

    /// A name in the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The run is over.
    ///
    /// # Errors
    /// The folder cannot be removed.
    pub fn end(self) -> Result<(), LakeError> {
        fs::remove_dir_all(&self.folder).map_err(LakeError::file(&self.folder))
    }

    fn done<T: DeserializeOwned>(&self, step: &str) -> Option<T> {
        let text = fs::read_to_string(self.path(step)).ok()?;
        serde_json::from_str(&text).ok()
    }

    fn mark(&self, step: &str, what: &impl Serialize) -> Result<(), LakeError> {
        let (path, part) = (self.path(step), self.path(&format!("{step}.part")));
        let text = serde_json::to_string(what).expect("plain data");
        fs::write(&part, text).map_err(LakeError::file(&part))?;
        fs::rename(&part, &path).map_err(LakeError::file(&path))
    }

    #[cfg(feature = "sort")]
    fn sort(
        &self,
        room: Room,
        staging: &Path,
        staged: &Staged,
        lake: &Lake,
        problems: &mut Problems,
        watch: &Watch<'_>,
    ) -> Result<(), LakeError> {
        let engine = crate::Engine::new(room.memory, room.threads, &self.path("spill"), staged.visits)?;
        crate::arrange(&engine, staging, staged, lake, problems, watch.sorted)
    }

    #[cfg(not(feature = "sort"))]
    fn sort(
        &self,
        _: Room,
        staging: &Path,
        _: &Staged,
        _: &Lake,
        _: &mut Problems,
        _: &Watch<'_>,
    ) -> Result<(), LakeError> {
        let problem = "this program was built without the engine that sorts files (feature “sort”); give it a lake";
        Err(LakeError::content(staging, problem))
    }

    /// The files as a lake, and the list of what is wrong with them, if anything is.
    ///
    /// # Errors
    /// A file cannot be read, its headings are not understood, or the disk says no.
    pub fn bring_in(
        &self,
        inputs: &Inputs,
        room: Room,
        watch: &Watch<'_>,
    ) -> Result<(Lake, Told, Option<PathBuf>), LakeError> {
        let parts = inputs.parts()?;
        let staging = self.path("staging");
        let (read, sorted) = (self.path("problems-read.csv"), self.path("problems-sorted.csv"));
        let (staged, mut told): (Staged, Told) = match self.done(STAGED) {
            Some(done) => done,
            None => {
                remove(&read)?;
                let mut problems = Problems::to(&read);
                let staged = stage(inputs, &staging, parts, &mut problems, watch.tell, watch.rows)?;
                let told = Told { refused: problems.refused, noted: problems.noted };
                problems.finish()?;
                self.mark(STAGED, &(&staged, told))?;
                (staged, told)
            }
        };
        let folder = self.path("lake");
        let more: Told = match self.done(ARRANGED) {
            Some(done) => done,
            None => {
                if folder.exists() {
                    fs::remove_dir_all(&folder).map_err(LakeError::file(&folder))?;
                }
                remove(&sorted)?;
                let mut problems = Problems::to(&sorted);
                let lake = Lake::create(&folder, parts)?;
                self.sort(room, &staging, &staged, &lake, &mut problems, watch)?;
                let more = Told { refused: problems.refused, noted: problems.noted };
                problems.finish()?;
                self.mark(ARRANGED, &more)?;
                fs::remove_dir_all(&staging).map_err(LakeError::file(&staging))?;
                more
            }
        };
        told.refused += more.refused;
        told.noted += more.noted;
        Ok((Lake::open(&folder)?, told, join(&[&read, &sorted], &self.path("problems.csv"))?))
    }
}

fn remove(path: &Path) -> Result<(), LakeError> {
    if path.exists() { fs::remove_file(path).map_err(LakeError::file(path)) } else { Ok(()) }
}

/// One list out of those that are there, with one heading.
fn join(lists: &[&Path], to: &Path) -> Result<Option<PathBuf>, LakeError> {
    let mut all = String::new();
    for list in lists.iter().filter(|list| list.is_file()) {
        let text = fs::read_to_string(list).map_err(LakeError::file(list))?;
        let rows = text.find('\n').map_or("", |end| &text[end + 1..]);
        all.push_str(if all.is_empty() { &text } else { rows });
    }
    if all.is_empty() {
        return Ok(None);
    }
    fs::write(to, all).map_err(LakeError::file(to))?;
    Ok(Some(to.to_owned()))
}
