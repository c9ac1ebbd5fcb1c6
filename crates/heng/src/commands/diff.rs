//! `heng diff`: what changed between two region folders, or two dates of one, in words.

use std::path::PathBuf;
use std::process::ExitCode;

use adjudication::explain::Language;
use clap::Args;

use super::Problem;
use crate::wiring::open_region;

/// Says in words what changed between two region folders, or between two dates of one.
#[derive(Args)]
pub struct Diff {
    /// The folder before.
    before: PathBuf,
    /// The folder after; leave it out to compare two dates of one folder.
    after: Option<PathBuf>,
    /// The earlier date, yyyy-MM-dd.
    #[arg(long, requires = "to", conflicts_with = "after")]
    from: Option<String>,
    /// The later date, yyyy-MM-dd.
    #[arg(long)]
    to: Option<String>,
    /// zh or en.
    #[arg(long, default_value = "zh")]
    lang: String,
}

impl Diff {
    /// Compares.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let language = Language::of_tag(&self.lang);
        let before = open_region(&self.before)?;
        let lines = match (&self.after, &self.from, &self.to) {
            (Some(after), _, _) => {
                let after = open_region(after)?;
                let mut lines = region::diff(&before.law, &after.law, language);
                let examples: Vec<_> = before
                    .law
                    .examples
                    .iter()
                    .chain(&after.law.examples)
                    .map(|(_, _, example)| example.clone())
                    .collect();
                lines.extend(region::diff_screening(&before, &after, language)?);
                lines.extend(region::who_gains(before.ground(), after.ground(), &examples, language));
                lines
            }
            (None, Some(from), Some(to)) => region::diff_dates(&before.law, date(from)?, date(to)?, language),
            _ => return Err("give a second folder, or --from and --to".into()),
        };
        for line in &lines {
            println!("{line}");
        }
        if lines.is_empty() {
            println!("{}", if language == Language::Chinese { "没有变化" } else { "nothing changed" });
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn date(text: &str) -> Result<terms::Date, Problem> {
    terms::parse_date(text).ok_or_else(|| format!("“{text}” is not a date written yyyy-MM-dd").into())
}
