//! 3101 明细审核事前分析服务: what the rules say of orders before they are carried out.

use super::prelude::*;
use screening::Stage;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    super::reminding::remind(desk, request, Stage::Before)
}
