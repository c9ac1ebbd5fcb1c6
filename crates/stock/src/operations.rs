//! 登记与删除: what a message does to the register.

use std::collections::{BTreeMap, BTreeSet};

use crate::queries::{self, known_stock, sales_of};
use crate::store::{self, key_values, movement_values};
use crate::{Known, MoveKind, Movement, Refusal};
use db::{DbError, Tx, Value};
use terms::{DateTime, InstitutionId, Quantity, show_time};

/// 提示: what is told beside a success. Nothing is refused for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// 销售超过账面库存.
    MoreThanKnown {
        /// Row, from 1: the first of the article.
        row: usize,
        /// 医疗目录编码.
        med_list_codg: String,
        /// What is sold.
        sold: Quantity,
        /// What should be there.
        known: Known,
    },
    /// 追溯码已售出.
    TraceSold {
        /// Row, from 1.
        row: usize,
        /// 药品追溯码.
        code: String,
        /// Where it was sold before.
        seen: TraceSeen,
    },
}

/// Where a trace code was sold before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceSeen {
    /// By this institution.
    Here,
    /// By another, which is not named to this one.
    Elsewhere,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Told::MoreThanKnown { row, med_list_codg, sold, known } => {
                let base = known.counted_on.map_or("未上传过盘存".to_owned(), |day| format!("据 {day} 盘存推算"));
                write!(
                    f,
                    "第 {row} 行 {med_list_codg} 销售 {sold}，超过账面库存 {}（{base}）：已登记，请核对采购、盘存与变更是否已上传",
                    known.cnt
                )
            }
            Told::TraceSold { row, code, seen } => {
                let place = if *seen == TraceSeen::Here { "本机构" } else { "其他机构" };
                write!(f, "第 {row} 行追溯码 {code} 此前已由{place}售出且无退货：已登记，请核对")
            }
        }
    }
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Recorded.
    Recorded {
        /// Records that are new; the others were known word for word.
        new: Vec<Movement>,
        /// What is told.
        told: Vec<Told>,
    },
    /// Refused; nothing was recorded.
    Refused(Refusal),
}

/// 登记: records movements of one message that were checked before ([`crate::check`]). A record that is
/// known word for word is passed over; one that is known otherwise is refused, and with it the message.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn record(tx: &mut dyn Tx, movements: &[Movement], msgid: &str, received_at: DateTime) -> Result<Verdict, DbError> {
    let mut new: Vec<(usize, Movement)> = Vec::new();
    for (row, movement) in (1..).zip(movements) {
        let movement = sorted(movement.clone());
        let known = match new.iter().find(|(_, other)| same_key(other, &movement)) {
            Some((_, other)) => Some(other.clone()),
            None => queries::find(tx, &movement.institution, &movement.batch, movement.kind)?,
        };
        match known {
            None => new.push((row, movement)),
            Some(known) if says_the_same(&known, &movement) => {}
            Some(_) => {
                let (batch, kind) = (movement.batch, movement.kind.term());
                return Ok(Verdict::Refused(Refusal::Different { row, batch, kind }));
            }
        }
    }
    let mut told = tell_of_traces(tx, &new)?;
    let recorded_at = show_time(received_at);
    let rows: Vec<_> = new.iter().map(|(_, row)| movement_values(row, msgid, &recorded_at)).collect();
    if !rows.is_empty() {
        tx.insert_many(&store::ADD, &rows)?;
    }
    let traces: Vec<Vec<Value>> = new.iter().flat_map(|(_, row)| trace_values(row)).collect();
    if !traces.is_empty() {
        tx.insert_many(&store::ADD_TRACE, &traces)?;
    }
    told.extend(tell_of_stock(tx, &new)?);
    Ok(Verdict::Recorded { new: new.into_iter().map(|(_, row)| row).collect(), told })
}

fn same_key(one: &Movement, other: &Movement) -> bool {
    (&one.institution, &one.batch, one.kind) == (&other.institution, &other.batch, other.kind)
}

/// A count is of a day: the moment in it is when it was first reported.
fn says_the_same(known: &Movement, movement: &Movement) -> bool {
    let same_day = known.kind == MoveKind::Counted && known.at.date() == movement.at.date();
    if same_day { *known == Movement { at: known.at, ..movement.clone() } } else { known == movement }
}

/// Trace codes are a set; they are kept in their order.
fn sorted(mut movement: Movement) -> Movement {
    movement.traces.sort_unstable();
    movement
}

fn trace_values(row: &Movement) -> impl Iterator<Item = Vec<Value>> + '_ {
    row.traces.iter().map(|code| {
        let [institution, batch, kind] = key_values(&row.institution, &row.batch, row.kind);
        vec![code.as_str().into(), institution, batch, kind, show_time(row.at).into()]
    })
}

fn sales(new: &[(usize, Movement)]) -> impl Iterator<Item = &(usize, Movement)> {
    new.iter().filter(|(_, row)| row.kind == MoveKind::Sold)
}

/// Trace codes of packs that were sold already; asked before the sales are recorded.
fn tell_of_traces(tx: &mut dyn Tx, new: &[(usize, Movement)]) -> Result<Vec<Told>, DbError> {
    let mut told = Vec::new();
    let mut sold_now: BTreeSet<&str> = BTreeSet::new();
    for (row, sale) in sales(new).filter(|(_, sale)| !sale.split) {
        for code in &sale.traces {
            let again = !sold_now.insert(code);
            let seen = if again { Some(TraceSeen::Here) } else { sold_before(tx, code, &sale.institution)? };
            told.extend(seen.map(|seen| Told::TraceSold { row: *row, code: code.clone(), seen }));
        }
    }
    Ok(told)
}

/// Articles of which more is sold than there should be; asked after the sales are recorded.
fn tell_of_stock(tx: &mut dyn Tx, new: &[(usize, Movement)]) -> Result<Vec<Told>, DbError> {
    let mut articles: BTreeMap<(&InstitutionId, &str), (usize, i64, DateTime)> = BTreeMap::new();
    for (row, sale) in sales(new) {
        let article = (&sale.institution, sale.med_list_codg.as_str());
        let (_, sold, last) = articles.entry(article).or_insert((*row, 0, sale.at));
        *sold += sale.cnt.0;
        *last = sale.at.max(*last);
    }
    let mut told = Vec::new();
    for ((institution, code), (row, sold, last)) in articles {
        let just_after = last.saturating_add(std::time::Duration::from_secs(1));
        let left = known_stock(tx, institution, code, just_after)?;
        if left.cnt.0 < 0 {
            let known = Known { cnt: Quantity(left.cnt.0 + sold), ..left };
            told.push(Told::MoreThanKnown { row, med_list_codg: code.to_owned(), sold: Quantity(sold), known });
        }
    }
    Ok(told)
}

/// Whether a code was sold more often than it came back.
fn sold_before(tx: &mut dyn Tx, code: &str, institution: &InstitutionId) -> Result<Option<TraceSeen>, DbError> {
    let moves = sales_of(tx, code)?;
    let whole = moves.iter().filter(|row| !row.split);
    let open: i64 = whole.map(|row| if row.kind == MoveKind::Sold { 1 } else { -1 }).sum();
    if open < 1 {
        return Ok(None);
    }
    let last = moves.iter().rev().find(|row| row.kind == MoveKind::Sold);
    let here = last.is_some_and(|sale| sale.institution == *institution);
    Ok(Some(if here { TraceSeen::Here } else { TraceSeen::Elsewhere }))
}

/// 删除 (3507): which record an institution takes back, who and when.
#[derive(Debug, Clone)]
pub struct Deletion<'a> {
    /// Row, from 1.
    pub row: usize,
    /// 定点医药机构编号.
    pub institution: &'a InstitutionId,
    /// 批次流水号.
    pub batch: &'a str,
    /// 进销存数据类型.
    pub inv_data_type: &'a str,
    /// The message.
    pub msgid: &'a str,
    /// 经办人.
    pub by: &'a str,
    /// When it was received.
    pub at: DateTime,
}

/// 删除: takes records back; what they were is kept apart.
///
/// # Errors
/// The outer: [`DbError`] when storage fails. The inner: [`Refusal::DataType`], [`Refusal::Unknown`].
pub fn delete(tx: &mut dyn Tx, asked: &Deletion<'_>) -> Result<Result<Vec<Movement>, Refusal>, DbError> {
    let Deletion { row, institution, batch, inv_data_type, msgid, by, at } = *asked;
    let Some(kinds) = MoveKind::of_data_type(inv_data_type) else {
        return Ok(Err(Refusal::DataType { row, code: inv_data_type.to_owned() }));
    };
    let mut gone = Vec::new();
    for kind in kinds {
        gone.extend(queries::find(tx, institution, batch, *kind)?);
    }
    if gone.is_empty() {
        let terms: Vec<&str> = kinds.iter().map(|kind| kind.term()).collect();
        return Ok(Err(Refusal::Unknown { row, batch: batch.to_owned(), data_type: terms.join("、") }));
    }
    for movement in &gone {
        let key = key_values(institution, batch, movement.kind);
        tx.execute(&store::REMOVE_TRACES, &key)?;
        tx.execute(&store::REMOVE, &key)?;
        let body = serde_json::to_string(movement).expect("a movement is always JSON");
        let [institution, batch, kind] = key;
        tx.execute(
            &store::ADD_DELETED,
            &[institution, batch, kind, show_time(at).into(), msgid.into(), by.into(), body.into()],
        )?;
    }
    Ok(Ok(gone))
}
