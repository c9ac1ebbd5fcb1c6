//! 4102 医疗保障基金结算清单信息状态修改: submits lists, or opens rejected ones again. Clients send
//! the rows as `data`, as `stastinfo`, or the second inside the first.

use super::prelude::*;
use clearing::ListState;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let message = request.message;
    let rows = message.rows("data").iter().chain(message.rows("stastinfo"));
    let mut asked: Vec<(PersonId, SettlementId, ListState)> = Vec::new();
    for row in rows.filter(|row| row.all_given().next().is_some()) {
        let state = ListState::from_code(row.need("stas_type")?)
            .filter(|state| matches!(state, ListState::Uploaded | ListState::Submitted))
            .ok_or_else(|| row.refusal(Form::FieldCode, "stas_type", "应为 0（未提交）或 1（已提交）"))?;
        asked.push((readings::person(row)?, row.need("setl_id")?.into(), state));
    }
    if asked.is_empty() {
        return Err(Refused::form(Form::NodeMissing, "data", "缺少此节点或没有数据行，请补齐后重发").into());
    }
    desk.record(request, move |centre, tx, operation, _| {
        for (psn_no, setl_id, state) in &asked {
            centre.change_list_state(tx, operation, psn_no, setl_id, *state)?;
        }
        Ok(asked[0].1.to_string())
    })
}
