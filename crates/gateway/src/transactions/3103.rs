//! 3103 事前事中服务反馈服务: what the doctor did with each reminder.

use super::prelude::*;
use journeys::ReminderAnswer;
use monitoring::Handling;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let warn_type = data.need("warn_type")?.to_owned();
    if !["1", "2"].contains(&warn_type.as_str()) {
        return Err(data.refusal(Form::FieldCode, "warn_type", "应为 1（事前）或 2（事中）").into());
    }
    let answers = request.message.rows("warns").iter().map(answer).collect::<Result<Vec<_>, _>>()?;
    desk.written_down()?;
    let answered = desk.record(request, move |centre, tx, operation, _| {
        centre.answer_reminders(tx, operation, &warn_type, &answers)?;
        Ok(answers[0].jr_id.clone())
    })?;
    desk.look_again();
    Ok(answered)
}

fn answer(row: &Row) -> Result<ReminderAnswer, Refused> {
    let handling = Handling::from_code(row.need("dspo_way")?)
        .ok_or_else(|| row.refusal(Form::FieldCode, "dspo_way", "应为 1（继续执行）或 2（返回修改）"))?;
    let reason = row.text("dspo_way_rea").to_owned();
    if handling == Handling::GoOn && reason.is_empty() {
        return Err(row.refusal(Form::FieldMissing, "dspo_way_rea", "继续执行必须写明原因"));
    }
    Ok(ReminderAnswer { jr_id: row.need("warn_rslt_id")?.to_owned(), handling, reason })
}
