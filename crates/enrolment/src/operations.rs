//! 办理: what the room can do, each inside the caller's transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use db::{DbError, Row, Tx, Value};
use terms::{
    AreaCode, Date, DateTime, DiseaseCode, EmployerId, Fen, FilingId, Period, PersonId, parse_date, show_time,
};

use crate::store::*;
use crate::*;

/// 人员登记, in batches: every table is written with one multi-row insert.
///
/// # Errors
/// [`DbError::Duplicate`] when a person's number or certificate is already registered.
pub fn register(tx: &mut dyn Tx, registrations: &[Registration]) -> Result<(), DbError> {
    let mut persons = Vec::with_capacity(registrations.len());
    let (mut coverage, mut identities, mut filings, mut givers, mut accounts) =
        (vec![], vec![], vec![], vec![], vec![]);
    for registration in registrations {
        let psn_no = &registration.person.psn_no;
        persons.push(person_row(&registration.person, registration.at));
        for (seq, row) in (1..).zip(&registration.coverage) {
            coverage.push(coverage_row(psn_no, seq, row));
        }
        for (seq, row) in (1..).zip(&registration.identities) {
            identities.push(identity_row(psn_no, seq, row));
        }
        for (seq, row) in (1..).zip(&registration.filings) {
            filings.push(filing_row(psn_no, seq, row, registration.at));
        }
        for (seq, row) in (1..).zip(&registration.givers) {
            givers.push(giver_row(psn_no, seq, row));
        }
        accounts.push(vec![text(psn_no), Value::Int(registration.balance.0)]);
    }
    for (sql, rows) in [
        (&ADD_PERSON, persons),
        (&ADD_COVERAGE, coverage),
        (&ADD_IDENTITY, identities),
        (&ADD_FILING, filings),
        (&ADD_GIVER, givers),
        (&CREDIT_ACCOUNT, accounts),
    ] {
        if !rows.is_empty() {
            tx.insert_many(sql, &rows)?;
        }
    }
    Ok(())
}

/// 单位登记, in batches.
///
/// # Errors
/// [`DbError::Duplicate`] when an employer's number is taken.
pub fn register_employers(tx: &mut dyn Tx, employers: &[Employer]) -> Result<(), DbError> {
    tx.insert_many(&ADD_EMPLOYER, &employers.iter().map(employer_row).collect::<Vec<_>>())
}

/// 单位登记 of a bring-in, in batches: an employer that is registered already stays as it is.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn register_new_employers(tx: &mut dyn Tx, employers: &[Employer]) -> Result<(), DbError> {
    tx.insert_many(&ADD_NEW_EMPLOYER, &employers.iter().map(employer_row).collect::<Vec<_>>())
}

/// 家庭成员登记, in batches.
///
/// # Errors
/// [`DbError::Duplicate`] when a person is already in the family.
pub fn join_families(tx: &mut dyn Tx, members: &[FamilyMember]) -> Result<(), DbError> {
    let rows: Vec<_> = members
        .iter()
        .map(|row| vec![row.family_no.as_str().into(), text(&row.psn_no), row.relation.as_str().into()])
        .collect();
    tx.insert_many(&ADD_FAMILY_MEMBER, &rows)
}

/// 家庭: everybody who shares a family with the person, themselves included.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn family_of(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Vec<FamilyMember>, DbError> {
    tx.query(&FAMILY_OF, &[text(psn_no)])?
        .iter()
        .map(|row| Ok(FamilyMember { family_no: row.get(0)?, psn_no: PersonId(row.get(1)?), relation: row.get(2)? }))
        .collect()
}

/// 增加参保记录.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn add_coverage(tx: &mut dyn Tx, psn_no: &PersonId, coverage: &Coverage) -> Result<(), DbError> {
    let seq = next(tx, &NEXT_COVERAGE, psn_no)?;
    tx.execute(&ADD_COVERAGE, &coverage_row(psn_no, seq, coverage)).map(drop)
}

/// 终止参保记录: gives the coverage that began on `begin` its last day; whether there was one.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn end_coverage(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    insutype: &str,
    begin: Date,
    end: Date,
) -> Result<bool, DbError> {
    tx.execute(&END_COVERAGE, &[text(psn_no), insutype.into(), text(begin), text(end)]).map(|rows| rows > 0)
}

/// 登记缴费, in batches; a month that is sent again is corrected.
///
/// # Errors
/// [`DbError`] when storage fails. A batch names a month of a person's scheme at most once.
pub fn record_contributions(tx: &mut dyn Tx, contributions: &[Contribution]) -> Result<(), DbError> {
    let rows: Vec<_> = contributions
        .iter()
        .map(|row| {
            vec![
                text(&row.psn_no),
                row.insutype.as_str().into(),
                row.month.as_str().into(),
                row.base.0.into(),
                row.paid.0.into(),
                row.status.as_str().into(),
            ]
        })
        .collect();
    tx.insert_many(&ADD_CONTRIBUTION, &rows)
}

/// 缴费记录 of one person, by scheme and month.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn contributions_of(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Vec<Contribution>, DbError> {
    tx.query(&CONTRIBUTIONS_OF, &[text(psn_no)])?
        .iter()
        .map(|row| {
            Ok(Contribution {
                psn_no: psn_no.clone(),
                insutype: row.get(0)?,
                month: row.get(1)?,
                base: Fen(row.get(2)?),
                paid: Fen(row.get(3)?),
                status: row.get(4)?,
            })
        })
        .collect()
}

/// 增加身份记录.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn add_identity(tx: &mut dyn Tx, psn_no: &PersonId, identity: &Identity) -> Result<(), DbError> {
    let seq = next(tx, &NEXT_IDENTITY, psn_no)?;
    tx.execute(&ADD_IDENTITY, &identity_row(psn_no, seq, identity)).map(drop)
}

/// 登记备案 as the person's `seq`th (one more than the filings of their [`Standing`]).
///
/// # Errors
/// [`DbError::Duplicate`] when the number is taken.
pub fn file(tx: &mut dyn Tx, psn_no: &PersonId, seq: i64, filing: &Filing, at: DateTime) -> Result<(), DbError> {
    tx.execute(&ADD_FILING, &filing_row(psn_no, seq, filing, at)).map(drop)
}

/// 取消备案; whether there was one that stood.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn cancel_filing(tx: &mut dyn Tx, psn_no: &PersonId, filing_id: &FilingId, at: DateTime) -> Result<bool, DbError> {
    tx.execute(&CANCEL_FILING, &[text(psn_no), text(filing_id), show_time(at).into()]).map(|rows| rows > 0)
}

/// 共济授权: adds `giver` as the person's last to be used.
///
/// # Errors
/// [`DbError::Duplicate`] when the giver has already authorised this person.
pub fn authorise(tx: &mut dyn Tx, psn_no: &PersonId, giver: &Giver) -> Result<(), DbError> {
    let seq = next(tx, &NEXT_GIVER, psn_no)?;
    tx.execute(&ADD_GIVER, &giver_row(psn_no, seq, giver)).map(drop)
}

/// 共济授权 again: gives a giver who authorised this person before new dates and a new limit;
/// whether there was one.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn renew_giver(tx: &mut dyn Tx, psn_no: &PersonId, giver: &Giver) -> Result<bool, DbError> {
    let limit = giver.year_lmt.map_or(Value::Null, |limit| limit.0.into());
    let params = [text(psn_no), text(&giver.giver), text(giver.period.begin), date(giver.period.end), limit];
    tx.execute(&RENEW_GIVER, &params).map(|rows| rows > 0)
}

/// 解除共济授权: gives an authorisation its last day; whether there was one that went further.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn end_giver(tx: &mut dyn Tx, psn_no: &PersonId, giver: &PersonId, end: Date) -> Result<bool, DbError> {
    tx.execute(&END_GIVER, &[text(psn_no), text(giver), text(end)]).map(|rows| rows > 0)
}

/// 使用人: whom a person lets use their account, with the dates and limit of each.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn receivers_of(tx: &mut dyn Tx, giver: &PersonId) -> Result<Vec<Receiver>, DbError> {
    let receiver = |row: &Row| {
        Ok(Receiver {
            psn_no: PersonId(row.get(0)?),
            psn_name: row.get(1)?,
            period: read_period(row, 2)?,
            year_lmt: row.get::<Option<i64>>(4)?.map(Fen),
        })
    };
    tx.query(&RECEIVERS_OF, &[text(giver)])?.iter().map(receiver).collect()
}

/// 人员信息变更: what is registered of the person, all of it; whether they are registered.
///
/// # Errors
/// [`DbError::Duplicate`] when the new certificate is somebody else's.
pub fn change_person(tx: &mut dyn Tx, person: &Person) -> Result<bool, DbError> {
    let params = [
        text(&person.psn_no),
        person.psn_name.as_str().into(),
        person.psn_cert_type.as_str().into(),
        person.certno.as_str().into(),
        person.gend.as_str().into(),
        person.naty.as_str().into(),
        text(person.brdy),
        person.tel.as_str().into(),
        json(&person.fields),
    ];
    tx.execute(&CHANGE_PERSON, &params).map(|rows| rows > 0)
}

/// 用人单位 by its number.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn employer(tx: &mut dyn Tx, emp_no: &str) -> Result<Option<Employer>, DbError> {
    let rows = tx.query(&EMPLOYER, &[emp_no.into()])?;
    let read = |row: &Row| {
        Ok(Employer { emp_no: EmployerId(row.get(0)?), emp_name: row.get(1)?, period: read_period(row, 2)? })
    };
    rows.first().map(read).transpose()
}

/// 授权人: whose accounts the person may use, in order of use (what a deed must lock).
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn givers_of(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Vec<PersonId>, DbError> {
    tx.query(&GIVERS_OF, &[text(psn_no)])?.iter().map(|row| row.get(0).map(PersonId)).collect()
}

/// 账户划入: adds to balances; `amount` is positive.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn credit_account(tx: &mut dyn Tx, psn_no: &PersonId, amount: Fen) -> Result<(), DbError> {
    tx.execute(&CREDIT_ACCOUNT, &[text(psn_no), amount.0.into()]).map(drop)
}

/// 账户支出: takes from a balance; `false` (and nothing taken) when it does not hold that much.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn debit_account(tx: &mut dyn Tx, psn_no: &PersonId, amount: Fen) -> Result<bool, DbError> {
    tx.execute(&DEBIT_ACCOUNT, &[text(psn_no), amount.0.into()]).map(|rows| rows == 1)
}

/// 账户余额; nothing for a person without an account.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn balance_of(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Fen, DbError> {
    tx.query(&BALANCE_OF, &[text(psn_no)])?.first().map_or(Ok(Fen::ZERO), |row| row.get(0).map(Fen))
}

/// 账户余额合计 and the number of accounts, to hold against the ledger.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn balances_total(tx: &mut dyn Tx) -> Result<(Fen, i64), DbError> {
    let rows = tx.query(&BALANCES_TOTAL, &[])?;
    rows.first().map_or(Ok((Fen::ZERO, 0)), |row| Ok((Fen(row.get(0)?), row.get(1)?)))
}

/// Finds a person by 证件类型 and 证件号码.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn by_certificate(tx: &mut dyn Tx, psn_cert_type: &str, certno: &str) -> Result<Option<PersonId>, DbError> {
    let rows = tx.query(&BY_CERTIFICATE, &[psn_cert_type.into(), certno.into()])?;
    rows.first().map(|row| row.get(0).map(PersonId)).transpose()
}

/// Finds persons by 证件号码 alone; more than one when two types share the number.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn by_certificate_number(tx: &mut dyn Tx, certno: &str) -> Result<Vec<PersonId>, DbError> {
    tx.query(&BY_CERTIFICATE_NUMBER, &[certno.into()])?.iter().map(|row| row.get(0).map(PersonId)).collect()
}

/// Which of many persons are registered, asked a few dozen at a time.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn registered(tx: &mut dyn Tx, persons: &[&PersonId]) -> Result<BTreeSet<PersonId>, DbError> {
    let mut found = BTreeSet::new();
    for asked in persons.chunks(ASKED) {
        for row in tx.query(&REGISTERED, &padded(asked.iter().map(|psn_no| psn_no.as_str())))? {
            found.insert(PersonId(row.get(0)?));
        }
    }
    Ok(found)
}

/// Who holds certificates of these numbers: 证件类型 and 证件号码 to the person.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn certificate_holders(tx: &mut dyn Tx, numbers: &[&str]) -> Result<BTreeMap<(String, String), PersonId>, DbError> {
    let mut found = BTreeMap::new();
    for asked in numbers.chunks(ASKED) {
        for row in tx.query(&CERTIFICATES, &padded(asked.iter().copied()))? {
            found.insert((row.get(0)?, row.get(1)?), PersonId(row.get(2)?));
        }
    }
    Ok(found)
}

/// Exactly [`ASKED`] values; those beyond the last name nobody.
pub(crate) fn padded<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Value> {
    texts.map(Value::from).chain(std::iter::repeat_with(|| Value::from(""))).take(ASKED).collect()
}

/// 参保人数.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn count_persons(tx: &mut dyn Tx) -> Result<i64, DbError> {
    tx.query(&COUNT_PERSONS, &[])?.first().map_or(Ok(0), |row| row.get(0))
}

/// 参保情况: everything known of a person, in one statement; `None` when not registered.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn standing(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Option<Standing>, DbError> {
    let mut person = None;
    let (mut coverage, mut identities, mut filings, mut givers) = (vec![], vec![], vec![], vec![]);
    let mut balance = Fen::ZERO;
    for row in &tx.query(&STANDING, &[text(psn_no)])? {
        match row.get::<i64>(0)? {
            1 => person = Some(read_person(psn_no, row)?),
            2 => coverage.push(read_coverage(row)?),
            3 => identities.push(read_identity(row)?),
            4 => filings.push(read_filing(row)?),
            5 => givers.push(read_giver(row)?),
            _ => balance = Fen(row.get(12)?),
        }
    }
    Ok(person.map(|person| Standing { person, coverage, identities, filings, givers, balance }))
}

fn next(tx: &mut dyn Tx, sql: &'static db::Sql, psn_no: &PersonId) -> Result<i64, DbError> {
    tx.query(sql, &[text(psn_no)])?.first().map_or(Ok(1), |row| row.get(0))
}

pub(crate) fn text(value: impl Display) -> Value {
    Value::Text(value.to_string())
}

fn date(day: Option<Date>) -> Value {
    day.map_or(Value::Null, text)
}

fn json(fields: &Fields) -> Value {
    Value::Text(serde_json::to_string(fields).expect("a map of texts is always JSON"))
}

fn employer_row(row: &Employer) -> Vec<Value> {
    vec![text(&row.emp_no), row.emp_name.as_str().into(), text(row.period.begin), date(row.period.end)]
}

fn person_row(person: &Person, at: DateTime) -> Vec<Value> {
    vec![
        text(&person.psn_no),
        person.psn_name.as_str().into(),
        person.psn_cert_type.as_str().into(),
        person.certno.as_str().into(),
        person.gend.as_str().into(),
        person.naty.as_str().into(),
        text(person.brdy),
        person.tel.as_str().into(),
        json(&person.fields),
        show_time(at).into(),
    ]
}

fn coverage_row(psn_no: &PersonId, seq: i64, row: &Coverage) -> Vec<Value> {
    vec![
        text(psn_no),
        seq.into(),
        row.insutype.as_str().into(),
        row.psn_type.as_str().into(),
        row.cvlserv_flag.as_str().into(),
        row.psn_insu_stas.as_str().into(),
        text(row.period.begin),
        date(row.period.end),
        text(&row.insuplc_admdvs),
        row.emp_no.as_ref().map_or(Value::Null, text),
        json(&row.fields),
    ]
}

fn identity_row(psn_no: &PersonId, seq: i64, row: &Identity) -> Vec<Value> {
    vec![
        text(psn_no),
        seq.into(),
        row.psn_idet_type.as_str().into(),
        row.psn_type_lv.as_str().into(),
        row.memo.as_str().into(),
        text(row.period.begin),
        date(row.period.end),
    ]
}

fn filing_row(psn_no: &PersonId, seq: i64, row: &Filing, at: DateTime) -> Vec<Value> {
    vec![
        text(psn_no),
        seq.into(),
        text(&row.filing_id),
        row.kind.as_str().into(),
        text(row.period.begin),
        date(row.period.end),
        row.dise_codg.as_ref().map_or(Value::Null, text),
        row.admdvs.as_ref().map_or(Value::Null, text),
        i64::from(row.cancelled).into(),
        json(&row.fields),
        show_time(at).into(),
    ]
}

fn giver_row(psn_no: &PersonId, seq: i64, row: &Giver) -> Vec<Value> {
    vec![
        text(psn_no),
        seq.into(),
        text(&row.giver),
        text(row.period.begin),
        date(row.period.end),
        row.year_lmt.map(|limit| limit.0).into(),
    ]
}

fn broken(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}

pub(crate) fn read_date(row: &Row, column: usize) -> Result<Date, DbError> {
    parse_date(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a date yyyy-MM-dd"))
}

fn read_period(row: &Row, column: usize) -> Result<Period, DbError> {
    let end = match row.get::<Option<String>>(column + 1)? {
        Some(_) => Some(read_date(row, column + 1)?),
        None => None,
    };
    Ok(Period { begin: read_date(row, column)?, end })
}

fn read_fields(row: &Row, column: usize) -> Result<Fields, DbError> {
    serde_json::from_str(&row.get::<String>(column)?).map_err(|_| broken(row, column, "a JSON object of texts"))
}

fn read_person(psn_no: &PersonId, row: &Row) -> Result<Person, DbError> {
    Ok(Person {
        psn_no: psn_no.clone(),
        psn_name: row.get(2)?,
        psn_cert_type: row.get(3)?,
        certno: row.get(4)?,
        gend: row.get(5)?,
        naty: row.get(6)?,
        brdy: read_date(row, 7)?,
        tel: row.get(8)?,
        fields: read_fields(row, 9)?,
    })
}

pub(crate) fn read_coverage(row: &Row) -> Result<Coverage, DbError> {
    Ok(Coverage {
        insutype: row.get(2)?,
        psn_type: row.get(3)?,
        cvlserv_flag: row.get(4)?,
        psn_insu_stas: row.get(5)?,
        period: read_period(row, 6)?,
        insuplc_admdvs: AreaCode(row.get(8)?),
        emp_no: row.get::<Option<String>>(9)?.map(EmployerId),
        emp_name: row.get(10)?,
        fields: read_fields(row, 11)?,
    })
}

fn read_identity(row: &Row) -> Result<Identity, DbError> {
    Ok(Identity {
        psn_idet_type: row.get(2)?,
        psn_type_lv: row.get(3)?,
        memo: row.get(4)?,
        period: read_period(row, 5)?,
    })
}

fn read_filing(row: &Row) -> Result<Filing, DbError> {
    Ok(Filing {
        filing_id: FilingId(row.get(2)?),
        kind: row.get(3)?,
        period: read_period(row, 4)?,
        dise_codg: row.get::<Option<String>>(6)?.map(DiseaseCode),
        admdvs: row.get::<Option<String>>(7)?.map(AreaCode),
        fields: read_fields(row, 8)?,
        cancelled: row.get::<i64>(12)? != 0,
    })
}

fn read_giver(row: &Row) -> Result<Giver, DbError> {
    Ok(Giver {
        giver: PersonId(row.get(2)?),
        period: read_period(row, 3)?,
        year_lmt: row.get::<Option<i64>>(12)?.map(Fen),
        balc: Fen(row.get::<Option<i64>>(13)?.unwrap_or(0)),
    })
}
