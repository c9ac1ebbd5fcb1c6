//! 事实: persons and their standing, as registered.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::{AreaCode, Date, DateTime, DiseaseCode, EmployerId, Fen, FilingId, Period, PersonId};

/// 其余字段. Further texts by their national field name in lower case.
pub type Fields = BTreeMap<String, String>;

/// 参保人: the person as registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 人员姓名.
    pub psn_name: String,
    /// 人员证件类型 (01 resident identity card, …).
    pub psn_cert_type: String,
    /// 证件号码, unique within its type.
    pub certno: String,
    /// 性别.
    pub gend: String,
    /// 民族.
    pub naty: String,
    /// 出生日期.
    pub brdy: Date,
    /// 联系电话.
    pub tel: String,
    /// Further facts of the person that a region declares.
    pub fields: Fields,
}

/// 用人单位.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employer {
    /// 单位编号.
    pub emp_no: EmployerId,
    /// 单位名称.
    pub emp_name: String,
    /// 登记起止.
    pub period: Period,
}

/// 家庭成员: one person's place in a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyMember {
    /// 户编号.
    pub family_no: String,
    /// 人员编号.
    pub psn_no: PersonId,
    /// 与户主关系.
    pub relation: String,
}

/// 参保记录: one scheme over one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// 险种类型.
    pub insutype: String,
    /// 人员类别.
    pub psn_type: String,
    /// 公务员标志.
    pub cvlserv_flag: String,
    /// 人员参保状态: 1 normal, 2 paused.
    pub psn_insu_stas: String,
    /// 起止.
    pub period: Period,
    /// 参保地医保区划.
    pub insuplc_admdvs: AreaCode,
    /// 单位编号, for the employed.
    pub emp_no: Option<EmployerId>,
    /// 单位名称; filled in when read, ignored when written.
    pub emp_name: Option<String>,
    /// Further facts of the coverage.
    pub fields: Fields,
}

/// 缴费记录: what was paid in for one month of one scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 险种类型.
    pub insutype: String,
    /// 费款所属期 `yyyyMM`.
    pub month: String,
    /// 缴费基数.
    pub base: Fen,
    /// 实缴金额.
    pub paid: Fen,
    /// 到账标志: 1 received, 0 owed.
    pub status: String,
}

/// 人员身份: aid, disability and other identities, dated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// 人员身份类别.
    pub psn_idet_type: String,
    /// 人员类别等级, empty without one.
    pub psn_type_lv: String,
    /// 备注.
    pub memo: String,
    /// 起止.
    pub period: Period,
}

/// 备案: chronic disease, referral, residence, trauma, maternity and whatever a region files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// 备案号, unique within the person.
    pub filing_id: FilingId,
    /// 备案种类, as the region names it (`opsp`, `refl`, `resid`, …).
    pub kind: String,
    /// 起止.
    pub period: Period,
    /// 病种编码, for a disease filing.
    pub dise_codg: Option<DiseaseCode>,
    /// 行政区划, for an out-of-area filing.
    pub admdvs: Option<AreaCode>,
    /// Whether it has been cancelled.
    pub cancelled: bool,
    /// Further texts of the filing (`opsp_dise_name`, `refl_rea`, …).
    pub fields: Fields,
}

/// 共济授权: another person's account that this person may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giver {
    /// 授权人.
    pub giver: PersonId,
    /// 授权起止.
    pub period: Period,
    /// 授权年度限额; `None` is without limit.
    pub year_lmt: Option<Fen>,
    /// 授权人账户余额; filled in when read, ignored when written.
    pub balc: Fen,
}

/// 使用人: somebody who may use a person's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 人员姓名.
    pub psn_name: String,
    /// 授权起止.
    pub period: Period,
    /// 授权年度限额; `None` is without limit.
    pub year_lmt: Option<Fen>,
}

/// 人员登记: a person with everything known on the day of registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The person.
    pub person: Person,
    /// 参保记录, in order.
    pub coverage: Vec<Coverage>,
    /// 身份记录, in order.
    pub identities: Vec<Identity>,
    /// 备案, in order.
    pub filings: Vec<Filing>,
    /// 共济授权, in their order of use.
    pub givers: Vec<Giver>,
    /// 账户期初余额.
    pub balance: Fen,
    /// 登记时刻.
    pub at: DateTime,
}

/// 参保情况: everything this room knows of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The person.
    pub person: Person,
    /// 参保记录, in order of registration.
    pub coverage: Vec<Coverage>,
    /// 身份记录, in order of registration.
    pub identities: Vec<Identity>,
    /// 备案, in order of registration, cancelled ones included.
    pub filings: Vec<Filing>,
    /// 共济授权, in their order of use.
    pub givers: Vec<Giver>,
    /// 本人账户余额.
    pub balance: Fen,
}
