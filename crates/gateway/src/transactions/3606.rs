//! 3606 DIP分组结果查询: the month's cleared cases that were paid by DIP.

use super::prelude::*;
use super::t3605::{cleared, grouped};

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let (_, cases) = cleared(desk, request, BY_DIP)?;
    let (region, clr_optins) = {
        let centre = desk.centre();
        (centre.region.clone(), centre.clearing.clr_optins.clone())
    };
    let mut reply = request.message.reply();
    for case in cases {
        let points = case.points.rounded(4).to_string();
        reply
            .row("data")
            .text("setl_id", case.setl_id.as_str())
            .text("psn_no", case.psn_no.as_str())
            .text("insutype", &case.insutype)
            .date("setl_time", case.cleared_at.date())
            .text("clr_optins", &clr_optins)
            .text("insu_admdvs", &region.0)
            .text("fixmedins_code", case.fixmedins_code.as_str())
            .text("grp_stas", grouped(&case))
            .text("dip_dise_grp_code", &case.group_code)
            .text("dip_dise_grp_name", &case.group_name)
            .echo("grp_dise_sco", &case.weight.map_or_else(String::new, |weight| weight.rounded(0).to_string()))
            .echo("act_setl_sco", &points);
    }
    Ok(Answer::Reply(reply))
}

/// 清算方式 50 DIP.
const BY_DIP: &str = "50";
