//! 2601 冲正交易: undoes by message id what 2102, 2207, 2304 or 2401 did. An id that was never
//! seen is remembered, and the answer's warning says so.

use super::prelude::*;
use journeys::Undone;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let psn_no = readings::person(data)?;
    let (original, infno) = (MessageId::from(data.need("omsgid")?), data.need("oinfno")?.to_owned());
    desk.record(request, move |centre, tx, operation, reply| {
        let at = operation.message_time;
        let undone = centre.undo_message(tx, operation, &psn_no, &original, &infno, at)?;
        let (subject, words) = match undone {
            Undone::Reversed(reversed) => (
                reversed.setl_id.0.clone(),
                format!("结算 {} 已撤销，撤销编号 {}", reversed.original.setl_id, reversed.setl_id),
            ),
            Undone::Withdrawn(mdtrt_id) => (mdtrt_id.0.clone(), format!("入院 {mdtrt_id} 已撤销")),
            Undone::NothingDone => (original.0.clone(), format!("报文 {original} 当时被拒绝，无可冲正")),
            Undone::Remembered => {
                (original.0.clone(), format!("未收到报文 {original}，已登记；该报文如再到达将被拒绝"))
            }
        };
        reply.warning = Some(words);
        Ok(subject)
    })
}
