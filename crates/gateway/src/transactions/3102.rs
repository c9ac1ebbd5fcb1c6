//! 3102 明细审核事中分析服务: what the rules say of a visit before it is settled.

use super::prelude::*;
use screening::Stage;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    super::reminding::remind(desk, request, Stage::During)
}
