//! 一个人的期初: the rows of one person, read whole. One wrong row and the person is left
//! out, because half a person would be settled wrongly and nobody would notice.

use std::collections::HashSet;

use catalogue::RowError;
use csv::StringRecord;
use enrolment::{Coverage, Employer, Fields, Filing, Giver, Identity, Person, Registration};
use journeys::Opening;
use terms::{Fen, Period, PersonId};

use super::rules::Rules;
use super::sheet::{FILES, Row, Sheet};

/// 备案种类.
const FILINGS: [&str; 5] = ["opsp", "refl", "resid", "trum", "matn"];

/// The rows of one person, by file in the order of [`super::sheet::FILES`].
pub struct Rows<'a> {
    /// The files.
    pub sheets: &'a [Option<Sheet>],
    /// The rows of each.
    pub rows: &'a [Vec<(u64, StringRecord)>],
}

/// What the rows add up to, wrong persons' included: what can be read is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// 账户余额.
    pub balance: Fen,
    /// By accumulator.
    pub totals: Vec<i64>,
}

impl<'a> Rows<'a> {
    fn of(&self, file: usize) -> impl Iterator<Item = Row<'a>> + use<'a> {
        let (sheet, rows) = (&self.sheets[file], &self.rows[file]);
        rows.iter().filter_map(move |row| sheet.as_ref().map(|sheet| sheet.row(row)))
    }

    /// How many rows each file has of the person.
    pub fn counts(&self) -> [u64; FILES.len()] {
        std::array::from_fn(|file| self.rows[file].len() as u64)
    }

    /// An error at the person's certificate; the problem is the caller's to say.
    pub fn certificate(&self) -> RowError {
        let remedy = "one person, one certificate: correct the number, or the register's";
        let row = self.of(0).next().expect("a person who was read has a row");
        row.error("certno", "", remedy)
    }

    /// The sums of the rows, whether the person is taken or not.
    pub fn sums(&self, rules: &Rules) -> Sums {
        let balance = self.of(4).filter_map(|row| row.money("balc").ok()).sum();
        let mut totals = vec![0; rules.accumulators.len()];
        for (at, amount) in self.of(6).filter_map(|row| rules.total(&row).ok()) {
            totals[at] += amount;
        }
        Sums { balance, totals }
    }

    /// Everything the rows say of the person, or every row that is wrong.
    pub fn read(&self, rules: &mut Rules) -> Result<Opening, Vec<RowError>> {
        let mut wrong = Vec::new();
        let person = collect(self.of(0), &mut wrong, |row| read_person(row, rules)).pop();
        let mut employers = Vec::new();
        let coverage = collect(self.of(1), &mut wrong, |row| read_coverage(row, rules, &mut employers));
        let identities = collect(self.of(2), &mut wrong, read_identity);
        let filings = collect(self.of(3), &mut wrong, |row| read_filing(row, rules));
        let balances = collect(self.of(4), &mut wrong, |row| row.money("balc"));
        let givers = collect(self.of(5), &mut wrong, |row| read_giver(row, rules));
        let totals = collect(self.of(6), &mut wrong, |row| {
            rules.total(row).map(|(_, amount)| (row.cell("key").to_owned(), amount))
        });
        self.compare(&coverage, &mut wrong);
        match person {
            Some((person, family_no)) if wrong.is_empty() => Ok(Opening {
                registration: Registration {
                    person,
                    coverage: coverage.into_iter().map(|(_, row)| row).collect(),
                    identities,
                    filings,
                    givers,
                    balance: balances.first().copied().unwrap_or(Fen::ZERO),
                    at: rules.on.to_datetime(jiff::civil::Time::midnight()),
                },
                family_no,
                employers,
                totals,
            }),
            _ => Err(wrong),
        }
    }

    /// What rows of one person may not say together.
    fn compare(&self, coverage: &[(u64, Coverage)], wrong: &mut Vec<RowError>) {
        for (n, (line, row)) in coverage.iter().enumerate() {
            let clash = coverage[..n]
                .iter()
                .find(|(_, other)| other.insutype == row.insutype && other.period.overlaps(&row.period));
            if let (Some((other, _)), Some(shown)) = (clash, self.of(1).find(|shown| shown.line() == *line)) {
                let problem = format!("shares days with line {other}, of the same scheme");
                wrong.push(shown.error("begndate", problem, "end the earlier row the day before this one begins"));
            }
        }
        for (file, column, problem) in [
            (3, "trt_dcla_detl_sn", "the person has this filing already"),
            (5, "giver_psn_no", "the giver has authorised this person already"),
            (6, "key", "the person has this total already"),
        ] {
            let mut seen = HashSet::new();
            let twice = self.of(file).filter(|row| !seen.insert(row.cell(column)));
            wrong.extend(twice.map(|row| row.error(column, problem, "keep one of the rows")));
        }
        let further = self.of(4).skip(1);
        wrong.extend(
            further.map(|row| row.error("psn_no", "the person has an account already", "keep one of the rows")),
        );
    }
}

/// The rows that can be read; the others go to `wrong`.
fn collect<'a, T>(
    rows: impl Iterator<Item = Row<'a>>,
    wrong: &mut Vec<RowError>,
    mut read: impl FnMut(&Row<'a>) -> Result<T, RowError>,
) -> Vec<T> {
    let good = rows.filter_map(|row| read(&row).map_err(|error| wrong.push(error)).ok());
    good.collect()
}

fn read_person(row: &Row<'_>, rules: &mut Rules) -> Result<(Person, Option<String>), RowError> {
    let brdy = row.date("brdy")?;
    if brdy > rules.on {
        let problem = format!("born after the region begins ({})", rules.on);
        return Err(row.error("brdy", problem, "correct the date, or bring the person in later"));
    }
    let psn_cert_type = row.digits("psn_cert_type", 2..=2)?.to_owned();
    let certno = row.text("certno", 50)?.to_owned();
    let naty = match row.cell("naty") {
        "" => "",
        _ => row.digits("naty", 2..=2)?,
    };
    let person = Person {
        psn_no: PersonId::from(row.text("psn_no", 30)?),
        psn_name: row.text("psn_name", 50)?.to_owned(),
        psn_cert_type: psn_cert_type.clone(),
        certno: certno.clone(),
        gend: row.one_of("gend", &["0", "1", "2", "9"])?.to_owned(),
        naty: naty.to_owned(),
        brdy,
        tel: String::new(),
        fields: Fields::new(),
    };
    let family_no = Some(row.at_most("family_no", 30)?).filter(|number| !number.is_empty()).map(str::to_owned);
    if let Some(line) = rules.certificates.insert((psn_cert_type, certno), row.line()) {
        let remedy = "one person, one certificate; correct the number, or give both rows one psn_no";
        return Err(row.error("certno", format!("line {line} has the same certificate"), remedy));
    }
    Ok((person, family_no))
}

fn read_coverage(row: &Row<'_>, rules: &mut Rules, employers: &mut Vec<Employer>) -> Result<(u64, Coverage), RowError> {
    let period = row.period()?;
    let coverage = Coverage {
        insutype: rules.scheme(row, "insutype")?.to_owned(),
        psn_type: row.digits("psn_type", 2..=6)?.to_owned(),
        cvlserv_flag: row.one_of("cvlserv_flag", &["0", "1"])?.to_owned(),
        psn_insu_stas: row.one_of("psn_insu_stas", &["1", "2"])?.to_owned(),
        period,
        insuplc_admdvs: row.digits("insuplc_admdvs", 6..=6)?.into(),
        emp_no: Some(row.at_most("emp_no", 40)?).filter(|number| !number.is_empty()).map(Into::into),
        emp_name: None,
        fields: Fields::new(),
    };
    if let Some(emp_no) = &coverage.emp_no {
        let name = row.text("emp_name", 200)?;
        match rules.employers.get(&emp_no.0) {
            Some(known) if known != name => {
                let problem = format!("the employer {emp_no} was called {known} in an earlier row");
                return Err(row.error("emp_name", problem, "one number, one name: correct one of them"));
            }
            Some(_) => {}
            None => {
                rules.employers.insert(emp_no.0.clone(), name.to_owned());
            }
        }
        let period = Period::since(period.begin);
        employers.push(Employer { emp_no: emp_no.clone(), emp_name: name.to_owned(), period });
    }
    Ok((row.line(), coverage))
}

fn read_identity(row: &Row<'_>) -> Result<Identity, RowError> {
    Ok(Identity {
        psn_idet_type: row.digits("psn_idet_type", 1..=6)?.to_owned(),
        psn_type_lv: String::new(),
        memo: String::new(),
        period: row.period()?,
    })
}

fn read_filing(row: &Row<'_>, rules: &Rules) -> Result<Filing, RowError> {
    let kind = row.one_of("kind", &FILINGS)?;
    let dise_codg = match kind {
        "opsp" if !rules.chronic.contains(row.cell("dise_codg")) => {
            let remedy = "use a code of the region's catalogue/chronic.csv, or add it there";
            return Err(row.error("dise_codg", "the region has no such chronic disease", remedy));
        }
        "opsp" => Some(row.cell("dise_codg").into()),
        _ => None,
    };
    let admdvs = match kind {
        "refl" | "resid" => Some(row.digits("admdvs", 6..=6)?.into()),
        _ => None,
    };
    let mut fields = Fields::new();
    if !row.cell("insutype").is_empty() {
        fields.insert("insutype".to_owned(), rules.scheme(row, "insutype")?.to_owned());
    }
    Ok(Filing {
        filing_id: row.text("trt_dcla_detl_sn", 30)?.into(),
        kind: kind.to_owned(),
        period: row.period()?,
        dise_codg,
        admdvs,
        cancelled: false,
        fields,
    })
}

fn read_giver(row: &Row<'_>, rules: &Rules) -> Result<Giver, RowError> {
    let giver = row.text("giver_psn_no", 30)?;
    if giver == row.cell("psn_no") {
        return Err(row.error("giver_psn_no", "the giver is the person themselves", "take the row out"));
    }
    if !rules.places.contains_key(giver) {
        let remedy = "bring the giver in as well, or take the row out";
        return Err(row.error("giver_psn_no", "the giver does not stand in persons.csv", remedy));
    }
    let year_lmt = if row.cell("year_lmt").is_empty() { None } else { Some(row.money("year_lmt")?) };
    Ok(Giver { giver: giver.into(), period: row.period()?, year_lmt, balc: Fen::ZERO })
}
