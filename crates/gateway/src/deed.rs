//! 办理: how a recording adapter keeps its answer, so that a repeated message gets the same
//! bytes and a different body under a used msgid is refused. The memory is `operation`'s; the
//! adapter calls [`operation::perform`] inside its deed.

use crate::{Answer, Declined, Form, Refused, Reply, Request, Responder};
use operation::{InputHash, Operation, Performed, Replay};
use terms::DateTime;

impl Request<'_> {
    /// The operation of this message: the clock is read and chance drawn here, once, before
    /// the deed. `kept_days` is how long the answer's bytes are kept.
    ///
    /// # Errors
    /// [`Declined::Failed`] when the system gives no randomness.
    pub fn operation(&self, kept_days: i32) -> Result<Operation, Declined> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| Declined::Failed(format!("no randomness: {error}")))?;
        let envelope = &self.message.envelope;
        let received_at: DateTime = self.received;
        let kept_until = received_at.saturating_add(jiff::Span::new().days(kept_days));
        let canonical = serde_json::Value::String(self.message.canonical_input().to_owned());
        Ok(Operation {
            institution: envelope.institution.clone(),
            msgid: envelope.message_id.clone(),
            infno: envelope.infno.clone(),
            input_hash: InputHash::of(&envelope.infno, &canonical),
            message_time: envelope.sent_at,
            received_at,
            kept_until,
            operator: envelope.operator.clone(),
            seed,
        })
    }

    /// What became of the message, as the adapter's answer.
    ///
    /// # Errors
    /// [`Declined::Refused`] when the msgid was used before in a way that gives no answer.
    pub fn performed(&self, performed: Performed) -> Result<Answer, Declined> {
        match performed {
            Performed::Done(answer) | Performed::Repeated(answer) => String::from_utf8(answer.bytes)
                .map(Answer::Kept)
                .map_err(|_| Declined::Failed("a kept answer is not UTF-8".to_owned())),
            Performed::Refused(replay) => Err(Declined::Refused(refusal_of(&replay))),
        }
    }
}

impl Responder {
    /// A success to be kept, written now; `subject` is what it made, such as the settlement's id.
    #[must_use]
    pub fn keep(&self, reply: &Reply, subject: impl Into<String>) -> operation::Answer {
        operation::Answer::accepted(self.accept(reply).into_bytes(), subject)
    }

    /// A refusal of the law to be kept, written now.
    #[must_use]
    pub fn keep_refusal(&self, refused: &Refused) -> operation::Answer {
        operation::Answer::refused(self.refuse(refused).into_bytes()).because(&refused.code, &refused.words)
    }
}

fn refusal_of(replay: &Replay) -> Refused {
    let place = "msgid 发送方报文ID";
    match replay {
        Replay::Different { first_infno, .. } => {
            let words = format!("此 msgid 已用于另一笔内容不同的 {first_infno}；请换新的 msgid 发送");
            Refused::form(Form::UsedMessageId, place, words)
        }
        Replay::Forgotten { subject, .. } => {
            let result =
                subject.as_deref().map_or("当时被拒绝".to_owned(), |id| format!("结果编号 {id}，可凭此查询"));
            Refused::form(Form::ForgottenMessage, place, format!("此报文早已处理，应答已过保存期；{result}"))
        }
        Replay::PreEmpted { .. } => {
            let words = "此报文到达前已被 2601 冲正；如仍要办理，请换新的 msgid 发送";
            Refused::form(Form::ReversedBefore, place, words)
        }
    }
}
