//! 编码体系判定: how many codes of a file fit which system, and whether what was stated can
//! be true.

use super::table::{CodeTable, Translation};
use super::{CodeKind, CodeSystem};
use std::fmt;

/// The tables against which codes of one kind are held.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// 医保版 catalogue.
    pub insurance: CodeTable,
    /// 国临版 → 医保版 map; its left side is the clinical catalogue.
    pub translation: Translation,
}

/// Where a code is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fit {
    /// In both systems with one meaning: says nothing about the file.
    Both,
    /// In both systems with different meanings: the same text is another disease.
    BothDifferent,
    /// Only in the insurance edition.
    InsuranceOnly,
    /// Only in the clinical edition.
    ClinicalOnly,
    /// In neither.
    Neither,
}

impl Tables {
    /// Where a code is known.
    #[must_use]
    pub fn fit(&self, code: &str) -> Fit {
        match (self.insurance.has(code), self.translation.of(code)) {
            (true, Some(Some(to))) if to == code => Fit::Both,
            (true, Some(_)) => Fit::BothDifferent,
            (true, None) => Fit::InsuranceOnly,
            (false, Some(_)) => Fit::ClinicalOnly,
            (false, None) => Fit::Neither,
        }
    }

    /// Holds one code against the system that was stated.
    #[must_use]
    pub fn check(&self, code: &str, stated: CodeSystem) -> CodeCheck {
        match (self.fit(code), stated) {
            (Fit::Both, _)
            | (Fit::InsuranceOnly, CodeSystem::Insurance)
            | (Fit::ClinicalOnly, CodeSystem::Clinical) => CodeCheck::Fits,
            (Fit::BothDifferent, _) => CodeCheck::FitsButDiffers,
            (Fit::InsuranceOnly, CodeSystem::Clinical) => CodeCheck::OfTheOther(CodeSystem::Insurance),
            (Fit::ClinicalOnly, CodeSystem::Insurance) => CodeCheck::OfTheOther(CodeSystem::Clinical),
            (Fit::Neither, _) => CodeCheck::Unknown,
        }
    }
}

/// What one code says to the system that was stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeCheck {
    /// It is of that system.
    Fits,
    /// It is of that system, and has another meaning in the other one.
    FitsButDiffers,
    /// It contradicts: it is only in the other system.
    OfTheOther(CodeSystem),
    /// It is in neither.
    Unknown,
}

/// Counts over the codes of one kind in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    /// What was counted.
    pub kind: CodeKind,
    /// Known in both with one meaning.
    pub both: u64,
    /// Known in both with different meanings.
    pub both_different: u64,
    /// Only insurance.
    pub insurance_only: u64,
    /// Only clinical.
    pub clinical_only: u64,
    /// In neither.
    pub neither: u64,
}

/// The stated system stands, with what is to be known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The system, as it was stated.
    pub system: CodeSystem,
    /// Codes that contradict it; each is an error of its row.
    pub contradicting: u64,
    /// Codes that neither system knows.
    pub unknown: u64,
    /// Codes whose meaning hangs on the statement alone.
    pub meaning_hangs_on_it: u64,
}

/// Why no system can be taken for the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SystemRefusal {
    /// The caller did not say.
    #[error("未说明编码版本，不予猜测。{0}。请写明 state the code system: 国临版 clinical 或 医保版 insurance")]
    NotStated(Survey),
    /// The statement cannot be true of the file as a whole.
    #[error(
        "说明为 {stated}，但与之矛盾的编码多于支持的编码。{survey}。请核对来源 the file contradicts what was stated"
    )]
    Contradicted {
        /// What was stated.
        stated: CodeSystem,
        /// The counts.
        survey: Survey,
    },
}

impl Survey {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(kind: CodeKind) -> Survey {
        Survey { kind, both: 0, both_different: 0, insurance_only: 0, clinical_only: 0, neither: 0 }
    }

    /// Counts one code.
    pub fn see(&mut self, code: &str, tables: &Tables) {
        let count = match tables.fit(code) {
            Fit::Both => &mut self.both,
            Fit::BothDifferent => &mut self.both_different,
            Fit::InsuranceOnly => &mut self.insurance_only,
            Fit::ClinicalOnly => &mut self.clinical_only,
            Fit::Neither => &mut self.neither,
        };
        *count += 1;
    }

    /// How many codes fit a hypothesis.
    #[must_use]
    pub fn fitting(&self, system: CodeSystem) -> u64 {
        let only = match system {
            CodeSystem::Clinical => self.clinical_only,
            CodeSystem::Insurance => self.insurance_only,
        };
        self.both + self.both_different + only
    }

    /// All codes counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.both + self.both_different + self.insurance_only + self.clinical_only + self.neither
    }

    /// Whether what was stated may stand.
    ///
    /// # Errors
    /// Nothing was stated, or more codes are only of the other system than only of this one.
    pub fn verdict(&self, stated: Option<CodeSystem>) -> Result<Verdict, SystemRefusal> {
        let stated = stated.ok_or(SystemRefusal::NotStated(*self))?;
        let (supporting, contradicting) = match stated {
            CodeSystem::Clinical => (self.clinical_only, self.insurance_only),
            CodeSystem::Insurance => (self.insurance_only, self.clinical_only),
        };
        if contradicting > supporting {
            return Err(SystemRefusal::Contradicted { stated, survey: *self });
        }
        Ok(Verdict { system: stated, contradicting, unknown: self.neither, meaning_hangs_on_it: self.both_different })
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} 个编码：若为国临版则 {} 个相符，若为医保版则 {} 个相符；两版同码同义 {}，同码异义 {}，仅国临 {}，仅医保 {}，均无 {}",
            self.kind,
            self.total(),
            self.fitting(CodeSystem::Clinical),
            self.fitting(CodeSystem::Insurance),
            self.both,
            self.both_different,
            self.clinical_only,
            self.insurance_only,
            self.neither
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Tables {
        Tables {
            insurance: CodeTable::of([("A", "甲"), ("B", "乙"), ("C", "丙")]),
            translation: Translation::read("from_code\tto_code\nA\tA\nB\tC\nX\tB\nY\t-\n").expect("read"),
        }
    }

    fn survey(codes: &[&str]) -> Survey {
        let mut survey = Survey::new(CodeKind::Diagnosis);
        codes.iter().for_each(|code| survey.see(code, &tables()));
        survey
    }

    #[test]
    fn a_system_that_is_not_stated_is_refused_with_the_counts_of_each_hypothesis() {
        let refused = survey(&["A", "B", "X", "C", "Q"]).verdict(None).expect_err("not stated").to_string();
        for part in ["若为国临版则 3", "若为医保版则 3", "同码异义 1", "均无 1", "不予猜测"] {
            assert!(refused.contains(part), "{part}: {refused}");
        }
    }

    #[test]
    fn even_a_clear_file_is_not_guessed() {
        assert!(survey(&["C", "C", "C"]).verdict(None).is_err());
    }

    #[test]
    fn a_statement_that_the_file_contradicts_as_a_whole_is_refused() {
        let refused = survey(&["X", "X", "C"]).verdict(Some(CodeSystem::Insurance));
        assert!(matches!(refused, Err(SystemRefusal::Contradicted { .. })));
        let verdict = survey(&["X", "X", "C", "B"]).verdict(Some(CodeSystem::Clinical)).expect("stands");
        assert_eq!((verdict.contradicting, verdict.meaning_hangs_on_it), (1, 1));
    }

    #[test]
    fn one_code_is_held_against_what_was_stated() {
        let tables = tables();
        assert_eq!(tables.check("A", CodeSystem::Clinical), CodeCheck::Fits);
        assert_eq!(tables.check("B", CodeSystem::Clinical), CodeCheck::FitsButDiffers);
        assert_eq!(tables.check("X", CodeSystem::Insurance), CodeCheck::OfTheOther(CodeSystem::Clinical));
        assert_eq!(tables.check("C", CodeSystem::Clinical), CodeCheck::OfTheOther(CodeSystem::Insurance));
        assert_eq!(tables.check("Q", CodeSystem::Clinical), CodeCheck::Unknown);
    }
}
