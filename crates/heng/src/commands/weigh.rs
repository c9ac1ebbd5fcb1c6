//! `heng weigh`: weights or scores, auxiliary and institution factors out of past stays.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use office::weigh::past;

use super::Problem;
use crate::stays::{Input, PlanChoice, SchemeChoice, progress, told};

/// Works out a plan's weights or scores from past stays, as its [calculation] says.
#[derive(Args)]
pub struct Weigh {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    scheme: SchemeChoice,
    #[command(flatten)]
    plan: PlanChoice,
    /// The weights table, as the plan reads it; standard output unless given.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The auxiliary table, as the plan reads it.
    #[arg(long)]
    auxiliary_out: Option<PathBuf>,
    /// The institutions' factors, as a parameter's table.
    #[arg(long, requires = "from")]
    institutions_out: Option<PathBuf>,
    /// The first day of the institutions' factors, yyyy-MM-dd.
    #[arg(long)]
    from: Option<String>,
}

impl Weigh {
    /// Weighs; fails when a row could not be used.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let installed = self.scheme.load()?;
        let plan = self.plan.load(&self.scheme, &installed)?;
        let rule = plan.calculation.as_ref().ok_or_else(|| {
            format!("the plan {} has no [calculation]: it says how weights come out of past stays", plan.id)
        })?;
        let mut codes = self.input.codes()?;
        let past = past(&self.input.inputs()?, &installed, &self.plan.defaults(), &mut codes, &progress())?;
        let measured = past.measure(rule)?;
        let names = names_of(installed.grouper.scheme());
        let weights = measured.weights_csv(|group| names.get(group).cloned().unwrap_or_default());
        match &self.out {
            Some(out) => std::fs::write(out, weights)?,
            None => print!("{weights}"),
        }
        if let Some(out) = &self.auxiliary_out {
            std::fs::write(out, measured.auxiliary_csv())?;
        }
        if let (Some(out), Some(from)) = (&self.institutions_out, &self.from) {
            let from = terms::parse_date(from).ok_or_else(|| format!("“{from}” is not a date written yyyy-MM-dd"))?;
            std::fs::write(out, measured.institutions_csv(from))?;
        }
        eprintln!(
            "年份 {:?}：入组病例 {}（裁剪 {}），病组 {}，次均费用 {} 分；未入组 {}，缺项 {}",
            past.years,
            measured.cases,
            measured.trimmed,
            measured.groups.len(),
            measured.mean.rounded(2, payment::Mode::HalfUp),
            past.without_group,
            past.left_out
        );
        Ok(told(past.errors, None))
    }
}

/// Names of the scheme's groups by code.
fn names_of(scheme: &grouping::Scheme) -> std::collections::BTreeMap<String, String> {
    fn add(nodes: &[grouping::Node], names: &mut std::collections::BTreeMap<String, String>) {
        for node in nodes {
            if node.children.is_empty() {
                names.entry(node.code.clone()).or_insert_with(|| node.name.clone());
            }
            add(&node.children, names);
        }
    }
    let mut names = std::collections::BTreeMap::new();
    add(&scheme.nodes, &mut names);
    names
}
