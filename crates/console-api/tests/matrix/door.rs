//! The door: signing in and out, passwords, second factors, the session's word, headers, paces,
//! administration of accounts.

use access::{Account, Scope, hash_password, totp_code};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use console_api::frame::{COOKIE, CSRF};
use serde_json::{Value, json};

use crate::ask::{Answer, Desk, WORD};
use crate::town::Town;
use crate::{desk, on_each_database};

const BASE: &str = console_api::PREFIX;

fn operator(town: &Town, password: &str) -> Account {
    let account = Account {
        password: hash_password(password, [7; 16]).expect("hashes"),
        ..Account::new("li", "李经办", vec!["operator".to_owned()], Scope::Region)
    };
    town.sign_in(account.clone());
    account
}

/// A browser: keeps its cookie and its word.
struct Browser<'a> {
    desk: &'a Desk,
    cookie: String,
    word: String,
}

impl Browser<'_> {
    fn new(desk: &Desk) -> Browser<'_> {
        Browser { desk, cookie: String::new(), word: String::new() }
    }

    fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{BASE}{path}")).header(CSRF, &self.word);
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.desk.send(request.body(body).expect("a request"));
        if let Some(set) = answer.headers.get(header::SET_COOKIE) {
            self.cookie = set.to_str().expect("text").split(';').next().unwrap_or_default().to_owned();
        }
        if let Some(word) = answer.json()["csrf"].as_str() {
            self.word = word.to_owned();
        }
        answer
    }

    fn sign_in(&mut self, account: &str, password: &str, code: Option<&str>) -> Answer {
        self.ask(Method::POST, "/session", Some(json!({"account": account, "password": password, "code": code})))
    }
}

#[test]
fn one_signs_in_is_known_and_signs_out() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        operator(town, "right-password");
        let mut browser = Browser::new(&desk);
        assert_eq!(browser.ask(Method::GET, "/session", None).status, StatusCode::NO_CONTENT);
        for (account, password) in [("li", "wrong"), ("nobody", "right-password"), ("", "")] {
            let answer = browser.sign_in(account, password, None);
            assert_eq!((answer.status, answer.json()["title"].as_str()), (StatusCode::UNAUTHORIZED, Some("登录失败")));
        }
        let answer = browser.sign_in("li", "right-password", None);
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("text");
        assert!(["HttpOnly", "SameSite=Strict", "Path=/"].iter().all(|part| cookie.contains(part)), "{cookie}");
        let told = browser.ask(Method::GET, "/session", None).json();
        assert_eq!((told["account"].as_str(), told["scope"]["kind"].as_str()), (Some("li"), Some("region")));
        assert_eq!(browser.ask(Method::DELETE, "/session", None).status, StatusCode::NO_CONTENT);
        assert_eq!(browser.ask(Method::GET, "/session", None).status, StatusCode::NO_CONTENT);
    });
}

#[test]
fn too_many_wrong_passwords_lock_the_account_for_a_while() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        operator(town, "right-password");
        let mut browser = Browser::new(&desk);
        for _ in 0..town.policy.attempts {
            assert_eq!(browser.sign_in("li", "wrong", None).status, StatusCode::UNAUTHORIZED);
        }
        let answer = browser.sign_in("li", "right-password", None);
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        let wait: u32 = answer.headers[header::RETRY_AFTER].to_str().expect("text").parse().expect("seconds");
        assert!((1..=town.policy.lock_minutes * 60 + 1).contains(&wait), "{wait}");
    });
}

#[test]
fn a_change_without_the_sessions_word_or_from_another_site_is_refused() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let token = town.sign_in(Account::new("admin", "x", vec!["admin".to_owned()], Scope::Region));
        let cookie = format!("{COOKIE}={}", token);
        let send = |method: Method, path: &str, headers: &[(&str, &str)]| {
            let mut request =
                Request::builder().method(method).uri(format!("{BASE}{path}")).header(header::COOKIE, &cookie);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            desk.send(request.body(Body::from("{}")).expect("a request")).status
        };
        let (json, word) = (("content-type", "application/json"), (CSRF, WORD));
        for (method, path) in [
            (Method::POST, "/accounts"),
            (Method::DELETE, "/session"),
            (Method::PUT, "/session/password"),
            // No way of signing in, whatever its name ends with.
            (Method::POST, "/session/totp"),
            (Method::DELETE, "/accounts/session/sessions"),
        ] {
            assert_eq!(send(method.clone(), path, &[json]), StatusCode::FORBIDDEN, "{method} {path}");
            assert_eq!(send(method.clone(), path, &[json, (CSRF, "another")]), StatusCode::FORBIDDEN);
            assert_eq!(send(method, path, &[json, word, ("sec-fetch-site", "cross-site")]), StatusCode::FORBIDDEN);
        }
        assert_eq!(
            send(Method::POST, "/accounts", &[json, word, ("sec-fetch-site", "same-origin")]),
            StatusCode::UNPROCESSABLE_ENTITY
        );
        // A form of another site can sign nobody in: neither by its body nor from there.
        assert_eq!(
            send(Method::POST, "/session", &[("content-type", "text/plain")]),
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        );
        assert_eq!(send(Method::POST, "/session", &[json, ("sec-fetch-site", "cross-site")]), StatusCode::FORBIDDEN);
        // Signing in anew needs no word of the old session.
        assert_eq!(send(Method::POST, "/session", &[json]), StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn every_answer_carries_the_headers_that_keep_it_safe() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        for path in ["/session", "/accounts", "/nowhere", "/openapi.json"] {
            let answer = desk.ask(None, &Method::GET, &format!("{BASE}{path}"), None);
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
                ("cache-control", "no-store"),
                ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ] {
                assert_eq!(answer.headers[name], value, "{path}");
            }
        }
    });
}

#[test]
fn a_disabled_account_loses_its_sessions_at_once() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let admin = town.sign_in(Account::new("admin", "x", vec!["admin".to_owned()], Scope::Region));
        let ask = |token: &str, method: Method, path: &str, body: Option<Value>| {
            desk.ask(Some(token), &method, &format!("{BASE}{path}"), body.as_ref())
        };
        let form = json!({"name": "李", "roles": ["operator"], "scope": {"kind": "region"}, "disabled": true});
        let own = town.sign_in(operator(town, "right-password"));
        assert_eq!(ask(&own, Method::GET, "/session", None).status, StatusCode::OK);
        let changed = ask(&admin, Method::PUT, "/accounts/li", Some(form.clone()));
        assert_eq!(
            (changed.status, changed.json()["disabled"].as_bool()),
            (StatusCode::OK, Some(true)),
            "{}",
            changed.text
        );
        assert_eq!(ask(&own, Method::GET, "/session", None).status, StatusCode::NO_CONTENT);
        assert_eq!(Browser::new(&desk).sign_in("li", "right-password", None).status, StatusCode::UNAUTHORIZED);
        // Nobody does it to themselves.
        assert_eq!(ask(&admin, Method::PUT, "/accounts/admin", Some(form)).status, StatusCode::CONFLICT);
        assert_eq!(ask(&admin, Method::GET, "/session", None).status, StatusCode::OK);
    });
}

#[test]
fn an_account_is_opened_with_a_password_that_only_opens_the_change_of_it() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let admin = town.sign_in(Account::new("admin", "x", vec!["admin".to_owned()], Scope::Region));
        let open = |form: &Value| desk.ask(Some(&admin), &Method::POST, &format!("{BASE}/accounts"), Some(form));
        let form = json!({
            "account": "ward-3", "name": "内科", "roles": ["department"],
            "scope": {"kind": "department", "institution": "H99990000001", "department": "003"},
        });
        for (field, value) in [
            ("account", json!("a b")),
            ("roles", json!(["emperor"])),
            ("roles", json!([])),
            ("scope", json!({"kind": "region"})),
            ("scope", json!({"kind": "department", "institution": "H0", "department": "003"})),
            ("staff", json!("S999")),
        ] {
            let mut wrong = form.clone();
            wrong[field] = value;
            let answer = open(&wrong);
            let faults = answer.json()["errors"].clone();
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {}", answer.text);
            assert_eq!(faults[0]["field"], field, "{}", answer.text);
        }
        let opened = open(&form);
        assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text);
        assert_eq!(open(&form).status, StatusCode::CONFLICT);
        let start = opened.json()["start_password"].as_str().expect("a password").to_owned();
        let mut browser = Browser::new(&desk);
        let told = browser.sign_in("ward-3", &start, None).json();
        assert_eq!(
            (told["must_change"].as_bool(), told["permissions"].as_array().map(Vec::len)),
            (Some(true), Some(0))
        );
        assert_eq!(browser.ask(Method::GET, "/settlements", None).status, StatusCode::FORBIDDEN);
        let mut change =
            |old: &str, new: &str| browser.ask(Method::PUT, "/session/password", Some(json!({"old": old, "new": new})));
        assert_eq!(change(&start, "short").status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(change("wrong-password", "a-new-password").status, StatusCode::UNPROCESSABLE_ENTITY);
        let changed = change(&start, "a-new-password");
        assert_eq!((changed.status, changed.json()["must_change"].as_bool()), (StatusCode::OK, Some(false)));
        assert_eq!(browser.ask(Method::GET, "/settlements", None).status, StatusCode::OK);
        assert_eq!(Browser::new(&desk).sign_in("ward-3", &start, None).status, StatusCode::UNAUTHORIZED);
        assert_eq!(Browser::new(&desk).sign_in("ward-3", "a-new-password", None).status, StatusCode::OK);
    });
}

/// The bytes of base 32.
fn unbase32(text: &str) -> Vec<u8> {
    let bits: String = text
        .bytes()
        .map(|letter| if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 })
        .map(|five| format!("{five:05b}"))
        .collect();
    bits.as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).expect("bits"), 2).expect("bits"))
        .collect()
}

/// The code that an authenticator shows, `steps` half minutes from now.
fn code(secret: &[u8], steps: i64) -> String {
    totp_code(secret, jiff::Timestamp::now().as_second() + 30 * steps)
}

#[test]
fn a_second_factor_is_asked_for_once_it_was_confirmed_and_each_code_counts_once() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        operator(town, "right-password");
        let mut browser = Browser::new(&desk);
        browser.sign_in("li", "right-password", None);
        let refused = browser.ask(Method::POST, "/session/totp", Some(json!({"password": "wrong"})));
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let offered = browser.ask(Method::POST, "/session/totp", Some(json!({"password": "right-password"})));
        assert_eq!(offered.status, StatusCode::OK, "{}", offered.text);
        let offered = offered.json();
        assert!(offered["link"].as_str().is_some_and(|link| link.starts_with("otpauth://totp/")));
        let secret = unbase32(offered["secret"].as_str().expect("a secret"));
        let mut confirm = |offer: &Value, code: &str| {
            browser.ask(Method::PUT, "/session/totp", Some(json!({"offer": offer, "code": code}))).status
        };
        assert_eq!(confirm(&offered["offer"], "000000x"), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(confirm(&json!("00"), &code(&secret, 0)), StatusCode::UNPROCESSABLE_ENTITY);
        let first = code(&secret, -1);
        assert_eq!(confirm(&offered["offer"], &first), StatusCode::NO_CONTENT);
        let told = |answer: Answer| (answer.status, answer.json()["code"].as_str().map(str::to_owned));
        let sign_in = |code: Option<&str>| told(Browser::new(&desk).sign_in("li", "right-password", code));
        let unauthorized = |code: &str| (StatusCode::UNAUTHORIZED, Some(code.to_owned()));
        assert_eq!(sign_in(None), unauthorized("totp_required"));
        assert_eq!(sign_in(Some("12345")), unauthorized("totp_wrong"));
        assert_eq!(sign_in(Some(&first)), unauthorized("totp_wrong"), "it was used to confirm");
        let next = code(&secret, 0);
        assert_eq!(sign_in(Some(&next)).0, StatusCode::OK);
        assert_eq!(sign_in(Some(&next)), unauthorized("totp_wrong"), "it was used to sign in");
        // What is at rest does not tell the secret.
        let kept =
            town.database.read(|tx| access::account(tx, "li")).unwrap_or_else(|error: db::DbError| panic!("{error}"));
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(kept.is_some_and(|kept| kept.totp.len() > 40 && !kept.totp.contains(&hex)));
    });
}

#[test]
fn signing_out_everywhere_ends_every_session_of_the_account_and_no_other() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        operator(town, "right-password");
        let other = town.sign_in(Account::new("other", "x", vec!["operator".to_owned()], Scope::Region));
        let (mut one, mut two) = (Browser::new(&desk), Browser::new(&desk));
        assert_eq!(one.sign_in("li", "right-password", None).status, StatusCode::OK);
        assert_eq!(two.sign_in("li", "right-password", None).status, StatusCode::OK);
        assert_eq!(one.ask(Method::DELETE, "/session/everywhere", None).status, StatusCode::NO_CONTENT);
        assert_eq!(two.ask(Method::GET, "/session", None).status, StatusCode::NO_CONTENT);
        assert_eq!(desk.ask(Some(&other), &Method::GET, &format!("{BASE}/session"), None).status, StatusCode::OK);
    });
}

#[test]
fn a_session_ends_when_it_was_idle_and_in_any_case_at_its_end() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let now = jiff::Zoned::now().datetime();
        let ago = |minutes: i64| now.checked_sub(jiff::SignedDuration::from_mins(minutes)).expect("a time");
        let idle = i64::from(town.policy.idle_minutes);
        let token = town.sign_in(Account::new("li", "x", vec!["operator".to_owned()], Scope::Region));
        let alive = |seen: jiff::civil::DateTime, ends: jiff::civil::DateTime, token: &str| {
            let session = access::Session {
                token_hash: access::token_hash(token),
                account: "li".to_owned(),
                persons: Vec::new(),
                csrf: WORD.to_owned(),
                begun_at: seen,
                seen_at: seen,
                ends_at: ends,
            };
            town.database
                .deed(move |tx| access::operations::begin_session(tx, &session))
                .unwrap_or_else(|error: db::DbError| panic!("{error}"));
            desk.ask(Some(token), &Method::GET, &format!("{BASE}/session"), None).status == StatusCode::OK
        };
        assert!(alive(ago(idle - 1), ago(-60), "fresh"));
        assert!(!alive(ago(idle + 1), ago(-60), "idle"));
        assert!(!alive(ago(2), ago(1), "ended"));
        let list = |token: &str| desk.ask(Some(token), &Method::GET, &format!("{BASE}/sessions?account=li"), None);
        assert_eq!(list(&token).status, StatusCode::FORBIDDEN);
        let admin = town.sign_in(Account::new("admin", "x", vec!["admin".to_owned()], Scope::Region));
        let listed = list(&admin).json()["items"].as_array().map_or(0, Vec::len);
        assert_eq!(listed, 2, "the first and the fresh one");
    });
}

#[test]
fn who_comes_too_fast_is_told_when_to_come_again() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let token = town.sign_in(Account::new("li", "x", vec!["operator".to_owned()], Scope::Region));
        let ask = || desk.ask(Some(&token), &Method::GET, &format!("{BASE}/session/ways"), None);
        let refused = (0..5_000).map(|_| ask()).find(|answer| answer.status != StatusCode::OK).expect("a limit");
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(refused.headers[header::RETRY_AFTER].to_str().is_ok_and(|wait| wait.parse::<u32>().is_ok()));
        assert_eq!(refused.json()["title"], "请求过快");
    });
}
