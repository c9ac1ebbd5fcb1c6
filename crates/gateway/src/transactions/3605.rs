//! 3605 DRG分组结果查询: the month's cleared cases that were paid by DRG.

use super::prelude::*;
use clearing::{Cleared, Month};

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let (month, cases) = cleared(desk, request, BY_DRG)?;
    let mut reply = request.message.reply();
    for case in cases {
        let row = reply.row("data");
        row.text("setl_id", case.setl_id.as_str())
            .text("drg_code", &case.group_code)
            .text("drg_name", &case.group_name)
            .text("grp_rslt", grouped(&case))
            .text("grp_ver", &case.scheme_version)
            .text("place_grp_ver", &case.scheme)
            .money("place_grp_pay_std", case.payment)
            .text("psn_no", case.psn_no.as_str())
            .text("setl_ym", month.to_string().replace('-', ""))
            .text("fixmedins_code", case.fixmedins_code.as_str())
            .date("grp_time", case.cleared_at.date());
    }
    Ok(Answer::Reply(reply))
}

/// 清算方式 40 DRG.
const BY_DRG: &str = "40";

/// The asked page of an institution's cleared cases of a month, paid one way. What a reversal
/// took back, or a decision added, is a row of its own.
pub(super) fn cleared(
    desk: &Desk,
    request: &Request<'_>,
    way: &'static str,
) -> Result<(Month, Vec<Cleared>), Declined> {
    let data = request.message.row("data");
    let institution = request.message.envelope.institution.clone();
    let month: Result<Month, _> = data.need("setl_ym")?.parse();
    let month = month.map_err(|_| data.refusal(Form::FieldType, "setl_ym", "应为年月，如 202603"))?;
    let setl_id = data.given("setl_id").map(str::to_owned);
    let size = usize::try_from(data.whole("page_size")).unwrap_or_default().clamp(1, 500);
    let skipped = usize::try_from(data.whole("page_num")).unwrap_or_default().saturating_sub(1) * size;
    let cases = desk.ask(move |_, tx| Ok(clearing::figures_between(tx, &institution, month, month)?))?;
    let asked =
        |case: &Cleared| case.clr_way == way && setl_id.as_ref().is_none_or(|setl_id| case.setl_id.as_str() == setl_id);
    Ok((month, cases.into_iter().filter(asked).skip(skipped).take(size).collect()))
}

/// 分组成功标志.
pub(super) fn grouped(case: &Cleared) -> &'static str {
    if case.status == "grouped" { "1" } else { "0" }
}
