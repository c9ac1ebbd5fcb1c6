//! 追回分摊: what each fund gets back for a line.

use terms::Fen;

use crate::Place;

/// What each fund paid for the first `upheld` 分 of the line's in-scope money.
///
/// The funds' payments lie over the settlement's in-scope money from its first line to its
/// last; a line's part is what lies over it, in whole 分. So the parts of all lines add up to
/// what each fund paid, to the 分; those of some lines never to more; and the part of a line
/// is the same whatever happens to other lines, in whatever case.
#[must_use]
pub fn by_fund(place: &Place, upheld: Fen) -> Vec<(String, Fen)> {
    let upheld = upheld.min(place.own).max(Fen::ZERO);
    let parts = place.funds.iter().map(|(fund, paid)| {
        let over = |money: Fen| laid_over(money, *paid, place.total);
        (fund.clone(), over(place.before + upheld) - over(place.before))
    });
    parts.filter(|(_, amount)| !amount.is_zero()).collect()
}

/// The part of `paid` that lies over the first `money` of `total`, rounded down.
fn laid_over(money: Fen, paid: Fen, total: Fen) -> Fen {
    if total <= Fen::ZERO || paid <= Fen::ZERO {
        return Fen::ZERO;
    }
    let part = i128::from(money.0) * i128::from(paid.0) / i128::from(total.0);
    Fen(i64::try_from(part).expect("a part is not more than the whole"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(own: &[i64], funds: &[i64]) -> Vec<Place> {
        let total = Fen(own.iter().sum());
        let funds: Vec<(String, Fen)> =
            (0..).zip(funds).map(|(n, paid): (i32, _)| (n.to_string(), Fen(*paid))).collect();
        let mut before = Fen::ZERO;
        own.iter()
            .map(|own| {
                let place = Place { before, own: Fen(*own), total, funds: funds.clone() };
                before += Fen(*own);
                place
            })
            .collect()
    }

    fn sum(parts: &[(String, Fen)]) -> Fen {
        parts.iter().map(|(_, amount)| *amount).sum()
    }

    #[test]
    fn a_third_of_the_scope_is_a_third_of_what_was_paid_and_the_odd_fen_belongs_to_one_line() {
        let lines = places(&[100, 100, 100], &[100]);
        let parts: Vec<Fen> = lines.iter().map(|place| sum(&by_fund(place, place.own))).collect();
        assert_eq!(parts, [Fen(33), Fen(33), Fen(34)]);
    }

    #[test]
    fn nothing_in_scope_brings_nothing_back() {
        let place = Place { before: Fen(0), own: Fen(0), total: Fen(0), funds: vec![("310100".into(), Fen(5))] };
        assert_eq!(by_fund(&place, Fen(100)), []);
    }

    proptest! {
        #[test]
        fn all_lines_bring_back_all_that_was_paid_and_some_never_more(
            own in prop::collection::vec(1..1_000_000_i64, 1..12),
            shares in prop::collection::vec(0..400_i64, 1..4),
            cut in prop::collection::vec(0..=1000_i64, 12),
        ) {
            let total: i64 = own.iter().sum();
            let funds: Vec<i64> = shares.iter().map(|share| total * share / 1000).collect();
            let lines = places(&own, &funds);
            for (number, paid) in (0..).zip(&funds) {
                let of = |parts: &[(String, Fen)]| {
                    let name = i32::to_string(&number);
                    parts.iter().filter(|(fund, _)| *fund == name).map(|(_, amount)| *amount).sum::<Fen>()
                };
                let whole: Fen = lines.iter().map(|place| of(&by_fund(place, place.own))).sum();
                prop_assert_eq!(whole, Fen(*paid));
                let mut part = Fen::ZERO;
                for (place, cut) in lines.iter().zip(&cut) {
                    let upheld = Fen(place.own.0 * cut / 1000);
                    let back = of(&by_fund(place, upheld));
                    prop_assert!(back >= Fen::ZERO && back <= upheld.max(Fen(1)));
                    part += back;
                }
                prop_assert!(part <= Fen(*paid));
            }
        }
    }
}
