//! 罚款: within the article's range, from the loss.

use terms::{Date, Exact, Fen, round_half_away};

use crate::Refusal;
use crate::law::{Amount, Law, Penalty, Range};

/// The fine, and the article it rests on.
///
/// # Errors
/// [`Refusal::NoSuchPenalty`], [`Refusal::OutOfRange`].
pub fn fine<'l>(
    law: &'l Law,
    article: &str,
    loss: Fen,
    asked: &Amount,
    day: Date,
) -> Result<(&'l Penalty, Fen), Refusal> {
    let penalty = law.penalty(article, day).ok_or_else(|| Refusal::NoSuchPenalty { article: article.to_owned() })?;
    let out = |asked: String, range: String| Refusal::OutOfRange { article: penalty.article.clone(), asked, range };
    match (&penalty.range, asked) {
        (Range::Times(least, most), Amount::Times(times)) if least <= times && times <= most => {
            let amount = times.times(Exact::whole(loss.0));
            let amount = amount.map_err(|_| out(format!("{times} 倍"), format!("{least}–{most} 倍")))?;
            Ok((penalty, round_half_away(amount)))
        }
        (Range::Sum(least, most), Amount::Sum(sum)) if least <= sum && sum <= most => Ok((penalty, *sum)),
        (range, asked) => {
            let asked = match asked {
                Amount::Times(times) => format!("{times} 倍"),
                Amount::Sum(sum) => format!("{sum} 元"),
            };
            let range = match range {
                Range::Times(least, most) => format!("损失的 {least}–{most} 倍"),
                Range::Sum(least, most) => format!("{least}–{most} 元"),
            };
            Err(out(asked, range))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::parse_date;

    fn law() -> Law {
        let text = r#"
[[article]]
id = "38"
name = "一般违法"
article = "第三十八条"
from = 2021-05-01
least_times = 1
most_times = 2

[[article]]
id = "39"
name = "管理义务"
article = "第三十九条"
from = 2021-05-01
least_yuan = 10000
most_yuan = 50000
"#;
        let mut law = Law::default();
        law.read_penalties("penalties.toml", text).expect("reads");
        law
    }

    #[test]
    fn a_fine_is_a_multiple_of_the_loss_within_the_range() {
        let law = law();
        let day = parse_date("2026-03-09").expect("a date");
        let times = |text: &str| Amount::Times(text.parse().expect("a number"));
        assert_eq!(fine(&law, "38", Fen(101), &times("1.5"), day).expect("within").1, Fen(152), "half away from zero");
        assert_eq!(fine(&law, "38", Fen(100), &times("2"), day).expect("within").1, Fen(200));
        for (article, asked, code) in [
            ("38", times("2.1"), "IQ112"),
            ("38", times("0.9"), "IQ112"),
            ("38", Amount::Sum(Fen(100)), "IQ112"),
            ("39", Amount::Sum(Fen(999_999)), "IQ112"),
            ("41", times("1"), "IQ111"),
        ] {
            assert_eq!(fine(&law, article, Fen(100), &asked, day).expect_err("outside").code(), code, "{asked:?}");
        }
        let before = parse_date("2021-04-30").expect("a date");
        assert_eq!(fine(&law, "38", Fen(100), &times("1"), before).expect_err("not yet").code(), "IQ111");
    }
}
