//! 示例: the `[[case]]` examples of an item's file: a person, a form, and the full expected answer.

use std::collections::BTreeMap;

use casework::form::{Answers, Field, FieldKind};
use enrolment::{Coverage, FamilyMember, Filing, Identity, Person, Receiver, Standing};
use serde::Deserialize;
use serde_json::Value as Json;
use terms::{Date, Exact, Fen, Period, parse_date};

use super::Counter;
use super::assess::{Asked, Assessment};
use super::facts::{Other, Surroundings};
use super::item::Item;
use crate::Centre;
use crate::dossier::Gathered;

type Day = toml::value::Datetime;

/// An example, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseFile {
    pub name: String,
    on: Day,
    #[serde(default)]
    staff: bool,
    person: Option<PersonFile>,
    /// What fields lead to, by field.
    #[serde(default)]
    around: BTreeMap<String, OtherFile>,
    #[serde(default)]
    form: toml::Table,
    #[serde(default)]
    materials: Vec<String>,
    /// `automatic`, `handled` or `refused`.
    expect: String,
    /// `refused`: the conditions not met, the fields with slips, the materials missing.
    #[serde(default)]
    reasons: Vec<String>,
    /// What the effect is told, as far as named here.
    #[serde(default)]
    effect: BTreeMap<String, String>,
    /// A claim: heads of the settlement in 元, as far as named here.
    #[serde(default)]
    settled: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonFile {
    #[serde(default)]
    name: String,
    #[serde(default)]
    certno: String,
    #[serde(default)]
    tel: String,
    #[serde(default)]
    gend: String,
    brdy: Day,
    #[serde(default)]
    balance: i64,
    #[serde(default)]
    coverage: Vec<CoverageFile>,
    #[serde(default)]
    identities: Vec<IdentityFile>,
    #[serde(default)]
    filings: Vec<FilingFile>,
    #[serde(default)]
    family: Vec<String>,
    #[serde(default)]
    receivers: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CoverageFile {
    insutype: String,
    psn_type: String,
    begin: Day,
    end: Option<Day>,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    emp_no: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityFile {
    psn_idet_type: String,
    begin: Day,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilingFile {
    kind: String,
    begin: Day,
    end: Option<Day>,
    #[serde(default)]
    dise_codg: Option<String>,
    #[serde(default)]
    admdvs: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct OtherFile {
    number: String,
    name: String,
    family: bool,
    authorised: bool,
    oneself: bool,
    open: bool,
}

/// An example that did not come out as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFailure {
    /// The line of the file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

fn day(written: &Day) -> Date {
    parse_date(&written.to_string()).unwrap_or_default()
}

fn period(begin: &Day, end: Option<&Day>) -> Period {
    Period { begin: day(begin), end: end.map(day) }
}

impl PersonFile {
    fn standing(&self) -> Standing {
        Standing {
            person: Person {
                psn_no: "CASE".into(),
                psn_name: self.name.clone(),
                psn_cert_type: "01".to_owned(),
                certno: self.certno.clone(),
                gend: self.gend.clone(),
                naty: "01".to_owned(),
                brdy: day(&self.brdy),
                tel: self.tel.clone(),
                fields: BTreeMap::new(),
            },
            coverage: self
                .coverage
                .iter()
                .map(|row| Coverage {
                    insutype: row.insutype.clone(),
                    psn_type: row.psn_type.clone(),
                    cvlserv_flag: "0".to_owned(),
                    psn_insu_stas: if row.paused { "2" } else { "1" }.to_owned(),
                    period: period(&row.begin, row.end.as_ref()),
                    insuplc_admdvs: "".into(),
                    emp_no: row.emp_no.as_deref().map(Into::into),
                    emp_name: None,
                    fields: BTreeMap::new(),
                })
                .collect(),
            identities: self
                .identities
                .iter()
                .map(|row| Identity {
                    psn_idet_type: row.psn_idet_type.clone(),
                    psn_type_lv: String::new(),
                    memo: String::new(),
                    period: period(&row.begin, None),
                })
                .collect(),
            filings: (1..).zip(&self.filings).map(|(nth, row): (i32, _)| filing(nth, row)).collect(),
            givers: Vec::new(),
            balance: Fen(self.balance * 100),
        }
    }
}

fn filing(nth: i32, row: &FilingFile) -> Filing {
    Filing {
        filing_id: format!("F{nth}").as_str().into(),
        kind: row.kind.clone(),
        period: period(&row.begin, row.end.as_ref()),
        dise_codg: row.dise_codg.as_deref().map(Into::into),
        admdvs: row.admdvs.as_deref().map(Into::into),
        cancelled: false,
        fields: BTreeMap::new(),
    }
}

/// A form as written in TOML: amounts in 元 as texts or whole numbers, days as days.
fn answers(fields: &[Field], form: &toml::Table) -> Answers {
    let mut answers = Answers::new();
    for (name, written) in form {
        let field = fields.iter().find(|field| field.id == *name);
        answers.insert(name.clone(), answer(field, written));
    }
    answers
}

fn answer(field: Option<&Field>, written: &toml::Value) -> Json {
    match (field.map(|field| field.kind), written) {
        (Some(FieldKind::Money), toml::Value::Integer(yuan)) => Json::from(yuan * 100),
        (Some(FieldKind::Money), toml::Value::String(yuan)) => {
            yuan.parse::<Exact>().map_or_else(|_| Json::from(yuan.clone()), |yuan| Json::from(yuan.to_scaled(2)))
        }
        (Some(FieldKind::Rows), toml::Value::Array(rows)) => {
            let columns = field.map_or(&[][..], |field| &field.columns);
            let row = |row: &toml::Value| {
                row.as_table().map_or(Json::Null, |row| Json::Object(answers(columns, row).into_iter().collect()))
            };
            Json::Array(rows.iter().map(row).collect())
        }
        (_, toml::Value::Datetime(day)) => Json::from(day.to_string()),
        (_, toml::Value::Integer(number)) => Json::from(number.to_string()),
        (_, toml::Value::Boolean(flag)) => Json::from(*flag),
        (_, toml::Value::String(text)) => Json::from(text.clone()),
        (_, other) => Json::from(other.to_string()),
    }
}

impl Item {
    /// How many examples the file has.
    #[must_use]
    pub fn examples(&self) -> usize {
        self.cases.len()
    }

    /// Runs the examples of the item's file under a centre's law.
    #[must_use]
    pub fn run_examples(&self, centre: &Centre, counter: &Counter) -> Vec<CaseFailure> {
        let mut failures = Vec::new();
        for case in &self.cases {
            for message in case.run(centre, counter, self) {
                let line = casework::line_of(&self.text, &format!("name = \"{}\"", case.name));
                failures.push(CaseFailure { line, message: format!("case “{}”: {message}", case.name) });
            }
        }
        failures
    }
}

impl CaseFile {
    fn run(&self, centre: &Centre, counter: &Counter, item: &Item) -> Vec<String> {
        let standing = self.person.as_ref().map(PersonFile::standing);
        let of_person =
            |list: fn(&PersonFile) -> &Vec<String>| self.person.as_ref().map(list).cloned().unwrap_or_default();
        let always = Period::since(Date::constant(1900, 1, 1));
        let member = |psn_no: String| FamilyMember {
            family_no: "CASE".to_owned(),
            psn_no: psn_no.as_str().into(),
            relation: String::new(),
        };
        let receiver = |psn_no: String| Receiver {
            psn_no: psn_no.as_str().into(),
            psn_name: String::new(),
            period: always,
            year_lmt: None,
        };
        let other = |row: &OtherFile| Other {
            number: row.number.clone(),
            name: row.name.clone(),
            family: row.family,
            authorised: row.authorised,
            oneself: row.oneself,
            open: row.open,
        };
        let around = Surroundings {
            standing: standing.clone(),
            family: of_person(|person| &person.family).into_iter().map(member).collect(),
            receivers: of_person(|person| &person.receivers).into_iter().map(receiver).collect(),
            others: self.around.iter().map(|(name, row)| (name.clone(), other(row))).collect(),
        };
        let gathered = match standing.map(Gathered::without_history).transpose() {
            Ok(gathered) => gathered,
            Err(error) => return vec![error.to_string()],
        };
        let answers = answers(&item.fields, &self.form);
        let asked =
            Asked { item, answers: &answers, materials: &self.materials, day: day(&self.on), citizen: !self.staff };
        match centre.assess(counter, &asked, &around, gathered.as_ref()) {
            Ok(found) => self.compare(&found),
            Err(error) => vec![error.to_string()],
        }
    }

    fn compare(&self, found: &Assessment) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.id.as_str()).collect();
        reasons.extend(found.slips.iter().map(|slip| slip.field.as_str()));
        reasons.extend(found.missing.iter().map(String::as_str));
        let got = match (reasons.is_empty(), found.automatic) {
            (false, _) => "refused",
            (true, true) => "automatic",
            (true, false) => "handled",
        };
        let told = || {
            let reasons = found.reasons.iter().map(|reason| reason.says.clone());
            reasons.chain(found.slips.iter().map(|slip| slip.message.clone())).collect::<Vec<_>>().join("；")
        };
        if got != self.expect {
            wrong.push(format!("expected {}, got {got} {:?} {}", self.expect, reasons, told()));
        } else if reasons != self.reasons {
            wrong.push(format!("expected the reasons {:?}, got {reasons:?} {}", self.reasons, told()));
        }
        for (name, value) in &self.effect {
            let got = found.effect.get(name).map_or("（无）", String::as_str);
            if got != value {
                wrong.push(format!("the effect's {name}: expected {value}, got {got}"));
            }
        }
        if !self.settled.is_empty() {
            let heads = found.settled.as_ref().map(|settled| serde_json::to_value(&settled.settlement.heads));
            let heads = heads.and_then(Result::ok).unwrap_or_default();
            for (name, value) in &self.settled {
                let expected = value.parse::<Exact>().map(|yuan| yuan.to_scaled(2)).ok();
                let got = heads.get(name).cloned().and_then(|fen| serde_json::from_value::<Fen>(fen).ok());
                if got.map(|fen| fen.0) != expected {
                    let got = got.map_or_else(|| "（无）".to_owned(), |fen| fen.to_string());
                    wrong.push(format!("{name}: expected {value}, got {got}"));
                }
            }
        }
        wrong
    }
}
