//! 应答报文: the envelope of an answer, strict.

use crate::json::write_text;
use crate::{Refused, Reply};
use jiff::Zoned;
use std::fmt::Write as _;

/// Most characters of `err_msg`.
const MESSAGE_MAX: usize = 200;

/// Writes answers to one message. Its number and time are drawn before the deed, so that a
/// deed run twice writes the same bytes.
#[derive(Debug, Clone)]
pub struct Responder {
    /// 接收方报文ID: region (6) + yyyyMMddHHmmss (14) + serial (10).
    pub reference: String,
    received: String,
    output_as_text: bool,
}

impl Responder {
    /// A responder to a message received at `received` in the region.
    #[must_use]
    pub fn new(region: &str, received: &Zoned, serial: u64, output_as_text: bool) -> Responder {
        let second = received.strftime("%Y%m%d%H%M%S").to_string();
        let thousandths = received.millisecond();
        Responder {
            reference: format!("{region:0<6.6}{second}{:010}", serial % 10_000_000_000),
            received: format!("{second}{thousandths:03}"),
            output_as_text,
        }
    }

    /// The same responder, writing `output` as a JSON string or not.
    pub(crate) fn answering_text(mut self, output_as_text: bool) -> Responder {
        self.output_as_text = output_as_text;
        self
    }

    /// The bytes of a success.
    #[must_use]
    pub fn accept(&self, reply: &Reply) -> String {
        let mut output = String::new();
        reply.write(&mut output);
        self.write("0", None, &output, reply.warning.as_deref())
    }

    /// The bytes of a refusal.
    #[must_use]
    pub fn refuse(&self, refused: &Refused) -> String {
        let words: String = refused.to_string().chars().take(MESSAGE_MAX).collect();
        self.write("-1", Some(&words), "{}", None)
    }

    fn write(&self, infcode: &str, error: Option<&str>, output: &str, warning: Option<&str>) -> String {
        let Responder { reference, received, .. } = self;
        let mut out = String::with_capacity(output.len() + 300);
        write!(out, r#"{{"infcode":{infcode},"inf_refmsgid":"{reference}","refmsg_time":"{received}","respond_time":"{received}","err_msg":"#)
            .expect("a string takes any text");
        text_or_null(&mut out, error);
        out.push_str(r#","output":"#);
        if self.output_as_text {
            write_text(&mut out, output);
        } else {
            out.push_str(output);
        }
        out.push_str(r#","enctype":"","signtype":"","warn_msg":"#);
        text_or_null(&mut out, warning);
        out.push_str(r#","cainfo":""}"#);
        out
    }
}

fn text_or_null(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => write_text(out, text),
        None => out.push_str("null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalogue, Form};
    use std::sync::Arc;

    fn responder(output_as_text: bool) -> Responder {
        let received = jiff::civil::datetime(2026, 3, 9, 16, 0, 5, 42_000_000).in_tz("UTC").unwrap();
        Responder::new("999900", &received, 7, output_as_text)
    }

    fn reply() -> Reply {
        Reply::new(Arc::clone(Catalogue::national().get("2205").unwrap()))
    }

    #[test]
    fn a_success_has_no_error_and_the_documented_numbers() {
        let text = responder(false).accept(&reply());
        assert_eq!(
            text,
            r#"{"infcode":0,"inf_refmsgid":"999900202603091600050000000007","refmsg_time":"20260309160005042","respond_time":"20260309160005042","err_msg":null,"output":{},"enctype":"","signtype":"","warn_msg":null,"cainfo":""}"#
        );
    }

    #[test]
    fn a_refusal_is_cut_to_two_hundred_characters_not_bytes() {
        let text = responder(false).refuse(&Refused::form(Form::NotJson, "", "长".repeat(300)));
        let message = text.split("\"err_msg\":\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(message.chars().count(), 200);
        assert!(text.starts_with("{\"infcode\":-1,"));
    }

    #[test]
    fn who_sends_input_as_text_gets_output_as_text() {
        assert!(responder(true).accept(&reply()).contains(r#""output":"{}","#));
    }
}
