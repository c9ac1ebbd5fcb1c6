//! What a receipt says, read back from the facts that were sealed.

use adjudication::explain::{Language, explain};
use adjudication::facts::{AccountUse, Fields, FundPayment, Heads, Settlement};
use adjudication::trace::Trace;
use policy::Law;
use serde::Deserialize;

use crate::commands::Problem;

/// 凭证内容: the parts of the sealed facts that an explanation needs.
#[derive(Deserialize)]
pub struct Told {
    pub fixmedins_name: String,
    pub med_type: String,
    pub setl_time: String,
    pub heads: Heads,
    pub detail: Vec<FundPayment>,
    pub accounts: Vec<AccountUse>,
    pub trace: Trace,
}

impl Told {
    /// Reads the body of sealed facts.
    pub fn read(body: &serde_json::Value) -> Result<Told, Problem> {
        serde_json::from_value(body.clone())
            .map_err(|error| format!("the receipt's content is not a settlement: {error}").into())
    }

    /// Money identities that do not hold; empty when all do.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = self.heads.broken_identities();
        let parts: terms::Fen = self.detail.iter().map(|row| row.fund_payamt).sum();
        let whole = self.heads.fund_pay_sumamt + self.heads.acct_pay + self.heads.hosp_part_amt;
        if parts != whole {
            broken.push(format!("Σ setldetail = F + W + Hp does not hold: {parts} ≠ {whole}"));
        }
        broken
    }

    /// Why each fen.
    pub fn explanation(self, law: Option<&Law>, language: Language) -> String {
        let settlement = Settlement {
            heads: self.heads,
            detail: self.detail,
            adds: Vec::new(),
            kept: Fields::new(),
            accounts: self.accounts,
            trace: self.trace,
        };
        explain(&settlement, law, language)
    }
}
