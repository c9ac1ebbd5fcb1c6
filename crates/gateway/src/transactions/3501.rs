//! 3501 商品盘存上传: how many there are.

use super::prelude::*;
use stock::MoveKind;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    super::goods::handle(desk, request, "invinfo", MoveKind::Counted)
}
