//! `heng price`: stays grouped and priced; gain and loss by department and doctor.

use std::process::ExitCode;

use clap::Args;
use office::price::{Pricing, Sums, price};

use super::Problem;
use crate::stays::{Input, Output, PlanChoice, SchemeChoice, progress, told};

/// Groups and prices the stays of files, with gain and loss by department and doctor.
#[derive(Args)]
pub struct Price {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    scheme: SchemeChoice,
    #[command(flatten)]
    plan: PlanChoice,
    #[command(flatten)]
    output: Output,
    /// With the reasons in words: the group, then each step of the price.
    #[arg(long)]
    explain: bool,
}

impl Price {
    /// Prices; fails when a row could not be used or a stay has no price.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let words = format!("price {} {:?} {:?}", self.explain, self.scheme, self.plan);
        let decides = [self.scheme.path(), self.plan.path(self.scheme.region())];
        let installed = self.scheme.load()?;
        let plan = self.plan.load(&self.scheme, &installed)?;
        let files = self.output.files(self.input.identity(&words, &[&decides[0], &decides[1]])?)?;
        let defaults = self.plan.defaults();
        let pricing = Pricing { installed: &installed, plan: &plan, defaults: &defaults };
        let mut codes = self.input.codes()?;
        let priced = price(&self.input.inputs()?, &pricing, &mut codes, self.explain, &files, progress())?;
        let tally = &priced.tally;
        eprintln!("方案 {} ({})，病例 {}", plan.id, plan.title, tally.stays());
        eprintln!("  合计 {}", line(&tally.all));
        for (department, sums) in &tally.departments {
            eprintln!("  {department} {}", line(sums));
        }
        for (code, count) in &tally.refused {
            eprintln!("  未定价 no price: {code} {count}");
        }
        for path in &priced.beside {
            eprintln!("  {}", path.display());
        }
        let rows = told(priced.errors, priced.errors_in.as_deref());
        Ok(if tally.refused.is_empty() { rows } else { ExitCode::FAILURE })
    }
}

fn line(sums: &Sums) -> String {
    let Sums { cases, at_a_loss, fee, payment, balance, .. } = sums;
    format!("病例 {cases}（亏损 {at_a_loss}），费用 {fee}，支付 {payment}，结余 {balance}")
}
