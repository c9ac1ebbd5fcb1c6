//! 期初文件: the city as the CSV files of a bring-in (`docs/guides/bring-in.md`), written
//! person by person, so that ten million need no more memory than a thousand.

use std::fs::File;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use terms::{Fen, Period};

use crate::credential::{device_of, key_of, public_of, shown_by};
use crate::person::{Person, TotalAmount};
use crate::{City, CityError};

/// 合计 of what was written: the importer's totals must agree with these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct OpeningCounts {
    /// Rows of persons.csv.
    pub persons: u64,
    /// Rows of coverage.csv.
    pub coverage: u64,
    /// Rows of identities.csv.
    pub identities: u64,
    /// Rows of filings.csv.
    pub filings: u64,
    /// Rows of accounts.csv.
    pub accounts: u64,
    /// Sum of all balances.
    pub balance: Fen,
    /// Rows of mutual_aid.csv.
    pub mutual_aid: u64,
    /// Rows of totals.csv.
    pub totals: u64,
    /// Rows of credentials.csv.
    pub credentials: u64,
}

const FILES: &[(&str, &[&str])] = &[
    ("persons.csv", &["psn_no", "psn_cert_type", "certno", "psn_name", "gend", "naty", "brdy", "family_no"]),
    (
        "coverage.csv",
        &[
            "psn_no",
            "insutype",
            "psn_type",
            "cvlserv_flag",
            "psn_insu_stas",
            "begndate",
            "enddate",
            "insuplc_admdvs",
            "emp_no",
            "emp_name",
        ],
    ),
    ("identities.csv", &["psn_no", "psn_idet_type", "begndate", "enddate"]),
    ("filings.csv", &["psn_no", "trt_dcla_detl_sn", "kind", "insutype", "begndate", "enddate", "dise_codg", "admdvs"]),
    ("accounts.csv", &["psn_no", "balc"]),
    ("mutual_aid.csv", &["psn_no", "giver_psn_no", "begndate", "enddate", "year_lmt"]),
    ("totals.csv", &["psn_no", "key", "amount"]),
    ("credentials.csv", &["psn_no", "guardian", "device_id", "device_name", "public_key"]),
];

struct Out {
    path: PathBuf,
    writer: csv::Writer<File>,
    rows: u64,
}

impl Out {
    fn create(folder: &Path, name: &str, columns: &[&str]) -> Result<Out, CityError> {
        let path = folder.join(name);
        let file = File::create(&path).map_err(|cause| CityError::File { path: path.clone(), cause })?;
        let mut out = Out { path, writer: csv::Writer::from_writer(file), rows: 0 };
        out.row(columns)?;
        out.rows = 0;
        Ok(out)
    }

    fn row(&mut self, cells: &[&str]) -> Result<(), CityError> {
        self.rows += 1;
        self.writer.write_record(cells).map_err(|cause| CityError::Csv { path: self.path.clone(), cause })
    }

    fn close(mut self) -> Result<u64, CityError> {
        self.writer.flush().map_err(|cause| CityError::File { path: self.path, cause })?;
        Ok(self.rows)
    }
}

fn ends(period: &Period) -> (String, String) {
    (period.begin.to_string(), period.end.map_or_else(String::new, |end| end.to_string()))
}

fn flag(yes: bool) -> &'static str {
    if yes { "1" } else { "0" }
}

/// Writes the opening files of the city into `folder`, which must exist.
///
/// # Errors
/// [`CityError::File`] when a file cannot be written.
pub fn write_opening(city: &City, folder: &Path) -> Result<OpeningCounts, CityError> {
    let create = |name: &str| {
        let columns = FILES.iter().find(|(file, _)| *file == name).map_or(&[][..], |(_, columns)| columns);
        Out::create(folder, name, columns)
    };
    let mut persons = create("persons.csv")?;
    let mut coverage = create("coverage.csv")?;
    let mut identities = create("identities.csv")?;
    let mut filings = create("filings.csv")?;
    let mut accounts = create("accounts.csv")?;
    let mut mutual_aid = create("mutual_aid.csv")?;
    let mut totals = create("totals.csv")?;
    let mut balance = Fen::ZERO;
    for person in city.persons() {
        write_person(&mut persons, &person)?;
        write_standing(city, &mut coverage, &mut identities, &person)?;
        for filing in &person.filings {
            let (begin, end) = ends(&filing.period);
            let kind = filing.kind.code();
            let cells =
                [&person.number, &filing.number, kind, filing.scheme, &begin, &end, &filing.disease, &filing.area];
            filings.row(&cells)?;
        }
        if let Some(amount) = person.account {
            balance += amount;
            accounts.row(&[&person.number, &amount.to_string()])?;
        }
        for aid in &person.mutual_aid {
            let (begin, end) = ends(&aid.period);
            let limit = aid.year_limit.map_or_else(String::new, |limit| limit.to_string());
            mutual_aid.row(&[&person.number, &aid.giver, &begin, &end, &limit])?;
        }
        for total in &person.totals {
            let amount = match total.amount {
                TotalAmount::Money(fen) => fen.to_string(),
                TotalAmount::Count(count) => count.to_string(),
            };
            totals.row(&[&person.number, &total.key, &amount])?;
        }
    }
    Ok(OpeningCounts {
        persons: persons.close()?,
        coverage: coverage.close()?,
        identities: identities.close()?,
        filings: filings.close()?,
        accounts: accounts.close()?,
        balance,
        mutual_aid: mutual_aid.close()?,
        totals: totals.close()?,
        credentials: write_credentials(city, create("credentials.csv")?)?,
    })
}

/// Who has a credential: adults with their telephone first, so that a child's guardian is known before
/// the child.
fn write_credentials(city: &City, mut out: Out) -> Result<u64, CityError> {
    let seed = city.options().seed;
    for members in city.households() {
        for (person, entry) in members.iter().filter_map(|person| Some((person, shown_by(seed, person, &members)?))) {
            match &entry.member {
                Some(_) => out.row(&[&person.number, &entry.holder, "", "", ""])?,
                None => {
                    let public = STANDARD.encode(public_of(&key_of(seed, &person.number)));
                    let name = format!("{}的手机", person.name);
                    out.row(&[&person.number, "", &device_of(&person.number), &name, &public])?;
                }
            }
        }
    }
    out.close()
}

fn write_person(out: &mut Out, person: &Person) -> Result<(), CityError> {
    let gender = if person.male { "1" } else { "2" };
    let (birth, family) = (person.birth.to_string(), format!("{:08}", person.household));
    out.row(&[&person.number, "01", &person.certificate, &person.name, gender, "01", &birth, &family])
}

fn write_standing(city: &City, coverage: &mut Out, identities: &mut Out, person: &Person) -> Result<(), CityError> {
    for row in &person.coverage {
        let (begin, end) = ends(&row.period);
        let (employer, name) = row.employer.as_ref().map_or(("", ""), |(number, name)| (number, name));
        coverage.row(&[
            &person.number,
            row.scheme,
            row.person_type,
            flag(row.civil_servant),
            row.status,
            &begin,
            &end,
            city.area(),
            employer,
            name,
        ])?;
    }
    for identity in &person.identities {
        let (begin, end) = ends(&identity.period);
        identities.row(&[&person.number, identity.kind, &begin, &end])?;
    }
    Ok(())
}
