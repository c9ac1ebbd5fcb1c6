//! 查就诊: visits of everybody, of an institution, of a person, a page at a time; one by its number.

use db::{DbError, Row, Sql, Tx, Value};
use terms::{DateTime, Fen, PersonId, VisitId};

use crate::Visit;
use crate::rows::{read_time, read_visit, text, time};
use crate::store::{
    COUNT_VISITS, COUNT_VISITS_OF_INSTITUTION, COUNT_VISITS_OF_PERSON, DOCUMENTS_OF, VISIT, VISITS, VISITS_DOWN,
    VISITS_OF_INSTITUTION, VISITS_OF_INSTITUTION_DOWN, VISITS_OF_PERSON, VISITS_OF_PERSON_DOWN,
};

/// What visits are looked for; an empty text lets everything pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitsAsked {
    /// 人员编号.
    pub person: String,
    /// 机构编号.
    pub institution: String,
    /// 医疗类别.
    pub med_type: String,
    /// 险种类型.
    pub insutype: String,
    /// 形式, as [`crate::Form::as_str`] writes it.
    pub form: String,
    /// 状态, as [`crate::VisitState::as_str`] writes it.
    pub state: String,
    /// 开始时间 from.
    pub from: DateTime,
    /// 开始时间 up to, included.
    pub to: DateTime,
    /// The latest first.
    pub descending: bool,
}

impl Default for VisitsAsked {
    fn default() -> VisitsAsked {
        VisitsAsked {
            person: String::new(),
            institution: String::new(),
            med_type: String::new(),
            insutype: String::new(),
            form: String::new(),
            state: String::new(),
            from: FIRST,
            to: DateTime::MAX,
            descending: true,
        }
    }
}

/// Before everything that was ever written.
const FIRST: DateTime = DateTime::constant(1, 1, 1, 0, 0, 0, 0);

/// A visit as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVisit {
    /// The visit.
    pub visit: Visit,
    /// Its settlements that stand: those made less those reversed.
    pub settlements: i64,
    /// T 医疗费总额 of those.
    pub total: Fen,
    /// F 基金支付总额 of those.
    pub fund: Fen,
}

/// Visits by time of beginning, then by number; after `after`, the time and number that ended the
/// page before; at most so many.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn visits(
    tx: &mut dyn Tx,
    asked: &VisitsAsked,
    after: Option<(DateTime, &str)>,
    at_most: i64,
) -> Result<Vec<ListedVisit>, DbError> {
    // The page before bounds this one, so that a deep page begins where it begins.
    let bounded = match after {
        Some((ended, _)) if asked.descending => VisitsAsked { to: asked.to.min(ended), ..asked.clone() },
        Some((ended, _)) => VisitsAsked { from: asked.from.max(ended), ..asked.clone() },
        None => asked.clone(),
    };
    let (up, down, _, mut values) = way(&bounded);
    let outermost = if asked.descending { (DateTime::MAX, "\u{10ffff}") } else { (FIRST, "") };
    let (begntime, mdtrt_id) = after.unwrap_or(outermost);
    values.extend([time(begntime), mdtrt_id.into(), at_most.into()]);
    tx.query(if asked.descending { down } else { up }, &values)?.iter().map(read_listed).collect()
}

/// How many visits there are of those looked for.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn visits_count(tx: &mut dyn Tx, asked: &VisitsAsked) -> Result<i64, DbError> {
    let (_, _, count, values) = way(asked);
    tx.query(count, &values)?.first().map_or(Ok(0), |row| row.get(0))
}

/// One visit by its number alone.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn visit(tx: &mut dyn Tx, mdtrt_id: &VisitId) -> Result<Option<ListedVisit>, DbError> {
    tx.query(&VISIT, &[text(mdtrt_id)])?.first().map(read_listed).transpose()
}

type Way = (&'static Sql, &'static Sql, &'static Sql, Vec<Value>);

/// What the list walks along, upwards and downwards, what counts it, and what narrows it.
fn way(asked: &VisitsAsked) -> Way {
    let (up, down, count, along) = if !asked.person.is_empty() {
        (&VISITS_OF_PERSON, &VISITS_OF_PERSON_DOWN, &COUNT_VISITS_OF_PERSON, asked.person.as_str())
    } else if !asked.institution.is_empty() {
        let all = (&VISITS_OF_INSTITUTION, &VISITS_OF_INSTITUTION_DOWN, &COUNT_VISITS_OF_INSTITUTION);
        (all.0, all.1, all.2, asked.institution.as_str())
    } else {
        (&VISITS, &VISITS_DOWN, &COUNT_VISITS, "")
    };
    let narrowing = [&asked.institution, &asked.med_type, &asked.form, &asked.state, &asked.insutype];
    let mut values = vec![along.into(), time(asked.from), time(asked.to)];
    values.extend(narrowing.map(|text| Value::from(text.as_str())));
    (up, down, count, values)
}

fn read_listed(row: &Row) -> Result<ListedVisit, DbError> {
    Ok(ListedVisit {
        visit: read_visit(&PersonId(row.get(15)?), row)?,
        settlements: row.get(16)?,
        total: Fen(row.get(17)?),
        fund: Fen(row.get(18)?),
    })
}

/// 病案首页 or 医嘱 of a visit, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledDocument {
    /// 交易编号 of the message that brought it: `4401`, `4402`.
    pub kind: String,
    /// The institution's own number.
    pub number: String,
    /// When it arrived.
    pub sent_at: DateTime,
}

/// 病历资料 of a visit, by kind and number.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn documents_of(tx: &mut dyn Tx, psn_no: &PersonId, mdtrt_id: &VisitId) -> Result<Vec<FiledDocument>, DbError> {
    let read = |row: &Row| Ok(FiledDocument { kind: row.get(0)?, number: row.get(1)?, sent_at: read_time(row, 2)? });
    tx.query(&DOCUMENTS_OF, &[text(psn_no), text(mdtrt_id)])?.iter().map(read).collect()
}
