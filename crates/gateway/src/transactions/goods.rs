//! 进销存: what 3501 to 3506 share: a row read as a movement, and the answer.

use super::prelude::*;
use stock::{MoveKind, Movement};
use terms::{DateTime, UnitPrice};

/// Fields that a movement has a place for, and names and certificates of persons, which are not kept.
const NOT_PARTICULARS: &[&str] = &[
    "med_list_codg",
    "fixmedins_hilist_id",
    "fixmedins_hilist_name",
    "fixmedins_bchno",
    "invdate",
    "inv_cnt",
    "inv_chg_type",
    "inv_chg_time",
    "pric",
    "finl_trns_pric",
    "cnt",
    "purc_retn_cnt",
    "purc_retn_stoin_time",
    "sel_retn_cnt",
    "sel_retn_time",
    "psn_no",
    "setl_id",
    "mdtrt_sn",
    "trdn_flag",
    "drug_trac_codg",
    "psn_cert_type",
    "certno",
    "psn_name",
    "prsc_dr_cert_type",
    "prsc_dr_certno",
    "phar_cert_type",
    "phar_certno",
];

/// Records the rows of `node` as movements of one kind. What is told travels beside the success.
pub fn handle(desk: &Desk, request: &Request<'_>, node: &str, kind: MoveKind) -> Result<Answer, Declined> {
    let message = request.message;
    let movements = message.rows(node).iter().map(|row| movement(message, row, kind));
    let movements = movements.collect::<Result<Vec<_>, Refused>>()?;
    desk.record(request, move |centre, tx, operation, reply| {
        let told = centre.record_goods(tx, operation, &movements)?;
        if !told.is_empty() {
            let lines: Vec<String> = told.iter().map(ToString::to_string).collect();
            reply.warning = Some(lines.join("；"));
        }
        Ok(movements[0].batch.clone())
    })
}

fn movement(message: &Message, row: &Row, kind: MoveKind) -> Result<Movement, Refused> {
    let text = |field: &str| row.given_if_any(field).unwrap_or_default().to_owned();
    let price: Option<UnitPrice> =
        if row.given_if_any("pric").is_some() { Some(row.unit_price("pric")) } else { price_of_deal(row) };
    let particulars = row.all_given().filter(|(name, _)| !NOT_PARTICULARS.contains(name));
    Ok(Movement {
        institution: message.envelope.institution.clone(),
        batch: row.need("fixmedins_bchno")?.to_owned(),
        kind,
        med_list_codg: row.need("med_list_codg")?.to_owned(),
        hilist_id: text("fixmedins_hilist_id"),
        hilist_name: text("fixmedins_hilist_name"),
        at: time(message, row, kind)?,
        cnt: row.quantity(kind.count_field()),
        change_type: text("inv_chg_type"),
        price,
        psn_no: text("psn_no"),
        setl_id: text("setl_id"),
        mdtrt_sn: text("mdtrt_sn"),
        split: text("trdn_flag") == "1",
        traces: traces(message, row),
        particulars: particulars.map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
    })
}

fn price_of_deal(row: &Row) -> Option<UnitPrice> {
    row.given_if_any("finl_trns_pric").map(|_| row.unit_price("finl_trns_pric"))
}

/// A count is of a day: taken when the day is over, or when it was reported, if that was earlier.
fn time(message: &Message, row: &Row, kind: MoveKind) -> Result<DateTime, Refused> {
    let field = kind.time_field();
    if kind != MoveKind::Counted {
        return row.time(field);
    }
    let (day, sent) = (row.date(field)?, message.envelope.sent_at);
    Ok(if sent.date() == day { sent } else { day.at(23, 59, 59, 0) })
}

/// 追溯码: in the node of their own, and one in the row itself from older clients.
fn traces(message: &Message, row: &Row) -> Vec<String> {
    let has_node = message.interface().input.iter().any(|node| node.name == "drugtracinfo");
    let nested = has_node.then(|| message.rows_within("drugtracinfo", row)).into_iter().flatten();
    let mut codes: Vec<String> =
        nested.filter_map(|inner| inner.given("drug_trac_codg")).map(ToOwned::to_owned).collect();
    if let Some(own) = row.given_if_any("drug_trac_codg").filter(|own| !codes.iter().any(|code| code == own)) {
        codes.push(own.to_owned());
    }
    codes
}
