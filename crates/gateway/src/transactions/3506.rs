//! 3506 商品销售退货: what came back from the buyer.

use super::prelude::*;
use stock::MoveKind;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    super::goods::handle(desk, request, "selinfo", MoveKind::SoldBack)
}
