//! 分发: one message from bytes to answer. Knows no HTTP library: the server hands a [`Post`]
//! in and sends an [`Answered`] out, so that tests and embedded clients need no socket.

use crate::metrics::Metrics;
use crate::refusal::shown;
use crate::transport::{self, Caller, KeyRing, UsedNonces, Windows};
use crate::{Catalogue, Envelope, Form, Interface, Message, Refused, Reply, Responder, check, envelope, tolerance};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use terms::{DateTime, InstitutionId};

/// Signatures remembered at once: 6,600 messages a second for the five minutes of x-tif, in some 130 MB at
/// the most.
const MOST_NONCES: usize = 2_000_000;

/// One transaction's adapter: from a checked message to a journey and back to a reply.
pub trait Transaction: Send + Sync {
    /// 交易编号; one adapter a number.
    fn infno(&self) -> &'static str;

    /// Does what the message asks.
    ///
    /// # Errors
    /// [`Declined`]: a refusal of form or law, or a failure of the world.
    fn handle(&self, request: &Request<'_>) -> Result<Answer, Declined>;
}

/// What an adapter gets.
pub struct Request<'a> {
    /// The checked message.
    pub message: &'a Message,
    /// Who speaks.
    pub caller: &'a Caller,
    /// Writes the answer's bytes: a recording transaction calls it **inside** its deed, so
    /// that the bytes are kept with what they report and a repeat gets the same ones.
    pub responder: &'a Responder,
    /// When the centre received the message, by the region's wall clock.
    pub received: DateTime,
}

/// What an adapter answers.
pub enum Answer {
    /// Nothing was recorded: the answer is written now.
    Reply(Reply),
    /// The bytes that the deed kept (written by [`Responder`] inside it, now or at the first
    /// time this message came), success or refusal alike.
    Kept(String),
    /// A file (9102): the bytes themselves, not an envelope.
    File {
        /// 文件名.
        name: String,
        /// The zip.
        bytes: Vec<u8>,
    },
}

/// Why an adapter did not answer.
#[derive(Debug)]
pub enum Declined {
    /// An expected refusal.
    Refused(Refused),
    /// The world failed; the text goes to the log, never to the caller.
    Failed(String),
}

impl From<Refused> for Declined {
    fn from(refused: Refused) -> Declined {
        Declined::Refused(refused)
    }
}

/// Where sign-ins (9001) are remembered.
pub trait SignIns: Send + Sync {
    /// The institution that a `sign_no` was given to on the day of `now`, and that has not
    /// signed out.
    ///
    /// # Errors
    /// A text for the log when the world failed.
    fn institution_of(&self, sign_no: &str, now: DateTime) -> Result<Option<InstitutionId>, String>;
}

/// Whether transactions need a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignInRule {
    /// Every transaction but 9001 needs a valid `sign_no`.
    Required,
    /// A given `sign_no` must be valid; an empty one passes (湖南).
    #[default]
    WhenGiven,
    /// `sign_no` is not looked at: the conformance suite authenticates a client.
    Ignored,
}

/// How much a message may carry.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of `input`.
    pub input_bytes: usize,
    /// Rows of one node.
    pub lines: usize,
    /// Bytes of `input` of 9101, which carries a file.
    pub file_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { input_bytes: 40_000, lines: 100, file_bytes: 8_000_000 }
    }
}

/// Room for the envelope around `input`.
const ENVELOPE_BYTES: usize = 8_000;

/// How a gateway is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// 医保区划 of the centre, six digits: the beginning of every answer's number.
    pub region: String,
    /// How much a message may carry.
    pub limits: Limits,
    /// Whether transactions need a sign-in.
    pub sign_in: SignInRule,
    /// How far `inf_time` may be from the centre's clock; `None`: any time (the suite).
    pub clock_window: Option<Duration>,
    /// How old a signature may be.
    pub signature_windows: Windows,
    /// Hours east of UTC of the region's wall clock.
    pub utc_offset_hours: i8,
    /// How many days the bytes of an answer are kept for a repeat.
    pub answers_kept_days: i32,
}

impl Config {
    /// The defaults for a region.
    #[must_use]
    pub fn for_region(region: &str) -> Config {
        Config {
            region: region.to_owned(),
            limits: Limits::default(),
            sign_in: SignInRule::default(),
            clock_window: None,
            signature_windows: Windows::default(),
            utc_offset_hours: 8,
            answers_kept_days: 90,
        }
    }
}

/// A message as it came in.
pub struct Post<'a> {
    /// The path of the URL.
    pub path: &'a str,
    /// Headers, names in lower case.
    pub headers: &'a [(String, String)],
    /// The body.
    pub body: &'a [u8],
    /// Who is at the other end of the socket.
    pub peer: IpAddr,
    /// When it came.
    pub received: Zoned,
}

impl Post<'_> {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A message's answer.
pub struct Answered {
    /// What goes back.
    pub body: Body,
    /// 交易编号, as far as it was understood.
    pub infno: String,
    /// `ok`, or the refusal's code.
    pub code: String,
}

/// The bytes that go back.
pub enum Body {
    /// An answer envelope.
    Json(String),
    /// A file.
    File {
        /// 文件名.
        name: String,
        /// The zip.
        bytes: Vec<u8>,
    },
}

/// 网关: the catalogue, the adapters and the keys of one centre.
pub struct Gateway {
    config: Config,
    catalogue: Catalogue,
    transactions: BTreeMap<&'static str, Box<dyn Transaction>>,
    keys: Box<dyn KeyRing>,
    sign_ins: Option<Box<dyn SignIns>>,
    used: UsedNonces,
    serial: AtomicU64,
    metrics: Metrics,
}

impl Gateway {
    /// A gateway with its adapters.
    ///
    /// # Panics
    /// When two adapters share a number, or one has a number that the catalogue does not know.
    #[must_use]
    pub fn new(
        config: Config,
        catalogue: Catalogue,
        transactions: Vec<Box<dyn Transaction>>,
        keys: Box<dyn KeyRing>,
    ) -> Gateway {
        let mut by_number: BTreeMap<&'static str, Box<dyn Transaction>> = BTreeMap::new();
        for transaction in transactions {
            let infno = transaction.infno();
            assert!(catalogue.get(infno).is_some(), "the interface catalogue has no {infno}");
            assert!(by_number.insert(infno, transaction).is_none(), "two adapters for {infno}");
        }
        // Begins at the clock, so that a restart inside one second repeats no number.
        let start = Timestamp::now().as_microsecond().unsigned_abs();
        Gateway {
            config,
            catalogue,
            transactions: by_number,
            keys,
            sign_ins: None,
            used: UsedNonces::at_most(MOST_NONCES),
            serial: AtomicU64::new(start),
            metrics: Metrics::default(),
        }
    }

    /// Looks `sign_no` up in this memory.
    #[must_use]
    pub fn with_sign_ins(mut self, sign_ins: Box<dyn SignIns>) -> Gateway {
        self.sign_ins = Some(sign_ins);
        self
    }

    /// The catalogue, as the region bends it.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The clock of the region's wall.
    #[must_use]
    pub fn now(&self) -> Zoned {
        Timestamp::now().to_zoned(TimeZone::fixed(jiff::tz::offset(self.config.utc_offset_hours)))
    }

    /// The most bytes that any body may have.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.config.limits.file_bytes.max(self.config.limits.input_bytes) + ENVELOPE_BYTES
    }

    /// The counts so far, in the Prometheus text format.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.metrics.text()
    }

    /// Answers one message.
    pub fn answer(&self, post: &Post<'_>) -> Answered {
        let started = Instant::now();
        let mut infno = String::from("-");
        let mut responder = self.responder(&post.received, false);
        let result = self.run(post, &mut infno, &mut responder);
        let (body, code) = match result {
            Ok(Answer::Reply(reply)) => (Body::Json(responder.accept(&reply)), "ok".to_owned()),
            Ok(Answer::Kept(bytes)) => {
                let code = kept_code(&bytes);
                (Body::Json(bytes), code)
            }
            Ok(Answer::File { name, bytes }) => (Body::File { name, bytes }, "ok".to_owned()),
            Err(Declined::Refused(refused)) => (Body::Json(responder.refuse(&refused)), refused.code),
            Err(Declined::Failed(why)) => {
                tracing::error!(infno, reference = responder.reference, why, "a transaction failed");
                let words = format!("中心处理失败（{}）；请稍后用同一 msgid 重发，结果不会重复", responder.reference);
                let refused = Refused::form(Form::Failed, "", words);
                (Body::Json(responder.refuse(&refused)), refused.code)
            }
        };
        let took = started.elapsed();
        self.metrics.count(&infno, &code, took);
        tracing::info!(infno, code, reference = responder.reference, micros = took.as_micros(), "answered");
        Answered { body, infno, code }
    }

    /// The answer to a message that was not let in at all.
    #[must_use]
    pub fn turn_away(&self, refused: &Refused) -> String {
        self.metrics.count("-", &refused.code, Duration::ZERO);
        self.responder(&self.now(), false).refuse(refused)
    }

    fn responder(&self, received: &Zoned, as_text: bool) -> Responder {
        Responder::new(&self.config.region, received, self.serial.fetch_add(1, Ordering::Relaxed), as_text)
    }

    fn run(&self, post: &Post<'_>, infno: &mut String, responder: &mut Responder) -> Result<Answer, Declined> {
        let body = self.text_of(post.body)?;
        let opened = transport::open(post, &*self.keys, &self.used, self.config.signature_windows)?;
        let (envelope, raw_input) = envelope::read(body)?;
        *responder = responder.clone().answering_text(envelope.input_as_text);
        let caller = transport::close(opened, post, &envelope, &*self.keys)?;
        let interface = self.interface(&envelope, post.path)?;
        infno.clone_from(&interface.infno);
        let transaction = self.transactions.get(interface.infno.as_str());
        let transaction = transaction.ok_or_else(|| self.unserved(&envelope.infno))?;
        self.check_place_and_time(&envelope, post)?;
        self.check_sender(&envelope, &caller, post.received.datetime())?;
        self.check_input_size(interface, raw_input.map_or(0, |raw| raw.get().len()))?;
        let message = check::check(envelope, interface, envelope::input(raw_input)?, &self.config.limits)?;
        let received = post.received.datetime();
        let answer = transaction.handle(&Request { message: &message, caller: &caller, responder, received })?;
        debug_assert!(
            !message.interface().records || matches!(answer, Answer::Kept(_)),
            "{infno} records something, so its answer must be the bytes that the deed kept"
        );
        Ok(answer)
    }

    fn text_of<'a>(&self, body: &'a [u8]) -> Result<&'a str, Refused> {
        if body.len() > self.body_limit() {
            let words = format!("报文 {} 字节，超过 {} 字节的上限", body.len(), self.body_limit());
            return Err(Refused::form(Form::BodyTooLarge, "", words));
        }
        std::str::from_utf8(tolerance::without_byte_order_mark(body)).map_err(|error| {
            let words = format!("第 {} 字节起不是 UTF-8；请用 UTF-8 编码发送", error.valid_up_to() + 1);
            Refused::form(Form::NotUtf8, "", words)
        })
    }

    fn interface(&self, envelope: &Envelope, path: &str) -> Result<&Arc<Interface>, Refused> {
        let sent = &envelope.infno;
        let place = "infno 交易编号";
        if self.catalogue.title(sent).is_none() {
            let words = format!("没有“{}”这个交易，请核对交易编号", shown(sent, 6));
            return Err(Refused::form(Form::UnknownTransaction, place, words));
        }
        let interface = self.catalogue.get(sent).ok_or_else(|| self.unserved(sent))?;
        match self.catalogue.by_path(path) {
            Some(of_path) if of_path.infno != interface.infno => {
                let words = format!("此地址属于 {} {}，报文写的是 {sent}", of_path.infno, of_path.title);
                Err(Refused::form(Form::WrongPath, place, words))
            }
            _ => Ok(interface),
        }
    }

    fn unserved(&self, infno: &str) -> Refused {
        let title = self.catalogue.title(infno).unwrap_or_default();
        let words = format!("{infno} {title}：本中心尚未开通此交易");
        Refused::form(Form::Unserved, "infno 交易编号", words)
    }

    fn check_place_and_time(&self, envelope: &Envelope, post: &Post<'_>) -> Result<(), Refused> {
        let (place, area) = match &envelope.insured_area {
            Some(area) => ("insuplc_admdvs 参保地医保区划", area),
            None => ("mdtrtarea_admvs 就医地医保区划", &envelope.care_area),
        };
        if !self.catalogue.is_local(area.as_str()) {
            let words = format!("“{area}”不属于本中心（{}）；请发往参保地的中心", self.config.region);
            return Err(Refused::form(Form::WrongRegion, place, words));
        }
        let Some(window) = self.config.clock_window else { return Ok(()) };
        let off = post.received.datetime().duration_since(envelope.sent_at).abs();
        if off.unsigned_abs() > window {
            let words = format!("与中心时钟相差 {} 秒，超过 {} 秒；请校准时钟", off.as_secs(), window.as_secs());
            return Err(Refused::form(Form::TimeWindow, "inf_time 交易时间", words));
        }
        Ok(())
    }

    fn check_sender(&self, envelope: &Envelope, caller: &Caller, now: DateTime) -> Result<(), Declined> {
        let institution = &envelope.institution;
        if !caller.may_speak_for(institution) {
            let words = format!("报文写的是 {institution}，与所用密钥登记的机构不符");
            return Err(Refused::form(Form::WrongInstitution, "fixmedins_code 定点医药机构编号", words).into());
        }
        if self.config.sign_in == SignInRule::Ignored || envelope.infno == "9001" {
            return Ok(());
        }
        let place = "sign_no 交易签到流水号";
        match (&envelope.sign_no, &self.sign_ins) {
            (None, _) if self.config.sign_in == SignInRule::Required => {
                Err(Refused::form(Form::NotSignedIn, place, "尚未签到，请先办 9001 签到，并带上返回的签到编号").into())
            }
            (Some(sign_no), Some(sign_ins)) => {
                let known = sign_ins.institution_of(sign_no, now).map_err(Declined::Failed)?;
                if known.as_ref() == Some(institution) {
                    return Ok(());
                }
                let words = format!("“{}”不是 {institution} 当前有效的签到编号，请重新签到", shown(sign_no, 40));
                Err(Refused::form(Form::WrongSignIn, place, words).into())
            }
            _ => Ok(()),
        }
    }

    fn check_input_size(&self, interface: &Interface, bytes: usize) -> Result<(), Refused> {
        let limits = &self.config.limits;
        let usual = if interface.infno == "9101" { limits.file_bytes } else { limits.input_bytes };
        let most = interface.input_bytes.unwrap_or(usual);
        if bytes > most {
            let words = format!("{bytes} 字节超过每次 {most} 字节的上限，请分批发送");
            return Err(Refused::form(Form::InputTooLarge, "input 交易输入", words));
        }
        Ok(())
    }
}

/// `ok`, or the code that a kept refusal begins with.
fn kept_code(bytes: &str) -> String {
    let refused = bytes.split_once("\"err_msg\":\"[").and_then(|(_, rest)| rest.split([' ', ']']).next());
    match refused {
        Some(code) if bytes.starts_with("{\"infcode\":-1") => shown(code, 12),
        _ => "ok".to_owned(),
    }
}
