//! 3504 商品采购退货: what went back to the supplier.

use super::prelude::*;
use stock::MoveKind;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    super::goods::handle(desk, request, "purcinfo", MoveKind::BoughtBack)
}
