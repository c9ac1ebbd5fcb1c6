//! 柜台: what every adapter has at hand: the centre as it stands, its database, and the two
//! ways of working with them: a deed that is recorded once, and a question.

use crate::recorder::{self, Recorder};
use crate::{Answer, Declined, Refused, Reply, Request, SignIns};
use db::{Database, Tx};
use journeys::{Centre, JourneyError, ReminderRecord};
use operation::{AnswerKeys, Operation, Performed};
use std::sync::{Arc, PoisonError, RwLock};
use terms::InstitutionId;

/// 柜台. Cheap to clone; all adapters of a gateway share one.
#[derive(Clone)]
pub struct Desk(Arc<Shared>);

struct Shared {
    open: RwLock<Arc<Open>>,
    answers: AnswerKeys,
    kept_days: i32,
}

/// The centre and its database, as one message finds them from beginning to end.
struct Open {
    centre: Centre,
    database: Database,
    recorder: Recorder,
}

impl Open {
    fn new(centre: Centre, database: Database) -> Arc<Open> {
        recorder::look(&centre, &database);
        let recorder = Recorder::of(&centre, &database);
        Arc::new(Open { centre, database, recorder })
    }
}

impl Desk {
    /// A desk of a centre. `answers` seal the bytes of kept answers, for `kept_days`.
    #[must_use]
    pub fn new(centre: Centre, database: Database, answers: AnswerKeys, kept_days: i32) -> Desk {
        Desk(Arc::new(Shared { open: RwLock::new(Open::new(centre, database)), answers, kept_days }))
    }

    /// Puts another centre behind the desk: a new version of the law, the catalogue or the
    /// institutions; in the conformance suite, those of the next case. Messages at work
    /// finish with what they began with.
    pub fn replace(&self, centre: Centre, database: Database) {
        let open = Open::new(centre, database);
        *self.0.open.write().unwrap_or_else(PoisonError::into_inner) = open;
    }

    /// The centre as it stands now.
    #[must_use]
    pub fn centre(&self) -> Centre {
        self.open().centre.clone()
    }

    /// The database behind the desk now.
    #[must_use]
    pub fn database(&self) -> Database {
        self.open().database.clone()
    }

    /// 登记: writes a reminder down behind the answer.
    pub(crate) fn remember(&self, record: ReminderRecord) {
        self.open().recorder.record(record);
    }

    /// Waits until every reminder told before is written down.
    ///
    /// # Errors
    /// [`Declined::Failed`] when they cannot be.
    pub fn written_down(&self) -> Result<(), Declined> {
        if self.open().recorder.flush() {
            return Ok(());
        }
        Err(Declined::Failed("the reminders told before could not be written down".to_owned()))
    }

    /// Looks now whether another rule library, force or suppression stands.
    pub fn look_again(&self) {
        let open = self.open();
        recorder::look(&open.centre, &open.database);
    }

    fn open(&self) -> Arc<Open> {
        Arc::clone(&self.0.open.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// 办理: does what the message asks, once. `deed` fills the reply and tells the subject
    /// (what it made); it may run twice, so it draws nothing. A refusal leaves nothing
    /// behind but its kept answer.
    pub(crate) fn record(
        &self,
        request: &Request<'_>,
        deed: impl Fn(&Centre, &mut dyn Tx, &Operation, &mut Reply) -> Result<String, JourneyError> + Send + Sync + 'static,
    ) -> Result<Answer, Declined> {
        let open = self.open();
        let database = open.database.clone();
        let operation = request.operation(self.0.kept_days)?;
        let (blank, responder, answers) = (request.message.reply(), request.responder.clone(), self.0.answers.clone());
        let performed: Result<Performed, JourneyError> = database.deed(move |tx| {
            operation::perform(tx, &operation, &answers, |tx| {
                let mut reply = blank.clone();
                match deed(&open.centre, tx, &operation, &mut reply) {
                    Ok(subject) => Ok(responder.keep(&reply, subject)),
                    Err(error) => refusal(&error).map(|refused| responder.keep_refusal(&refused)).ok_or(error),
                }
            })
        });
        request.performed(performed.map_err(declined)?)
    }

    /// 对账记录: what an asked comparison came to, for the people on both sides.
    pub(crate) fn note_reconciliation(&self, outcome: claim::Reconciliation) -> Result<(), Declined> {
        let noted = self.open().database.deed(move |tx| claim::note_reconciliation(tx, &outcome));
        noted.map_err(|error| declined(JourneyError::Db(error)))
    }

    /// 查询: asks on the read pool; nothing is recorded.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&Centre, &mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, Declined> {
        let open = self.open();
        let database = open.database.clone();
        database.read(move |tx| question(&open.centre, tx)).map_err(declined)
    }
}

/// The refusal in an error, if it is one: the law's code or the centre's own, never ours.
fn refusal(error: &JourneyError) -> Option<Refused> {
    match error {
        JourneyError::Refused(law) => {
            Some(Refused::law(&law.code, law.feedetl_sn.as_ref().map(terms::LineNo::as_str), law.message.clone()))
        }
        JourneyError::Own(own) => Some(Refused::law(own.code(), None, own.to_string())),
        JourneyError::Broken(_) | JourneyError::Db(_) => None,
    }
}

pub(crate) fn declined(error: JourneyError) -> Declined {
    refusal(&error).map_or_else(|| Declined::Failed(error.to_string()), Declined::Refused)
}

/// Sign-ins are remembered in the register.
impl SignIns for Desk {
    fn institution_of(&self, sign_no: &str, now: terms::DateTime) -> Result<Option<InstitutionId>, String> {
        let sign_no = sign_no.to_owned();
        let signed = self.open().database.read(move |tx| claim::signed_in(tx, &sign_no));
        let signed = signed.map_err(|error: db::DbError| error.to_string())?;
        let valid = |signed: &claim::SignIn| signed.sign_out_time.is_none() && signed.sign_time.date() == now.date();
        Ok(signed.filter(valid).map(|signed| signed.fixmedins_code))
    }
}
