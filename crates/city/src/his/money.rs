//! 恒等式: what must hold between the amounts of an answer, whatever the law says.

use terms::Fen;

use super::answer::Tree;

/// The heads of a settlement that a reversal negates.
pub(super) const HEADS: &[&str] = &[
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "hifdm_pay",
    "maf_pay",
    "oth_pay",
    "fund_pay_sumamt",
    "hosp_part_amt",
    "psn_part_amt",
    "acct_pay",
    "acct_mulaid_pay",
    "psn_cash_pay",
];
const FUNDS: &[&str] =
    &["hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "oth_pay"];

/// 结算答复: heads and fund rows as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settled {
    /// 结算ID, empty in a trial.
    pub(super) id: String,
    /// 就诊ID.
    pub(super) visit: String,
    heads: Vec<Fen>,
    /// `setldetail`: type and amount.
    pub(super) funds: Vec<(String, Fen)>,
    /// 清算类别.
    pub(super) clearing: String,
    /// 余额 after it.
    pub(super) balance: Fen,
    ratio: String,
}

impl Settled {
    /// Reads `setlinfo` and `setldetail`; the problem in words if an amount is missing.
    pub(super) fn read(output: &Tree) -> Result<Settled, String> {
        let info = output.node("setlinfo").ok_or("the answer has no setlinfo")?;
        let heads = HEADS.iter().map(|name| info.fen(name)).collect::<Result<Vec<Fen>, String>>()?;
        let funds =
            output.rows("setldetail").iter().map(|row| Ok((row.text("fund_pay_type"), row.fen("fund_payamt")?)));
        Ok(Settled {
            id: info.text("setl_id"),
            visit: info.text("mdtrt_id"),
            heads,
            funds: funds.collect::<Result<Vec<_>, String>>()?,
            clearing: info.text("clr_type"),
            balance: info.fen("balc")?,
            ratio: info.text("pool_prop_selfpay"),
        })
    }

    /// One head by its national name.
    pub(super) fn head(&self, name: &str) -> Fen {
        HEADS.iter().position(|head| *head == name).map_or(Fen::ZERO, |at| self.heads[at])
    }

    /// Every identity of section 5 that does not hold, in words.
    pub(super) fn broken(&self) -> Vec<String> {
        let [total, fund, person, hospital] =
            ["medfee_sumamt", "fund_pay_sumamt", "psn_part_amt", "hosp_part_amt"].map(|name| self.head(name));
        let [account, shared, cash] = ["acct_pay", "acct_mulaid_pay", "psn_cash_pay"].map(|name| self.head(name));
        let split = ["fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"];
        let sum = |names: &[&str]| Fen(names.iter().map(|name| self.head(name).0).sum());
        let detail = Fen(self.funds.iter().map(|(_, amount)| amount.0).sum());
        let equal = [
            ("T = A + B + C + I", total, sum(&split)),
            ("T = F + P + Hp", total, fund + person + hospital),
            ("P = W + X", person, account + cash),
            ("F = Σ funds", fund, sum(FUNDS)),
            ("Σ setldetail = F + W + Hp", detail, fund + account + hospital),
        ];
        let mut broken: Vec<String> = equal
            .iter()
            .filter(|(_, left, right)| left != right)
            .map(|(name, left, right)| format!("{name}: {left} ≠ {right}"))
            .collect();
        let within = |part: Fen, whole: Fen| part.0.abs() <= whole.0.abs();
        if !within(shared, account) {
            broken.push(format!("mutual aid {shared} exceeds the account's {account}"));
        }
        if !within(self.head("act_pay_dedc"), self.head("inscp_scp_amt")) {
            broken.push("the deductible exceeds what is in scope".to_owned());
        }
        broken
    }

    /// What differs from another answer about the same bill, ids and times aside.
    pub(super) fn differs_from(&self, other: &Settled) -> Vec<String> {
        let heads = HEADS.iter().zip(self.heads.iter().zip(&other.heads));
        let mut all: Vec<String> = heads
            .filter(|(_, (own, others))| own != others)
            .map(|(name, (own, others))| format!("{name}: {own} ≠ {others}"))
            .collect();
        if self.funds != other.funds {
            all.push(format!("setldetail: {:?} ≠ {:?}", self.funds, other.funds));
        }
        if self.balance != other.balance {
            all.push(format!("balc: {} ≠ {}", self.balance, other.balance));
        }
        all
    }

    /// What a reversal should have negated and did not.
    pub(super) fn not_negated_by(&self, reversal: &Settled, balance_before: Fen) -> Vec<String> {
        let heads = HEADS.iter().zip(self.heads.iter().zip(&reversal.heads));
        let mut all: Vec<String> = heads
            .filter(|(_, (own, negative))| own.0 != -negative.0)
            .map(|(name, (own, negative))| format!("{name}: {own} is reversed by {negative}"))
            .collect();
        let negated: Vec<(String, Fen)> =
            reversal.funds.iter().map(|(kind, amount)| (kind.clone(), -*amount)).collect();
        if self.funds != negated {
            all.push(format!("setldetail: {:?} is reversed by {:?}", self.funds, reversal.funds));
        }
        if reversal.balance != balance_before {
            all.push(format!("balc: {} after reversal, {balance_before} before settlement", reversal.balance));
        }
        if self.ratio != reversal.ratio {
            all.push(format!("pool_prop_selfpay: {} ≠ {}", self.ratio, reversal.ratio));
        }
        all
    }

    /// 个人账户 before this settlement: what it left and what it took from the own account.
    pub(super) fn balance_before(&self) -> Fen {
        self.balance + self.head("acct_pay") - self.head("acct_mulaid_pay")
    }
}

/// 费用拆分 of one line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Split {
    amount: Fen,
    parts: [Fen; 4],
    /// 医疗收费项目类别 01…14; 0 where the answer does not say.
    pub(super) class: u8,
    /// 收费项目等级: 1 甲, 2 乙, 3 丙.
    pub(super) level: u8,
}

const PARTS: [&str; 4] = ["fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt"];

impl Split {
    /// Reads a row of `result` or `detlcutinfo`, with its line number.
    pub(super) fn read(row: &Tree) -> Result<(u32, Split), String> {
        let number = row.text("feedetl_sn");
        let number = number.parse().map_err(|_| format!("feedetl_sn “{number}” is not a line that was sent"))?;
        let amount = row.fen("det_item_fee_sumamt")?;
        let mut parts = [Fen::ZERO; 4];
        for (part, name) in parts.iter_mut().zip(PARTS) {
            *part = row.fen(name)?;
        }
        let code = |name: &str| row.text(name).parse().unwrap_or(0);
        Ok((number, Split { amount, parts, class: code("med_chrgitm_type"), level: code("chrgitm_lv") }))
    }

    /// 金额, and what of it is 自费, 超限价, 先行自付 and 符合范围.
    pub(super) fn amounts(&self) -> (Fen, [Fen; 4]) {
        (self.amount, self.parts)
    }

    /// A line that is in scope as a whole.
    #[cfg(test)]
    pub(super) fn in_scope(amount: Fen, class: u8, level: u8) -> Split {
        Split { amount, parts: [Fen::ZERO, Fen::ZERO, Fen::ZERO, amount], class, level }
    }

    /// What is wrong with the split of a line of `amount`.
    pub(super) fn broken(&self, number: u32, amount: Fen) -> Vec<String> {
        let sum = Fen(self.parts.iter().map(|part| part.0).sum());
        let mut all = Vec::new();
        if self.amount != amount {
            all.push(format!("line {number}: {amount} was sent, {} came back", self.amount));
        }
        if self.amount != sum {
            all.push(format!("line {number}: {} is split into {sum}", self.amount));
        }
        all
    }
}

/// Σ lines = heads: what differs.
pub(super) fn lines_against(settled: &Settled, splits: impl Iterator<Item = Split> + Clone) -> Vec<String> {
    let heads = ["fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"];
    let total = Fen(splits.clone().map(|split| split.amount.0).sum());
    let mut all = Vec::new();
    if total != settled.head("medfee_sumamt") {
        all.push(format!("Σ lines {total} ≠ medfee_sumamt {}", settled.head("medfee_sumamt")));
    }
    for (at, name) in heads.into_iter().enumerate() {
        let sum = Fen(splits.clone().map(|split| split.parts[at].0).sum());
        if sum != settled.head(name) {
            all.push(format!("Σ lines {sum} ≠ {name} {}", settled.head(name)));
        }
    }
    all
}
