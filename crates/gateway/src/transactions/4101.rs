//! 4101 医疗保障基金结算清单信息上传: one list of one settlement.

use super::prelude::*;
use journeys::ListUpload;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let info = request.message.row("setlinfo");
    let upload = ListUpload {
        psn_no: readings::person(info)?,
        setl_id: info.need("setl_id")?.into(),
        content: readings::settlement_list(request.message)?,
        submit: info.text("stas_type") == "1",
    };
    desk.record(request, move |centre, tx, operation, reply| {
        let list = centre.upload_list(tx, operation, &upload)?;
        reply.row("data").text("setl_list_id", &list.setl_list_id);
        Ok(list.setl_list_id)
    })
}
