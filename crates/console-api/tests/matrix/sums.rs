//! Figures agree: a list with its sums, with each settlement in full, and with the overview.

use axum::http::{Method, StatusCode};
use serde_json::Value;

use crate::ask::Desk;
use crate::town::{HOSPITALS, Town};
use crate::{desk, on_each_database};

const AMOUNTS: [&str; 10] = [
    "total_amount",
    "full_self_pay_amount",
    "over_limit_amount",
    "pre_self_pay_amount",
    "in_scope_amount",
    "fund_amount",
    "person_amount",
    "account_amount",
    "cash_amount",
    "hospital_amount",
];

fn token(town: &Town, role: &str) -> String {
    let role = town.policy.role.iter().find(|one| one.id == role).expect("a role");
    town.sign_in(town.accounts_of(role).remove(0))
}

fn get(desk: &Desk, token: &str, path: &str) -> Value {
    let answer = desk.ask(Some(token), &Method::GET, &format!("{}{path}", console_api::PREFIX), None);
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.json()
}

fn rows<'a>(answer: &'a Value, name: &str) -> &'a Vec<Value> {
    answer[name].as_array().unwrap_or_else(|| panic!("no {name} in {answer}"))
}

/// Adds up what rows say, field by field.
fn added<'a>(rows: impl IntoIterator<Item = &'a Value>) -> Vec<i64> {
    let mut sums = vec![0; AMOUNTS.len()];
    for row in rows {
        for (sum, name) in sums.iter_mut().zip(AMOUNTS) {
            *sum += row[name].as_i64().unwrap_or_else(|| panic!("no {name} in {row}"));
        }
    }
    sums
}

#[test]
fn a_list_its_sums_each_settlement_and_the_overview_agree() {
    on_each_database(|town| {
        let (desk, leader) = (desk(town, &town.policy), token(town, "leader"));
        let list = get(&desk, &leader, "/settlements");
        let items = rows(&list, "items");
        assert!(items.len() >= 7, "the town settled and reversed");
        assert_eq!(list["total"].as_u64(), Some(items.len() as u64));
        let sums = added(items);
        assert_eq!(added([&get(&desk, &leader, "/settlements/sums")]), sums);
        for item in items {
            let told = get(&desk, &leader, &format!("/settlements/{}", item["id"].as_str().expect("an id")));
            assert_eq!(added([&told["heads"]]), added([item]));
            assert_eq!(told["standing"], item["standing"]);
            let given: i64 = rows(&told, "payers").iter().filter_map(|row| row["amount"].as_i64()).sum();
            assert_eq!(Some(given), item["total_amount"].as_i64(), "{told}");
            let posted: i64 = rows(&told, "postings").iter().filter_map(|row| row["amount"].as_i64()).sum();
            assert_eq!(posted, 0, "{told}");
            assert_eq!(told["receipt"]["state"], "sealed", "{}", told["receipt"]);
            assert_eq!(rows(&told, "steps").is_empty(), item["standing"] == "reversal");
        }
        for (path, name) in [
            ("/overview/series?step=day&by=stream", "points"),
            ("/overview/series?step=whole&by=institution", "points"),
            ("/overview/burden", "rows"),
            ("/overview/institutions", "rows"),
        ] {
            assert_eq!(added(rows(&get(&desk, &leader, path), name)), sums, "{path}");
        }
        let funds = get(&desk, &leader, "/overview/funds?step=month");
        let detail: i64 = rows(&funds, "points").iter().filter_map(|row| row["amount"].as_i64()).sum();
        // Accounts are funds of `setldetail` too.
        assert_eq!(detail, sums[5] + sums[7] + sums[9]);
    });
}

#[test]
fn what_a_figure_says_is_what_its_rows_add_up_to() {
    on_each_database(|town| {
        let (desk, leader) = (desk(town, &town.policy), token(town, "leader"));
        let opened = |query: String| added([&get(&desk, &leader, &format!("/settlements/sums?{query}"))]);
        for row in rows(&get(&desk, &leader, "/overview/institutions"), "rows") {
            let code = row["institution"]["code"].as_str().expect("a code");
            assert_eq!(opened(format!("institution={code}")), added([row]));
        }
        for row in rows(&get(&desk, &leader, "/overview/burden"), "rows") {
            let or_none = |text: &Value| {
                Some(text.as_str().expect("text")).filter(|text| !text.is_empty()).unwrap_or("none").to_owned()
            };
            let (group, band) = (or_none(&row["group"]["code"]), or_none(&row["age_band"]));
            assert_eq!(opened(format!("person_group={group}&age_band={band}")), added([row]));
        }
        for point in rows(&get(&desk, &leader, "/overview/series?step=day&by=stream"), "points") {
            let (day, stream) =
                (point["step"].as_str().expect("a day"), point["part"]["code"].as_str().expect("a code"));
            assert_eq!(opened(format!("from={day}&to={day}&stream={stream}")), added([point]));
        }
    });
}

#[test]
fn pages_and_files_of_every_order_hold_every_row_once() {
    on_each_database(|town| {
        let (desk, leader) = (desk(town, &town.policy), token(town, "leader"));
        let ids = |answer: &Value| -> Vec<String> {
            rows(answer, "items").iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
        };
        let mut all = ids(&get(&desk, &leader, "/settlements"));
        all.sort();
        for sort in ["settled_at", "-settled_at", "total_amount", "-total_amount", "fund_amount", "-fund_amount"] {
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let page = get(&desk, &leader, &format!("/settlements?sort={sort}&limit=2{after}"));
                seen.extend(ids(&page));
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&cursor={next}");
            }
            seen.sort();
            assert_eq!(seen, all, "{sort}");
        }
        let first = get(&desk, &leader, "/settlements?limit=2");
        let path = format!(
            "{}/settlements?sort=fund_amount&cursor={}",
            console_api::PREFIX,
            first["next"].as_str().expect("more")
        );
        let refused = desk.ask(Some(&leader), &Method::GET, &path, None);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a cursor of another order: {}", refused.text);
        let path = format!("{}/settlements?format=csv", console_api::PREFIX);
        let file = desk.ask(Some(&leader), &Method::GET, &path, None);
        assert_eq!(file.text.lines().count(), all.len() + 1, "a heading and every row");
    });
}

#[test]
fn a_hospital_sees_sums_of_its_own_only() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let (leader, hospital) = (token(town, "leader"), token(town, "hospital"));
        let own = get(&desk, &leader, &format!("/settlements/sums?institution={}", HOSPITALS[0]));
        for path in ["/settlements/sums", "/overview/institutions", "/overview/burden", "/overview/series?step=month"] {
            let answer = get(&desk, &hospital, path);
            let told = ["rows", "points"].iter().find_map(|name| answer[name].as_array()).cloned();
            assert_eq!(added(&told.unwrap_or_else(|| vec![answer])), added([&own]), "{path}");
        }
        let path = format!("{}/settlements?institution={}", console_api::PREFIX, HOSPITALS[1]);
        assert_eq!(desk.ask(Some(&hospital), &Method::GET, &path, None).status, StatusCode::NOT_FOUND);
    });
}
