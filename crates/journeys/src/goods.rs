//! 进销存 (3501–3507): what institutions report of their goods, and the rows that supervision reads.

use db::Tx;
use encounter::Stock;
use operation::Operation;
use serde_json::{Map, Value, json};
use stock::{Deletion, MoveKind, Movement, Told, Verdict};
use terms::{DateTime, Exact, InstitutionId};

use crate::{Centre, JourneyError, Own};

/// 删除 of one record, as a row of 3507 asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodsDeletion {
    /// 定点医药机构批次流水号.
    pub batch: String,
    /// 进销存数据类型.
    pub inv_data_type: String,
}

impl Centre {
    /// 3501–3506: records what an institution reports of its own goods. A record that is known word for
    /// word is passed over. What is told refuses nothing.
    ///
    /// # Errors
    /// [`Own::Stock`] names row and field; then nothing of the message is recorded.
    pub fn record_goods(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        movements: &[Movement],
    ) -> Result<Vec<Told>, JourneyError> {
        let knows = |code: &str| !adjudication::facts::Items::rows(&*self.catalogue, code).is_empty();
        // Where the gateway holds messages to its clock, the message's own time is near it; where it does
        // not (a suite, a synthetic city), goods move in the message's time.
        let now = operation.received_at.max(operation.message_time);
        for (row, movement) in (1..).zip(movements) {
            stock::check(row, movement, now, knows).map_err(Own::Stock)?;
        }
        let (new, told) = match stock::record(tx, movements, &operation.msgid.0, operation.received_at)? {
            Verdict::Recorded { new, told } => (new, told),
            Verdict::Refused(refusal) => return Err(Own::Stock(refusal).into()),
        };
        if !new.is_empty() {
            self.tell_of_goods(tx, operation, "stock", &new)?;
        }
        Ok(told)
    }

    /// 3507: takes records back; what they were is kept apart.
    ///
    /// # Errors
    /// [`Own::Stock`] when a row names nothing that stands; then nothing is taken back.
    pub fn delete_goods(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        asked: &[GoodsDeletion],
    ) -> Result<(), JourneyError> {
        // Decided before anything is recorded: each row must find its record, and a record is taken once.
        for (row, one) in (1..).zip(asked) {
            let earlier = asked[..row - 1].contains(one);
            let found = match MoveKind::of_data_type(&one.inv_data_type) {
                Some(kinds) if !earlier => self.finds_goods(tx, operation, &one.batch, kinds)?,
                _ => false,
            };
            if !found {
                return Err(Own::Stock(refused(row, one)).into());
            }
        }
        let mut gone = Vec::new();
        for (row, one) in (1..).zip(asked) {
            let deletion = Deletion {
                row,
                institution: &operation.institution,
                batch: &one.batch,
                inv_data_type: &one.inv_data_type,
                msgid: &operation.msgid.0,
                by: &operation.operator,
                at: operation.received_at,
            };
            gone.extend(stock::delete(tx, &deletion)?.map_err(Own::Stock)?);
        }
        self.tell_of_goods(tx, operation, "stock_deleted", &gone)
    }

    fn finds_goods(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        batch: &str,
        kinds: &[MoveKind],
    ) -> Result<bool, JourneyError> {
        for kind in kinds {
            if stock::find(tx, &operation.institution, batch, *kind)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The change feed's row: one a message.
    fn tell_of_goods(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        kind: &str,
        movements: &[Movement],
    ) -> Result<(), JourneyError> {
        let rows: Vec<Value> = movements.iter().map(|movement| told_row(&self.stock_row(movement))).collect();
        let subject = format!("{}/{}", operation.institution, operation.msgid);
        let told = json!({ "infno": operation.infno, "fixmedins_code": operation.institution, "stock": rows });
        Ok(operation::feed::append(tx, &[self.changed_of_institution(operation, kind, &subject, &told)])?)
    }

    /// 进销存 from `from` (included) to `to`, of one institution or all, as supervision reads it.
    ///
    /// # Errors
    /// [`JourneyError::Db`] when storage fails.
    pub fn stock_rows(
        &self,
        tx: &mut dyn Tx,
        institution: Option<&InstitutionId>,
        from: DateTime,
        to: DateTime,
    ) -> Result<Vec<Stock>, JourneyError> {
        let movements = stock::movements(tx, institution, from, to)?;
        Ok(movements.iter().map(|movement| self.stock_row(movement)).collect())
    }

    /// A movement under its national names. What the catalogue says of the article on that day is
    /// taken from it; the visit stays unknown, for the messages name the institution's own number.
    fn stock_row(&self, movement: &Movement) -> Stock {
        let item = self.catalogue.on(&movement.med_list_codg, movement.at.date());
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let cnt = match (movement.kind, movement.effect()) {
            (MoveKind::Changed, Some(effect)) => Exact::from_scaled(effect, 4),
            _ => movement.cnt.into(),
        };
        Stock {
            fixmedins_code: Some(movement.institution.0.clone()),
            fixmedins_bchno: Some(movement.batch.clone()),
            med_list_codg: Some(movement.med_list_codg.clone()),
            med_list_name: item.map(|item| item.name.clone()).or_else(|| known(&movement.hilist_name)),
            list_type: item.and_then(|item| item.fields.get("list_type")).and_then(|text| known(text)),
            move_kind: Some(movement.kind.word().to_owned()),
            moved_at: Some(movement.at),
            cnt: Some(cnt),
            psn_no: known(&movement.psn_no),
            mdtrt_id: None,
            drug_trac_codg: (!movement.traces.is_empty()).then(|| movement.traces.clone()),
        }
    }
}

fn refused(row: usize, asked: &GoodsDeletion) -> stock::Refusal {
    match MoveKind::of_data_type(&asked.inv_data_type) {
        None => stock::Refusal::DataType { row, code: asked.inv_data_type.clone() },
        Some(kinds) => {
            let terms: Vec<&str> = kinds.iter().map(|kind| kind.term()).collect();
            stock::Refusal::Unknown { row, batch: asked.batch.clone(), data_type: terms.join("、") }
        }
    }
}

/// A row as JSON, by field; what is unknown is left out.
fn told_row(row: &Stock) -> Value {
    let fields = Stock::FIELDS.iter();
    let known = fields.filter_map(|field| Some((field.name.to_owned(), row.value(field.name)?.to_string().into())));
    Value::Object(known.collect::<Map<String, Value>>())
}
