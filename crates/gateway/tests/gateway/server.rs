//! The gateway over a real socket: health, limits, the bounded queue, a failing adapter, and
//! an envelope signed with SM2.

use gateway::{Answer, Catalogue, Config, Declined, Gateway, Keys, Request, Server, Transaction, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// 5301, in the way that its `psn_no` asks for: at once, slowly, failing or panicking.
struct Moody;

impl Transaction for Moody {
    fn infno(&self) -> &'static str {
        "5301"
    }

    fn handle(&self, request: &Request<'_>) -> Result<Answer, Declined> {
        match request.message.row("data").text("psn_no") {
            "slow" => std::thread::sleep(Duration::from_millis(400)),
            "fail" => return Err(Declined::Failed("the disk is full".to_owned())),
            "panic" => panic!("an adapter's bug"),
            _ => {}
        }
        let mut reply = request.message.reply();
        let row = reply.row("feedetail").text("opsp_dise_code", "M03900").text("opsp_dise_name", "高血压");
        row.date("begndate", request.message.envelope.sent_at.date());
        Ok(Answer::Reply(reply))
    }
}

fn body(mood: &str) -> String {
    format!(
        r#"{{"infno":"5301","msgid":"M1","mdtrtarea_admvs":"999900","recer_sys_code":"99","infver":"1.0","opter_type":"1",
        "opter":"1","opter_name":"甲","inf_time":"2026-03-09 16:00:00","fixmedins_code":"H99990000001","fixmedins_name":"医院",
        "input":{{"data":{{"psn_no":"{mood}"}}}}}}"#
    )
}

fn moody(keys: Keys) -> Gateway {
    Gateway::new(Config::for_region("999900"), Catalogue::national(), vec![Box::new(Moody)], Box::new(keys))
}

async fn start(
    server: Server,
) -> (SocketAddr, tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let leave = async move { stopped.await.unwrap_or_default() };
    (address, stop, tokio::spawn(serve(listener, Arc::new(moody(Keys::default())), server, leave)))
}

async fn send(address: SocketAddr, body: String) -> String {
    tokio::task::spawn_blocking(move || {
        let url = format!("http://{address}/fsi/api/rsfComIfsService/callService");
        ureq::post(&url).send(body).unwrap().body_mut().read_to_string().unwrap()
    })
    .await
    .unwrap()
}

async fn get(address: SocketAddr, path: &'static str) -> String {
    tokio::task::spawn_blocking(move || {
        ureq::get(format!("http://{address}{path}")).call().unwrap().body_mut().read_to_string().unwrap()
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_travels_over_http_and_is_counted() {
    let (address, stop, server) = start(Server::default()).await;
    let answer = send(address, body("now")).await;
    assert!(answer.starts_with("{\"infcode\":0,\"inf_refmsgid\":\"999900"), "{answer}");
    assert!(answer.contains(r#""output":{"feedetail":[{"opsp_dise_code":"M03900","opsp_dise_name":"高血压","begndate":"2026-03-09","enddate":null}]}"#), "{answer}");
    assert!(send(address, "{".to_owned()).await.contains("[F003]"));
    assert_eq!(
        (get(address, "/health/live").await, get(address, "/health/ready").await),
        ("ok\n".into(), "ready\n".into())
    );
    let metrics = get(address, "/metrics").await;
    assert!(metrics.contains("heng_gateway_seconds_count{infno=\"5301\",code=\"ok\"} 1"), "{metrics}");
    assert!(metrics.contains("heng_gateway_seconds_count{infno=\"-\",code=\"F003\"} 1"), "{metrics}");
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_or_panicking_adapter_answers_without_its_secrets_and_the_next_message_works() {
    let (address, _stop, _server) = start(Server::default()).await;
    let failed = send(address, body("fail")).await;
    assert!(failed.contains("[F902]") && failed.contains("msgid") && !failed.contains("disk"), "{failed}");
    assert!(send(address, body("panic")).await.contains("[F902]"));
    assert!(send(address, body("now")).await.contains("\"infcode\":0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_turns_messages_away_and_shutdown_finishes_what_was_accepted() {
    let (address, stop, server) = start(Server { workers: 1, queue: 1 }).await;
    let first = tokio::spawn(send(address, body("slow")));
    tokio::time::sleep(Duration::from_millis(80)).await;
    let second = tokio::spawn(send(address, body("slow")));
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert!(send(address, body("now")).await.contains("[F901]"));
    stop.send(()).unwrap();
    assert!(first.await.unwrap().contains("\"infcode\":0"));
    assert!(second.await.unwrap().contains("\"infcode\":0"));
    server.await.unwrap().unwrap();
}

#[test]
fn an_envelope_signed_with_sm2_is_proven_and_a_changed_one_is_not() {
    use sm2::dsa::{Signature, SigningKey, signature::Signer as _};
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let key = SigningKey::from_slice("1234567812345678", &[7; 32]).unwrap();
    let point = hex(&key.verifying_key().to_sec1_bytes());
    let file = format!("[[key]]\nchannel = \"sm2\"\nsecret = \"{point}\"\ninstitution = \"H99990000001\"");
    let gateway = moody(Keys::parse(&file).unwrap());
    let text = "fixmedins_code=H99990000001&fixmedins_name=医院&inf_time=2026-03-09 16:00:00&infno=5301&infver=1.0&\
                mdtrtarea_admvs=999900&msgid=M1&opter=1&opter_name=甲&opter_type=1&recer_sys_code=99&signtype=SM2";
    let signature: Signature = key.sign(text.as_bytes());
    let signed = |message: &str| {
        message.replacen('{', &format!("{{\"signtype\":\"SM2\",\"cainfo\":\"{}\",", hex(&signature.to_bytes())), 1)
    };
    let send = |message: &str| crate::common::post(&gateway, "/", &[], message.as_bytes(), "203.0.113.7").0;
    assert_eq!(send(&signed(&body("now"))), "ok");
    assert_eq!(send(&signed(&body("now").replace("\"M1\"", "\"M2\""))), "F105");
    assert_eq!(send(&body("now")), "F101");
}
