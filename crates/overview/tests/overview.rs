//! The room's promises, on SQLite and on PostgreSQL.

use std::collections::BTreeMap;

use db::{Database, DbError};
use operation::feed::{Change, Numbered};
use overview::{
    Amounts, Bucket, Cursor, Dimension, Filter, OverviewError, Page, Sort, SortBy, Standing, Sums, burden, by_funds,
    find, forget, newest_day, page, project, reach, series, sums,
};
use proptest::prelude::*;
use serde_json::json;
use terms::{Date, Fen, SettlementId};

macro_rules! on_both_drivers {
    ($($sentence:ident)*) => {
        mod sqlite {
            $(#[test] fn $sentence() { super::$sentence(&super::sqlite()); })*
        }
        mod postgresql {
            $(#[test] fn $sentence() {
                if let Some(fresh) = db_postgres::testing::fresh_database() {
                    super::$sentence(&super::ready(fresh.open()));
                }
            })*
        }
    };
}

on_both_drivers! {
    every_statement_prepares
    a_row_says_what_the_feed_told
    a_reversal_marks_its_settlement_whichever_comes_first
    pages_go_through_every_row_once_in_every_order
    each_filter_leaves_what_it_names_and_its_sums_agree
    series_funds_and_burden_add_up_to_the_sums
    a_change_that_cannot_be_read_stops_before_it_and_names_itself
    following_numbers_what_waits_and_counts_it_once
    forgetting_and_following_again_gives_the_same
}

fn ready(database: Database) -> Database {
    database.migrate(operation::MIGRATIONS).expect("the feed's tables");
    database.migrate(overview::MIGRATIONS).expect("the tables");
    database
}

fn sqlite() -> Database {
    ready(db_sqlite::Sqlite::temporary().expect("a temporary database").into_database())
}

/// A settlement as small numbers say it.
#[derive(Debug, Clone)]
struct Small {
    id: usize,
    day: i8,
    hour: i8,
    institution: usize,
    scheme: usize,
    stream: usize,
    person: usize,
    age: i64,
    parts: [i64; 6],
    reverses: Option<usize>,
}

const SCHEMES: [&str; 2] = ["310", "390"];
const STREAMS: [(&str, &str); 3] = [("11", "11"), ("21", "21"), ("41", "41")];

impl Small {
    fn id(&self) -> String {
        format!("S{:04}", self.id)
    }

    fn time(&self) -> String {
        format!("2026-03-{:02} {:02}:30:00", self.day, self.hour)
    }

    fn amounts(&self) -> Amounts {
        let [a, b, c, funds, account, cash] = self.parts.map(Fen);
        let in_scope = funds + account + cash - a - b - c;
        let (total, person) = (funds + account + cash, account + cash);
        Amounts {
            total,
            full_self_pay: a,
            over_limit: b,
            pre_self_pay: c,
            in_scope,
            funds,
            person,
            account,
            cash,
            hospital: Fen::ZERO,
        }
    }

    fn change(&self) -> Change {
        let (med_type, clr_type) = STREAMS[self.stream];
        let area = if self.institution == 2 { "988800" } else { "999900" };
        let funds = self.amounts().funds;
        let body = json!({
            "psn_no": format!("P{}", self.person), "setl_id": self.id(), "mdtrt_id": format!("V{}", self.reverses.unwrap_or(self.id)),
            "reverses": self.reverses.map(|id| format!("S{id:04}")), "fixmedins_code": format!("H{}", self.institution),
            "insutype": SCHEMES[self.scheme], "med_type": med_type, "begntime": "2026-03-01 08:00:00", "endtime": null,
            "setl_time": self.time(), "clr_type": clr_type, "policy": "x", "heads": self.amounts(),
            "detail": [{"fund_pay_type": "310100", "fund_payamt": funds.0 / 3},
                       {"fund_pay_type": "330100", "fund_payamt": funds.0 - funds.0 / 3}],
            "department": "001", "psn_type": if self.person.is_multiple_of(2) { "11" } else { "12" }, "age": self.age,
            "insuplc_admdvs": "999900", "mdtrtarea_admvs": area,
        });
        let kind = if self.reverses.is_some() { "reversal" } else { "settlement" };
        change(kind, &self.id(), &body)
    }
}

fn change(kind: &str, subject: &str, body: &serde_json::Value) -> Change {
    Change {
        id: format!("{kind}/{subject}"),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        region: "999900".to_owned(),
        person: String::new(),
        made_at: "2026-03-01 08:00:00".to_owned(),
        body: body.to_string(),
    }
}

fn numbered(changes: &[Change]) -> Vec<Numbered> {
    (1..).zip(changes).map(|(number, change)| Numbered { number, change: change.clone() }).collect()
}

fn put(database: &Database, stretch: &[Numbered]) -> Result<bool, OverviewError> {
    let stretch = stretch.to_vec();
    database.deed(move |tx| project(tx, &stretch))
}

fn small(id: usize, day: i8) -> Small {
    let parts = [100, 20, 30, 4_000 + id as i64 * 7 % 90, 500, 600];
    Small {
        id,
        day,
        hour: 9,
        institution: id % 3,
        scheme: id % 2,
        stream: id % 3,
        person: id % 5,
        age: 40,
        parts,
        reverses: None,
    }
}

fn reversal(of: &Small, id: usize, day: i8) -> Small {
    Small { id, day, parts: of.parts.map(|part| -part), reverses: Some(of.id), ..of.clone() }
}

/// Sixty settlements over twelve days; every ninth is reversed later.
fn some() -> Vec<Small> {
    let first: Vec<Small> = (0..60).map(|id| small(id, 1 + (id % 12) as i8)).collect();
    let back = first.iter().filter(|one| one.id % 9 == 4).map(|one| reversal(one, 100 + one.id, 20));
    first.iter().cloned().chain(back.collect::<Vec<_>>()).collect()
}

fn changes(of: &[Small]) -> Vec<Change> {
    of.iter().map(Small::change).collect()
}

fn filled(database: &Database) -> Vec<Small> {
    let all = some();
    assert!(put(database, &numbered(&changes(&all))).expect("projected"));
    all
}

fn get_page(database: &Database, filter: &Filter, sort: Sort, after: Option<Cursor>, limit: usize) -> Page {
    let filter = filter.clone();
    database.read(move |tx| page(tx, &filter, sort, after.as_ref(), limit)).expect("a page")
}

fn get_sums(database: &Database, filter: &Filter) -> Sums {
    let filter = filter.clone();
    database.read(move |tx| sums(tx, &filter)).expect("sums")
}

fn expected<'a>(of: impl IntoIterator<Item = &'a Small>) -> Sums {
    let mut sums = Sums::default();
    for one in of {
        let reversal = i64::from(one.reverses.is_some());
        sums += Sums { settlements: 1 - reversal, reversals: reversal, amounts: one.amounts() };
    }
    sums
}

fn every_statement_prepares(database: &Database) {
    for sql in overview::STATEMENTS {
        database.prepare(sql).expect(sql.name);
    }
}

fn a_row_says_what_the_feed_told(database: &Database) {
    let one = small(5, 3);
    put(database, &numbered(&[one.change()])).expect("projected");
    let id = SettlementId(one.id());
    let row = database.read(move |tx| find(tx, &id)).expect("read").expect("there");
    assert_eq!((row.amounts, row.psn_no.as_str(), row.mdtrt_id.as_str()), (one.amounts(), "P0", "V5"));
    assert_eq!((row.sundry.department.as_str(), row.sundry.age, row.sundry.out_of_area()), ("001", Some(40), true));
    assert_eq!((row.standing, row.fixmedins_code.as_str()), (Standing::Valid, "H2"));
    assert_eq!(database.read(newest_day).expect("read"), Some(Date::constant(2026, 3, 3)));
    let unknown = SettlementId("S9999".to_owned());
    assert_eq!(database.read(move |tx| find(tx, &unknown)).expect("read"), None);
}

fn a_reversal_marks_its_settlement_whichever_comes_first(database: &Database) {
    let (one, other) = (small(1, 3), small(2, 3));
    let (back, other_back) = (reversal(&one, 11, 4), reversal(&other, 12, 4));
    let feed = numbered(&changes(&[back, one, other, other_back]));
    for stretch in feed.chunks(1) {
        assert!(put(database, stretch).expect("projected"));
    }
    for (id, by) in [("S0001", "S0011"), ("S0002", "S0012")] {
        let id = SettlementId(id.to_owned());
        let row = database.read(move |tx| find(tx, &id)).expect("read").expect("there");
        assert_eq!((row.standing, row.reversed_by.map(|id| id.0)), (Standing::Reversed, Some(by.to_owned())));
    }
}

fn pages_go_through_every_row_once_in_every_order(database: &Database) {
    let all = filled(database);
    let march = (Some(Date::constant(2026, 3, 1)), Some(Date::constant(2026, 3, 31)));
    let ways = [
        Filter::default(),
        Filter { from: march.0, to: march.1, ..Filter::default() },
        Filter { institution: Some("H1".into()), ..Filter::default() },
        Filter { institution: Some("H1".into()), from: march.0, to: march.1, ..Filter::default() },
        Filter { person: Some("P2".into()), ..Filter::default() },
        Filter { search: Some("P2".into()), ..Filter::default() },
        Filter { from: Some(Date::constant(2026, 1, 1)), ..Filter::default() },
    ];
    for filter in &ways {
        let here = all.iter().filter(|one| {
            let institution = filter.institution.as_deref().is_none_or(|code| code == format!("H{}", one.institution));
            institution && (filter.person.is_none() && filter.search.is_none() || one.person == 2)
        });
        for by in [SortBy::Time, SortBy::Total, SortBy::Funds] {
            for descending in [true, false] {
                let key = |one: &Small| match by {
                    SortBy::Time => (one.time(), 0),
                    SortBy::Total => (String::new(), one.amounts().total.0),
                    SortBy::Funds => (String::new(), one.amounts().funds.0),
                };
                let mut sorted: Vec<_> = here.clone().map(|one| (key(one), one.id())).collect();
                sorted.sort();
                if descending {
                    sorted.reverse();
                }
                let (mut seen, mut after) = (Vec::new(), None);
                loop {
                    let page = get_page(database, filter, Sort { by, descending }, after, 7);
                    assert!(page.rows.len() <= 7);
                    seen.extend(page.rows.into_iter().map(|row| row.setl_id.0));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                let sorted: Vec<String> = sorted.into_iter().map(|(_, id)| id).collect();
                assert_eq!(seen, sorted, "{filter:?} by {by:?}, descending {descending}");
            }
        }
    }
}

fn each_filter_leaves_what_it_names_and_its_sums_agree(database: &Database) {
    let all = filled(database);
    let day = |day: i8| Some(Date::constant(2026, 3, day));
    let standing = |one: &Small| match (one.reverses, all.iter().any(|other| other.reverses == Some(one.id))) {
        (Some(_), _) => Standing::Reversal,
        (None, true) => Standing::Reversed,
        (None, false) => Standing::Valid,
    };
    type Rule<'a> = Box<dyn Fn(&Small) -> bool + 'a>;
    let cases: Vec<(Filter, Rule<'_>)> = vec![
        (Filter { from: day(3), to: day(3), ..Filter::default() }, Box::new(|one| one.day == 3)),
        (Filter { from: day(3), ..Filter::default() }, Box::new(|one| one.day >= 3)),
        (
            Filter { scheme: Some("390".into()), stream: Some("21".into()), ..Filter::default() },
            Box::new(|one| one.scheme == 1 && one.stream == 1),
        ),
        (Filter { med_type: Some("41".into()), ..Filter::default() }, Box::new(|one| one.stream == 2)),
        (Filter { out_of_area: Some(true), ..Filter::default() }, Box::new(|one| one.institution == 2)),
        (
            Filter { out_of_area: Some(false), institution: Some("H1".into()), ..Filter::default() },
            Box::new(|one| one.institution == 1),
        ),
        (Filter { person_group: Some("12".into()), ..Filter::default() }, Box::new(|one| one.person % 2 == 1)),
        (Filter { age_band: Some("18-44".into()), ..Filter::default() }, Box::new(|_| true)),
        (Filter { person_group: Some(String::new()), ..Filter::default() }, Box::new(|_| false)),
        (Filter { age_band: Some("75+".into()), ..Filter::default() }, Box::new(|_| false)),
        (
            Filter { department: Some("001".into()), institution: Some("H0".into()), ..Filter::default() },
            Box::new(|one| one.institution == 0),
        ),
        (Filter { department: Some("002".into()), ..Filter::default() }, Box::new(|_| false)),
        (
            Filter { total_from: Some(Fen(5_120)), total_to: Some(Fen(5_150)), ..Filter::default() },
            Box::new(|one| (5_120..=5_150).contains(&one.amounts().total.0)),
        ),
        (
            Filter { standing: Some(Standing::Reversed), ..Filter::default() },
            Box::new(|one| standing(one) == Standing::Reversed),
        ),
        (
            Filter { standing: Some(Standing::Reversal), ..Filter::default() },
            Box::new(|one| standing(one) == Standing::Reversal),
        ),
        (
            Filter { search: Some("V4".into()), ..Filter::default() },
            Box::new(|one| one.id == 4 || one.reverses == Some(4)),
        ),
        (Filter { search: Some("S0007".into()), ..Filter::default() }, Box::new(|one| one.id == 7)),
        (
            Filter { search: Some("P2".into()), institution: Some("H1".into()), ..Filter::default() },
            Box::new(|one| one.person == 2 && one.institution == 1),
        ),
        (
            Filter { person: Some("P2".into()), institution: Some("H1".into()), ..Filter::default() },
            Box::new(|one| one.person == 2 && one.institution == 1),
        ),
    ];
    for (filter, rule) in cases {
        let left: Vec<&Small> = all.iter().filter(|one| rule(one)).collect();
        let page = get_page(database, &filter, Sort::default(), None, 200);
        let mut ids: Vec<String> = page.rows.iter().map(|row| row.setl_id.0.clone()).collect();
        ids.sort();
        let mut named: Vec<String> = left.iter().map(|one| one.id()).collect();
        named.sort();
        assert_eq!(ids, named, "{filter:?}");
        assert_eq!(get_sums(database, &filter), expected(left), "{filter:?}");
    }
}

fn series_funds_and_burden_add_up_to_the_sums(database: &Database) {
    let all = filled(database);
    let whole = expected(&all);
    for dimension in [
        Dimension::None,
        Dimension::Scheme,
        Dimension::Stream,
        Dimension::MedType,
        Dimension::Institution,
        Dimension::Area,
    ] {
        for bucket in [Bucket::Whole, Bucket::Month, Bucket::Day] {
            let steps = database.read(move |tx| series(tx, &Filter::default(), bucket, dimension)).expect("series");
            let mut added = Sums::default();
            steps.iter().for_each(|(_, _, sums)| added += *sums);
            assert_eq!(added, whole, "{bucket:?} {dimension:?}");
        }
    }
    let months = database.read(|tx| series(tx, &Filter::default(), Bucket::Month, Dimension::Area)).expect("series");
    let names: Vec<_> = months.iter().map(|(step, part, _)| (step.as_str(), part.as_str())).collect();
    assert_eq!(names, [("2026-03", "988800"), ("2026-03", "999900")]);
    let funds = database.read(|tx| by_funds(tx, &Filter::default(), Bucket::Day, true)).expect("funds");
    assert_eq!(funds.iter().map(|row| row.amount).sum::<Fen>(), whole.amounts.funds);
    assert!(funds.iter().all(|row| !row.institution.is_empty() && row.med_type == row.clr_type));
    let one = Filter { institution: Some("H1".into()), scheme: Some("390".into()), ..Filter::default() };
    let own = expected(all.iter().filter(|small| small.institution == 1 && small.scheme == 1));
    let asked = one.clone();
    let funds = database.read(move |tx| by_funds(tx, &asked, Bucket::Whole, false)).expect("funds");
    assert_eq!(funds.iter().map(|row| row.amount).sum::<Fen>(), own.amounts.funds);
    let mut added = Sums::default();
    let groups = database.read(move |tx| burden(tx, &one)).expect("burden");
    groups.iter().for_each(|group| added += group.sums);
    assert_eq!(added, own);
    let groups = database.read(|tx| burden(tx, &Filter::default())).expect("burden");
    let mut added = Sums::default();
    groups.iter().for_each(|group| added += group.sums);
    assert_eq!((added, groups.len()), (whole, 2));
}

fn a_change_that_cannot_be_read_stops_before_it_and_names_itself(database: &Database) {
    let mut feed = changes(&some()[..3]);
    feed.push(change("settlement", "S-broken", &json!({"setl_id": "S-broken"})));
    let feed = numbered(&feed);
    let error = put(database, &feed).expect_err("it cannot be read");
    assert!(error.to_string().contains("settlement/S-broken"), "{error}");
    assert_eq!(database.read(reach).expect("read").seen, 0, "nothing of the stretch is counted");
    assert!(put(database, &feed[..3]).expect("what stands before it"));
}

fn following_numbers_what_waits_and_counts_it_once(database: &Database) {
    let all = some();
    let mut waiting = changes(&all);
    waiting.push(change("filing", "P1/F1", &json!({"kind": "opsp"})));
    database.deed(move |tx| operation::feed::append(tx, &waiting)).map_err(|error: DbError| error).expect("appended");
    let following: Vec<_> = (0..3)
        .map(|_| overview::follow(database.clone(), std::time::Duration::from_millis(5)).expect("a thread"))
        .collect();
    for _ in 0..600 {
        if database.read(reach).expect("read").seen == all.len() as i64 + 1 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(following.iter().find_map(|one| one.trouble().told()), None);
    drop(following);
    assert_eq!(get_sums(database, &Filter::default()), expected(&all));
    assert!(!overview::catch_up(database).expect("followed"), "nothing is left");
}

fn forgetting_and_following_again_gives_the_same(database: &Database) {
    let all = filled(database);
    let before = get_page(database, &Filter::default(), Sort::default(), None, 200);
    database.deed(forget).expect("forgotten");
    assert_eq!(get_sums(database, &Filter::default()), Sums::default());
    assert!(put(database, &numbered(&changes(&all))).expect("projected"));
    assert_eq!(get_page(database, &Filter::default(), Sort::default(), None, 200), before);
    assert_eq!(get_sums(database, &Filter::default()), expected(&all));
}

fn feeds() -> impl Strategy<Value = (Vec<Small>, Vec<usize>, Vec<bool>)> {
    let one = (
        1..=28i8,
        0..24i8,
        0..3usize,
        0..2usize,
        0..3usize,
        0..6usize,
        0..100i64,
        any::<[u16; 6]>(),
        any::<Option<u8>>(),
    );
    prop::collection::vec(one, 1..40).prop_flat_map(|rows| {
        let mut all: Vec<Small> = Vec::new();
        for (id, (day, hour, institution, scheme, stream, person, age, parts, back)) in rows.into_iter().enumerate() {
            let taken = |of: usize| all.iter().any(|one| one.reverses == Some(of));
            let of = back.map(usize::from).filter(|of| *of < all.len() && all[*of].reverses.is_none() && !taken(*of));
            let parts = parts.map(i64::from);
            let new = Small { id, day, hour, institution, scheme, stream, person, age, parts, reverses: None };
            all.push(of.map_or(new, |of| reversal(&all[of], id, day)));
        }
        let count = all.len();
        let cuts = prop::collection::vec(1..6usize, count);
        (Just(all).prop_shuffle(), cuts, prop::collection::vec(any::<bool>(), count))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn after_any_interleaving_and_any_repeat_the_sums_are_those_of_the_settlements((all, cuts, again) in feeds()) {
        let database = sqlite();
        let feed = numbered(&changes(&all));
        let (mut rest, mut done) = (&feed[..], &feed[..0]);
        for (cut, again) in cuts.into_iter().zip(again) {
            let (stretch, left) = rest.split_at(cut.min(rest.len()));
            prop_assert_eq!(put(&database, stretch).expect("projected"), !stretch.is_empty());
            if again {
                prop_assert!(!put(&database, stretch).expect("read again"), "a repeat counts nothing");
                prop_assert!(!put(&database, done).expect("read again"), "an old repeat counts nothing");
            }
            (rest, done) = (left, if stretch.is_empty() { done } else { stretch });
        }
        prop_assert_eq!(get_sums(&database, &Filter::default()), expected(&all));
        let mut days: BTreeMap<(String, String), Vec<&Small>> = BTreeMap::new();
        for one in &all {
            days.entry((one.time()[..10].to_owned(), format!("H{}", one.institution))).or_default().push(one);
        }
        let days: Vec<_> = days.into_iter().map(|((day, part), of)| (day, part, expected(of))).collect();
        let told = database.read(|tx| series(tx, &Filter::default(), Bucket::Day, Dimension::Institution)).expect("series");
        prop_assert_eq!(told, days);
        for standing in [Standing::Valid, Standing::Reversed, Standing::Reversal] {
            let left = all.iter().filter(|one| {
                let back = all.iter().any(|other| other.reverses == Some(one.id));
                standing == match (one.reverses.is_some(), back) { (true, _) => Standing::Reversal, (_, true) => Standing::Reversed, _ => Standing::Valid }
            });
            let filter = Filter { standing: Some(standing), ..Filter::default() };
            prop_assert_eq!(get_sums(&database, &filter), expected(left));
        }
    }
}
