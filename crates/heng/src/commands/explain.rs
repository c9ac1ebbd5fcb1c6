//! `heng explain`: a settlement's trace for a citizen.

use std::path::PathBuf;
use std::process::ExitCode;

use adjudication::explain::Language;
use clap::Args;
use terms::{PersonId, SettlementId};

use super::Problem;
use crate::receipt::Told;
use crate::wiring::{Place, open_region};

/// Tells a settlement to a citizen, step by step, from a receipt file or from a centre.
#[derive(Args)]
pub struct Explain {
    /// A receipt file.
    #[arg(required_unless_present = "settlement")]
    receipt: Option<PathBuf>,
    /// A settlement of the centre in the data folder (needs --person).
    #[arg(long, requires = "person")]
    settlement: Option<String>,
    /// The person whose settlement it is.
    #[arg(long)]
    person: Option<String>,
    #[command(flatten)]
    place: Place,
    /// zh, en or both.
    #[arg(long, default_value = "both")]
    lang: String,
}

impl Explain {
    /// Tells.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let body = match (&self.receipt, &self.settlement, &self.person) {
            (Some(receipt), _, _) => {
                let bytes = std::fs::read(receipt).map_err(|error| format!("{}: {error}", receipt.display()))?;
                evidence::Receipt::read(&bytes)?.facts.body
            }
            (None, Some(settlement), Some(person)) => self.sealed(settlement, person)?,
            _ => return Err("give a receipt file, or --settlement and --person".into()),
        };
        let region = open_region(&self.place.region).ok();
        let law = region.as_ref().map(|region| &region.law);
        let languages: &[Language] = match self.lang.as_str() {
            "both" => &[Language::Chinese, Language::English],
            tag if Language::of_tag(tag) == Language::Chinese => &[Language::Chinese],
            _ => &[Language::English],
        };
        for language in languages {
            println!("{}\n", Told::read(&body)?.explanation(law, *language));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn sealed(&self, settlement: &str, person: &str) -> Result<serde_json::Value, Problem> {
        let (psn_no, setl_id) = (PersonId::from(person), SettlementId::from(settlement));
        let found = self.place.open_database()?.read(move |tx| journeys::sealed_facts(tx, &psn_no, &setl_id));
        match found? {
            Some(facts) => Ok(facts.body),
            None => Err(format!("person {person} has no settlement {settlement} here").into()),
        }
    }
}
