//! 查询: what should be on the shelf, and which trace codes were sold more than once.

use crate::facts::{comes_in, effect};
use crate::store::{self, key_values, movement_of, time_of, wrong};
use crate::{Balance, CountDifference, Known, MoveKind, Movement, Reuse};
use db::{DbError, Row, Tx};
use std::collections::HashMap;
use terms::{Date, DateTime, InstitutionId, Quantity, show_time};

/// A record as it stands, with its trace codes.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn find(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    batch: &str,
    kind: MoveKind,
) -> Result<Option<Movement>, DbError> {
    let rows = tx.query(&store::FIND, &key_values(institution, batch, kind))?;
    rows.first().map(movement_of).transpose()?.map(|movement| with_traces(tx, movement)).transpose()
}

fn with_traces(tx: &mut dyn Tx, mut movement: Movement) -> Result<Movement, DbError> {
    let key = key_values(&movement.institution, &movement.batch, movement.kind);
    movement.traces = tx.query(&store::TRACES_OF, &key)?.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    Ok(movement)
}

/// 进销存记录 from `from` (included) to `to`, of one institution or all, with trace codes; without
/// changes that a purchase of the same batch number says already.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn movements(
    tx: &mut dyn Tx,
    institution: Option<&InstitutionId>,
    from: DateTime,
    to: DateTime,
) -> Result<Vec<Movement>, DbError> {
    let times = [show_time(from).into(), show_time(to).into()];
    let rows = match institution {
        Some(institution) => {
            let [from, to] = times.clone();
            tx.query(&store::BETWEEN_OF, &[from, to, institution.as_str().into()])?
        }
        None => tx.query(&store::BETWEEN, &times)?,
    };
    let mut traces: HashMap<(String, String, i64), Vec<String>> = HashMap::new();
    for row in tx.query(&store::TRACES_BETWEEN, &times)? {
        traces.entry((row.get(0)?, row.get(1)?, row.get(2)?)).or_default().push(row.get(3)?);
    }
    let whole = |row: &Row| {
        let mut movement = movement_of(row)?;
        let key = (movement.institution.0.clone(), movement.batch.clone(), movement.kind.number());
        movement.traces = traces.remove(&key).unwrap_or_default();
        Ok(movement)
    };
    rows.iter().map(whole).collect()
}

/// What was taken back under a batch number (3507), oldest first.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn deleted(tx: &mut dyn Tx, institution: &InstitutionId, batch: &str) -> Result<Vec<Movement>, DbError> {
    let rows = tx.query(&store::DELETED, &[institution.as_str().into(), batch.into()])?;
    let read = |row: &Row| {
        serde_json::from_str(&row.get::<String>(0)?).map_err(|_| wrong(row, 0, "a movement as it was recorded"))
    };
    rows.iter().map(read).collect()
}

/// 库存 that should be there just before `at`: the last count and what moved after it.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn known_stock(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    med_list_codg: &str,
    at: DateTime,
) -> Result<Known, DbError> {
    let params = [institution.as_str().into(), med_list_codg.into(), show_time(at).into()];
    let (since, counted, counted_on) = match tx.query(&store::LAST_COUNT, &params)?.first() {
        Some(row) => {
            let time = time_of(row, 0)?;
            (show_time(time), row.get::<i64>(1)?, Some(time.date()))
        }
        None => (String::new(), 0, None),
    };
    let sums = sums(tx, institution, med_list_codg, since, show_time(at))?;
    let moved: i64 = sums.iter().filter_map(|sum| effect(sum.kind, &sum.change_type, sum.cnt)).sum();
    Ok(Known { cnt: Quantity(counted + moved), counted_on })
}

struct Sum {
    kind: MoveKind,
    change_type: String,
    split: bool,
    cnt: i64,
}

/// Sums of what moved after `after` and before `to`.
fn sums(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    med_list_codg: &str,
    after: String,
    to: String,
) -> Result<Vec<Sum>, DbError> {
    let rows = tx.query(&store::SUMS, &[institution.as_str().into(), med_list_codg.into(), after.into(), to.into()])?;
    let read = |row: &Row| {
        Ok(Sum {
            kind: MoveKind::of_number(row.get(0)?).ok_or_else(|| wrong(row, 0, "1 to 6"))?,
            change_type: row.get(1)?,
            split: row.get::<i64>(2)? == 1,
            cnt: row.get(3)?,
        })
    };
    rows.iter().map(read).collect()
}

/// 进销存平衡 of an article of an institution from the first to the last day, both included.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn balance(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    med_list_codg: &str,
    (first, last): (Date, Date),
) -> Result<Balance, DbError> {
    let from = first.at(0, 0, 0, 0);
    let to = last.tomorrow().unwrap_or(Date::MAX).at(0, 0, 0, 0);
    let mut balance = Balance { opening: known_stock(tx, institution, med_list_codg, from)?, ..Balance::default() };
    // `SUMS` begins after its first time; a second before midnight nothing of this day moved.
    let before = first.yesterday().unwrap_or(Date::MIN).at(23, 59, 59, 0);
    for sum in sums(tx, institution, med_list_codg, show_time(before), show_time(to))? {
        let of_kind = match sum.kind {
            MoveKind::Counted => continue,
            MoveKind::Bought => &mut balance.bought,
            MoveKind::BoughtBack => &mut balance.bought_back,
            MoveKind::Sold => &mut balance.sold,
            MoveKind::SoldBack => &mut balance.sold_back,
            MoveKind::Changed if comes_in(&sum.change_type) == Some(true) => &mut balance.changed_in,
            MoveKind::Changed => &mut balance.changed_out,
        };
        of_kind.0 += sum.cnt;
        if sum.kind == MoveKind::Sold && sum.split {
            balance.sold_split.0 += sum.cnt;
        }
    }
    let params = [institution.as_str().into(), med_list_codg.into(), show_time(from).into(), show_time(to).into()];
    for row in tx.query(&store::COUNTS, &params)? {
        let time = time_of(&row, 0)?;
        let before = known_stock(tx, institution, med_list_codg, time)?;
        let expected = before.counted_on.map(|_| before.cnt);
        balance.counts.push(CountDifference { day: time.date(), counted: Quantity(row.get(1)?), expected });
    }
    balance.closing = known_stock(tx, institution, med_list_codg, to)?;
    Ok(balance)
}

/// 追溯码重复: codes sold from `from` (included) to `to` that were by then sold more often than they
/// came back, anywhere and whenever. Parts of packs (拆零) do not count: a code may serve several.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn reused(tx: &mut dyn Tx, from: DateTime, to: DateTime) -> Result<Vec<Reuse>, DbError> {
    let codes = tx.query(&store::REUSED, &[show_time(from).into(), show_time(to).into()])?;
    let codes = codes.iter().map(|row| row.get(0)).collect::<Result<Vec<String>, _>>()?;
    codes.into_iter().map(|code| Ok(Reuse { moves: sales_of(tx, &code)?, code })).collect()
}

/// Sales and returns of a trace code, oldest first; without their other codes.
pub(crate) fn sales_of(tx: &mut dyn Tx, code: &str) -> Result<Vec<Movement>, DbError> {
    tx.query(&store::OF_TRACE, &[code.into()])?.iter().map(movement_of).collect()
}
