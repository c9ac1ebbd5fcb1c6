//! 受理、出院、备案: the steps that only accept or refuse.

use policy::{Law, Stage};
use terms::FilingId;

use crate::Stop;
use crate::env::Env;
use crate::facts::{Bill, DischargeRequest, Dossier, Fields, Filing, Institution, Items, Opening, VisitRequest};
use crate::refuse::{Asked, refuse};

impl<'a> Env<'a> {
    /// The facts of a visit and its lines.
    pub(crate) fn of_bill(
        law: &'a Law,
        dossier: &'a Dossier,
        bill: Option<Bill<'a>>,
        items: Option<&'a dyn Items>,
    ) -> Env<'a> {
        let mut env = Env::new(law, dossier);
        env.items = items;
        if let Some(bill) = bill {
            env.visit = Some(bill.visit);
            env.request = Some(&bill.visit.request);
            env.institution = Some(bill.institution);
            env.lines = bill.lines;
        }
        env
    }

    /// What the policy keeps at this step, as texts.
    pub(crate) fn kept(&mut self, at: Stage) -> Result<Fields, Stop> {
        let law = self.law;
        let mut kept = Fields::new();
        for keep in law.keeps.iter().filter(|keep| keep.at == at) {
            if self.applies(keep.when.as_ref())? {
                let value = self.eval(&keep.value.expr)?;
                kept.insert(keep.id.clone(), value.words(keep.value.kind));
            }
        }
        Ok(kept)
    }
}

/// 受理: whether a visit may begin, and what the law fixes when it does.
///
/// # Errors
/// The first refusal that applies.
pub fn open_visit<'a>(
    law: &'a Law,
    dossier: &'a Dossier,
    institution: Option<&'a Institution>,
    request: &'a VisitRequest,
) -> Result<Opening, Stop> {
    let mut env = Env::new(law, dossier);
    env.institution = institution;
    env.request = Some(request);
    refuse(&mut env, Stage::Visit, Asked::Once)?;
    Ok(Opening { kept: env.kept(Stage::Visit)? })
}

/// 出院: whether the stay may end as asked for.
///
/// # Errors
/// The first refusal that applies.
pub fn discharge<'a>(
    law: &'a Law,
    dossier: &'a Dossier,
    bill: Option<Bill<'a>>,
    request: &'a DischargeRequest,
) -> Result<(), Stop> {
    let mut env = Env::of_bill(law, dossier, bill, None);
    env.discharge = Some(request);
    refuse(&mut env, Stage::Discharge, Asked::Once)
}

/// 备案: whether a filing may be registered.
///
/// # Errors
/// The first refusal that applies.
pub fn file(law: &Law, dossier: &Dossier, filing: &Filing) -> Result<(), Stop> {
    let mut env = Env::new(law, dossier);
    env.filing = Some(filing);
    env.filing_taken = dossier.filings.iter().any(|known| known.filing_id == filing.filing_id);
    refuse(&mut env, Stage::Filing, Asked::Once)
}

/// 备案撤销: whether a filing may be cancelled.
///
/// # Errors
/// The first refusal that applies.
pub fn cancel_filing(law: &Law, dossier: &Dossier, id: &FilingId) -> Result<(), Stop> {
    let mut env = Env::new(law, dossier);
    env.filing = dossier.filings.iter().find(|filing| filing.filing_id == *id);
    refuse(&mut env, Stage::FilingCancel, Asked::Once)
}
