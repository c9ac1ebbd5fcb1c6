//! 投影: a stretch of the feed becomes rows and sums, in the transaction that moves the cursor.

use std::collections::BTreeMap;

use db::{DbError, Tx, Value};
use operation::feed::{Change, Numbered};
use serde::Deserialize;
use terms::{Fen, InstitutionId, PersonId, SettlementId, VisitId, parse_time, show_time};

use crate::error::OverviewError;
use crate::facts::{AgeBand, Amounts, Row, Standing, Sums, Sundry};
use crate::store::*;

/// 结算变更: a settlement or reversal as the feed tells it. What is not told stays unknown.
#[derive(Debug, Clone, Deserialize)]
struct Told {
    psn_no: String,
    setl_id: String,
    mdtrt_id: String,
    reverses: Option<String>,
    fixmedins_code: String,
    insutype: String,
    med_type: String,
    begntime: String,
    endtime: Option<String>,
    setl_time: String,
    clr_type: String,
    heads: Amounts,
    detail: Vec<Payment>,
    #[serde(default)]
    department: String,
    #[serde(default)]
    psn_type: String,
    age: Option<i64>,
    #[serde(default)]
    insuplc_admdvs: String,
    #[serde(default)]
    mdtrtarea_admvs: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Payment {
    fund_pay_type: String,
    fund_payamt: Fen,
}

/// A change that concerns this room.
struct Settled {
    row: Row,
    detail: Vec<Payment>,
}

fn read(change: &Change) -> Result<Option<Settled>, OverviewError> {
    if change.kind != "settlement" && change.kind != "reversal" {
        return Ok(None);
    }
    let broken = |detail: String| OverviewError::Change { id: change.id.clone(), detail };
    let told: Told = serde_json::from_str(&change.body).map_err(|error| broken(error.to_string()))?;
    let setl_time = parse_time(&told.setl_time).ok_or_else(|| broken(format!("setl_time “{}”", told.setl_time)))?;
    let sundry = Sundry {
        department: told.department,
        insutype: told.insutype,
        clr_type: told.clr_type,
        med_type: told.med_type,
        begntime: told.begntime,
        endtime: told.endtime,
        person_group: told.psn_type,
        age: told.age,
        insured_area: told.insuplc_admdvs,
        visit_area: told.mdtrtarea_admvs,
    };
    let standing = if told.reverses.is_some() { Standing::Reversal } else { Standing::Valid };
    let row = Row {
        setl_id: SettlementId(told.setl_id),
        mdtrt_id: VisitId(told.mdtrt_id),
        psn_no: PersonId(told.psn_no),
        fixmedins_code: InstitutionId(told.fixmedins_code),
        sundry,
        setl_time,
        reverses: told.reverses.map(SettlementId),
        reversed_by: None,
        standing,
        amounts: told.heads,
    };
    Ok(Some(Settled { row, detail: told.detail }))
}

/// Sums that a stretch adds, by the keys of their tables.
#[derive(Default)]
struct Added {
    days: BTreeMap<([String; 6], bool), Sums>,
    burdens: BTreeMap<[String; 6], Sums>,
    funds: BTreeMap<[String; 6], Fen>,
}

impl Added {
    fn add(&mut self, Settled { row, detail }: &Settled) {
        let Sundry { insutype, clr_type, med_type, person_group, age, visit_area, .. } = &row.sundry;
        let day = row.setl_time.date().to_string();
        let reversal = i64::from(row.standing == Standing::Reversal);
        let sums = Sums { settlements: 1 - reversal, reversals: reversal, amounts: row.amounts };
        let institution = row.fixmedins_code.0.as_str();
        let key = |parts: [&str; 6]| parts.map(str::to_owned);
        let of_day = [&day, institution, insutype, clr_type, med_type, visit_area].map(str::to_owned);
        *self.days.entry((of_day, row.sundry.out_of_area())).or_default() += sums;
        let band = AgeBand::of(*age).0;
        *self.burdens.entry(key([&day, institution, insutype, clr_type, person_group, band])).or_default() += sums;
        for payment in detail {
            let fund = key([&day, institution, insutype, clr_type, med_type, &payment.fund_pay_type]);
            *self.funds.entry(fund).or_default() += payment.fund_payamt;
        }
    }

    fn write(&self, tx: &mut dyn Tx) -> Result<(), DbError> {
        let day = |((key, out), sums): (&([String; 6], bool), &Sums)| {
            let mut values: Vec<Value> = key.iter().map(|part| part.as_str().into()).collect();
            values.push(i64::from(*out).into());
            values.extend(of_sums(sums));
            values
        };
        tx.insert_many(&ADD_DAY, &self.days.iter().map(day).collect::<Vec<_>>())?;
        let burden = |(key, sums): (&[String; 6], &Sums)| {
            let key = key.iter().map(|part| part.as_str().into());
            key.chain(of_sums(sums)).collect::<Vec<Value>>()
        };
        tx.insert_many(&ADD_BURDEN, &self.burdens.iter().map(burden).collect::<Vec<_>>())?;
        let fund = |(key, amount): (&[String; 6], &Fen)| {
            let key = key.iter().map(|part| part.as_str().into());
            key.chain([amount.0.into()]).collect::<Vec<Value>>()
        };
        tx.insert_many(&ADD_FUND, &self.funds.iter().map(fund).collect::<Vec<_>>())
    }
}

fn of_sums(sums: &Sums) -> impl Iterator<Item = Value> + use<> {
    let amounts = sums.amounts.all().map(|amount| amount.0);
    [sums.settlements, sums.reversals].into_iter().chain(amounts).map(Value::Int)
}

fn of_row(row: &Row) -> Vec<Value> {
    let told = &row.sundry;
    let id = |id: &Option<SettlementId>| Value::from(id.as_ref().map(|id| id.0.clone()));
    let mut values: Vec<Value> = vec![
        row.setl_id.0.as_str().into(),
        row.mdtrt_id.0.as_str().into(),
        row.psn_no.0.as_str().into(),
        row.fixmedins_code.0.as_str().into(),
        told.department.as_str().into(),
        told.insutype.as_str().into(),
        told.clr_type.as_str().into(),
        told.med_type.as_str().into(),
        told.begntime.as_str().into(),
        told.endtime.clone().into(),
        show_time(row.setl_time).into(),
        id(&row.reverses),
        id(&row.reversed_by),
        row.standing.code().into(),
        told.person_group.as_str().into(),
        AgeBand::of(told.age).0.into(),
        told.age.into(),
        told.insured_area.as_str().into(),
        told.visit_area.as_str().into(),
        i64::from(told.out_of_area()).into(),
    ];
    values.extend(row.amounts.all().map(|amount| Value::Int(amount.0)));
    values
}

/// Writes what a stretch of the feed tells and moves the cursor to its end, or changes nothing
/// when the cursor does not stand where the stretch begins (somebody has read it already).
/// Says whether it was written.
///
/// # Errors
/// [`OverviewError::Change`] when a change cannot be read; then nothing is written.
pub fn project(tx: &mut dyn Tx, stretch: &[Numbered]) -> Result<bool, OverviewError> {
    let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { return Ok(false) };
    let read = stretch.iter().filter_map(|row| read(&row.change).transpose());
    let settled = read.collect::<Result<Vec<_>, OverviewError>>()?;
    if tx.execute(&ADVANCE, &[(first.number - 1).into(), last.number.into()])? == 0 {
        return Ok(false);
    }
    tx.insert_many(&ADD_ROW, &settled.iter().map(|one| of_row(&one.row)).collect::<Vec<_>>())?;
    take_back(tx, &settled)?;
    let mut added = Added::default();
    settled.iter().for_each(|one| added.add(one));
    added.write(tx)?;
    Ok(true)
}

/// Tells each reversed settlement by what it was reversed. A reversal may stand before its
/// settlement in the feed; it then waits.
fn take_back(tx: &mut dyn Tx, settled: &[Settled]) -> Result<(), DbError> {
    for row in tx.query(&EARLY_REVERSALS, &[])? {
        let (reverses, setl_id): (String, String) = (row.get(0)?, row.get(1)?);
        if tx.execute(&TAKE_BACK, &[reverses.as_str().into(), setl_id.into()])? > 0 {
            tx.execute(&FORGET_EARLY, &[reverses.into()])?;
        }
    }
    for one in settled {
        let Some(reverses) = &one.row.reverses else { continue };
        let pair = [reverses.0.as_str().into(), one.row.setl_id.0.as_str().into()];
        if tx.execute(&TAKE_BACK, &pair)? == 0 {
            tx.execute(&ADD_EARLY, &pair)?;
        }
    }
    Ok(())
}

/// Forgets everything and sets the cursor to the feed's beginning: following then makes the
/// projections again.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn forget(tx: &mut dyn Tx) -> Result<(), DbError> {
    for sql in [&FORGET_ROWS, &FORGET_ALL_EARLY, &FORGET_DAYS, &FORGET_FUNDS, &FORGET_BURDENS, &REWIND] {
        tx.execute(sql, &[])?;
    }
    Ok(())
}
