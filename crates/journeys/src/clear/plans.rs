//! 支付方案 of a region, each with the grouper of the scheme that it prices.

use std::sync::Arc;

use grouping::Grouper;
use payment::{DatedBy, PaymentFile};
use terms::Date;

use crate::{Centre, NewbornWeight};

/// 支付方案 with its grouper.
#[derive(Debug, Clone)]
pub struct GroupPlan {
    /// The plan.
    pub plan: Arc<PaymentFile>,
    /// The grouper of the scheme and version that it prices.
    pub grouper: Arc<Grouper>,
    /// Which newborn weight the scheme groups by.
    pub weight: NewbornWeight,
}

/// Why a plan and a grouper do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "plan {plan} prices {wants} {wants_version}, but the grouper is {got} {got_version}: put the scheme that the plan names beside it"
)]
pub struct PlanError {
    /// The plan.
    pub plan: String,
    /// Scheme of the plan.
    pub wants: String,
    /// Its version.
    pub wants_version: String,
    /// Scheme of the grouper.
    pub got: String,
    /// Its version.
    pub got_version: String,
}

/// 按病组付费 in a region: its plans, several at a time and one after another.
#[derive(Debug, Clone, Default)]
pub struct GroupPayment(Vec<GroupPlan>);

impl GroupPayment {
    /// The plans of a region.
    ///
    /// # Errors
    /// [`PlanError`] when a plan prices another scheme or version than its grouper groups.
    pub fn new(plans: Vec<GroupPlan>) -> Result<GroupPayment, PlanError> {
        for GroupPlan { plan, grouper, .. } in &plans {
            let scheme = grouper.scheme();
            if (&plan.scheme, &plan.scheme_version) != (&scheme.id, &scheme.version) {
                return Err(PlanError {
                    plan: plan.id.clone(),
                    wants: plan.scheme.clone(),
                    wants_version: plan.scheme_version.clone(),
                    got: scheme.id.clone(),
                    got_version: scheme.version.clone(),
                });
            }
        }
        Ok(GroupPayment(plans))
    }

    /// The plans.
    #[must_use]
    pub fn plans(&self) -> &[GroupPlan] {
        &self.0
    }

    /// The first day that any plan is in force: nothing settled before is looked at.
    #[must_use]
    pub fn begin(&self) -> Option<Date> {
        self.0.iter().map(|row| row.plan.from).min()
    }

    /// A plan by its id that is in force on `day`.
    #[must_use]
    pub fn plan(&self, id: &str, day: Date) -> Option<&GroupPlan> {
        self.0.iter().find(|row| row.plan.id == id && row.plan.covers(day))
    }

    /// The plan that pays a settlement, if it is paid by group: that of the way which the
    /// institution's agreement names, or, when the agreement names none, the first that applies.
    pub(crate) fn of(
        &self,
        centre: &Centre,
        settlement: &claim::Settlement,
        discharged: Date,
    ) -> Option<(usize, &GroupPlan)> {
        let code = &settlement.fixmedins_code;
        let institution = centre.institutions.on(code.as_str(), discharged)?;
        let agreed = centre.institutions.clr_way(code.as_str(), discharged);
        let pays = |GroupPlan { plan, .. }: &GroupPlan| {
            let day = match plan.dated_by {
                DatedBy::Discharged => discharged,
                DatedBy::Settled => settlement.setl_time.date(),
            };
            agreed.is_none_or(|way| way == plan.method.clearing_way())
                && plan.covers(day)
                && plan.applies_to(code, &institution.hi_setl_lv, &settlement.med_type)
                && plan.pool_of(&settlement.insutype).is_some()
        };
        self.0.iter().enumerate().find(|(_, row)| pays(row))
    }
}
