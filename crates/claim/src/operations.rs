//! 办理: what the room records, each inside the caller's transaction.

use std::collections::BTreeMap;

use db::{DbError, Tx, Value};
use terms::{DateTime, PersonId, VisitId};

use crate::rows::{changed_visit_row, diagnosis_row, line_row, settlement_row, text, time, visit_row};
use crate::store::*;
use crate::*;

/// 签到.
///
/// # Errors
/// [`DbError::Duplicate`] when the sign-in number is taken.
pub fn sign_in(tx: &mut dyn Tx, sign: &SignIn) -> Result<(), DbError> {
    let params = [
        sign.sign_no.as_str().into(),
        text(&sign.fixmedins_code),
        sign.opter_no.as_str().into(),
        sign.mac.as_str().into(),
        sign.ip.as_str().into(),
        time(sign.sign_time),
    ];
    tx.execute(&SIGN_IN, &params).map(drop)
}

/// 签退; `false` when there is no such open sign-in.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn sign_out(tx: &mut dyn Tx, sign_no: &str, at: DateTime) -> Result<bool, DbError> {
    tx.execute(&SIGN_OUT, &[sign_no.into(), time(at)]).map(|rows| rows > 0)
}

/// Records a shell, or a visit that begins at once.
///
/// # Errors
/// [`DbError::Duplicate`] when the visit's number is taken.
pub fn add_visit(tx: &mut dyn Tx, visit: &Visit) -> Result<(), DbError> {
    tx.insert_many(&ADD_VISIT, &[visit_row(visit)])
}

/// Rewrites what may change of a visit: everything but its person, number, form,
/// institution and message.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn change_visit(tx: &mut dyn Tx, visit: &Visit) -> Result<(), DbError> {
    tx.execute(&CHANGE_VISIT, &changed_visit_row(visit)).map(drop)
}

/// Writes diagnoses; one sent again under its number replaces the former, and of two in
/// one call under one number the later stands.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn put_diagnoses(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    mdtrt_id: &VisitId,
    diagnoses: &[Diagnosis],
) -> Result<(), DbError> {
    let last: BTreeMap<_, _> =
        diagnoses.iter().map(|row| ((row.inout_diag_type.as_str(), row.diag_srt_no), row)).collect();
    let rows: Vec<_> = last.into_values().map(|row| diagnosis_row(psn_no, mdtrt_id, row)).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&PUT_DIAGNOSIS, &rows) }
}

/// Removes the diagnoses of one kind (those of a discharge that is undone).
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn remove_diagnoses(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    mdtrt_id: &VisitId,
    inout_diag_type: &str,
) -> Result<(), DbError> {
    tx.execute(&REMOVE_DIAGNOSES, &[text(psn_no), text(mdtrt_id), inout_diag_type.into()]).map(drop)
}

/// Appends lines to a visit that has `already` of them: one multi-row insert.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn add_lines(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    mdtrt_id: &VisitId,
    already: usize,
    lines: &[Line],
) -> Result<(), DbError> {
    let first = i64::try_from(already).unwrap_or(i64::MAX) + 1;
    let rows: Vec<_> = (first..).zip(lines).map(|(seq, line)| line_row(psn_no, mdtrt_id, seq, line)).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_LINE, &rows) }
}

/// Replaces all lines of a visit by those that remain after some were cancelled.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn replace_lines(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    mdtrt_id: &VisitId,
    remaining: &[Line],
) -> Result<(), DbError> {
    tx.execute(&REMOVE_LINES, &[text(psn_no), text(mdtrt_id)])?;
    add_lines(tx, psn_no, mdtrt_id, 0, remaining)
}

/// Records a settlement or a reversal with its compressed trace (empty for a reversal).
/// `nth` counts the settlements of the visit from 1; a reversal does not use it.
///
/// # Errors
/// [`DbError::Duplicate`] when the visit's n-th settlement, or the reversal, already exists.
pub fn record(tx: &mut dyn Tx, row: &Settlement, nth: usize, trace: Vec<u8>) -> Result<(), DbError> {
    let slot = match &row.reverses {
        Some(setl_id) => format!("reversal/{setl_id}"),
        None => format!("visit/{}/{nth}", row.mdtrt_id),
    };
    tx.insert_many(&ADD_SETTLEMENT, &[settlement_row(row, slot, trace)])
}

/// 累计: adds to a person's totals with one multi-row statement; negative takes away.
/// Additions to one name are summed first, and those of nothing are left out.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn add_to_totals(tx: &mut dyn Tx, psn_no: &PersonId, adds: &[(String, i64)]) -> Result<(), DbError> {
    let mut merged: BTreeMap<&str, i64> = BTreeMap::new();
    for (name, amount) in adds {
        *merged.entry(name).or_default() += amount;
    }
    let rows: Vec<Vec<Value>> = merged
        .into_iter()
        .filter(|(_, amount)| *amount != 0)
        .map(|(name, amount)| vec![text(psn_no), name.into(), amount.into()])
        .collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_TO_TOTAL, &rows) }
}

/// 累计 of many persons as they stand when a region begins, in one batch. A batch names an
/// accumulator of a person at most once.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn open_totals(tx: &mut dyn Tx, totals: &[(PersonId, String, i64)]) -> Result<(), DbError> {
    let standing = totals.iter().filter(|(_, _, amount)| *amount != 0);
    let rows: Vec<Vec<Value>> =
        standing.map(|(psn_no, name, amount)| vec![text(psn_no), name.as_str().into(), (*amount).into()]).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_TO_TOTAL, &rows) }
}

/// 累计合计: the sum over all persons of one accumulator, in its own unit.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn totals_of(tx: &mut dyn Tx, accumulator: &str) -> Result<i64, DbError> {
    tx.query(&TOTALS_OF, &[accumulator.into()])?.first().map_or(Ok(0), |row| row.get(0))
}

/// Keeps a file that an institution sent, or that was made for it.
///
/// # Errors
/// [`DbError::Duplicate`] when the file's number is taken.
pub fn put_file(tx: &mut dyn Tx, file: &File) -> Result<(), DbError> {
    let params = [
        file.file_qury_no.as_str().into(),
        text(&file.fixmedins_code),
        file.filename.as_str().into(),
        file.bytes.clone().into(),
        time(file.kept_until),
    ];
    tx.execute(&PUT_FILE, &params).map(drop)
}

/// 对账记录: what a reconciliation came to.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn note_reconciliation(tx: &mut dyn Tx, row: &Reconciliation) -> Result<(), DbError> {
    let differences = serde_json::to_string(&row.differences).expect("a list of texts is always JSON");
    let params = [
        row.reconciliation_id.as_str().into(),
        text(&row.fixmedins_code),
        row.infno.as_str().into(),
        text(row.begndate),
        text(row.enddate),
        row.clr_type.as_str().into(),
        row.insutype.as_str().into(),
        i64::from(row.differences.is_empty()).into(),
        differences.into(),
        time(row.made_at),
    ];
    tx.execute(&NOTE_RECONCILIATION, &params).map(drop)
}

/// 病案首页 or 医嘱: kept as sent; of several in one call under one number the last stands.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn put_documents(tx: &mut dyn Tx, documents: &[Document]) -> Result<(), DbError> {
    let last: BTreeMap<_, _> = documents
        .iter()
        .map(|row| ((row.fixmedins_code.as_str(), row.kind.as_str(), row.number.as_str()), row))
        .collect();
    let rows: Vec<Vec<Value>> = last
        .into_values()
        .map(|row| {
            vec![
                text(&row.fixmedins_code),
                row.kind.as_str().into(),
                row.number.as_str().into(),
                text(&row.psn_no),
                text(&row.mdtrt_id),
                time(row.sent_at),
                text(&row.msgid),
                row.content.clone().into(),
            ]
        })
        .collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&PUT_DOCUMENT, &rows) }
}
