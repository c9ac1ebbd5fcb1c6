//! 3502 商品库存变更: what came and went otherwise than by trade.

use super::prelude::*;
use stock::MoveKind;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    super::goods::handle(desk, request, "invinfo", MoveKind::Changed)
}
