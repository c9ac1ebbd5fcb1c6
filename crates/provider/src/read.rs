//! CSV files into rows: `institutions.csv`, `departments.csv`, `practitioners.csv`,
//! `agreements.csv`, read in this order. Columns beyond the ones named here are ignored.

use std::collections::{HashMap, HashSet};

use terms::{AreaCode, InstitutionId, Period};

use crate::rows::{Line, Rows};
use crate::{Agreement, AgreementStatus, Department, Institution, InstitutionKind, Practitioner, RowError};

/// A file's name (with or without its folder) and its text.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The name, for messages and to tell what the file holds.
    pub file: &'a str,
    /// The whole text, UTF-8.
    pub text: &'a str,
}

/// 合计: what became of a file's lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The file's name.
    pub file: String,
    /// Rows taken.
    pub taken: usize,
    /// Rows refused.
    pub refused: usize,
}

/// The good rows of some files, and what was wrong with the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// 机构.
    pub institutions: Vec<Institution>,
    /// 科室.
    pub departments: Vec<Department>,
    /// 医务人员.
    pub practitioners: Vec<Practitioner>,
    /// 协议与暂停.
    pub agreements: Vec<Agreement>,
    /// Rows not taken, in order of file and line.
    pub errors: Vec<RowError>,
    /// Totals by file.
    pub tallies: Vec<Tally>,
}

impl Content {
    /// Reads files in order: good rows are taken and bad ones are reported. A department
    /// needs its institution, a practitioner its department, an agreement its
    /// institution: read `institutions.csv` first, `departments.csv` next.
    #[must_use]
    pub fn read(sources: &[Source<'_>]) -> Content {
        let mut content = Content::default();
        for source in sources {
            let before = content.errors.len();
            let taken = content.read_one(source);
            content.errors[before..].sort_by_key(|error| error.line);
            let refused = content.errors.len() - before;
            content.tallies.push(Tally { file: source.file.to_owned(), taken, refused });
        }
        content
    }

    fn read_one(&mut self, source: &Source<'_>) -> usize {
        match source.file.rsplit(['/', '\\']).next().unwrap_or_default() {
            "institutions.csv" => self.read_institutions(source),
            "departments.csv" => self.read_departments(source),
            "practitioners.csv" => self.read_practitioners(source),
            "agreements.csv" => self.read_agreements(source),
            _ => {
                self.errors.push(RowError {
                    file: source.file.into(),
                    line: 1,
                    column: String::new(),
                    value: String::new(),
                    problem: "no provider file has this name".to_owned(),
                    remedy: "name it institutions.csv, departments.csv, practitioners.csv or agreements.csv".to_owned(),
                });
                0
            }
        }
    }

    fn read_institutions(&mut self, source: &Source<'_>) -> usize {
        let columns = [
            "fixmedins_code",
            "name",
            "hi_setl_lv",
            "fixmedins_type",
            "medins_type",
            "admdvs",
            "opsp_flag",
            "opt_pool_flag",
            "beds",
            "begndate",
            "enddate",
        ];
        let rows = self.lines(source, &columns, institution);
        let rows = self.disjoint(source, rows, |row| (row.code.0.clone(), row.period));
        keep(&mut self.institutions, rows)
    }

    fn read_departments(&mut self, source: &Source<'_>) -> usize {
        let known: HashSet<String> = self.institutions.iter().map(|row| row.code.0.clone()).collect();
        let columns = ["fixmedins_code", "hosp_dept_codg", "name", "caty", "beds", "begndate", "enddate"];
        let rows = self.lines(source, &columns, |line| {
            Ok(Department {
                institution: institution_of(line, &known)?,
                code: code(line, "hosp_dept_codg")?,
                name: line.text("name")?,
                category: line.text("caty")?,
                beds: count(line, "beds")?,
                period: line.period()?,
            })
        });
        let rows = self.disjoint(source, rows, |row| (format!("{} {}", row.institution, row.code), row.period));
        keep(&mut self.departments, rows)
    }

    fn read_practitioners(&mut self, source: &Source<'_>) -> usize {
        let known: HashSet<String> = self.institutions.iter().map(|row| row.code.0.clone()).collect();
        let departments: HashSet<(String, String)> =
            self.departments.iter().map(|row| (row.institution.0.clone(), row.code.clone())).collect();
        let columns = [
            "prac_psn_code",
            "name",
            "fixmedins_code",
            "hosp_dept_codg",
            "medins_psn_type",
            "title",
            "begndate",
            "enddate",
        ];
        let rows = self.lines(source, &columns, |line| {
            let institution = institution_of(line, &known)?;
            let department = line.text("hosp_dept_codg")?;
            if !departments.contains(&(institution.0.clone(), department.clone())) {
                let problem = format!("{institution} has no such department");
                return Err(line.error("hosp_dept_codg", problem, "add it to departments.csv or correct the code"));
            }
            Ok(Practitioner {
                code: code(line, "prac_psn_code")?,
                name: line.text("name")?,
                institution,
                department,
                kind: line.one_of("medins_psn_type", &["1", "2", "3", "4"])?.to_owned(),
                title: line.text("title")?,
                period: line.period()?,
            })
        });
        let mut seen: HashMap<String, u64> = HashMap::new();
        let mut unique = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            match seen.insert(row.code.clone(), line) {
                None => unique.push(row),
                Some(other) => {
                    seen.insert(row.code.clone(), other);
                    let problem = format!("the code stands on line {other} already");
                    let remedy = "a practitioner has one row; give the other person another code";
                    self.errors.push(at_line(source, line, "prac_psn_code", &row.code, problem, remedy));
                }
            }
        }
        keep(&mut self.practitioners, unique)
    }

    fn read_agreements(&mut self, source: &Source<'_>) -> usize {
        let known: HashSet<String> = self.institutions.iter().map(|row| row.code.0.clone()).collect();
        let columns = ["fixmedins_code", "agrt_no", "status", "begndate", "enddate"];
        let rows = self.lines(source, &columns, |line| {
            let status = AgreementStatus::from_code(line.cell("status"))
                .ok_or_else(|| line.error("status", "not in the code list", "use 1 (有效) or 2 (暂停)"))?;
            Ok(Agreement {
                institution: institution_of(line, &known)?,
                number: code(line, "agrt_no")?,
                status,
                clr_way: digits(line, "clr_way")?,
                period: line.period()?,
            })
        });
        let rows = self.disjoint(source, rows, |row| (format!("{} {}", row.institution, row.number), row.period));
        keep(&mut self.agreements, rows)
    }

    fn lines<T>(
        &mut self,
        source: &Source<'_>,
        columns: &[&str],
        read: impl Fn(&Line<'_>) -> Result<T, RowError>,
    ) -> Vec<(u64, T)> {
        match Rows::open(source.file, source.text, columns) {
            Ok(rows) => {
                let (good, bad) = rows.each(read);
                self.errors.extend(bad);
                good
            }
            Err(error) => {
                self.errors.push(error);
                Vec::new()
            }
        }
    }

    /// Keeps the rows whose period shares no day with an earlier row of the same key.
    fn disjoint<T>(
        &mut self,
        source: &Source<'_>,
        rows: Vec<(u64, T)>,
        key: impl Fn(&T) -> (String, Period),
    ) -> Vec<T> {
        let mut seen: HashMap<String, Vec<(Period, u64)>> = HashMap::new();
        let mut kept = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            let (key, period) = key(&row);
            let earlier = seen.entry(key.clone()).or_default();
            match earlier.iter().find(|(other, _)| other.overlaps(&period)) {
                Some((_, other)) => {
                    let problem = format!("the period of {key} shares days with line {other}");
                    let remedy = "end the earlier row the day before this one begins";
                    let begin = period.begin.to_string();
                    self.errors.push(at_line(source, line, "begndate", &begin, problem, remedy));
                }
                None => {
                    earlier.push((period, line));
                    kept.push(row);
                }
            }
        }
        kept
    }
}

fn keep<T>(all: &mut Vec<T>, rows: Vec<T>) -> usize {
    let taken = rows.len();
    all.extend(rows);
    taken
}

fn at_line(source: &Source<'_>, line: u64, column: &str, value: &str, problem: String, remedy: &str) -> RowError {
    RowError {
        file: source.file.into(),
        line,
        column: column.to_owned(),
        value: value.to_owned(),
        problem,
        remedy: remedy.to_owned(),
    }
}

fn institution(line: &Line<'_>) -> Result<Institution, RowError> {
    let kind = InstitutionKind::from_code(line.cell("fixmedins_type"))
        .ok_or_else(|| line.error("fixmedins_type", "not in the code list", "use 1 (hospital) or 2 (pharmacy)"))?;
    let area = line.cell("admdvs");
    if area.len() != 6 || !area.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(line.error("admdvs", "not an area code", "write its six digits"));
    }
    Ok(Institution {
        code: InstitutionId(code(line, "fixmedins_code")?),
        name: line.text("name")?,
        level: line.one_of("hi_setl_lv", &["1", "2", "3"])?.to_owned(),
        kind,
        category: line.cell("medins_type").to_owned(),
        area: AreaCode(area.to_owned()),
        chronic: line.one_of("opsp_flag", &["0", "1"])? == "1",
        pooled: line.one_of("opt_pool_flag", &["0", "1"])? == "1",
        beds: count(line, "beds")?,
        period: line.period()?,
    })
}

fn institution_of(line: &Line<'_>, known: &HashSet<String>) -> Result<InstitutionId, RowError> {
    let text = line.text("fixmedins_code")?;
    if known.contains(&text) {
        Ok(InstitutionId(text))
    } else {
        Err(line.error("fixmedins_code", "no institution has this code", "add it to institutions.csv or correct it"))
    }
}

fn code(line: &Line<'_>, column: &str) -> Result<String, RowError> {
    let text = line.text(column)?;
    let fits = text.len() <= 30 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text) } else { Err(line.error(column, "not a code", "at most 30 letters and digits, no spaces")) }
}

/// A code of digits that may be left out, the column too.
fn digits(line: &Line<'_>, column: &str) -> Result<String, RowError> {
    let cell = line.cell(column);
    if cell.len() <= 6 && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(cell.to_owned());
    }
    Err(line.error(column, "not such a code", "write its digits, or leave the cell empty"))
}

fn count(line: &Line<'_>, column: &str) -> Result<i64, RowError> {
    let count: i64 = line.number(column, "write a whole number, 0 if there are none")?;
    if count < 0 { Err(line.error(column, "a number below zero", "write 0 if there are none")) } else { Ok(count) }
}
