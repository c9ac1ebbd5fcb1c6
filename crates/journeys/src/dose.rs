//! 用量: what the words of a prescription say in numbers. Words that are not plainly a number say
//! nothing: what is unknown is better than what is guessed.

use encounter::Line;
use terms::Exact;

/// Fills in the numbers of dose, frequency and length that a line's words state.
pub(crate) fn describe<'a>(line: &mut Line, told: impl Fn(&str) -> Option<&'a str>) {
    if line.sin_dos.is_none() {
        line.sin_dos = told("sin_dos_dscr").and_then(amount).map(|(amount, _)| amount);
    }
    if line.used_frqu.is_none() {
        line.used_frqu = told("used_frqu_dscr").and_then(times_a_day);
    }
    if line.prd_days.is_none() {
        line.prd_days = told("prd_days").and_then(|text| text.trim().trim_end_matches('天').parse().ok());
    }
    let unit = |text: Option<&str>| text.and_then(amount).map(|(_, unit)| unit);
    // A dose in another unit than the package's cannot be compared with it.
    if let (Some(dose), Some(package)) = (unit(told("sin_dos_dscr")), unit(told("spec")))
        && dose != package
    {
        line.sin_dos = None;
    }
}

/// The same for the words of 单次剂量, 使用频次, 用药天数 and 规格 as an order brings them.
pub fn describe_dose(
    line: &mut Line,
    dose: Option<&str>,
    frequency: Option<&str>,
    days: Option<&str>,
    specification: Option<&str>,
) {
    describe(line, |name| match name {
        "sin_dos_dscr" => dose,
        "used_frqu_dscr" => frequency,
        "prd_days" => days,
        "spec" => specification,
        _ => None,
    });
    if line.spec_dose.is_none() {
        line.spec_dose = specification.and_then(amount).map(|(amount, _)| amount);
    }
}

/// A number with its unit at the beginning of a text: `0.5g×24片` is 0.5 and `g`. Without a unit it
/// is the number and nothing.
pub(crate) fn amount(text: &str) -> Option<(Exact, String)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: Exact = text[..digits].parse().ok()?;
    let rest = text[digits..].trim_start();
    let end = rest.find(|c: char| "*×xX/:：每 （(".contains(c) || c.is_ascii_digit()).unwrap_or(rest.len());
    Some((number, rest[..end].trim().to_lowercase()))
}

/// 每日次数 of the usual words.
fn times_a_day(text: &str) -> Option<Exact> {
    let word = text.trim().to_lowercase().replace([' ', '.'], "");
    let times = match word.as_str() {
        "qd" | "qn" | "每日一次" | "每天一次" | "一日一次" | "1次/日" | "1次/天" | "每日1次" | "每天1次"
        | "一日1次" | "每晚一次" | "每晚1次" => 1,
        "bid" | "q12h" | "每日两次" | "每日二次" | "一日两次" | "一日二次" | "2次/日" | "2次/天" | "每日2次"
        | "每天2次" | "一日2次" | "每12小时一次" => 2,
        "tid" | "q8h" | "每日三次" | "一日三次" | "3次/日" | "3次/天" | "每日3次" | "每天3次" | "一日3次"
        | "每8小时一次" => 3,
        "qid" | "q6h" | "每日四次" | "一日四次" | "4次/日" | "4次/天" | "每日4次" | "每天4次" | "一日4次"
        | "每6小时一次" => 4,
        _ => return word.parse().ok(),
    };
    Some(Exact::whole(times))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().expect("a number")
    }

    #[test]
    fn a_number_at_the_beginning_is_read_with_its_unit() {
        assert_eq!(amount("0.5g×24片"), Some((exact("0.5"), "g".to_owned())));
        assert_eq!(amount("10mg*7片/盒"), Some((exact("10"), "mg".to_owned())));
        assert_eq!(amount("2 片"), Some((exact("2"), "片".to_owned())));
        assert_eq!(amount("1"), Some((exact("1"), String::new())));
        assert_eq!(amount("半片"), None);
        assert_eq!(amount(""), None);
    }

    #[test]
    fn the_usual_words_of_frequency_are_numbers_and_others_are_unknown() {
        for (words, times) in [("TID", 3), ("b.i.d.", 2), ("每日一次", 1), ("4次/日", 4)] {
            assert_eq!(times_a_day(words), Some(Exact::whole(times)), "{words}");
        }
        assert_eq!(times_a_day("必要时"), None);
        assert_eq!(times_a_day("qod"), None);
    }

    #[test]
    fn a_dose_in_another_unit_than_the_package_is_unknown() {
        let words = |dose: &'static str| {
            move |name: &str| match name {
                "sin_dos_dscr" => Some(dose),
                "spec" => Some("0.5g×24片"),
                "used_frqu_dscr" => Some("tid"),
                "prd_days" => Some("7天"),
                _ => None,
            }
        };
        let mut line = Line::default();
        describe(&mut line, words("1g"));
        assert_eq!(
            (line.sin_dos, line.used_frqu, line.prd_days),
            (Some(exact("1")), Some(exact("3")), Some(exact("7")))
        );
        let mut line = Line::default();
        describe(&mut line, words("2片"));
        assert_eq!(line.sin_dos, None);
    }
}
