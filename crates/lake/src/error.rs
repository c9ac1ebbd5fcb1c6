//! What keeps the lake from its work, in words for people.

use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

/// 湖的错误: the world failed.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The disk says no.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {problem}", .path.display())]
    Content {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The engine that sorts and joins gave up.
    #[error("sorting {about}: {source}")]
    Engine {
        /// What was being done.
        about: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file given by a user cannot be read.
    #[error(transparent)]
    Intake(#[from] intake::IntakeError),
    /// A history cannot be put into the lake.
    #[error("visit {mdtrt_id} of person {psn_no}: {problem}")]
    History {
        /// 人员编号.
        psn_no: String,
        /// 就诊ID.
        mdtrt_id: String,
        /// What is wrong and what to do.
        problem: &'static str,
    },
}

impl LakeError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> LakeError + '_ {
        move |source| LakeError::File { path: path.to_owned(), source }
    }

    pub(crate) fn content(path: &Path, problem: impl std::fmt::Display) -> LakeError {
        LakeError::Content { path: path.to_owned(), problem: problem.to_string() }
    }

    pub(crate) fn parquet(path: &Path) -> impl Fn(ParquetError) -> LakeError + '_ {
        move |error| LakeError::content(path, format!("this is not a Parquet file of a lake: {error}"))
    }

    #[cfg(feature = "sort")]
    pub(crate) fn engine<E: std::error::Error + Send + Sync + 'static>(
        about: impl Into<String>,
    ) -> impl FnOnce(E) -> LakeError {
        let about = about.into();
        move |source| LakeError::Engine { about, source: Box::new(source) }
    }
}
