//! 交易: one file a transaction, in one plain list. National names end in these files; what is
//! done is the journeys', and whatever the law can refuse is refused there.

use crate::{Answer, Declined, Desk, Request, Transaction};

/// What every adapter uses.
mod prelude {
    pub(super) use crate::{Answer, Declined, Desk, Form, Message, Refused, Reply, Request, Row, figures, readings};
    pub(super) use adjudication::facts::{ChargedLine, Institution};
    pub(super) use credential::Purpose;
    pub(super) use enrolment::Filing;
    pub(super) use journeys::Centre;
    pub(super) use terms::{FilingId, MessageId, Period, PersonId, SettlementId, VisitId};
}

mod exchange;
mod filing;
mod goods;
mod reminding;
#[path = "transactions/1101.rs"]
mod t1101;
#[path = "transactions/1162.rs"]
mod t1162;
#[path = "transactions/1201.rs"]
mod t1201;
#[path = "transactions/2001.rs"]
mod t2001;
#[path = "transactions/2101.rs"]
mod t2101;
#[path = "transactions/2102.rs"]
mod t2102;
#[path = "transactions/2103.rs"]
mod t2103;
#[path = "transactions/2201.rs"]
mod t2201;
#[path = "transactions/2202.rs"]
mod t2202;
#[path = "transactions/2203.rs"]
mod t2203;
#[path = "transactions/2203A.rs"]
mod t2203a;
#[path = "transactions/2204.rs"]
mod t2204;
#[path = "transactions/2205.rs"]
mod t2205;
#[path = "transactions/2206.rs"]
mod t2206;
#[path = "transactions/2206A.rs"]
mod t2206a;
#[path = "transactions/2207.rs"]
mod t2207;
#[path = "transactions/2207A.rs"]
mod t2207a;
#[path = "transactions/2208.rs"]
mod t2208;
#[path = "transactions/2301.rs"]
mod t2301;
#[path = "transactions/2302.rs"]
mod t2302;
#[path = "transactions/2303.rs"]
mod t2303;
#[path = "transactions/2304.rs"]
mod t2304;
#[path = "transactions/2305.rs"]
mod t2305;
#[path = "transactions/2401.rs"]
mod t2401;
#[path = "transactions/2402.rs"]
mod t2402;
#[path = "transactions/2403.rs"]
mod t2403;
#[path = "transactions/2404.rs"]
mod t2404;
#[path = "transactions/2405.rs"]
mod t2405;
#[path = "transactions/2501.rs"]
mod t2501;
#[path = "transactions/2502.rs"]
mod t2502;
#[path = "transactions/2503.rs"]
mod t2503;
#[path = "transactions/2504.rs"]
mod t2504;
#[path = "transactions/2505.rs"]
mod t2505;
#[path = "transactions/2506.rs"]
mod t2506;
#[path = "transactions/2601.rs"]
mod t2601;
#[path = "transactions/3101.rs"]
mod t3101;
#[path = "transactions/3102.rs"]
mod t3102;
#[path = "transactions/3103.rs"]
mod t3103;
#[path = "transactions/3201.rs"]
mod t3201;
#[path = "transactions/3202.rs"]
mod t3202;
#[path = "transactions/3203.rs"]
mod t3203;
#[path = "transactions/3204.rs"]
mod t3204;
#[path = "transactions/3501.rs"]
mod t3501;
#[path = "transactions/3502.rs"]
mod t3502;
#[path = "transactions/3503.rs"]
mod t3503;
#[path = "transactions/3504.rs"]
mod t3504;
#[path = "transactions/3505.rs"]
mod t3505;
#[path = "transactions/3506.rs"]
mod t3506;
#[path = "transactions/3507.rs"]
mod t3507;
#[path = "transactions/3602.rs"]
mod t3602;
#[path = "transactions/3605.rs"]
mod t3605;
#[path = "transactions/3606.rs"]
mod t3606;
#[path = "transactions/4101.rs"]
mod t4101;
#[path = "transactions/4101A.rs"]
mod t4101a;
#[path = "transactions/4102.rs"]
mod t4102;
#[path = "transactions/4103.rs"]
mod t4103;
#[path = "transactions/4401.rs"]
mod t4401;
#[path = "transactions/4402.rs"]
mod t4402;
#[path = "transactions/5201.rs"]
mod t5201;
#[path = "transactions/5202.rs"]
mod t5202;
#[path = "transactions/5203.rs"]
mod t5203;
#[path = "transactions/5204.rs"]
mod t5204;
#[path = "transactions/5205.rs"]
mod t5205;
#[path = "transactions/5206.rs"]
mod t5206;
#[path = "transactions/5301.rs"]
mod t5301;
#[path = "transactions/5303.rs"]
mod t5303;
#[path = "transactions/9001.rs"]
mod t9001;
#[path = "transactions/9002.rs"]
mod t9002;
#[path = "transactions/9101.rs"]
mod t9101;
#[path = "transactions/9102.rs"]
mod t9102;

/// How an adapter does what its message asks.
type Handle = fn(&Desk, &Request<'_>) -> Result<Answer, Declined>;

/// Every transaction that is served, in order of number.
const SERVED: &[(&str, Handle)] = &[
    ("1101", t1101::handle),
    ("1162", t1162::handle),
    ("1201", t1201::handle),
    ("2001", t2001::handle),
    ("2101", t2101::handle),
    ("2102", t2102::handle),
    ("2103", t2103::handle),
    ("2201", t2201::handle),
    ("2202", t2202::handle),
    ("2203", t2203::handle),
    ("2203A", t2203a::handle),
    ("2204", t2204::handle),
    ("2205", t2205::handle),
    ("2206", t2206::handle),
    ("2206A", t2206a::handle),
    ("2207", t2207::handle),
    ("2207A", t2207a::handle),
    ("2208", t2208::handle),
    ("2301", t2301::handle),
    ("2302", t2302::handle),
    ("2303", t2303::handle),
    ("2304", t2304::handle),
    ("2305", t2305::handle),
    ("2401", t2401::handle),
    ("2402", t2402::handle),
    ("2403", t2403::handle),
    ("2404", t2404::handle),
    ("2405", t2405::handle),
    ("2501", t2501::handle),
    ("2502", t2502::handle),
    ("2503", t2503::handle),
    ("2504", t2504::handle),
    ("2505", t2505::handle),
    ("2506", t2506::handle),
    ("2601", t2601::handle),
    ("3101", t3101::handle),
    ("3102", t3102::handle),
    ("3103", t3103::handle),
    ("3201", t3201::handle),
    ("3202", t3202::handle),
    ("3203", t3203::handle),
    ("3204", t3204::handle),
    ("3501", t3501::handle),
    ("3502", t3502::handle),
    ("3503", t3503::handle),
    ("3504", t3504::handle),
    ("3505", t3505::handle),
    ("3506", t3506::handle),
    ("3507", t3507::handle),
    ("3602", t3602::handle),
    ("3605", t3605::handle),
    ("3606", t3606::handle),
    ("4101", t4101::handle),
    ("4101A", t4101a::handle),
    ("4102", t4102::handle),
    ("4103", t4103::handle),
    ("4401", t4401::handle),
    ("4402", t4402::handle),
    ("5201", t5201::handle),
    ("5202", t5202::handle),
    ("5203", t5203::handle),
    ("5204", t5204::handle),
    ("5205", t5205::handle),
    ("5206", t5206::handle),
    ("5301", t5301::handle),
    ("5303", t5303::handle),
    ("9001", t9001::handle),
    ("9002", t9002::handle),
    ("9101", t9101::handle),
    ("9102", t9102::handle),
];

/// The adapters of a desk.
pub(crate) fn all(desk: &Desk) -> Vec<Box<dyn Transaction>> {
    let adapter = |(infno, handle): &(&'static str, Handle)| Adapter { infno, handle: *handle, desk: desk.clone() };
    SERVED.iter().map(|row| Box::new(adapter(row)) as Box<dyn Transaction>).collect()
}

struct Adapter {
    infno: &'static str,
    handle: Handle,
    desk: Desk,
}

impl Transaction for Adapter {
    fn infno(&self) -> &'static str {
        self.infno
    }

    fn handle(&self, request: &Request<'_>) -> Result<Answer, Declined> {
        (self.handle)(&self.desk, request)
    }
}
