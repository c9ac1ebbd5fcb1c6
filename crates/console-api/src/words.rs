//! 用语: codes and account kinds in words.

use ledger::Account;

/// 医疗类别 in words; a code that has none is shown as it is.
pub(crate) fn med_type(code: &str) -> (&str, &'static str) {
    match code {
        "11" => ("普通门诊", "outpatient"),
        "12" => ("门诊挂号", "registration"),
        "13" => ("急诊", "emergency"),
        "14" => ("门诊慢特病", "chronic disease"),
        "21" => ("普通住院", "inpatient stay"),
        "22" => ("外伤住院", "stay after injury"),
        "23" => ("转外诊治住院", "stay elsewhere"),
        "24" => ("急诊转住院", "emergency stay"),
        "28" => ("日间手术", "day surgery"),
        "41" => ("定点药店购药", "pharmacy"),
        "51" => ("生育门诊", "maternity outpatient"),
        "52" => ("生育住院", "maternity stay"),
        "53" => ("计划生育手术", "family planning"),
        other => (other, ""),
    }
}

/// 收费项目等级.
pub(crate) fn level(code: &str) -> (&str, &'static str) {
    match code {
        "01" => ("甲类", "class A"),
        "02" => ("乙类", "class B"),
        "03" => ("丙类", "class C"),
        other => (other, ""),
    }
}

/// The kind of an account of the ledger.
pub(crate) fn account(account: &Account) -> (&'static str, &'static str) {
    match account {
        Account::Pool(_) => ("基金池", "fund pool"),
        Account::Personal(_) => ("个人账户", "personal account"),
        Account::Payable(_) => ("应付机构", "payable to institution"),
        Account::Withheld(_) => ("质量保证金", "withheld as deposit"),
        Account::Held(_) => ("待年终清算", "held back until the year's end"),
        Account::Paid(_) => ("已拨付", "paid to institution"),
        Account::Till(_) => ("机构收现", "institution's till"),
        Account::Cash(_) => ("个人现金", "person's cash"),
        Account::Owed(_) => ("应付个人", "owed to person"),
        Account::Reimbursed(_) => ("已付个人", "paid to person"),
        Account::Suspense(_) => ("暂记", "suspense"),
    }
}
