//! 支付方案 of a region, each with the grouper of the scheme that it prices.

use std::collections::BTreeMap;
use std::sync::Arc;

use grouping::Grouper;
use listing::SettlementList;
use listing::codes::CodeTable;
use listing::quality::{Knowledge, Report, RuleBook, Severity};
use payment::{DatedBy, PaymentFile};
use terms::Date;

use crate::Centre;

/// 支付方案 with its grouper.
#[derive(Debug, Clone)]
pub struct GroupPlan {
    /// The plan.
    pub plan: Arc<PaymentFile>,
    /// The grouper of the scheme and version that it prices.
    pub grouper: Arc<Grouper>,
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

/// 清单质控: the rules that a list must pass before it is grouped, and the tables they ask.
#[derive(Debug, Clone, Default)]
pub struct QualityControl {
    /// The rules.
    pub rules: RuleBook,
    /// Tables by name: `diagnoses`, `procedures` and whatever the rules name.
    pub tables: BTreeMap<String, CodeTable>,
}

impl QualityControl {
    /// Holds every rule against a list.
    #[must_use]
    pub fn check(&self, list: &SettlementList) -> Report {
        let mut known = Knowledge::none();
        for (name, table) in &self.tables {
            known = known.with(name, table);
        }
        self.rules.check(list, &known)
    }

    /// What keeps a list from being grouped, or `None`. Warnings do not.
    pub(super) fn objections(&self, list: &SettlementList) -> Option<String> {
        let report = self.check(list);
        let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let told: Vec<String> = errors.map(|finding| format!("{}：{}", finding.rule, finding.message)).collect();
        (!told.is_empty()).then(|| told.join("；"))
    }
}

/// 按病组付费 in a region: its plans, several at a time and one after another, and the quality
/// control before grouping.
#[derive(Debug, Clone, Default)]
pub struct GroupPayment {
    plans: Vec<GroupPlan>,
    quality: Option<Arc<QualityControl>>,
}

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
        Ok(GroupPayment { plans, quality: None })
    }

    /// With quality control before grouping: a list with an error is sent back with the reason.
    #[must_use]
    pub fn with_quality(self, quality: QualityControl) -> GroupPayment {
        GroupPayment { quality: Some(Arc::new(quality)), ..self }
    }

    pub(super) fn objections(&self, list: &SettlementList) -> Option<String> {
        self.quality.as_ref()?.objections(list)
    }

    /// 清单质控, where the region has any.
    #[must_use]
    pub fn quality(&self) -> Option<&QualityControl> {
        self.quality.as_deref()
    }

    /// The plans.
    #[must_use]
    pub fn plans(&self) -> &[GroupPlan] {
        &self.plans
    }

    /// The first day that any plan is in force: nothing settled before is looked at.
    #[must_use]
    pub fn begin(&self) -> Option<Date> {
        self.plans.iter().map(|row| row.plan.from).min()
    }

    /// A plan by its id that is in force on `day`.
    #[must_use]
    pub fn plan(&self, id: &str, day: Date) -> Option<&GroupPlan> {
        self.plans.iter().find(|row| row.plan.id == id && row.plan.covers(day))
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
        self.plans.iter().enumerate().find(|(_, row)| pays(row))
    }
}
