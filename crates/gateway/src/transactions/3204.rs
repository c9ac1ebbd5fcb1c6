//! 3204 清算申请撤销.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let number = request.message.row("data").need("clr_appy_evt_id")?.to_owned();
    desk.record(request, move |centre, tx, operation, _| {
        Ok(centre.withdraw_application(tx, operation, &number)?.clr_appy_evt_id)
    })
}
