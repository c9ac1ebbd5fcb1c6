//! 经办中心: what every journey has at hand, none of it fetched per deed.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::Law;
use terms::AreaCode;

use crate::{Catalogue, CredentialOffice, Institutions, Supervision};

/// 经办中心 of one region: its law, catalogue and institutions in memory, and how the region
/// keeps its books. Cheap to clone; a deed's closure takes a clone.
#[derive(Clone)]
pub struct Centre {
    /// 统筹区.
    pub region: AreaCode,
    /// The compiled law.
    pub law: Arc<Law>,
    /// The catalogue.
    pub catalogue: Arc<Catalogue>,
    /// The institutions.
    pub institutions: Arc<Institutions>,
    /// What fund codes are in the books.
    pub books: Arc<Books>,
    /// How settlements are cleared.
    pub clearing: Arc<Clearing>,
    /// How much one message may hold.
    pub limits: Limits,
    /// 医保电子凭证, where the region has them.
    pub credentials: Option<Arc<CredentialOffice>>,
    /// 监管: its rules, where the region has any.
    pub supervision: Option<Arc<Supervision>>,
}

impl Centre {
    /// The same centre with another catalogue and other institutions (a case replaces both;
    /// a new version of a register replaces its own).
    #[must_use]
    pub fn with(&self, catalogue: Arc<Catalogue>, institutions: Arc<Institutions>) -> Centre {
        Centre { catalogue, institutions, ..self.clone() }
    }
}

/// What a 基金支付类型 of `setldetail` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FundRole {
    /// A fund pool pays.
    Pool,
    /// 个人账户: the person's own or a giver's; the accounts are named elsewhere.
    Account,
    /// 医院负担: no money moves.
    Hospital,
}

/// 账簿设置: what each fund code is, and which funds a scheme has; the region's data.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// Codes that are not pools.
    pub roles: BTreeMap<String, FundRole>,
    /// 险种 to the fund codes that 2001 answers for, in order.
    pub funds: BTreeMap<String, Vec<String>>,
}

impl Books {
    /// What a code is; a pool unless said otherwise.
    #[must_use]
    pub fn role(&self, fund_pay_type: &str) -> FundRole {
        self.roles.get(fund_pay_type).copied().unwrap_or(FundRole::Pool)
    }
}

/// 清算设置: by which 清算类别 and 清算方式 a settlement is cleared; the region's data.
#[derive(Debug, Clone, Default)]
pub struct Clearing {
    /// 医疗类别 to 清算类别.
    pub clr_type: BTreeMap<String, String>,
    /// 清算类别 of any other 医疗类别.
    pub other_clr_type: String,
    /// 清算方式.
    pub clr_way: String,
    /// 清算经办机构.
    pub clr_optins: String,
}

impl Clearing {
    /// 清算类别 of a visit.
    #[must_use]
    pub fn clr_type(&self, med_type: &str) -> &str {
        self.clr_type.get(med_type).unwrap_or(&self.other_clr_type)
    }
}

/// 限量 of one message.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Lines in one upload at most.
    pub lines: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { lines: 100 }
    }
}
