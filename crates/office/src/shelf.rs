//! 方案架: the schemes, payment plans and quality rules that are at hand, each found by name.

use std::sync::Arc;

use grouping::{Grouper, Scheme};
use journeys::{GroupPayment, GroupPlan, PlanError, QualityControl};
use listing::codes::CodeTable;
use listing::quality::{Knowledge, RuleBook};
use payment::PaymentFile;

/// 分组方案, compiled, and the plans that price it.
#[derive(Debug)]
pub struct Installed {
    /// The compiled scheme.
    pub grouper: Grouper,
    /// 支付方案 of this scheme and version; never of another.
    pub plans: Vec<PaymentFile>,
}

/// 质控规则 and the catalogues that they ask.
#[derive(Debug, Default)]
pub struct Quality {
    /// The rules in force.
    pub rules: RuleBook,
    /// Tables by the names that rules use (`diagnoses`, `procedures`, `grey-diagnoses`).
    pub tables: Vec<(String, CodeTable)>,
}

impl Quality {
    /// What the rules may ask of.
    #[must_use]
    pub fn knowledge(&self) -> Knowledge<'_> {
        self.tables.iter().fold(Knowledge::none(), |known, (name, table)| known.with(name, table))
    }
}

/// Something was asked for by a name that nothing has, or by none where there are several.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotThere {
    /// No scheme has the name.
    #[error("there is no scheme “{asked}” here; there are: {known}")]
    Scheme {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: String,
    },
    /// Several schemes and no name.
    #[error("say which scheme: {known}")]
    WhichScheme {
        /// What there is.
        known: String,
    },
    /// No plan has the name, or prices the scheme.
    #[error(
        "there is no payment plan “{asked}” for the scheme {scheme}; there are: {known}. A plan prices only the scheme and version that it names"
    )]
    Plan {
        /// What was asked for.
        asked: String,
        /// For which scheme.
        scheme: String,
        /// What there is.
        known: String,
    },
    /// Several plans and no name.
    #[error("say which payment plan of the scheme {scheme}: {known}")]
    WhichPlan {
        /// For which scheme.
        scheme: String,
        /// What there is.
        known: String,
    },
    /// A plan for a scheme or version that is not there.
    #[error("the payment plan “{plan}” prices {wants}, not {got}: take the plan of that scheme and version")]
    Mismatched {
        /// The plan.
        plan: String,
        /// What it prices.
        wants: String,
        /// What is there.
        got: String,
    },
}

/// What is at hand.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Schemes; two may have one id and different versions.
    pub schemes: Vec<Installed>,
    /// Quality rules, if a region was given.
    pub quality: Option<Quality>,
    /// Audit rules with institutions and practitioners around them, if the region has any.
    pub screening: Option<screening::Screener>,
}

/// A scheme's name with its version: `chs-drg@1.1`.
#[must_use]
pub fn name_of(scheme: &Scheme) -> String {
    format!("{}@{}", scheme.id, scheme.version)
}

impl Shelf {
    /// A scheme by `id@version`, by `id` where one version is there, or the only one.
    ///
    /// # Errors
    /// None or several answer to the name.
    pub fn scheme(&self, asked: Option<&str>) -> Result<&Installed, NotThere> {
        let known = || all(self.schemes.iter().map(|one| name_of(one.grouper.scheme())));
        let fits = |one: &&Installed| {
            let scheme = one.grouper.scheme();
            asked.is_none_or(|asked| asked == scheme.id || asked == name_of(scheme))
        };
        let mut found = self.schemes.iter().filter(fits);
        match (found.next(), found.next(), asked) {
            (Some(one), None, _) => Ok(one),
            (None, _, Some(asked)) => Err(NotThere::Scheme { asked: asked.to_owned(), known: known() }),
            _ => Err(NotThere::WhichScheme { known: known() }),
        }
    }
}

impl Shelf {
    /// 按病组付费 by the plans of the shelf, with its quality rules before grouping.
    ///
    /// # Errors
    /// Never for plans that were put beside their scheme by [`Installed::add`].
    pub fn group_payment(&self) -> Result<GroupPayment, PlanError> {
        let of_scheme = |one: &Installed| {
            let grouper = Arc::new(one.grouper.clone());
            let plan = |plan: &PaymentFile| GroupPlan { plan: Arc::new(plan.clone()), grouper: Arc::clone(&grouper) };
            one.plans.iter().map(plan).collect::<Vec<_>>()
        };
        let pay = GroupPayment::new(self.schemes.iter().flat_map(of_scheme).collect())?;
        Ok(match &self.quality {
            None => pay,
            Some(quality) => pay.with_quality(QualityControl {
                rules: quality.rules.clone(),
                tables: quality.tables.iter().cloned().collect(),
            }),
        })
    }
}

impl Installed {
    /// A payment plan by id, or the only one.
    ///
    /// # Errors
    /// None or several answer to the name.
    pub fn plan(&self, asked: Option<&str>) -> Result<&PaymentFile, NotThere> {
        let scheme = || name_of(self.grouper.scheme());
        let known = || all(self.plans.iter().map(|plan| plan.id.clone()));
        let mut found = self.plans.iter().filter(|plan| asked.is_none_or(|asked| asked == plan.id));
        match (found.next(), found.next()) {
            (Some(plan), None) => Ok(plan),
            (Some(_), Some(_)) => Err(NotThere::WhichPlan { scheme: scheme(), known: known() }),
            (None, _) => {
                Err(NotThere::Plan { asked: asked.unwrap_or_default().to_owned(), scheme: scheme(), known: known() })
            }
        }
    }

    /// Puts a plan beside its scheme.
    ///
    /// # Errors
    /// It prices another scheme or version.
    pub fn add(&mut self, plan: PaymentFile) -> Result<(), NotThere> {
        fits(&plan, self.grouper.scheme())?;
        self.plans.push(plan);
        Ok(())
    }
}

/// Refuses a plan of another scheme or version.
///
/// # Errors
/// It prices another scheme or version.
pub fn fits(plan: &PaymentFile, scheme: &Scheme) -> Result<(), NotThere> {
    if plan.scheme == scheme.id && plan.scheme_version == scheme.version {
        return Ok(());
    }
    let wants = format!("{}@{}", plan.scheme, plan.scheme_version);
    Err(NotThere::Mismatched { plan: plan.id.clone(), wants, got: name_of(scheme) })
}

fn all(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
