//! 1201 医药机构信息获取: by code, else by name, else the sender itself.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let asked = request.message.row("medinsinfo");
    let envelope = &request.message.envelope;
    let (centre, day) = (desk.centre(), envelope.sent_at.date());
    let name = asked.given("fixmedins_name");
    let code = asked.given("fixmedins_code").or_else(|| name.is_none().then_some(envelope.institution.as_str()));
    let found = match (code, name) {
        (Some(code), _) => centre.institutions.on(code, day),
        (None, Some(name)) => centre.institutions.named(name, day),
        (None, None) => None,
    };
    let of_kind = |known: &std::sync::Arc<Institution>| known.fixmedins_type == asked.text("fixmedins_type");
    let Some(known) = found.filter(of_kind) else {
        let words = "登记中没有这样的机构；请核对编号、名称和机构类型".to_owned();
        return Err(asked.refusal(Form::NotFound, "fixmedins_code", &words).into());
    };
    let mut reply = request.message.reply();
    reply
        .row("medinsinfo")
        .text("fixmedins_code", known.fixmedins_code.as_str())
        .text("fixmedins_name", &known.name)
        .text("uscc", known.fields.get("uscc").map_or("", String::as_str))
        .text("fixmedins_type", &known.fixmedins_type)
        .text("hosp_lv", known.fields.get("hosp_lv").map_or("", String::as_str));
    Ok(Answer::Reply(reply))
}
