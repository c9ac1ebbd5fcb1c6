//! 编码体系: code systems (国临版, 医保版), which of them a file's codes are of, and
//! translation between them. Nothing is guessed: the caller states the system, the counts
//! say whether it can be true, and what contradicts it is named row by row.

mod odd;
mod survey;
mod table;
mod translate;

pub use odd::{Odd, OddKind, cleaned, latin_twin, odd_characters};
pub use survey::{CodeCheck, Fit, Survey, SystemRefusal, Tables, Verdict};
pub use table::{CodeTable, TableError, Translation};
pub use translate::{Note, Outcome, TranslationReport, translate_list};

use serde::{Deserialize, Serialize};
use std::fmt;

/// 编码体系. Which edition of the codes a source is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CodeSystem {
    /// 国临版: the clinical edition in which home pages are usually coded.
    #[serde(rename = "clinical")]
    Clinical,
    /// 医保版: the insurance edition in which lists are declared and grouped.
    #[serde(rename = "insurance")]
    Insurance,
}

impl fmt::Display for CodeSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CodeSystem::Clinical => "国临版 clinical",
            CodeSystem::Insurance => "医保版 insurance",
        })
    }
}

impl std::str::FromStr for CodeSystem {
    type Err = String;

    /// Reads `clinical`, `insurance`, `国临` or `医保`.
    fn from_str(text: &str) -> Result<CodeSystem, String> {
        match text {
            "clinical" | "国临" | "国临版" => Ok(CodeSystem::Clinical),
            "insurance" | "医保" | "医保版" => Ok(CodeSystem::Insurance),
            other => Err(format!("“{other}” is not a code system: write clinical (国临版) or insurance (医保版)")),
        }
    }
}

/// 编码种类. Diagnoses and procedures have tables of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodeKind {
    /// 疾病诊断 (ICD-10).
    Diagnosis,
    /// 手术操作 (ICD-9-CM-3).
    Procedure,
}

impl fmt::Display for CodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CodeKind::Diagnosis => "诊断 diagnosis",
            CodeKind::Procedure => "手术操作 procedure",
        })
    }
}
