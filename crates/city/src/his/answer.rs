//! 应答: an answer as it came; numbers keep their text, so that no amount passes through a float.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use terms::Fen;

/// A JSON value with the text of its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    Empty,
    Text(String),
    List(Vec<Tree>),
    Object(BTreeMap<String, Tree>),
}

impl Tree {
    fn read(text: &str) -> Result<Tree, serde_json::Error> {
        let text = text.trim();
        match text.as_bytes().first() {
            Some(b'{') => {
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
                let members = members.into_iter().map(|(name, raw)| Ok((name, Tree::read(raw.get())?)));
                members.collect::<Result<_, _>>().map(Tree::Object)
            }
            Some(b'[') => {
                let rows: Vec<&RawValue> = serde_json::from_str(text)?;
                rows.into_iter().map(|raw| Tree::read(raw.get())).collect::<Result<_, _>>().map(Tree::List)
            }
            Some(b'"') => serde_json::from_str(text).map(Tree::Text),
            _ if text == "null" => Ok(Tree::Empty),
            _ => {
                let _: &RawValue = serde_json::from_str(text)?;
                Ok(Tree::Text(text.to_owned()))
            }
        }
    }

    fn get(&self, name: &str) -> Option<&Tree> {
        match self {
            Tree::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// A node that is an object, or the first of a list.
    pub(super) fn node(&self, name: &str) -> Option<&Tree> {
        match self.get(name)? {
            Tree::List(rows) => rows.first(),
            other => Some(other),
        }
    }

    /// A node's rows; none if it is absent.
    pub(super) fn rows(&self, name: &str) -> &[Tree] {
        match self.get(name) {
            Some(Tree::List(rows)) => rows,
            Some(one @ Tree::Object(_)) => std::slice::from_ref(one),
            _ => &[],
        }
    }

    /// A field as text; empty if absent.
    pub(super) fn text(&self, name: &str) -> String {
        match self.get(name) {
            Some(Tree::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }

    /// A field as money.
    pub(super) fn fen(&self, name: &str) -> Result<Fen, String> {
        let text = self.text(name);
        text.parse().map_err(|_| format!("{name} is “{text}”, not an amount"))
    }
}

/// 应答.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// The bytes, for comparison with a repeat.
    pub(super) raw: Vec<u8>,
    /// `output`.
    pub(super) output: Tree,
    /// The refusal's code and words; `None` is success.
    pub(super) refusal: Option<(String, String)>,
}

impl Answer {
    /// Reads an answer in the envelope of section 1.2.
    pub(super) fn read(raw: Vec<u8>) -> Result<Answer, String> {
        let text = std::str::from_utf8(&raw).map_err(|_| "the answer is not UTF-8".to_owned())?;
        let tree = Tree::read(text).map_err(|cause| format!("the answer is not JSON ({cause}): {}", head(text)))?;
        let code = tree.text("infcode");
        let refusal = match code.as_str() {
            "0" => None,
            "" => return Err(format!("the answer has no infcode: {}", head(text))),
            _ => {
                let words = tree.text("err_msg");
                Some((refusal_code(&words).to_owned(), words))
            }
        };
        let output = tree.get("output").cloned().unwrap_or(Tree::Empty);
        // Some provinces answer `output` as a JSON text.
        let output = match output {
            Tree::Text(text) if text.starts_with('{') => Tree::read(&text).map_err(|cause| cause.to_string())?,
            other => other,
        };
        Ok(Answer { raw, output, refusal })
    }
}

fn head(text: &str) -> String {
    text.chars().take(120).collect()
}

/// `[HZ204 feedetl_sn=3] words` → `HZ204`; words without a code are `?`.
fn refusal_code(words: &str) -> &str {
    let inside = words.strip_prefix('[').and_then(|rest| rest.split(']').next());
    inside.and_then(|inside| inside.split_whitespace().next()).unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::super::money::{Settled, Split, lines_against};
    use super::*;

    /// A 2207 answer in the interface's form, with the figures of section 5's worked example.
    const SETTLED: &str = r#"{"infcode":0,"inf_refmsgid":"999900202607011000000000000001","err_msg":null,"output":{
      "setlinfo":{"setl_id":"S1","mdtrt_id":"M1","medfee_sumamt":23442.46,"fulamt_ownpay_amt":2533.97,
      "overlmt_selfpay":1396.89,"preselfpay_amt":703.44,"inscp_scp_amt":18808.16,"act_pay_dedc":1000.00,
      "hifp_pay":15000.10,"pool_prop_selfpay":0.8424,"cvlserv_pay":0,"hifes_pay":0.00,"hifmi_pay":0,"hifob_pay":0,
      "hifdm_pay":0,"maf_pay":0,"oth_pay":0,"fund_pay_sumamt":15000.10,"psn_part_amt":8442.36,"acct_pay":442.36,
      "acct_mulaid_pay":0,"psn_cash_pay":8000.00,"balc":"10.00","hosp_part_amt":0,"clr_type":"11"},
      "setldetail":[{"fund_pay_type":"310100","fund_payamt":15000.10},{"fund_pay_type":"310200","fund_payamt":442.36}]}}"#;

    fn settled(text: &str) -> Settled {
        let answer = Answer::read(text.as_bytes().to_vec()).unwrap();
        assert_eq!(answer.refusal, None);
        Settled::read(&answer.output).unwrap()
    }

    #[test]
    fn an_answer_that_adds_up_is_not_broken() {
        let settled = settled(SETTLED);
        assert_eq!(settled.broken(), Vec::<String>::new());
        assert_eq!(settled.head("medfee_sumamt"), Fen(2_344_246));
        assert_eq!(settled.balance_before(), Fen(45_236));
    }

    #[test]
    fn one_fen_off_is_told_by_every_identity_it_breaks() {
        let off = settled(&SETTLED.replace("\"psn_cash_pay\":8000.00", "\"psn_cash_pay\":8000.01"));
        assert_eq!(off.broken(), ["P = W + X: 8442.36 ≠ 8442.37"]);
        let off = settled(&SETTLED.replace("\"fund_payamt\":442.36", "\"fund_payamt\":442.35"));
        assert_eq!(off.broken(), ["Σ setldetail = F + W + Hp: 15442.45 ≠ 15442.46"]);
        let off = settled(&SETTLED.replace("\"hifp_pay\":15000.10", "\"hifp_pay\":15000.11"));
        assert_eq!(off.broken(), ["F = Σ funds: 15000.10 ≠ 15000.11"]);
    }

    #[test]
    fn a_reversal_negates_every_head_and_gives_the_balance_back() {
        let forward = settled(SETTLED);
        let negative = SETTLED
            .split(',')
            .map(|part| match part.rsplit_once(':') {
                Some((name, number))
                    if name.ends_with("pay\"")
                        || name.ends_with("amt\"")
                        || name.ends_with("payamt\"")
                        || name.ends_with("dedc\"")
                        || name.ends_with("selfpay\"") && !name.contains("prop") =>
                {
                    if number.starts_with('0') {
                        part.to_owned()
                    } else {
                        format!("{name}:-{number}")
                    }
                }
                _ => part.to_owned(),
            })
            .collect::<Vec<_>>()
            .join(",")
            .replace("\"balc\":\"10.00\"", "\"balc\":\"452.36\"");
        let reversal = settled(&negative);
        assert_eq!(forward.not_negated_by(&reversal, forward.balance_before()), Vec::<String>::new());
        let wrong = settled(&negative.replace("-442.36", "-442.00"));
        assert!(!forward.not_negated_by(&wrong, forward.balance_before()).is_empty());
    }

    #[test]
    fn lines_are_held_against_the_heads() {
        let row = r#"{"feedetl_sn":"1","det_item_fee_sumamt":23442.46,"fulamt_ownpay_amt":2533.97,"overlmt_amt":1396.89,
          "preselfpay_amt":703.44,"inscp_scp_amt":18808.16}"#;
        let (number, split) = Split::read(&Tree::read(row).unwrap()).unwrap();
        assert_eq!(split.broken(number, Fen(2_344_246)), Vec::<String>::new());
        assert_eq!(split.broken(number, Fen(2_344_247)).len(), 1);
        assert_eq!(lines_against(&settled(SETTLED), [split].into_iter()), Vec::<String>::new());
        assert_eq!(lines_against(&settled(SETTLED), [split, split].into_iter()).len(), 5);
    }

    #[test]
    fn a_refusal_gives_its_code() {
        let read = |words: &str| {
            let text = format!(r#"{{"infcode":"-1","err_msg":"{words}","output":{{}}}}"#);
            Answer::read(text.into_bytes()).unwrap().refusal.unwrap().0
        };
        assert_eq!(read("[HZ204 feedetl_sn=3] 编码不在目录"), "HZ204");
        assert_eq!(read("[HZ110] 等待期内"), "HZ110");
        assert_eq!(read("没有代码"), "?");
        assert!(Answer::read(b"<html>".to_vec()).is_err());
        assert!(Answer::read(b"{}".to_vec()).is_err());
    }
}
