//! 代码: national code lists of a person's file, with their names.

use crate::coded::Coded;

fn coded(code: &str, (name, english): (&str, &str)) -> Coded {
    let name = if name.is_empty() { code } else { name };
    Coded { code: code.to_owned(), name: name.to_owned(), english: english.to_owned() }
}

/// 人员证件类型.
pub(in crate::routes) fn certificate(code: &str) -> Coded {
    let names = match code {
        "01" => ("居民身份证", "resident identity card"),
        "02" => ("中国人民解放军军官证", "officer's card"),
        "03" => ("中国人民武装警察警官证", "armed police officer's card"),
        "04" => ("香港特区护照/通行证", "Hong Kong permit"),
        "05" => ("澳门特区护照/通行证", "Macao permit"),
        "06" => ("台湾居民来往大陆通行证", "Taiwan residents' permit"),
        "07" => ("外国人永久居留证", "permanent residence card"),
        "08" => ("外国人护照", "passport"),
        "99" => ("其他证件", "other certificate"),
        _ => ("", ""),
    };
    coded(code, names)
}

/// 性别.
pub(in crate::routes) fn gender(code: &str) -> Coded {
    let names = match code {
        "1" => ("男", "male"),
        "2" => ("女", "female"),
        "0" | "9" => ("未说明", "not said"),
        _ => ("", ""),
    };
    coded(code, names)
}

/// 人员参保状态.
pub(in crate::routes) fn insured(code: &str) -> Coded {
    let names = match code {
        "1" => ("正常参保", "insured"),
        "2" => ("暂停参保", "paused"),
        "4" => ("终止参保", "ended"),
        _ => ("", ""),
    };
    coded(code, names)
}

/// 人员身份类别.
pub(in crate::routes) fn identity(code: &str) -> Coded {
    let names = match code {
        "2104" => ("一至六级残疾军人", "disabled veteran, grades 1 to 6"),
        "2302" => ("低保边缘家庭成员", "member of a household near the minimum"),
        "2303" => ("最低生活保障对象", "on the minimum living allowance"),
        "2304" => ("特困供养人员", "destitute, supported by the state"),
        _ => ("", ""),
    };
    coded(code, names)
}

/// 备案种类.
pub(in crate::routes) fn filing(kind: &str) -> Coded {
    let names = match kind {
        "opsp" => ("门诊慢特病", "chronic disease"),
        "refl" => ("转诊转院", "referral"),
        "resid" => ("异地就医", "out-of-area care"),
        "trum" => ("外伤", "injury"),
        "matn" => ("生育", "maternity"),
        "fixmedins" => ("定点就医", "chosen institution"),
        _ => ("", ""),
    };
    coded(kind, names)
}

/// 出入院诊断类别.
pub(in crate::routes) fn diagnosis(code: &str) -> Coded {
    let names = match code {
        "1" => ("入院/门诊诊断", "on admission or outpatient"),
        "2" => ("出院诊断", "on discharge"),
        _ => ("", ""),
    };
    coded(code, names)
}

/// What a transfer of the ledger is about.
pub(in crate::routes) fn transfer(about: &str) -> Coded {
    let names = match about {
        "opening" => ("期初余额", "opening balance"),
        "credit" => ("划入账户", "credit"),
        "settlement" => ("结算支付", "settlement"),
        "reversal" => ("结算撤销", "reversal"),
        "claim_paid" => ("零星报销支付", "claim paid"),
        "claim_repaid" => ("零星报销退回", "claim repaid"),
        _ => ("", ""),
    };
    coded(about, names)
}

/// 病历资料, by the transaction that brought it.
pub(in crate::routes) fn document(kind: &str) -> Coded {
    let names = match kind {
        "4401" => ("住院病案首页", "front page of the medical record"),
        "4402" => ("住院医嘱", "doctors' orders"),
        _ => ("", ""),
    };
    coded(kind, names)
}

/// 清单状态.
pub(in crate::routes) fn list_state(code: &str) -> Coded {
    let names = match code {
        "0" => ("未提交", "not submitted"),
        "1" => ("已提交", "submitted"),
        "2" => ("审核通过", "approved"),
        "3" => ("退回", "rejected"),
        _ => ("", ""),
    };
    coded(code, names)
}

/// 撤销原因.
pub(in crate::routes) fn reversal_reason(code: &str) -> Coded {
    let known = journeys::ReversalReason::ALL.iter().find(|(_, known, ..)| *known == code);
    coded(code, known.map_or(("", ""), |(_, _, name, english)| (name, english)))
}
