//! Role × scope × route: every route of the description is asked as everybody. A new route is
//! covered by being described; what its parameters may be filled with stands in [`FILLED`].

mod ask;
mod door;
#[cfg(feature = "oidc")]
mod oidc;
mod sums;
mod town;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use access::permission::ALL;
use access::{Account, Kind, Role, RolePolicy, Scope};
use ask::{Answer, Desk, Route, routes};
use axum::http::{Method, StatusCode};
use town::{Thing, Town};

/// `routes.toml`: what the matrix asks with.
#[derive(serde::Deserialize)]
struct Asked {
    /// Routes that ask for no permission.
    open: Vec<String>,
    /// What a path parameter stands for.
    path: BTreeMap<String, String>,
    /// Parameters of a query that must be given.
    query: BTreeMap<String, String>,
}

fn asked() -> &'static Asked {
    static ASKED: LazyLock<Asked> = LazyLock::new(|| {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/matrix/routes.toml");
        toml::from_str(&std::fs::read_to_string(file).expect("it is there")).unwrap_or_else(|error| panic!("{error}"))
    });
    &ASKED
}

/// What went wrong, all of it, so that one run tells everything.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn unless(&mut self, right: bool, told: impl FnOnce() -> String) {
        if !right {
            self.0.push(told());
        }
    }
}

impl Drop for Wrong {
    fn drop(&mut self) {
        if std::thread::panicking() || self.0.is_empty() {
            return;
        }
        let told: Vec<String> = self.0.iter().map(|one| one.chars().take(700).collect()).collect();
        panic!("{} are wrong:\n{}", told.len(), told.join("\n"));
    }
}

fn on_each_database(scenario: fn(&Town)) {
    scenario(&Town::open(db_sqlite::Sqlite::temporary().expect("opens").into_database()));
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        scenario(&Town::open(fresh.open()));
    }
}

fn desk(town: &Town, policy: &RolePolicy) -> Desk {
    Desk::of(console_api::api(town.console(policy)))
}

/// A path with its parameters filled from one thing of the town each, and those things.
#[derive(Clone)]
struct Filled {
    path: String,
    things: Vec<Thing>,
}

/// Every way to fill a route's path from the town; a path without parameters has one.
fn filled(town: &Town, route: &Route) -> Vec<Filled> {
    let mut ways = vec![Filled { path: with_query(route), things: Vec::new() }];
    for parameter in route.parameters() {
        let found = asked().path.get(&parameter);
        let kind = found.unwrap_or_else(|| {
            panic!("{}: say under [path] in tests/matrix/routes.toml what {parameter} stands for", route.name())
        });
        let name = parameter.split_once('/').expect("a word and a name").1;
        ways = match kind.strip_prefix('=') {
            Some(word) => {
                ways.into_iter().map(|way| Filled { path: way.path.replacen(name, word, 1), ..way }).collect()
            }
            None => {
                let of_kind: Vec<&Thing> = town.things.iter().filter(|thing| thing.kind == *kind).collect();
                assert!(!of_kind.is_empty(), "{}: the town has no {kind}; make one in town.rs", route.name());
                let fill = |way: &Filled, thing: &Thing| Filled {
                    path: way.path.replacen(name, &thing.id, 1),
                    things: [way.things.as_slice(), std::slice::from_ref(thing)].concat(),
                };
                ways.iter().flat_map(|way| of_kind.iter().map(move |thing| fill(way, thing))).collect()
            }
        };
    }
    ways
}

fn with_query(route: &Route) -> String {
    let asked: Vec<String> = route
        .required
        .iter()
        .map(|name| {
            let value = asked().query.get(name).unwrap_or_else(|| {
                panic!("{}: say under [query] in tests/matrix/routes.toml what to ask as {name}", route.name())
            });
            format!("{name}={value}")
        })
        .collect();
    if asked.is_empty() { route.path.clone() } else { format!("{}?{}", route.path, asked.join("&")) }
}

/// A path that leads to nothing, so that a change changes nothing.
fn nowhere(route: &Route) -> String {
    let words = route.path.split('/').map(|word| if word.starts_with('{') { "no-such" } else { word });
    words.collect::<Vec<_>>().join("/")
}

/// Asks so that nothing is changed: a change is asked of nothing, with a body that says nothing.
fn probe(desk: &Desk, token: Option<&str>, route: &Route) -> Answer {
    let path = if route.is_safe() { with_query(route).replace(&route.path, &nowhere(route)) } else { nowhere(route) };
    let body = route.has_body.then(|| serde_json::json!({}));
    desk.ask(token, &route.method, &path, body.as_ref())
}

#[test]
fn every_route_but_the_open_ones_says_which_permission_it_needs() {
    let mut wrong = Wrong::default();
    for route in routes() {
        let (name, open) = (route.name(), asked().open.contains(&route.name()));
        match &route.permission {
            None => wrong.unless(open, || format!("{name} has no x-permission")),
            Some(id) => {
                wrong.unless(ALL.iter().any(|info| info.id == id), || {
                    format!("{name} needs {id}, which does not exist")
                });
                wrong.unless(!open, || format!("{name} is listed as open"));
            }
        }
    }
    for open in &asked().open {
        wrong.unless(routes().iter().any(|route| route.name() == *open), || format!("there is no route {open}"));
    }
}

#[test]
fn nobody_is_answered_by_the_open_routes_only() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let mut wrong = Wrong::default();
        for route in routes().into_iter().filter(|route| route.permission.is_some()) {
            for token in [None, Some("no such token")] {
                let answer = probe(&desk, token, &route);
                let problem = answer.headers["content-type"] == "application/problem+json; charset=utf-8";
                let right = answer.status == StatusCode::UNAUTHORIZED && problem;
                wrong.unless(right, || format!("{}: {} {}", route.name(), answer.status, answer.text));
            }
        }
    });
}

/// Roles that may one thing only, and everything but one, of each kind of scope.
fn sharp(permission: &str) -> (RolePolicy, Vec<Account>, Vec<Account>, impl Fn(&Town, &mut Account)) {
    let kinds = [Kind::Region, Kind::Institution, Kind::Department, Kind::Person];
    let mut policy = RolePolicy {
        article: String::new(),
        idle_minutes: 30,
        session_hours: 1,
        attempts: 5,
        lock_minutes: 5,
        purpose: Vec::new(),
        role: Vec::new(),
    };
    let (mut only, mut but) = (Vec::new(), Vec::new());
    for kind in kinds {
        for (list, what) in [(&mut only, "only"), (&mut but, "but")] {
            let id = format!("{what}-{kind:?}").to_lowercase();
            let may = ALL.iter().map(|info| info.id).filter(|id| (*id == permission) == (what == "only"));
            policy.role.push(Role {
                id: id.clone(),
                name: id.clone(),
                english: id.clone(),
                scope: kind,
                desks: Vec::new(),
                may: may.map(str::to_owned).collect(),
            });
            list.push(Account::new(&id, &id, vec![id.clone()], Scope::Region));
        }
    }
    let place = |town: &Town, account: &mut Account| {
        let person = &town.people[0].psn_no.0;
        account.scope = match account.account.rsplit('-').next() {
            Some("institution") => Scope::Institution(town::HOSPITALS[0].to_owned()),
            Some("department") => {
                Scope::Department { institution: town::HOSPITALS[0].to_owned(), department: "003".to_owned() }
            }
            Some("person") => Scope::Person(vec![person.clone()]),
            _ => Scope::Region,
        };
    };
    (policy, only, but, place)
}

#[test]
fn a_route_asks_for_just_the_permission_that_it_says() {
    on_each_database(|town| {
        let mut wrong = Wrong::default();
        let mut by_permission: BTreeMap<String, Vec<Route>> = BTreeMap::new();
        for route in routes() {
            if let Some(id) = &route.permission {
                by_permission.entry(id.clone()).or_default().push(route);
            }
        }
        for (permission, routes) in by_permission {
            let (policy, only, but, place) = sharp(&permission);
            let desk = desk(town, &policy);
            let signed_in = |mut account: Account| {
                place(town, &mut account);
                town.sign_in(account)
            };
            let (only, but): (Vec<_>, Vec<_>) =
                (only.into_iter().map(&signed_in).collect(), but.into_iter().map(&signed_in).collect());
            for route in &routes {
                for token in &but {
                    let answer = probe(&desk, Some(token), route);
                    let right = answer.lacks_permission() && answer.text.contains(&permission);
                    wrong.unless(right, || {
                        let told = "was not asked for first";
                        format!("{} as {token}: {permission} {told}: {} {}", route.name(), answer.status, answer.text)
                    });
                }
                // A route may be for some kinds of scope only; what it then lacks is this permission.
                let answers: Vec<Answer> = only.iter().map(|token| probe(&desk, Some(token), route)).collect();
                let told =
                    || answers.iter().map(|answer| format!("{} {}\n", answer.status, answer.text)).collect::<String>();
                let let_in = answers.iter().any(|answer| !answer.lacks_permission());
                let otherwise = answers.iter().any(|answer| {
                    let other = answer.lacks_permission() && !answer.text.contains(&permission);
                    other || answer.status == StatusCode::UNAUTHORIZED || answer.status.is_server_error()
                });
                wrong.unless(let_in && !otherwise, || {
                    format!("{} for who may {permission} only:\n{}", route.name(), told())
                });
            }
        }
    });
}

#[test]
fn each_role_of_the_region_is_let_in_where_its_file_says_and_nowhere_else() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let mut wrong = Wrong::default();
        for role in &town.policy.role {
            for account in town.accounts_of(role) {
                let token = town.sign_in(account);
                for route in routes() {
                    let Some(permission) = &route.permission else { continue };
                    let answer = probe(&desk, Some(&token), &route);
                    let as_said = answer.lacks_permission() != role.may.contains(permission);
                    let answered = answer.status != StatusCode::UNAUTHORIZED && !answer.status.is_server_error();
                    wrong.unless(as_said && answered, || {
                        format!("{} as {token}: {} {}", route.name(), answer.status, answer.text)
                    });
                }
            }
        }
    });
}

#[test]
fn a_role_in_a_scope_that_it_is_not_for_may_nothing() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let mut wrong = Wrong::default();
        let hospital = Account::new("lost", "x", vec!["hospital".to_owned()], Scope::Region);
        let operator =
            Account::new("stray", "x", vec!["operator".to_owned()], Scope::Institution("H99990000001".into()));
        let fresh =
            Account { must_change: true, ..Account::new("fresh", "x", vec!["admin".to_owned()], Scope::Region) };
        for account in [hospital, operator, fresh] {
            let token = town.sign_in(account);
            for route in routes().into_iter().filter(|route| route.permission.is_some()) {
                let answer = probe(&desk, Some(&token), &route);
                wrong.unless(answer.lacks_permission(), || {
                    format!("{} as {token}: {} {}", route.name(), answer.status, answer.text)
                });
            }
        }
    });
}

fn may_see(scope: &Scope, thing: &Thing) -> bool {
    thing.of.iter().any(|subject| scope.covers(subject))
}

/// What an answer holds and its reader may not see: things outside of the scope, and names,
/// certificates and telephones of anybody but the reader.
fn leaks(town: &Town, scope: &Scope, answer: &Answer) -> Vec<String> {
    let mut leaks = Vec::new();
    for thing in town.things.iter().filter(|thing| thing.kind != "institution" && !may_see(scope, thing)) {
        if answer.text.contains(&thing.id) {
            leaks.push(format!("{} {}", thing.kind, thing.id));
        }
    }
    for somebody in &town.people {
        let own = matches!(scope, Scope::Person(persons) if persons.contains(&somebody.psn_no.0));
        let secrets = [&somebody.name, &somebody.certificate, &somebody.phone];
        leaks.extend(secrets.into_iter().filter(|secret| !own && answer.text.contains(*secret)).cloned());
    }
    leaks
}

#[test]
fn nobody_reads_what_is_not_theirs_and_everything_personal_is_masked() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let mut wrong = Wrong::default();
        let (mut seen, mut hidden) = (0, 0);
        for role in &town.policy.role {
            for account in town.accounts_of(role) {
                let scope = account.scope.clone();
                let token = town.sign_in(account);
                let may = |route: &&Route| route.permission.as_ref().is_none_or(|id| role.may.contains(id));
                for route in routes().iter().filter(|route| route.is_safe()).filter(may) {
                    for way in filled(town, route) {
                        let theirs = way.things.iter().all(|thing| may_see(&scope, thing));
                        let mut look = |path: &str| {
                            let answer = desk.ask(Some(&token), &Method::GET, path, None);
                            let told = || format!("GET {path} as {token}: {} {}", answer.status, answer.text);
                            wrong.unless(!answer.status.is_server_error(), told);
                            if !theirs {
                                hidden += 1;
                                // A list about somebody may be empty instead, as it is for nobody at all.
                                let empty = answer.json()["items"].as_array().is_some_and(Vec::is_empty);
                                wrong.unless(answer.status == StatusCode::NOT_FOUND || empty, told);
                                return false;
                            }
                            let leaked = leaks(town, &scope, &answer);
                            wrong.unless(leaked.is_empty(), || format!("{leaked:?} in {}", told()));
                            seen += usize::from(answer.status.is_success());
                            answer.status.is_success()
                        };
                        if look(&way.path) && route.optional.iter().any(|name| name == "format") {
                            let between = if way.path.contains('?') { '&' } else { '?' };
                            look(&format!("{}{between}format=csv", way.path));
                        }
                    }
                }
            }
        }
        assert!(seen > 50 && hidden > 20, "{seen} answers were seen and {hidden} hidden: the town is empty");
    });
}

#[test]
fn a_filter_does_not_lead_out_of_the_scope() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let mut wrong = Wrong::default();
        let mut tried = 0;
        for role in &town.policy.role {
            for account in town.accounts_of(role) {
                let scope = account.scope.clone();
                let token = town.sign_in(account);
                let may = |route: &&Route| route.permission.as_ref().is_some_and(|id| role.may.contains(id));
                for route in
                    routes().iter().filter(|route| route.is_safe() && route.parameters().is_empty()).filter(may)
                {
                    for name in route.optional.iter().chain(&route.required) {
                        let values: Vec<String> = match name.as_str() {
                            "person" => town.people.iter().map(|person| person.psn_no.0.clone()).collect(),
                            "institution" => town::HOSPITALS.map(str::to_owned).to_vec(),
                            "department" => vec!["003".to_owned(), "004".to_owned()],
                            "q" => town.things.iter().map(|thing| thing.id.clone()).collect(),
                            _ => continue,
                        };
                        for value in values {
                            let base = with_query(route);
                            let between = if base.contains('?') { '&' } else { '?' };
                            let path = if route.required.contains(name) {
                                format!("{}?{name}={value}", route.path)
                            } else {
                                format!("{base}{between}{name}={value}")
                            };
                            let answer = desk.ask(Some(&token), &Method::GET, &path, None);
                            tried += 1;
                            let told = || format!("GET {path} as {token}: {} {}", answer.status, answer.text);
                            wrong.unless(!answer.status.is_server_error(), told);
                            // What was asked for may be repeated in a refusal.
                            let found =
                                if answer.status.is_success() { leaks(town, &scope, &answer) } else { Vec::new() };
                            wrong.unless(found.is_empty(), || format!("{found:?} in {}", told()));
                        }
                    }
                }
            }
        }
        assert!(tried > 50, "{tried} filters were tried");
    });
}

#[test]
fn nothing_is_done_to_what_is_not_ones_own() {
    on_each_database(|town| {
        let desk = desk(town, &town.policy);
        let mut wrong = Wrong::default();
        let mut tried = 0;
        for role in &town.policy.role {
            for account in town.accounts_of(role) {
                let scope = account.scope.clone();
                let token = town.sign_in(account);
                let may = |route: &&Route| route.permission.as_ref().is_some_and(|id| role.may.contains(id));
                for route in routes().iter().filter(|route| !route.is_safe()).filter(may) {
                    for way in filled(town, route) {
                        if way.things.iter().all(|thing| may_see(&scope, thing)) {
                            continue;
                        }
                        tried += 1;
                        let answer = desk.ask(Some(&token), &route.method, &way.path, route.body.as_ref());
                        let refused = [StatusCode::NOT_FOUND, StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY];
                        wrong.unless(
                            refused.contains(&answer.status) && leaks_beside(town, &scope, &answer, &way).is_empty(),
                            || format!("{} {} as {token}: {} {}", route.method, way.path, answer.status, answer.text),
                        );
                    }
                }
            }
        }
        assert!(tried > 0, "no change of a foreign thing was tried");
    });
}

/// What an answer leaks but for what the address itself said.
fn leaks_beside(town: &Town, scope: &Scope, answer: &Answer, way: &Filled) -> Vec<String> {
    let said = |leak: &String| way.things.iter().any(|thing| leak.ends_with(&thing.id));
    leaks(town, scope, answer).into_iter().filter(|leak| !said(leak)).collect()
}

#[test]
fn the_committed_description_is_the_one_of_the_routes() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let text = std::fs::read_to_string(file).expect("it is there");
    let committed: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(
        committed == console_api::openapi(),
        "openapi.json is old; make it anew: cargo run -p console-api --example openapi > new.json, then move it to crates/console-api/openapi.json"
    );
}
