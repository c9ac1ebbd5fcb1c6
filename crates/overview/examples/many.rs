//! Measures lists and sums over many settlements: `many 100000`; on PostgreSQL when
//! HENG_TEST_POSTGRES is set. The rows are projected through the room's own door, then pages of
//! every way in are timed.

use std::time::Instant;

use db::Database;
use operation::feed::{Change, Numbered};
use overview::{Bucket, Dimension, Filter, Sort, SortBy, Standing, by_funds, page, project, series, sums};
use serde_json::json;
use terms::{Date, Fen};

fn change(n: i64, mixed: i64) -> Change {
    let day = Date::constant(2026, 1, 1).checked_add(jiff_days(mixed % 300)).expect("a day");
    let time = format!("{day} {:02}:{:02}:{:02}", 8 + mixed % 10, mixed / 7 % 60, mixed / 11 % 60);
    let (funds, cash) = (mixed % 900_000, 1_000 + mixed % 70_000);
    let stream = ["11", "11", "11", "14", "21", "41"][(mixed / 13 % 6) as usize];
    let body = json!({
        "psn_no": format!("P{:07}", mixed % 50_000), "setl_id": format!("S{n:09}"), "mdtrt_id": format!("V{n:09}"),
        "reverses": null, "fixmedins_code": format!("H{:03}", mixed / 17 % 120), "insutype": (["310", "390"][(mixed % 2) as usize]),
        "med_type": stream, "begntime": time, "endtime": null, "setl_time": time, "clr_type": stream,
        "heads": {"medfee_sumamt": funds + cash, "fulamt_ownpay_amt": 0, "overlmt_selfpay": 0, "preselfpay_amt": 0,
                  "inscp_scp_amt": funds + cash, "fund_pay_sumamt": funds, "psn_part_amt": cash, "acct_pay": 0,
                  "psn_cash_pay": cash, "hosp_part_amt": 0},
        "detail": [{"fund_pay_type": "310100", "fund_payamt": funds}],
        "department": "001", "psn_type": "11", "age": mixed % 95, "insuplc_admdvs": "999900", "mdtrtarea_admvs": "999900",
    });
    Change {
        id: format!("settlement/S{n:09}"),
        kind: "settlement".to_owned(),
        subject: format!("S{n:09}"),
        region: "999900".to_owned(),
        person: String::new(),
        made_at: time,
        body: body.to_string(),
    }
}

fn jiff_days(days: i64) -> std::time::Duration {
    std::time::Duration::from_secs(days.unsigned_abs() * 86_400)
}

fn timed<T>(name: &str, mut work: impl FnMut() -> T) {
    work();
    let mut took: Vec<_> = (0..9)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    took.sort();
    println!("{name:<60} {:>8} µs median, {:>8} µs worst", took[4].as_micros(), took[8].as_micros());
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: i64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let database: Database =
        match std::env::var("HENG_TEST_POSTGRES").is_ok().then(db_postgres::testing::fresh_database) {
            Some(Some(fresh)) => Box::leak(Box::new(fresh)).open(),
            _ => db_sqlite::Sqlite::temporary().expect("a temporary database").into_database(),
        };
    database.migrate(operation::MIGRATIONS).expect("tables");
    database.migrate(overview::MIGRATIONS).expect("tables");
    let begun = Instant::now();
    let mut mixed: i64 = 88_172_645_463_325;
    for first in (1..=count).step_by(4_096) {
        let stretch: Vec<Numbered> = (first..(first + 4_096).min(count + 1))
            .map(|number| {
                mixed = (mixed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
                    .rotate_left(17);
                Numbered { number, change: change(number, (mixed & i64::MAX) >> 9) }
            })
            .collect();
        database.deed(move |tx| project(tx, &stretch)).expect("projected");
    }
    println!("{}: {count} settlements projected in {:.1} s", database.name(), begun.elapsed().as_secs_f64());
    let march = (Some(Date::constant(2026, 3, 1)), Some(Date::constant(2026, 3, 31)));
    let filters = [
        ("all", Filter::default()),
        ("one institution", Filter { institution: Some("H007".into()), ..Filter::default() }),
        ("one person", Filter { person: Some("P0000042".into()), ..Filter::default() }),
        ("a month", Filter { from: march.0, to: march.1, ..Filter::default() }),
        ("a month of a stream", Filter { from: march.0, to: march.1, stream: Some("41".into()), ..Filter::default() }),
        ("a number searched for", Filter { search: Some("V000000777".into()), ..Filter::default() }),
        ("amounts over 8 000 yuan", Filter { total_from: Some(Fen(800_000)), ..Filter::default() }),
        ("a group of ages", Filter { age_band: Some("75+".into()), ..Filter::default() }),
        (
            "a scheme and a group of ages",
            Filter { scheme: Some("390".into()), age_band: Some("75+".into()), ..Filter::default() },
        ),
        ("reversed (none)", Filter { standing: Some(Standing::Reversed), ..Filter::default() }),
    ];
    for (name, filter) in &filters {
        for by in [SortBy::Time, SortBy::Total, SortBy::Funds] {
            let (filter, sort) = (filter.clone(), Sort { by, descending: true });
            let first = database
                .read({
                    let filter = filter.clone();
                    move |tx| page(tx, &filter, sort, None, 50)
                })
                .expect("a page");
            timed(&format!("page: {name} by {by:?}, second page"), || {
                let (filter, next) = (filter.clone(), first.next.clone());
                database.read(move |tx| page(tx, &filter, sort, next.as_ref(), 50)).expect("a page")
            });
        }
        timed(&format!("sums: {name}"), || {
            let filter = filter.clone();
            database.read(move |tx| sums(tx, &filter)).expect("sums")
        });
    }
    timed("series: days by stream", || {
        database.read(|tx| series(tx, &Filter::default(), Bucket::Day, Dimension::Stream)).expect("series")
    });
    timed("ranking of institutions", || {
        database.read(|tx| series(tx, &Filter::default(), Bucket::Whole, Dimension::Institution)).expect("series")
    });
    timed("funds by month", || {
        database.read(|tx| by_funds(tx, &Filter::default(), Bucket::Month, false)).expect("funds")
    });
}
