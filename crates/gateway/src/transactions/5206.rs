//! 5206 人员累计信息查询. What a total is kept for besides scheme and year (a disease, a giver,
//! a filing) has no standard field; a region may add `cum_obj`.

use super::prelude::*;
use terms::Fen;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let psn_no = readings::person(data)?;
    let month = data.given("cum_ym").map(str::to_owned);
    let year = month.as_deref().and_then(|month| month.get(..4)).map(str::to_owned);
    let (law, standing, totals) = desk.ask(move |centre, tx| {
        let totals = journeys::accumulated(tx, &psn_no, year.as_deref())?;
        Ok((std::sync::Arc::clone(&centre.law), journeys::person(tx, &psn_no)?, totals))
    })?;
    let this_year = request.message.envelope.sent_at.year().to_string();
    let mut reply = request.message.reply();
    for total in totals {
        let is_year = total.period.len() == 4 && total.period.bytes().all(|byte| byte.is_ascii_digit());
        let mut objects = total.key.clone();
        if !is_year && !total.period.is_empty() {
            objects.push(total.period.clone());
        }
        let of_scheme = objects.iter().position(|part| standing.coverage.iter().any(|row| row.insutype == *part));
        let scheme = of_scheme.map(|at| objects.remove(at));
        let scheme = scheme.or_else(|| standing.coverage.first().map(|row| row.insutype.clone())).unwrap_or_default();
        let year = if is_year { total.period } else { this_year.clone() };
        let in_yuan = law.accumulators.iter().any(|known| known.id == total.name && known.kind == policy::Type::Money);
        let row = reply.row("cuminfo");
        row.text("insutype", scheme)
            .text("cum_ym", month.clone().unwrap_or_else(|| format!("{year}12")))
            .text("year", year)
            .text("cum_type_code", total.name);
        if in_yuan {
            row.money("cum", Fen(total.amount));
        } else {
            row.whole("cum", total.amount);
        }
        if row.has("cum_obj") {
            row.text("cum_obj", objects.join("/"));
        }
    }
    Ok(Answer::Reply(reply))
}
