//! 事实: what the conditions of an item may look at, and the names by which they do.

use std::collections::BTreeMap;

use casework::form::{Answers, Field, FieldKind, plain};
use db::Tx;
use enrolment::{FamilyMember, Receiver, Standing};
use serde_json::Value as Json;
use terms::{Date, Exact, Period, PersonId, UnitPrice, parse_date};

use super::formula::{Names, Val};
use super::item::{Find, Item};
use crate::{Centre, JourneyError};

/// 相关人或单位: what a `person` or `employer` field leads to; empty texts when to nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Other {
    /// 人员编号 or 单位编号; empty when there is none.
    pub number: String,
    /// 姓名 or 单位名称.
    pub name: String,
    /// Shares a family with the person.
    pub family: bool,
    /// May use the person's account now.
    pub authorised: bool,
    /// Is the person themself.
    pub oneself: bool,
    /// Registered on the day.
    pub open: bool,
}

/// Everything known around an application.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The person, if the item is about one.
    pub standing: Option<Standing>,
    /// 家庭.
    pub family: Vec<FamilyMember>,
    /// 使用人 of the person's account.
    pub receivers: Vec<Receiver>,
    /// What fields lead to, by field.
    pub others: BTreeMap<String, Other>,
}

impl Surroundings {
    /// Gathers them; takes no lock.
    pub(crate) fn gather(
        tx: &mut dyn Tx,
        item: &Item,
        psn_no: Option<&PersonId>,
        answers: &Answers,
        day: Date,
    ) -> Result<Surroundings, JourneyError> {
        let Some(psn_no) = psn_no else { return Ok(Surroundings::default()) };
        let mut found = Surroundings {
            standing: Some(crate::person(tx, psn_no)?),
            family: enrolment::family_of(tx, psn_no)?,
            receivers: enrolment::receivers_of(tx, psn_no)?,
            others: BTreeMap::new(),
        };
        for field in &item.fields {
            let Some(given) = answers.get(&field.id).map(plain) else { continue };
            let other = match field.kind {
                FieldKind::Person => found.person_of(tx, psn_no, &given, day)?,
                FieldKind::Employer => enrolment::employer(tx, &given)?
                    .map(|row| Other {
                        number: row.emp_no.0,
                        name: row.emp_name,
                        open: row.period.covers(day),
                        ..Other::default()
                    })
                    .unwrap_or_default(),
                _ => continue,
            };
            found.others.insert(field.id.clone(), other);
        }
        Ok(found)
    }

    fn person_of(&self, tx: &mut dyn Tx, own: &PersonId, certno: &str, day: Date) -> Result<Other, JourneyError> {
        // A number that several persons share leads to nobody: the counter asks for the type.
        let found = enrolment::by_certificate_number(tx, certno)?;
        let [psn_no] = found.as_slice() else { return Ok(Other::default()) };
        let Some(standing) = enrolment::standing(tx, psn_no)? else { return Ok(Other::default()) };
        Ok(Other {
            number: psn_no.0.clone(),
            name: standing.person.psn_name,
            family: self.family.iter().any(|member| member.psn_no == *psn_no),
            authorised: self.receivers.iter().any(|row| row.psn_no == *psn_no && row.period.covers(day)),
            oneself: psn_no == own,
            open: standing.coverage.iter().any(|row| row.psn_insu_stas == "1" && row.period.covers(day)),
        })
    }
}

/// What formulas look at.
pub(crate) struct Facts<'a> {
    pub centre: &'a Centre,
    pub item: &'a Item,
    pub around: &'a Surroundings,
    pub answers: &'a Answers,
    pub today: Date,
    /// Whether the person themself applies.
    pub citizen: bool,
}

const FIXED: &[&str] = &[
    "today",
    "home_area",
    "applicant.citizen",
    "person.psn_no",
    "person.name",
    "person.certno",
    "person.tel",
    "person.gend",
    "person.naty",
    "person.brdy",
    "person.age",
    "person.balance",
];
/// 可查找的清单: sources of `[[find]]` and the columns of each.
pub(crate) const SOURCES: &[(&str, &[&str])] = &[
    ("coverage", &["insutype", "psn_type", "cvlserv_flag", "psn_insu_stas", "emp_no", "emp_name"]),
    ("identities", &["psn_idet_type"]),
    ("filings", &["kind", "filing_id", "dise_codg", "admdvs"]),
    ("givers", &["giver"]),
    ("receivers", &["psn_no"]),
    ("family", &["psn_no", "relation"]),
];
const DATED: &[&str] = &["begndate", "enddate", "covers"];

/// Whether a formula of an item may use a name; `rows` when it stands in a `[[find]]`.
pub(crate) fn knows(fields: &[Field], finds: &[(String, String)], rows: Option<&str>, name: &str) -> bool {
    let column = |source: &str, column: &str| {
        let of_source = SOURCES.iter().find(|(known, _)| *known == source);
        of_source.is_some_and(|(_, columns)| columns.contains(&column)) || DATED.contains(&column)
    };
    if FIXED.contains(&name) {
        return true;
    }
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        ["it", part] => rows.is_some_and(|source| column(source, part)),
        ["form", field, rest @ ..] => {
            fields.iter().find(|known| known.id == *field).is_some_and(|field| sub(field, rest))
        }
        [find, part] => finds
            .iter()
            .find(|(id, _)| id == find)
            .is_some_and(|(_, source)| ["exists", "count"].contains(part) || column(source, part)),
        _ => false,
    }
}

fn sub(field: &Field, rest: &[&str]) -> bool {
    match (field.kind, rest) {
        (kind, []) => kind != FieldKind::Rows,
        (FieldKind::Institution, [part]) => ["exists", "name", "local", "level", "area", "designated"].contains(part),
        (FieldKind::Person, [part]) => {
            ["exists", "name", "number", "family", "authorised", "oneself", "insured"].contains(part)
        }
        (FieldKind::Employer, [part]) => ["exists", "name", "open"].contains(part),
        (FieldKind::Rows, ["count"]) => true,
        (FieldKind::Rows, [column, part]) => {
            field.columns.iter().any(|known| known.id == *column) && ["sum", "min", "max"].contains(part)
        }
        _ => false,
    }
}

/// One row of a list.
struct ListRow {
    texts: Vec<(&'static str, String)>,
    period: Period,
}

impl ListRow {
    fn value(&self, column: &str) -> Val {
        match column {
            "begndate" => Val::Date(self.period.begin),
            "enddate" => Val::date(self.period.end),
            _ => Val::text(self.texts.iter().find(|(name, _)| *name == column).map_or("", |(_, text)| text)),
        }
    }
}

fn rows(around: &Surroundings, source: &str) -> Vec<ListRow> {
    let row = |texts: &[(&'static str, &str)], period: Period| ListRow {
        texts: texts.iter().map(|(name, text)| (*name, (*text).to_owned())).collect(),
        period,
    };
    let always = Period::since(Date::MIN);
    let Some(standing) = &around.standing else { return Vec::new() };
    match source {
        "coverage" => standing
            .coverage
            .iter()
            .map(|one| {
                let emp_no = one.emp_no.as_ref().map_or("", |emp_no| emp_no.as_str());
                let texts = [
                    ("insutype", &*one.insutype),
                    ("psn_type", &one.psn_type),
                    ("cvlserv_flag", &one.cvlserv_flag),
                    ("psn_insu_stas", &one.psn_insu_stas),
                    ("emp_no", emp_no),
                    ("emp_name", one.emp_name.as_deref().unwrap_or_default()),
                ];
                row(&texts, one.period)
            })
            .collect(),
        "identities" => {
            standing.identities.iter().map(|one| row(&[("psn_idet_type", &one.psn_idet_type)], one.period)).collect()
        }
        "filings" => standing
            .filings
            .iter()
            .filter(|one| !one.cancelled)
            .map(|one| {
                let texts = [
                    ("kind", &*one.kind),
                    ("filing_id", one.filing_id.as_str()),
                    ("dise_codg", one.dise_codg.as_ref().map_or("", |code| code.as_str())),
                    ("admdvs", one.admdvs.as_ref().map_or("", |code| code.as_str())),
                ];
                row(&texts, one.period)
            })
            .collect(),
        "givers" => standing.givers.iter().map(|one| row(&[("giver", one.giver.as_str())], one.period)).collect(),
        "receivers" => around.receivers.iter().map(|one| row(&[("psn_no", one.psn_no.as_str())], one.period)).collect(),
        _ => around
            .family
            .iter()
            .map(|one| row(&[("psn_no", one.psn_no.as_str()), ("relation", &one.relation)], always))
            .collect(),
    }
}

impl Facts<'_> {
    fn find(&self, find: &Find) -> Result<Vec<ListRow>, String> {
        let mut found = Vec::new();
        for row in rows(self.around, &find.source) {
            if find.condition.is_true(&InRow { facts: self, row: &row })? {
                found.push(row);
            }
        }
        Ok(found)
    }

    fn person(&self, part: &str) -> Result<Val, String> {
        let Some(standing) = &self.around.standing else { return Ok(Val::Missing) };
        let person = &standing.person;
        Ok(match part {
            "psn_no" => Val::text(person.psn_no.as_str()),
            "name" => Val::text(&person.psn_name),
            "certno" => Val::text(&person.certno),
            "tel" => Val::text(&person.tel),
            "gend" => Val::text(&person.gend),
            "naty" => Val::text(&person.naty),
            "brdy" => Val::Date(person.brdy),
            "balance" => Val::Number(Exact::from_scaled(standing.balance.0, 2)),
            _ => {
                let months = i64::from(self.today.year() - person.brdy.year()) * 12
                    + i64::from(self.today.month() - person.brdy.month())
                    - i64::from(self.today.day() < person.brdy.day());
                Val::Number(Exact::whole(months.div_euclid(12)))
            }
        })
    }

    fn form(&self, field: &str, rest: &[&str]) -> Result<Val, String> {
        let field = self.item.field(field).ok_or_else(|| format!("the form has no field {field}"))?;
        let given = self.answers.get(&field.id);
        match (field.kind, rest) {
            (FieldKind::Rows, ["count"]) => {
                let count = given.and_then(Json::as_array).map_or(0, Vec::len);
                Ok(Val::Number(Exact::whole(count as i64)))
            }
            (FieldKind::Rows, [column, part]) => fold(field, given, column, part),
            (FieldKind::Institution, [part]) => Ok(self.institution(given, part)),
            (FieldKind::Person | FieldKind::Employer, [part]) => {
                let other = self.around.others.get(&field.id).cloned().unwrap_or_default();
                Ok(match *part {
                    "exists" => Val::Flag(!other.number.is_empty()),
                    "name" => Val::text(&other.name),
                    "number" => Val::text(&other.number),
                    "family" => Val::Flag(other.family),
                    "authorised" => Val::Flag(other.authorised),
                    "oneself" => Val::Flag(other.oneself),
                    _ => Val::Flag(other.open),
                })
            }
            _ => Ok(given.map_or(Val::Missing, |given| value(field, given))),
        }
    }

    fn institution(&self, given: Option<&Json>, part: &str) -> Val {
        let code = given.map(plain).unwrap_or_default();
        let Some(row) = self.centre.institutions.on(&code, self.today) else {
            return if ["exists", "local", "designated"].contains(&part) { Val::Flag(false) } else { Val::Missing };
        };
        match part {
            "exists" => Val::Flag(true),
            "name" => Val::text(&row.name),
            "level" => Val::text(&row.hi_setl_lv),
            "area" => Val::text(&row.admdvs),
            "local" => Val::Flag(row.admdvs == self.centre.region.0),
            _ => Val::Flag(
                row.period.is_none_or(|period| period.covers(self.today))
                    && self.centre.institutions.suspended(&code, self.today).is_none(),
            ),
        }
    }
}

/// The value of an answer.
fn value(field: &Field, given: &Json) -> Val {
    match field.kind {
        FieldKind::Date => Val::date(given.as_str().and_then(parse_date)),
        FieldKind::Money => given.as_i64().map_or(Val::Missing, |fen| Val::Number(Exact::from_scaled(fen, 2))),
        FieldKind::Number => {
            plain(given).parse::<UnitPrice>().map_or(Val::Missing, |number| Val::Number(Exact::from(number)))
        }
        FieldKind::Flag => given.as_bool().map_or(Val::Missing, Val::Flag),
        _ => Val::text(&plain(given)),
    }
}

fn fold(field: &Field, given: Option<&Json>, column: &str, part: &str) -> Result<Val, String> {
    let Some(kind) = field.columns.iter().find(|known| known.id == column) else {
        return Err(format!("{} has no column {column}", field.id));
    };
    let mut values = given.and_then(Json::as_array).into_iter().flatten().filter_map(|row| row.get(column));
    let first = if part == "sum" { Val::Number(Exact::ZERO) } else { Val::Missing };
    values.try_fold(first, |so_far, given| {
        let next = value(kind, given);
        Ok(match (part, &so_far, &next) {
            ("sum", Val::Number(a), Val::Number(b)) => Val::Number(*a + *b),
            ("min", Val::Date(a), Val::Date(b)) => Val::Date(*a.min(b)),
            ("max", Val::Date(a), Val::Date(b)) => Val::Date(*a.max(b)),
            ("min", Val::Number(a), Val::Number(b)) => Val::Number(*a.min(b)),
            ("max", Val::Number(a), Val::Number(b)) => Val::Number(*a.max(b)),
            (_, Val::Missing, _) => next,
            _ => return Err(format!("{}.{column} cannot be taken as {part}", field.id)),
        })
    })
}

impl Names for Facts<'_> {
    fn value(&self, name: &str) -> Result<Val, String> {
        let parts: Vec<&str> = name.split('.').collect();
        match parts.as_slice() {
            ["today"] => Ok(Val::Date(self.today)),
            ["home_area"] => Ok(Val::text(&self.centre.region.0)),
            ["applicant", "citizen"] => Ok(Val::Flag(self.citizen)),
            ["person", part] => self.person(part),
            ["form", field, rest @ ..] => self.form(field, rest),
            [find, part] => {
                let find = self.item.finds.iter().find(|known| known.id == *find);
                let found = self.find(find.ok_or_else(|| format!("“{name}” is not known"))?)?;
                Ok(match *part {
                    "exists" => Val::Flag(!found.is_empty()),
                    "count" => Val::Number(Exact::whole(found.len() as i64)),
                    column => found.first().map_or(Val::Missing, |row| row.value(column)),
                })
            }
            _ => Err(format!("“{name}” is not known")),
        }
    }

    fn call(&self, name: &str, arguments: &[Val]) -> Result<Val, String> {
        let find = name.strip_suffix(".covers").and_then(|id| self.item.finds.iter().find(|known| known.id == id));
        let (Some(find), Some(Val::Date(day))) = (find, arguments.first()) else { return Ok(Val::Flag(false)) };
        Ok(Val::Flag(self.find(find)?.first().is_some_and(|row| row.period.covers(*day))))
    }
}

struct InRow<'a> {
    facts: &'a Facts<'a>,
    row: &'a ListRow,
}

impl Names for InRow<'_> {
    fn value(&self, name: &str) -> Result<Val, String> {
        name.strip_prefix("it.").map_or_else(|| self.facts.value(name), |column| Ok(self.row.value(column)))
    }

    fn call(&self, name: &str, arguments: &[Val]) -> Result<Val, String> {
        match (name, arguments.first()) {
            ("it.covers", Some(Val::Date(day))) => Ok(Val::Flag(self.row.period.covers(*day))),
            ("it.covers", _) => Ok(Val::Flag(false)),
            _ => self.facts.call(name, arguments),
        }
    }
}
