//! 3507 商品信息删除: records of 3501 to 3506 taken back.

use super::prelude::*;
use journeys::GoodsDeletion;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let read = |row: &Row| -> Result<GoodsDeletion, Refused> {
        Ok(GoodsDeletion {
            batch: row.need("fixmedins_bchno")?.to_owned(),
            inv_data_type: row.need("inv_data_type")?.to_owned(),
        })
    };
    let asked = request.message.rows("data").iter().map(read).collect::<Result<Vec<_>, Refused>>()?;
    desk.record(request, move |centre, tx, operation, _| {
        centre.delete_goods(tx, operation, &asked)?;
        Ok(asked[0].batch.clone())
    })
}
