//! The facts of the register, in full words; the national field name stands in each doc.

use terms::{AreaCode, InstitutionId, Period};

/// 定点医疗服务机构类型 `fixmedins_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstitutionKind {
    /// 定点医疗机构 1.
    Hospital,
    /// 定点零售药店 2.
    Pharmacy,
}

impl InstitutionKind {
    /// The national code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            InstitutionKind::Hospital => "1",
            InstitutionKind::Pharmacy => "2",
        }
    }

    /// The kind of a national code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<InstitutionKind> {
        [InstitutionKind::Hospital, InstitutionKind::Pharmacy].into_iter().find(|kind| kind.code() == code)
    }
}

/// 定点医药机构: an institution as it stands during one period of designation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// 定点医药机构编号 `fixmedins_code`.
    pub code: InstitutionId,
    /// 名称.
    pub name: String,
    /// 医保结算等级 `hi_setl_lv`: 3 tertiary, 2 secondary, 1 primary and pharmacies.
    pub level: String,
    /// 机构类型 `fixmedins_type`.
    pub kind: InstitutionKind,
    /// 医疗机构类别 `medins_type`, such as A100 综合医院; empty for a pharmacy.
    pub category: String,
    /// 行政区划 `admdvs`.
    pub area: AreaCode,
    /// 可办门诊慢特病 `opsp_flag`.
    pub chronic: bool,
    /// 药店可办门诊统筹 `opt_pool_flag`.
    pub pooled: bool,
    /// 编制床位, beds; 0 where nobody stays.
    pub beds: i64,
    /// 定点起止日期.
    pub period: Period,
}

/// 科室.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// The institution.
    pub institution: InstitutionId,
    /// 医院科室编码 `hosp_dept_codg`, unique in its institution.
    pub code: String,
    /// 科室名称.
    pub name: String,
    /// 科别 `caty`: code of the national list of departments, such as A03.04.
    pub category: String,
    /// 批准床位数.
    pub beds: i64,
    /// 起止日期.
    pub period: Period,
}

/// 医务人员: doctors, nurses, pharmacists, technicians.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practitioner {
    /// 医师、护士、药师代码, unique in the region.
    pub code: String,
    /// 姓名.
    pub name: String,
    /// The institution.
    pub institution: InstitutionId,
    /// The department's code in that institution.
    pub department: String,
    /// 医务人员类别 `medins_psn_type`: 1 医师, 2 护士, 3 药师, 4 医技.
    pub kind: String,
    /// 职称, in words.
    pub title: String,
    /// 起止日期.
    pub period: Period,
}

/// 协议状态.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgreementStatus {
    /// 有效 1: the agreement is in force.
    InForce,
    /// 暂停 2: service is refused during the row's period, whatever else is in force.
    Suspended,
}

impl AgreementStatus {
    /// The code kept in files and tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            AgreementStatus::InForce => "1",
            AgreementStatus::Suspended => "2",
        }
    }

    /// The status that `code` names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<AgreementStatus> {
        [AgreementStatus::InForce, AgreementStatus::Suspended].into_iter().find(|status| status.code() == code)
    }
}

/// 医保服务协议, or a suspension of it, with its period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The institution.
    pub institution: InstitutionId,
    /// 协议编号, or the number of the decision that suspends it.
    pub number: String,
    /// In force or suspended.
    pub status: AgreementStatus,
    /// 住院清算方式 `clr_way`: how stays are paid under it, such as 40 DRG, 50 DIP or 1 by item;
    /// empty for the region's usual way.
    pub clr_way: String,
    /// 起止日期.
    pub period: Period,
}
