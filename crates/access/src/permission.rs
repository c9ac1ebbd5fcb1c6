//! 权限点: everything that a role may be allowed. A type each, so that a handler names what it
//! asks for and cannot forget to ask.

/// 权限点, known to the compiler.
pub trait Permission: Send + Sync + 'static {
    /// Its name in `access.toml` and in the description of the interface.
    const ID: &'static str;
}

/// 权限点 for people and for checking a policy file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermissionInfo {
    /// Its name.
    pub id: &'static str,
    /// 名称.
    pub name: &'static str,
}

macro_rules! permissions {
    ($($type:ident $id:literal $name:literal)*) => {
        $(
            #[doc = concat!($name, " `", $id, "`.")]
            #[derive(Debug, Clone, Copy)]
            pub struct $type;

            impl Permission for $type {
                const ID: &'static str = $id;
            }
        )*

        /// Every permission, in order of its name.
        pub const ALL: &[PermissionInfo] = &[$(PermissionInfo { id: $id, name: $name }),*];
    };
}

permissions! {
    AccessRead "access.read" "查看访问记录"
    AccountRead "account.read" "查询个人账户"
    AccountManage "account.manage" "管理登录账号"
    CaseAct "case.act" "办理案件"
    CaseRead "case.read" "查看案件"
    ClearingRead "clearing.read" "查看清算"
    ClearingSimulate "clearing.simulate" "清算测算"
    CredentialIssue "credential.issue" "签发电子凭证"
    CredentialOwn "credential.own" "使用本人电子凭证"
    FilingRead "filing.read" "查询备案"
    FindingRead "finding.read" "查看疑点"
    InstitutionRead "institution.read" "查询机构"
    ListRead "list.read" "查看结算清单"
    ManualClaimEnter "manual_claim.enter" "零星报销录入"
    ManualClaimPay "manual_claim.pay" "零星报销支付"
    ManualClaimReview "manual_claim.review" "零星报销复核"
    MessageOwn "message.own" "查看本人消息"
    OverviewRead "overview.read" "查看基金运行"
    PaymentRead "payment.read" "查看支付方式"
    PaymentTry "payment.try" "试分组试算"
    PersonRead "person.read" "查询参保人"
    PersonUnmask "person.unmask" "查看未脱敏信息"
    PolicyCompare "policy.compare" "比较政策版本"
    PolicyRead "policy.read" "查看政策"
    RefusalRead "refusal.read" "查看拒付"
    RuleRead "rule.read" "查看审核规则"
    RuleTry "rule.try" "试运行审核规则"
    ServiceApply "service.apply" "申请事项"
    ServiceHandle "service.handle" "办理事项"
    ServiceRead "service.read" "查看事项"
    SettlementRead "settlement.read" "查询结算"
    SettlementReverse "settlement.reverse" "撤销结算"
    VisitRead "visit.read" "查询就诊"
    WorkorderApprove "workorder.approve" "审批工单"
    WorkorderHandle "workorder.handle" "处理工单"
    WorkorderRaise "workorder.raise" "提交工单"
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_permission_has_a_name_of_its_own() {
        for (nth, one) in ALL.iter().enumerate() {
            assert!(!ALL[nth + 1..].iter().any(|other| other.id == one.id), "{} stands twice", one.id);
        }
    }
}
