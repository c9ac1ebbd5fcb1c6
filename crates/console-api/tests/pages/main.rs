//! The pages over a real database, on SQLite and, when a server is named, on PostgreSQL.

mod town;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use console_api::{CheckState, Page, check_receipt, router};
use db::{DbError, Sql};
use evidence::{Receipt, Signer, Sm2Key, verify_receipt};
use ledger::Account;
use std::path::Path;
use terms::Fen;
use tower::ServiceExt;
use town::{Town, at};

fn on_each_database(scenario: fn(&Town)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
    scenario(&Town::open(&folder, db_sqlite::Sqlite::temporary().expect("opens").into_database()));
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        scenario(&Town::open(&folder, fresh.open()));
    }
}

fn fetch(page: &Page, path: &str) -> (Response<()>, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let (parts, body) = router(page.clone()).oneshot(request).await.expect("an answer").into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        (Response::from_parts(parts, ()), String::from_utf8(body.to_vec()).expect("text"))
    })
}

fn ok(page: &Page, path: &str) -> String {
    let (answer, text) = fetch(page, path);
    assert_eq!(answer.status(), StatusCode::OK, "{path}: {text}");
    text
}

fn caught_up(page: &Page) {
    while page.daybook.catch_up(&page.database).expect("the feed is followed") {}
}

/// 门诊 of 225.00 by a person whose yearly deductible of 200.00 is not used yet.
fn one_visit(town: &Town) -> String {
    let person = town.person("99990000000000010001", "张晓云", "11", 5_000);
    let lines = [("HZR001", 1, 2_500), ("HZS001", 2, 10_000)];
    town.outpatient(&person, at("2026-03-08 10:40:00"), &lines).setl_id.expect("a number").0
}

#[test]
fn the_front_page_tells_the_day_the_sums_and_the_latest_settlement() {
    on_each_database(|town| {
        let page = town.page();
        assert!(ok(&page, "/").contains("还没有结算"));
        let id = one_visit(town);
        caught_up(&page);
        let home = ok(&page, "/");
        // 225.00 less 200.00 leaves 25.00, of which 50 % is 12.50.
        for figure in
            ["2026年3月8日", "225.00", "12.50", "212.50", "职工门诊统筹基金", "衡州市第一人民医院", "待存证", &id]
        {
            assert!(home.contains(figure), "{figure} stands on the front page");
        }
        town.seal();
        assert!(ok(&page, "/").contains("已存证"));
    });
}

#[test]
fn a_settlement_is_explained_with_articles_lines_entries_and_a_verified_receipt() {
    on_each_database(|town| {
        let id = one_visit(town);
        town.seal();
        let told = ok(&town.page(), &format!("/settlements/{id}"));
        for part in [
            "第13条",
            "综合治疗",
            "张**",
            "25.00 × 50% = ",
            "门诊年度起付",
            "符合范围 I",
            "账簿分录",
            "已存证",
            "−12.50",
        ] {
            assert!(told.contains(part), "{part} stands in the explanation");
        }
        assert_eq!(told.matches("<li class=\"passed\">").count(), 7);
        assert!(!told.contains("张晓云") && !told.contains("99990000000000010001"), "no name and no number in full");
    });
}

#[test]
fn the_receipt_is_a_file_that_verifies_with_the_published_key() {
    on_each_database(|town| {
        let id = one_visit(town);
        town.seal();
        let page = town.page();
        let (answer, text) = fetch(&page, &format!("/settlements/{id}/receipt"));
        let disposition = answer.headers()["content-disposition"].to_str().expect("text");
        assert_eq!(disposition, format!("attachment; filename=\"receipt-{id}.json\""));
        let verified = verify_receipt(text.as_bytes(), &[town.key.public().clone()]).expect("it verifies");
        assert_eq!(verified.facts.subject, id);
        let log = ok(&page, "/log");
        assert!(log.contains(&town.key.public().to_string()) && log.contains("heng/999900"));
    });
}

#[test]
fn a_reversal_is_told_as_one_and_its_settlement_says_so() {
    on_each_database(|town| {
        let id = one_visit(town);
        let person = "99990000000000010001".into();
        let back = town.reverse(&person, &id.as_str().into(), at("2026-03-08 11:00:00")).0;
        town.seal();
        let told = ok(&town.page(), &format!("/settlements/{back}"));
        assert_eq!(told.matches("<li class=\"passed\">").count(), 7, "{told}");
        assert!(told.contains("−225.00") && told.contains(&format!("/settlements/{id}")));
        assert!(ok(&town.page(), &format!("/settlements/{id}")).contains(&format!("/settlements/{back}")));
    });
}

static FORGE: Sql = Sql::new("test.forge", "UPDATE claim_settlement SET policy = 'forged' WHERE setl_id = $1");

#[test]
fn a_register_that_was_tampered_with_fails_its_own_check() {
    on_each_database(|town| {
        let id = one_visit(town);
        town.seal();
        let forged = id.clone();
        town.database
            .deed(move |tx| tx.execute(&FORGE, &[forged.as_str().into()]).map(drop))
            .unwrap_or_else(|error: DbError| panic!("{error}"));
        let told = ok(&town.page(), &format!("/settlements/{id}"));
        assert_eq!(told.matches("<li class=\"failed\">").count(), 1);
        assert_eq!(told.matches("<li class=\"passed\">").count(), 0);
        assert!(told.contains("不能出具凭证"));
        assert_eq!(
            fetch(&town.page(), &format!("/settlements/{id}/receipt")).0.status(),
            StatusCode::INTERNAL_SERVER_ERROR
        );
    });
}

#[test]
fn a_check_names_what_is_wrong_with_a_receipt() {
    on_each_database(|town| {
        let id = one_visit(town);
        let page = town.page();
        let read =
            || Receipt::read(fetch(&page, &format!("/settlements/{id}/receipt")).1.as_bytes()).expect("a receipt");
        let failed = |receipt: &Receipt, key: &Sm2Key| {
            let checks = check_receipt(Ok(receipt), key.public(), || Ok(()));
            checks.iter().position(|check| !matches!(check.state, CheckState::Passed)).map(|n| checks[n].clone())
        };
        let pending = failed(&read(), &town.key).expect("it waits");
        assert!(matches!(pending.state, CheckState::Pending(..)));
        town.seal();
        assert_eq!(failed(&read(), &town.key), None);
        let mut changed = read();
        changed.facts.body["heads"]["fund_pay_sumamt"] = 1.into();
        assert_eq!(failed(&changed, &town.key).expect("it fails").english, "its content leads to the signed root");
        let stranger = Sm2Key::generate("heng/999900").expect("a key");
        assert_eq!(
            failed(&read(), &stranger).expect("it fails").english,
            "the checkpoint is signed with the centre's key"
        );
        let checks = check_receipt(Ok(&read()), town.key.public(), || Err("T = F + P".to_owned()));
        assert!(matches!(&checks[6].state, CheckState::Failed(words, _) if words.contains("T = F + P")));
    });
}

#[test]
fn what_people_wrote_is_shown_as_text() {
    on_each_database(|town| {
        let person = town.person("99990000000000010003", "<script>alert(1)</script>", "11", 0);
        let settled = town.outpatient(&person, at("2026-03-08 10:40:00"), &[("HZR001", 1, 2_500)]);
        let mut page = town.page();
        page.region.name = "<b>衡州</b>".to_owned();
        let told = ok(&page, &format!("/settlements/{}", settled.setl_id.expect("a number").0));
        assert!(told.contains("&lt;**") && told.contains("&lt;b&gt;衡州"));
        assert!(!told.contains("<script") && !told.contains("<b>衡州"));
    });
}

#[test]
fn what_does_not_exist_is_a_page_that_says_so() {
    on_each_database(|town| {
        for path in ["/settlements/no-such", "/settlements/no-such/receipt", "/elsewhere", "/settlements/%3Cscript%3E"]
        {
            let (answer, text) = fetch(&town.page(), path);
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
            assert!(text.contains("这里没有内容") && !text.contains("<script"));
            assert_eq!(answer.headers()["x-frame-options"], "DENY");
            let policy = answer.headers()["content-security-policy"].to_str().expect("text");
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("-inline"));
        }
    });
}

#[test]
fn the_daybook_counts_each_change_once_and_agrees_with_the_ledger() {
    on_each_database(|town| {
        let page = town.page();
        town.fill();
        caught_up(&page);
        caught_up(&page);
        let home = ok(&page, "/");
        assert!(home.contains("累计 1 笔"), "one reversal");
        let paid = page
            .database
            .read(|tx| ledger::balances(tx, &Account::Pool(String::new())))
            .unwrap_or_else(|error: DbError| panic!("{error}"));
        assert!(!paid.is_empty());
        for (code, balance) in paid {
            let row = home
                .split("<tr>")
                .find(|row| row.contains(&format!("<code>{code}</code>")))
                .expect("a row of the fund");
            let plain = (-balance).to_string();
            assert!(
                row.replace(',', "").contains(&format!("data-label=\"累计\">{plain}<")),
                "{code} paid {plain}: {row}"
            );
            assert!(balance < Fen::ZERO);
        }
    });
}

#[test]
fn the_list_goes_back_from_a_number_of_the_feed() {
    on_each_database(|town| {
        let page = town.page();
        town.fill();
        caught_up(&page);
        let rows = |text: &str| text.matches("class=\"go\"").count();
        assert_eq!(rows(&ok(&page, "/settlements")), 6);
        assert_eq!(rows(&ok(&page, "/settlements?before=4")), 3);
        assert_eq!(rows(&ok(&page, "/settlements?before=nonsense")), 6);
        assert_eq!(rows(&ok(&page, "/settlements?before=1")), 0);
    });
}
