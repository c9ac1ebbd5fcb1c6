//! 来源: the files of a run, row by row, as settlement lists or, where a file has nothing but the
//! neutral columns, straight as cases.

use std::path::{Path, PathBuf};

use grouping::{Case, Sex};
use intake::cases::CaseFile;
use intake::{CellError, ColumnMap, ListError, ListOptions, Lists, RowError, Source, SourceOptions};
use journeys::case_of;
use listing::SettlementList;
use listing::codes::{cleaned, odd_characters};
use terms::Exact;

use crate::Problem;
use crate::codes::{CodeTrouble, Codes};
use crate::run::Place;
use crate::shelf::Installed;

/// The files of a run and how they are read.
pub struct Inputs {
    /// In this order.
    pub files: Vec<PathBuf>,
    /// Sheet, encoding and the like.
    pub options: SourceOptions,
    /// Which heading is which field.
    pub map: ColumnMap,
    /// The map is more than the built-in one: the short cut for neutral columns is not taken.
    pub own_map: bool,
    /// Replaces full-width and look-alike characters in codes where their meaning is clear.
    pub clean_codes: bool,
    /// Is told which column was read as what, and the like.
    pub tell: fn(&str),
}

/// Fields that the neutral columns hold: a file that is understood to hold more is read whole.
const NEUTRAL: [&str; 11] = [
    "basic.list_no",
    "basic.sex",
    "basic.age",
    "basic.age_days",
    "basic.admission_weight",
    "stay.discharge_department",
    "stay.days",
    "stay.way_out",
    "stay.icu_hours",
    "diagnoses.code",
    "operations.code",
];

impl Inputs {
    /// The name of a file, as results and errors tell it.
    #[must_use]
    pub fn name(&self, file: usize) -> String {
        let name = self.files.get(file).and_then(|path| path.file_name());
        name.map_or(String::new(), |name| name.to_string_lossy().into_owned())
    }

    /// Every row as a settlement list, or what is wrong with it; row by row, file by file.
    ///
    /// # Errors
    /// A file cannot be read, its columns are not understood, its codes are not what was stated.
    pub fn each_list(
        &self,
        required: &[&str],
        codes: &mut Option<Codes>,
        mut take: impl FnMut(Place, Result<&SettlementList, &RowError>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        if let Some(codes) = codes {
            self.survey(required, codes)?;
        }
        for (file, path) in self.files.iter().enumerate() {
            self.lists(path, required, true, |row, list| {
                let place = Place { file, row };
                match (list, &mut *codes) {
                    (Ok(mut list), Some(codes)) => match codes.check(&mut list) {
                        Ok(()) => take(place, Ok(&list)),
                        Err(troubles) => take(place, Err(&self.wrong_codes(place, troubles))),
                    },
                    (Ok(list), None) => take(place, Ok(&list)),
                    (Err(error), _) => take(place, Err(&error)),
                }
            })?;
        }
        Ok(())
    }

    /// Every row as a case of a scheme.
    ///
    /// # Errors
    /// As [`Inputs::each_list`].
    pub fn each_case(
        &self,
        installed: &Installed,
        codes: &mut Option<Codes>,
        mut take: impl FnMut(Place, Result<&Case, &RowError>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        if codes.is_none()
            && !self.own_map
            && let Some(files) = self.neutral_files()
        {
            for (file, cases) in files.into_iter().enumerate() {
                neutral_cases(cases, (file, &self.name(file)), self.clean_codes, &mut take)?;
            }
            return Ok(());
        }
        let scheme = installed.grouper.scheme();
        self.each_list(&["diagnoses.code"], codes, |place, list| match list {
            Ok(list) => take(place, Ok(&case_of(list, scheme))),
            Err(error) => take(place, Err(error)),
        })
    }

    /// All files, opened, if every one of them is a CSV file with the neutral columns and nothing
    /// else that is understood.
    fn neutral_files(&self) -> Option<Vec<CaseFile>> {
        let open = |path: &PathBuf| {
            let name = path.file_name()?.to_string_lossy().to_lowercase();
            if !name.trim_end_matches(".gz").ends_with(".csv") {
                return None;
            }
            let file = CaseFile::open(path).ok()?;
            let headings: Vec<String> = file.headings().map(|name| name.trim().to_owned()).collect();
            let understood = self.map.detect(&headings).ok()?.understood();
            let neutral = |field: &str| field.split([' ', '[']).next().is_some_and(|path| NEUTRAL.contains(&path));
            understood.iter().all(|column| neutral(&column.field)).then_some(file)
        };
        self.files.iter().map(open).collect()
    }

    /// Counts the codes of all files and holds them against what was stated.
    fn survey(&self, required: &[&str], codes: &Codes) -> Result<(), Problem> {
        for path in &self.files {
            let mut surveys = codes.surveys();
            self.lists(path, required, false, |_, list| {
                if let Ok(list) = list {
                    codes.see(&list, &mut surveys);
                }
                Ok(())
            })?;
            codes.judge(&surveys).map_err(|refusal| format!("{}: {refusal}", path.display()))?;
        }
        Ok(())
    }

    fn lists(
        &self,
        path: &Path,
        required: &[&str],
        telling: bool,
        mut take: impl FnMut(u64, Result<SettlementList, RowError>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut source = Source::open(path, self.options.clone())?;
        let options = ListOptions { clean_codes: self.clean_codes, ..ListOptions::requiring(required) };
        let mut lists = Lists::of(source.table()?, &self.map, &options)?;
        if telling {
            (self.tell)(format!("{}: {}\n{}", path.display(), lists.how(), lists.columns()).trim_end());
        }
        while let Some(list) = lists.next() {
            match list {
                Ok((row, list)) => take(row, Ok(list))?,
                Err(ListError::Row(error)) => take(error.row, Err(*error))?,
                Err(ListError::File(error)) => return Err(error.into()),
            }
            if telling {
                for cleaned in lists.take_cleaned() {
                    let (row, before, after) = (cleaned.row, cleaned.before, cleaned.after);
                    (self.tell)(&format!("{}:{row}: {}: “{before}” → “{after}”", path.display(), cleaned.heading));
                }
            }
        }
        Ok(())
    }

    fn wrong_codes(&self, place: Place, troubles: Vec<CodeTrouble>) -> RowError {
        let cell = |trouble: CodeTrouble| CellError {
            column: 0,
            heading: trouble.field,
            value: trouble.code,
            problem: trouble.problem,
            way_out: trouble.way_out.to_owned(),
        };
        RowError { file: self.name(place.file), row: place.row, cells: troubles.into_iter().map(cell).collect() }
    }
}

/// Cases of the neutral columns: one case is filled again and again, so that a row allocates
/// nothing that the row before did not.
fn neutral_cases(
    mut cases: CaseFile,
    (file, name): (usize, &str),
    clean: bool,
    take: &mut impl FnMut(Place, Result<&Case, &RowError>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut case = Case::default();
    while let Some(row) = cases.next_case()? {
        match row {
            Ok(row) => {
                let place = Place { file, row: row.row };
                match fill(&mut case, &row, clean) {
                    Ok(()) => take(place, Ok(&case))?,
                    Err(cell) => {
                        take(place, Err(&RowError { file: name.to_owned(), row: place.row, cells: vec![*cell] }))?;
                    }
                }
            }
            Err(error) => take(Place { file, row: error.row }, Err(&error))?,
        }
    }
    Ok(())
}

fn fill(case: &mut Case, row: &intake::cases::Case<'_>, clean: bool) -> Result<(), Box<CellError>> {
    set(&mut case.id, row.id);
    set_codes(&mut case.diagnoses, row.dx(), ("dx", clean))?;
    set_codes(&mut case.procedures, row.proc(), ("proc", clean))?;
    case.sex = Sex::from_code(row.sex);
    (case.age, case.age_days, case.days) = (row.age, row.age_days, row.los);
    case.weight = row.weight.and_then(|weight| u32::try_from(Exact::from(weight).floor().as_whole()?).ok());
    case.icu_hours = row.icu_hours;
    set_known(&mut case.leaving_type, row.leaving_type);
    set_known(&mut case.department, row.dept);
    Ok(())
}

fn set(text: &mut String, to: &str) {
    text.clear();
    text.push_str(to);
}

fn set_known(text: &mut Option<String>, to: &str) {
    match (to, &mut *text) {
        ("", _) => *text = None,
        (to, Some(text)) => set(text, to),
        (to, None) => *text = Some(to.to_owned()),
    }
}

fn set_codes<'a>(
    codes: &mut Vec<String>,
    to: impl Iterator<Item = &'a str>,
    (heading, clean): (&str, bool),
) -> Result<(), Box<CellError>> {
    let mut count = 0;
    for code in to {
        let odd = code.bytes().any(|byte| byte <= b' ' || byte >= 0x7f);
        let code = if odd { odd_code(code, heading, clean)? } else { code.into() };
        match codes.get_mut(count) {
            Some(text) => set(text, &code),
            None => codes.push(code.into_owned()),
        }
        count += 1;
    }
    codes.truncate(count);
    Ok(())
}

/// A code with characters that no code has: cleaned where that was asked and is clear.
#[cold]
fn odd_code<'a>(code: &'a str, heading: &str, clean: bool) -> Result<std::borrow::Cow<'a, str>, Box<CellError>> {
    let odd = odd_characters(code);
    let after = cleaned(code);
    if odd.is_empty() || clean && odd_characters(&after).is_empty() {
        return Ok(if odd.is_empty() { code.into() } else { after.into() });
    }
    let problems: Vec<String> = odd.iter().map(ToString::to_string).collect();
    Err(Box::new(CellError {
        column: 0,
        heading: heading.to_owned(),
        value: code.to_owned(),
        problem: problems.join("；"),
        way_out: format!("改为 “{after}”，或用 --clean-codes correct it, or ask for cleaning"),
    }))
}
