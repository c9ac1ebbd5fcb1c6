//! 查询: what the room answers.

use db::{DbError, Tx};
use terms::{DateTime, Fen, InstitutionId, MessageId, PersonId, SettlementId, VisitId};

use crate::rows::{read_diagnosis, read_line, read_reconciliation, read_settlement, read_time, read_visit, text, time};
use crate::store::*;
use crate::*;

/// 签到记录 by its number.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn signed_in(tx: &mut dyn Tx, sign_no: &str) -> Result<Option<SignIn>, DbError> {
    let rows = tx.query(&SIGNED_IN, &[sign_no.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let sign_out_time = match row.get::<Option<String>>(6)? {
        Some(_) => Some(read_time(row, 6)?),
        None => None,
    };
    Ok(Some(SignIn {
        sign_no: row.get(0)?,
        fixmedins_code: InstitutionId(row.get(1)?),
        opter_no: row.get(2)?,
        mac: row.get(3)?,
        ip: row.get(4)?,
        sign_time: read_time(row, 5)?,
        sign_out_time,
    }))
}

/// 病历: visits, settlements and totals of a person, in one statement.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn history(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<History, DbError> {
    let mut history = History::default();
    for row in &tx.query(&HISTORY, &[text(psn_no)])? {
        match row.get::<i64>(0)? {
            1 => history.visits.push(read_visit(psn_no, row)?),
            2 => history.settlements.push(read_settlement(psn_no, row)?),
            _ => drop(history.totals.insert(row.get(2)?, row.get(1)?)),
        }
    }
    Ok(history)
}

/// 费用明细 of a visit, in order of upload.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn lines(tx: &mut dyn Tx, psn_no: &PersonId, mdtrt_id: &VisitId) -> Result<Vec<Line>, DbError> {
    tx.query(&LINES, &[text(psn_no), text(mdtrt_id)])?.iter().map(read_line).collect()
}

/// 诊断 of a visit, by kind and number; those taken back (有效标志 0) are left out.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn diagnoses(tx: &mut dyn Tx, psn_no: &PersonId, mdtrt_id: &VisitId) -> Result<Vec<Diagnosis>, DbError> {
    let rows = tx.query(&DIAGNOSES, &[text(psn_no), text(mdtrt_id)])?;
    let all = rows.iter().map(read_diagnosis).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|row| row.vali_flag != "0").collect())
}

/// 费用明细 of all visits of a person that arose at or after a time, each with its visit, by visit
/// and in order of upload.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn lines_since(tx: &mut dyn Tx, psn_no: &PersonId, since: DateTime) -> Result<Vec<(VisitId, Line)>, DbError> {
    let rows = tx.query(&LINES_SINCE, &[text(psn_no), time(since)])?;
    rows.iter().map(|row| Ok((VisitId(row.get(17)?), read_line(row)?))).collect()
}

/// 诊断 of all visits of a person, each with its visit; those taken back are left out.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn all_diagnoses(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Vec<(VisitId, Diagnosis)>, DbError> {
    let rows = tx.query(&ALL_DIAGNOSES, &[text(psn_no)])?;
    let all = rows.iter().map(|row| Ok((VisitId(row.get(8)?), read_diagnosis(row)?)));
    all.filter(|row: &Result<(VisitId, Diagnosis), DbError>| row.as_ref().map_or(true, |(_, row)| row.vali_flag != "0"))
        .collect()
}

/// The compressed trace of a settlement.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn trace(tx: &mut dyn Tx, psn_no: &PersonId, setl_id: &SettlementId) -> Result<Option<Vec<u8>>, DbError> {
    tx.query(&TRACE, &[text(psn_no), text(setl_id)])?.first().map(|row| row.get(0)).transpose()
}

/// 在院: stays of an institution that began between two times and are not discharged.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn in_hospital(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    from: DateTime,
    to: DateTime,
) -> Result<Vec<Visit>, DbError> {
    tx.query(&IN_HOSPITAL, &[text(institution), time(from), time(to)])?
        .iter()
        .map(|row| read_visit(&PersonId(row.get(15)?), row))
        .collect()
}

/// 对总账: what an institution's settlements of one clearing type and scheme add up to over
/// settlement time; reversals are rows of their own and count as such.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn sums(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    (from, to): (DateTime, DateTime),
    clr_type: &str,
    insutype: &str,
) -> Result<Sums, DbError> {
    let rows = tx.query(&SUMS, &[text(institution), time(from), time(to), clr_type.into(), insutype.into()])?;
    let Some(row) = rows.first() else { return Ok(Sums::default()) };
    Ok(Sums {
        count: row.get(0)?,
        medfee_sumamt: Fen(row.get(1)?),
        fund_pay_sumamt: Fen(row.get(2)?),
        acct_pay: Fen(row.get(3)?),
        psn_cash_pay: Fen(row.get(4)?),
    })
}

/// 对明细账: an institution's settlements and reversals of one clearing type, or of all when
/// it is empty, by time.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn statement(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    (from, to): (DateTime, DateTime),
    clr_type: &str,
) -> Result<Vec<StatementRow>, DbError> {
    tx.query(&STATEMENT, &[text(institution), time(from), time(to), clr_type.into()])?
        .iter()
        .map(|row| {
            Ok(StatementRow {
                psn_no: PersonId(row.get(0)?),
                mdtrt_id: VisitId(row.get(1)?),
                setl_id: SettlementId(row.get(2)?),
                msgid: MessageId(row.get(3)?),
                refund: row.get::<Option<String>>(4)?.is_some(),
                setl_time: read_time(row, 5)?,
                medfee_sumamt: Fen(row.get(6)?),
                fund_pay_sumamt: Fen(row.get(7)?),
                acct_pay: Fen(row.get(8)?),
                psn_cash_pay: Fen(row.get(9)?),
            })
        })
        .collect()
}

/// 结算合计: an institution's settlements and reversals between two times, by 险种 and 清算类别;
/// of one 清算类别 unless it is empty.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn settled_sums(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    (from, to): (DateTime, DateTime),
    clr_type: &str,
) -> Result<Vec<SettledSums>, DbError> {
    tx.query(&SETTLED_SUMS, &[text(institution), time(from), time(to), clr_type.into()])?
        .iter()
        .map(|row| {
            Ok(SettledSums {
                insutype: row.get(0)?,
                clr_type: row.get(1)?,
                reversals: row.get(2)?,
                sums: Sums {
                    count: row.get(3)?,
                    medfee_sumamt: Fen(row.get(4)?),
                    fund_pay_sumamt: Fen(row.get(5)?),
                    acct_pay: Fen(row.get(6)?),
                    psn_cash_pay: Fen(row.get(7)?),
                },
            })
        })
        .collect()
}

/// An institution's settlements and reversals between two times, by time.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn settled(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    (from, to): (DateTime, DateTime),
) -> Result<Vec<SettledRow>, DbError> {
    tx.query(&SETTLED, &[text(institution), time(from), time(to)])?
        .iter()
        .map(|row| {
            Ok(SettledRow {
                psn_no: PersonId(row.get(0)?),
                setl_id: SettlementId(row.get(1)?),
                reverses: row.get::<Option<String>>(2)?.map(SettlementId),
                insutype: row.get(3)?,
                clr_type: row.get(4)?,
                setl_time: read_time(row, 5)?,
                fund_pay_sumamt: Fen(row.get(6)?),
            })
        })
        .collect()
}

/// Persons with a settlement or reversal between two times, in order of their number, after
/// one of them and at most so many.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn persons_settled(
    tx: &mut dyn Tx,
    after: &PersonId,
    (from, to): (DateTime, DateTime),
    at_most: i64,
) -> Result<Vec<PersonId>, DbError> {
    let rows = tx.query(&PERSONS_SETTLED, &[text(after), time(from), time(to), at_most.into()])?;
    rows.iter().map(|row| Ok(PersonId(row.get(0)?))).collect()
}

/// 交换文件 of an institution by its number.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn file(tx: &mut dyn Tx, institution: &InstitutionId, file_qury_no: &str) -> Result<Option<File>, DbError> {
    let rows = tx.query(&FILE, &[file_qury_no.into(), text(institution)])?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(File {
        file_qury_no: row.get(0)?,
        fixmedins_code: InstitutionId(row.get(1)?),
        filename: row.get(2)?,
        bytes: row.get(3)?,
        kept_until: read_time(row, 4)?,
    }))
}

/// 病案首页 or 医嘱 of an institution by its number.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn document(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    kind: &str,
    number: &str,
) -> Result<Option<Document>, DbError> {
    let rows = tx.query(&DOCUMENT, &[text(institution), kind.into(), number.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Document {
        fixmedins_code: InstitutionId(row.get(0)?),
        kind: row.get(1)?,
        number: row.get(2)?,
        psn_no: PersonId(row.get(3)?),
        mdtrt_id: VisitId(row.get(4)?),
        sent_at: read_time(row, 5)?,
        msgid: MessageId(row.get(6)?),
        content: row.get(7)?,
    }))
}

/// 对账记录 of an institution, or of all when empty; only those that differ, if asked; the latest
/// first, after a place (time and number), at most so many.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn reconciliations(
    tx: &mut dyn Tx,
    institution: &str,
    differing: bool,
    after: Option<(&str, &str)>,
    at_most: i64,
) -> Result<Vec<Reconciliation>, DbError> {
    let (at, id) = after.unwrap_or_default();
    let values = [institution.into(), i64::from(differing).into(), at.into(), id.into(), at_most.into()];
    tx.query(&RECONCILIATIONS, &values)?.iter().map(read_reconciliation).collect()
}
