//! 用语: codes and account kinds in words, and masked names.

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

/// A name with everything but its first character hidden: 张**.
pub(crate) fn masked_name(name: &str) -> String {
    let mut characters = name.chars();
    let Some(first) = characters.next() else { return String::new() };
    first.to_string() + &"*".repeat(characters.count().clamp(1, 2))
}

/// A number with its middle hidden: at most a third of it, at most ten characters, is shown.
pub(crate) fn masked_number(number: &str) -> String {
    let characters: Vec<char> = number.chars().collect();
    let shown = (characters.len() / 6).min(4);
    let (head, tail) = (&characters[..shown], &characters[characters.len() - shown..]);
    let stars = "*".repeat(characters.len() - 2 * shown);
    head.iter().collect::<String>() + &stars + &tail.iter().collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_shows_its_first_character_only() {
        assert_eq!(masked_name("张三"), "张*");
        assert_eq!(masked_name("欧阳修远"), "欧**");
        assert_eq!(masked_name("李"), "李*");
        assert_eq!(masked_name(""), "");
    }

    #[test]
    fn a_number_shows_at_most_a_third_of_itself() {
        assert_eq!(masked_number("999900198005061234"), "999************234");
        assert_eq!(masked_number("1001"), "****");
        assert_eq!(masked_number(""), "");
    }
}
