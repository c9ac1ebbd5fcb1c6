//! Sign-in at an identity provider that really signs: a small one of the test itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use access::{Account, Scope};
use axum::body::Body;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use console_api::frame::{Console, Entry, OidcSettings, Provider};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::ask::{Answer, Desk};
use crate::on_each_database;
use crate::town::Town;

const BASE: &str = console_api::PREFIX;

/// What the provider will say when a code is brought to it.
#[derive(Clone)]
struct Promise {
    challenge: String,
    claims: Value,
    key: [u8; 32],
}

/// A provider that knows its codes.
#[derive(Clone)]
struct Issuer {
    address: String,
    codes: Arc<Mutex<BTreeMap<String, Promise>>>,
}

const KEY: [u8; 32] = [7; 32];

fn token(claims: &Value, key: [u8; 32]) -> String {
    let part = |value: Value| BASE64.encode(value.to_string());
    let words = format!("{}.{}", part(json!({"alg": "ES256", "typ": "JWT", "kid": "k1"})), part(claims.clone()));
    let signature: Signature = SigningKey::from_slice(&key).expect("a key").sign(words.as_bytes());
    format!("{words}.{}", BASE64.encode(signature.to_bytes()))
}

async fn configuration(State(issuer): State<Issuer>) -> Json<Value> {
    let address = &issuer.address;
    Json(json!({
        "issuer": address,
        "authorization_endpoint": format!("{address}/authorize"),
        "token_endpoint": format!("{address}/token"),
        "jwks_uri": format!("{address}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn keys() -> Json<Value> {
    let point = SigningKey::from_slice(&KEY).expect("a key").verifying_key().to_sec1_point(false);
    let bytes = point.as_bytes();
    let (x, y) = (BASE64.encode(&bytes[1..33]), BASE64.encode(&bytes[33..]));
    Json(json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "k1", "x": x, "y": y}]}))
}

/// Gives a token for a code once, to the client with its secret who shows what the code was asked with.
async fn exchange(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    Form(asked): Form<BTreeMap<String, String>>,
) -> Response {
    let refused = || (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    let client = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode("heng:secret"));
    let promise = issuer.codes.lock().expect("the codes").remove(&asked["code"]);
    let Some(promise) = promise else { return refused() };
    let verifier = BASE64.encode(Sha256::digest(asked["code_verifier"].as_bytes()));
    let own = headers.get(header::AUTHORIZATION).is_some_and(|value| value == client.as_str());
    if verifier != promise.challenge || !own || !asked["redirect_uri"].ends_with("/session/oidc/callback") {
        return refused();
    }
    let token = token(&promise.claims, promise.key);
    Json(json!({"access_token": "a", "token_type": "Bearer", "id_token": token})).into_response()
}

/// Serves a provider on a free port until the test's process ends.
fn serve() -> Issuer {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("it can");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let issuer = Issuer { address, codes: Arc::default() };
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/keys", get(keys))
        .route("/token", post(exchange))
        .with_state(issuer.clone());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await.expect("it serves");
        });
    });
    issuer
}

fn settings(issuer: &str) -> OidcSettings {
    let text = format!(
        "name = \"统一身份认证\"\nissuer = \"{issuer}\"\nclient_id = \"heng\"\nclient_secret = \"secret\"\nconsole = \"http://127.0.0.1:8080\""
    );
    OidcSettings::parse(&text).expect("settings")
}

fn fetch(desk: &Desk, path: &str, cookie: &str) -> Answer {
    let request = Request::get(format!("{BASE}{path}")).header(header::COOKIE, cookie);
    desk.send(request.body(Body::empty()).expect("a request"))
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all(header::SET_COOKIE).iter();
    let pairs = set.map(|value| value.to_str().expect("text").split(';').next().unwrap_or_default().to_owned());
    pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

/// A browser at the provider: where it was sent, and its cookie.
struct Sent {
    asked: BTreeMap<String, String>,
    cookie: String,
}

fn leave(desk: &Desk) -> Sent {
    let answer = fetch(desk, "/session/oidc?next=/settlements", "");
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let address = answer.headers[header::LOCATION].to_str().expect("text");
    let query = address.split_once('?').expect("a query").1;
    let asked = query.split('&').filter_map(|pair| pair.split_once('='));
    Sent { asked: asked.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), cookie: cookies(&answer) }
}

/// What the provider says of somebody who signed in there just now.
fn claims(issuer: &Issuer, sent: &Sent, subject: &str) -> Value {
    let now = jiff::Timestamp::now().as_second();
    json!({
        "iss": issuer.address, "sub": subject, "aud": "heng", "iat": now, "exp": now + 60,
        "nonce": sent.asked["nonce"],
    })
}

fn promise(issuer: &Issuer, sent: &Sent, claims: Value, key: [u8; 32]) {
    let promise = Promise { challenge: sent.asked["code_challenge"].clone(), claims, key };
    issuer.codes.lock().expect("the codes").insert("c1".to_owned(), promise);
}

fn come_back(desk: &Desk, sent: &Sent) -> Answer {
    fetch(desk, &format!("/session/oidc/callback?code=c1&state={}", sent.asked["state"]), &sent.cookie)
}

fn console(town: &Town, issuer: &Issuer) -> Console {
    let provider = Provider::new(settings(&issuer.address)).expect("a provider");
    let entry = Entry { provider: Some(provider), ..Entry::new(access::SealKey::new([3; 32])) };
    Console::behind(town.world(&town.policy), entry)
}

#[test]
fn whom_the_provider_names_is_signed_in_to_their_own_account() {
    on_each_database(|town| {
        let issuer = serve();
        let desk = Desk::of(console_api::api(console(town, &issuer)));
        let account = Account {
            oidc: format!("{}|li", issuer.address),
            ..Account::new("li", "李经办", vec!["operator".to_owned()], Scope::Region)
        };
        town.sign_in(account.clone());
        let ways = fetch(&desk, "/session/ways", "").json();
        assert_eq!((ways["oidc"].as_bool(), ways["oidc_name"].as_str()), (Some(true), Some("统一身份认证")));

        let sent = leave(&desk);
        assert_eq!((sent.asked["code_challenge_method"].as_str(), sent.asked["client_id"].as_str()), ("S256", "heng"));
        promise(&issuer, &sent, claims(&issuer, &sent, "li"), KEY);
        let back = come_back(&desk, &sent);
        assert_eq!(back.status, StatusCode::OK, "{}", back.text);
        assert!(back.text.contains("url=/settlements\""), "{}", back.text);
        let known = fetch(&desk, "/session", &cookies(&back)).json();
        assert_eq!(known["account"], "li");
        // The code was used up, and so is the browser's cookie elsewhere.
        assert_eq!(come_back(&desk, &sent).status, StatusCode::CONFLICT);

        let refused = |what: &str, status: StatusCode, bend: &dyn Fn(&mut Value), key: [u8; 32]| {
            let sent = leave(&desk);
            let mut claims = claims(&issuer, &sent, "li");
            bend(&mut claims);
            promise(&issuer, &sent, claims, key);
            let answer = come_back(&desk, &sent);
            assert_eq!(answer.status, status, "{what}: {}", answer.text);
            assert!(!cookies(&answer).contains("heng_session"), "{what}");
        };
        let conflict = StatusCode::CONFLICT;
        refused("signed with another key", conflict, &|_| (), [8; 32]);
        refused("another sign-in's nonce", conflict, &|claims| claims["nonce"] = "n".into(), KEY);
        refused("for another client", conflict, &|claims| claims["aud"] = "other".into(), KEY);
        refused("of another issuer", conflict, &|claims| claims["iss"] = "https://other.example".into(), KEY);
        refused("too old", conflict, &|claims| claims["exp"] = 1.into(), KEY);
        refused("somebody without an account", StatusCode::UNAUTHORIZED, &|claims| claims["sub"] = "wang".into(), KEY);
        town.sign_in(Account { disabled: true, ..account });
        refused("a disabled account", StatusCode::UNAUTHORIZED, &|_| (), KEY);
    });
}

#[test]
fn an_answer_that_this_browser_did_not_ask_for_is_refused() {
    on_each_database(|town| {
        let issuer = serve();
        let desk = Desk::of(console_api::api(console(town, &issuer)));
        let sent = leave(&desk);
        let state = &sent.asked["state"];
        for (path, cookie) in [
            (format!("code=c1&state={state}"), ""),
            ("code=c1&state=other".to_owned(), sent.cookie.as_str()),
            ("code=c1".to_owned(), sent.cookie.as_str()),
            (format!("error=access_denied&state={state}"), sent.cookie.as_str()),
            (format!("code=c1&state={state}"), "heng_oidc=00112233"),
        ] {
            let answer = fetch(&desk, &format!("/session/oidc/callback?{path}"), cookie);
            assert_eq!(answer.status, StatusCode::CONFLICT, "{path}: {}", answer.text);
        }
        // A code that was asked for with another proof.
        let claims = claims(&issuer, &sent, "li");
        promise(
            &issuer,
            &Sent { asked: [("code_challenge".to_owned(), "x".to_owned())].into(), cookie: String::new() },
            claims,
            KEY,
        );
        assert_eq!(come_back(&desk, &sent).status, StatusCode::CONFLICT);
    });
}

#[test]
fn a_provider_that_is_away_or_written_wrongly_is_told() {
    on_each_database(|town| {
        let away = Issuer { address: "http://127.0.0.1:9".to_owned(), codes: Arc::default() };
        let desk = Desk::of(console_api::api(console(town, &away)));
        let answer = desk.ask(None, &Method::GET, &format!("{BASE}/session/oidc"), None);
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.text);
    });
    let told = |issuer: &str| Provider::new(settings(issuer)).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(told("http://id.example").contains("https://"), "{}", told("http://id.example"));
    assert!(OidcSettings::parse("name = \"x\"").is_err());
}
