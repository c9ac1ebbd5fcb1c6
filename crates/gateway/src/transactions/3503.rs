//! 3503 商品采购: what was bought.

use super::prelude::*;
use stock::MoveKind;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    super::goods::handle(desk, request, "purcinfo", MoveKind::Bought)
}
