//! 姓名与证件号码: made-up names, and certificate numbers of the form of GB 11643 under
//! area codes that no real place has.

use terms::Date;

use crate::random::Dice;

/// Surnames with how common each is, in thousandths.
const SURNAMES: &[(&str, u64)] = &[
    ("王", 72),
    ("李", 72),
    ("张", 68),
    ("刘", 54),
    ("陈", 45),
    ("杨", 31),
    ("黄", 22),
    ("赵", 20),
    ("吴", 20),
    ("周", 19),
    ("徐", 15),
    ("孙", 15),
    ("马", 13),
    ("朱", 13),
    ("胡", 12),
    ("郭", 12),
    ("何", 11),
    ("林", 11),
    ("高", 10),
    ("罗", 9),
    ("郑", 9),
    ("梁", 8),
    ("谢", 8),
    ("宋", 7),
    ("唐", 7),
    ("许", 6),
    ("邓", 6),
    ("冯", 6),
    ("韩", 6),
    ("曹", 6),
    ("曾", 5),
    ("彭", 5),
    ("萧", 5),
    ("蔡", 5),
    ("潘", 5),
    ("田", 5),
    ("董", 5),
    ("袁", 5),
    ("于", 5),
    ("余", 4),
    ("叶", 4),
    ("蒋", 4),
    ("杜", 4),
    ("苏", 4),
    ("魏", 4),
    ("程", 4),
    ("吕", 4),
    ("丁", 4),
    ("沈", 4),
    ("任", 4),
    ("姚", 3),
    ("卢", 3),
    ("欧阳", 1),
    ("上官", 1),
];
const MALE: &[&str] = &[
    "伟", "强", "磊", "军", "勇", "杰", "涛", "超", "明", "刚", "平", "辉", "鹏", "华", "飞", "鑫", "波", "斌", "宇",
    "浩", "凯", "健", "俊", "帆", "志", "建", "国", "文", "海", "山", "东", "林", "峰", "亮", "成", "福", "生", "德",
    "兴", "子", "轩", "博", "泽", "晨", "睿",
];
const FEMALE: &[&str] = &[
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "秀", "英", "玲", "桂", "兰", "红", "梅", "燕", "萍", "莉", "雪",
    "琳", "婷", "慧", "颖", "洁", "倩", "凤", "珍", "春", "云", "月", "淑", "美", "琴", "文", "佳", "怡", "欣", "雨",
    "梓", "涵", "诗", "若", "思", "宁", "瑶",
];

/// A surname.
pub(crate) fn surname(dice: &mut Dice) -> &'static str {
    let at = dice.weighted(SURNAMES.iter().map(|(_, weight)| *weight)).unwrap_or(0);
    SURNAMES[at].0
}

/// A given name of one or two characters.
pub(crate) fn given(dice: &mut Dice, male: bool) -> String {
    let pool = if male { MALE } else { FEMALE };
    let count = if dice.chance(250) { 1 } else { 2 };
    (0..count).filter_map(|_| dice.pick(pool).copied()).collect()
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

fn check_digit(first_17: &str) -> Option<char> {
    let digits = first_17.chars().map(|c| c.to_digit(10)).collect::<Option<Vec<u32>>>()?;
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    (digits.len() == 17).then(|| CHECKS[usize::try_from(sum % 11).unwrap_or(0)])
}

/// A certificate number: area (6), date of birth (8), sequence (3, odd for men), check digit.
pub(crate) fn certificate(area: &str, birth: Date, sequence: u64) -> String {
    let body = format!("{area}{:04}{:02}{:02}{sequence:03}", birth.year(), birth.month(), birth.day());
    let check = check_digit(&body).unwrap_or('0');
    format!("{body}{check}")
}

/// Whether a number has the length, a real date and the check digit of GB 11643-1999.
#[must_use]
pub fn certificate_is_valid(number: &str) -> bool {
    let Some((body, last)) = number.char_indices().nth(17).map(|(at, last)| (&number[..at], last)) else {
        return false;
    };
    let date = |text: &str| terms::parse_date(&format!("{}-{}-{}", &text[6..10], &text[10..12], &text[12..14]));
    number.len() == 18 && check_digit(body) == Some(last) && date(body).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_that_of_the_standard() {
        // The two worked numbers of GB 11643-1999, appendix A.
        assert!(certificate_is_valid("11010519491231002X"));
        assert!(certificate_is_valid("440524188001010014"));
        assert!(!certificate_is_valid("110105194912310021"));
        assert!(!certificate_is_valid("11010519491331002X"));
        assert!(!certificate_is_valid(""));
        assert!(!certificate_is_valid("一二三"));
    }
}
