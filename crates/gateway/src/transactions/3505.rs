//! 3505 商品销售: what was sold, with trace codes.

use super::prelude::*;
use stock::MoveKind;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    super::goods::handle(desk, request, "selinfo", MoveKind::Sold)
}
