//! 恒等式: what must hold of every settlement before it is recorded. A breach is a bug: the
//! deed stops, and nothing is recorded.

use adjudication::facts::{AccountUse, ChargedLine, FundPayment, Heads};
use terms::Fen;

/// An identity that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{identity}: {left} is not {right}")]
pub struct Broken {
    /// The identity in letters.
    pub identity: &'static str,
    /// Its left side.
    pub left: Fen,
    /// Its right side.
    pub right: Fen,
}

fn equal(identity: &'static str, left: Fen, right: Fen) -> Result<(), Broken> {
    if left == right { Ok(()) } else { Err(Broken { identity, left, right }) }
}

/// T = A + B + C + I; F = the sum of the funds; T = F + P + Hp; P = W + X;
/// the rows sum to F + W + Hp; the accounts sum to W. Holds for a reversal too, whose
/// `accounts` are then given with negative amounts.
///
/// # Errors
/// The first identity that does not hold.
pub fn check_settlement(heads: &Heads, detail: &[FundPayment], accounts: &[AccountUse]) -> Result<(), Broken> {
    let h = heads;
    equal(
        "T = A + B + C + I",
        h.medfee_sumamt,
        h.fulamt_ownpay_amt + h.overlmt_selfpay + h.preselfpay_amt + h.inscp_scp_amt,
    )?;
    let funds = [h.hifp_pay, h.cvlserv_pay, h.hifes_pay, h.hifmi_pay, h.hifob_pay, h.maf_pay, h.hifdm_pay, h.oth_pay];
    equal("F = Σ funds", h.fund_pay_sumamt, funds.into_iter().sum())?;
    equal("T = F + P + Hp", h.medfee_sumamt, h.fund_pay_sumamt + h.psn_part_amt + h.hosp_part_amt)?;
    equal("P = W + X", h.psn_part_amt, h.acct_pay + h.psn_cash_pay)?;
    let rows = detail.iter().map(|row| row.fund_payamt).sum();
    equal("Σ setldetail = F + W + Hp", rows, h.fund_pay_sumamt + h.acct_pay + h.hosp_part_amt)?;
    equal("Σ accounts = W", accounts.iter().map(|row| row.amount).sum(), h.acct_pay)
}

/// Σ lines = heads, for T, A, B, C and I.
///
/// # Errors
/// The first sum that does not hold.
pub fn check_lines(heads: &Heads, lines: &[ChargedLine]) -> Result<(), Broken> {
    let sum = |part: fn(&ChargedLine) -> Fen| lines.iter().map(part).sum::<Fen>();
    equal("Σ lines = T", sum(|line| line.line.amount), heads.medfee_sumamt)?;
    equal("Σ lines = A", sum(|line| line.split.fulamt_ownpay_amt), heads.fulamt_ownpay_amt)?;
    equal("Σ lines = B", sum(|line| line.split.overlmt_amt), heads.overlmt_selfpay)?;
    equal("Σ lines = C", sum(|line| line.split.preselfpay_amt), heads.preselfpay_amt)?;
    equal("Σ lines = I", sum(|line| line.split.inscp_scp_amt), heads.inscp_scp_amt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> (Heads, Vec<FundPayment>, Vec<AccountUse>) {
        let heads = Heads {
            medfee_sumamt: Fen(1000),
            fulamt_ownpay_amt: Fen(100),
            overlmt_selfpay: Fen(50),
            preselfpay_amt: Fen(150),
            inscp_scp_amt: Fen(700),
            hifp_pay: Fen(400),
            maf_pay: Fen(100),
            fund_pay_sumamt: Fen(500),
            psn_part_amt: Fen(480),
            acct_pay: Fen(80),
            psn_cash_pay: Fen(400),
            hosp_part_amt: Fen(20),
            ..Heads::default()
        };
        let row = |code: &str, amount| FundPayment { fund_pay_type: code.into(), fund_payamt: Fen(amount) };
        let detail = vec![row("1", 400), row("2", 100), row("3", 80), row("4", 20)];
        (heads, detail, vec![AccountUse { psn_no: "1".into(), amount: Fen(80) }])
    }

    #[test]
    fn a_sound_settlement_passes() {
        let (heads, detail, accounts) = sound();
        assert_eq!(check_settlement(&heads, &detail, &accounts), Ok(()));
    }

    #[test]
    fn each_identity_is_checked() {
        let (heads, detail, accounts) = sound();
        let one_off = |change: fn(&mut Heads)| {
            let mut wrong = heads.clone();
            change(&mut wrong);
            check_settlement(&wrong, &detail, &accounts).unwrap_err().identity
        };
        assert_eq!(one_off(|h| h.preselfpay_amt += Fen(1)), "T = A + B + C + I");
        assert_eq!(one_off(|h| h.maf_pay += Fen(1)), "F = Σ funds");
        assert_eq!(one_off(|h| h.hosp_part_amt += Fen(1)), "T = F + P + Hp");
        assert_eq!(one_off(|h| h.psn_cash_pay += Fen(1)), "P = W + X");
        assert_eq!(
            check_settlement(&heads, &detail[1..], &accounts).unwrap_err().identity,
            "Σ setldetail = F + W + Hp"
        );
        assert_eq!(check_settlement(&heads, &detail, &[]).unwrap_err().identity, "Σ accounts = W");
    }
}
