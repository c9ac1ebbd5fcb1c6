//! 衡州 behind a real socket: its law, catalogue and institutions from the region's folder, a
//! fresh database, and an institution's voice. Every scenario runs on both databases.

use db::Database;
use gateway::{Config, Desk, Keys, Opening, Server, SignInRule};
use journeys::{Books, Catalogue, Centre, Clearing, FundRole, Institutions, Limits};
use operation::{AnswerKey, AnswerKeys};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use terms::{Date, Fen, Period, PersonId};

pub const HOSPITAL: &str = "H99990000001";
pub const SECONDARY: &str = "H99990000002";
pub const PHARMACY: &str = "P99990000001";
pub const SUSPENDED: &str = "H99990000005";
pub const ELSEWHERE: &str = "H98880000001";

const KEY: &str = "[[key]]\nchannel = \"x-tif\"\nid = \"h1\"\nsecret = \"test-secret\"\ninstitution = \"H99990000001\"";

pub struct Town {
    // The first to leave, so that the database is not closed on one of its threads.
    _runtime: tokio::runtime::Runtime,
    pub desk: Desk,
    pub address: std::net::SocketAddr,
    agent: ureq::Agent,
    serial: AtomicU64,
}

/// A scenario on a fresh embedded database and, if a server is named, on PostgreSQL.
pub fn on_each_database(scenario: fn(&Town)) {
    scenario(&Town::open(embedded(), suite()));
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        scenario(&Town::open(fresh.open(), suite()));
    }
}

pub fn embedded() -> Database {
    db_sqlite::Sqlite::temporary().expect("a temporary database opens").into_database()
}

/// As the conformance suite runs: sign-in is not looked at, and any `inf_time` will do.
pub fn suite() -> Config {
    Config { sign_in: SignInRule::Ignored, ..Config::for_region("999900") }
}

impl Town {
    pub fn open(database: Database, config: Config) -> Town {
        Town::open_with(centre(), database, config)
    }

    pub fn open_with(centre: Centre, database: Database, config: Config) -> Town {
        let opening = Opening {
            centre,
            database,
            interface: read("interface.toml"),
            config,
            keys: Box::new(Keys::parse(KEY).expect("a test key")),
            answers: AnswerKeys::new(AnswerKey::new([7; 32]), Vec::new()),
        };
        let (gateway, desk) = gateway::open(opening).unwrap_or_else(|error| panic!("{error}"));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(gateway::serve(listener, Arc::new(gateway), Server::default(), std::future::pending()));
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        Town { desk, address, agent, serial: AtomicU64::new(1), _runtime: runtime }
    }

    pub fn msgid(&self, institution: &str) -> String {
        format!("{institution}{:018}", self.serial.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends a message under a number of its own.
    pub fn say(&self, institution: &str, at: &str, infno: &str, input: &Value) -> Answer {
        self.say_as(&self.msgid(institution), institution, at, infno, input)
    }

    pub fn say_as(&self, msgid: &str, institution: &str, at: &str, infno: &str, input: &Value) -> Answer {
        self.say_signed(msgid, institution, at, infno, "", input)
    }

    pub fn say_signed(
        &self,
        id: &str,
        institution: &str,
        at: &str,
        infno: &str,
        sign_no: &str,
        input: &Value,
    ) -> Answer {
        let message = json!({
            "infno": infno, "msgid": id, "mdtrtarea_admvs": "999900", "insuplc_admdvs": "999900", "recer_sys_code": "99",
            "infver": "V1.0", "opter_type": "1", "opter": "001", "opter_name": "经办", "inf_time": at,
            "fixmedins_code": institution, "fixmedins_name": "机构", "sign_no": sign_no, "input": input,
        });
        Answer::read(&self.post(message.to_string().as_bytes()))
    }

    /// Posts bytes to the one path of all transactions.
    pub fn post(&self, body: &[u8]) -> Vec<u8> {
        let url = format!("http://{}/fsi/api/rsfComIfsService/callService", self.address);
        let mut answered = self.agent.post(&url).send(body).expect("the centre answers");
        assert_eq!(answered.status(), 200);
        answered.body_mut().read_to_vec().expect("a body")
    }

    /// Registers an insured person; gives the number back.
    pub fn person(&self, psn_no: &str, covered: &[(&str, &str, &str)], balance: i64) -> PersonId {
        let registration = registration(psn_no, covered, balance);
        let opened: Result<(), journeys::JourneyError> =
            self.desk.database().deed(move |tx| journeys::open_persons(tx, std::slice::from_ref(&registration)));
        opened.expect("the person is registered");
        psn_no.into()
    }

    /// An employee at work with an account.
    pub fn employee(&self, psn_no: &str, balance: i64) -> PersonId {
        self.person(psn_no, &[("310", "11", "2020-01-01")], balance)
    }

    /// 2201, 2203, 2204: an outpatient visit with its lines, not yet settled.
    pub fn begun(&self, psn_no: &str, label: &str, lines: &[Value]) -> String {
        let id = self.shell(HOSPITAL, psn_no, label, "2026-03-09 08:30:00");
        self.say(HOSPITAL, "2026-03-09 09:00:00", "2203", &visit(psn_no, &id, "11", "2026-03-09 09:00:00")).accepted();
        self.say(HOSPITAL, "2026-03-09 09:40:00", "2204", &fees(psn_no, &id, lines)).accepted();
        id
    }

    pub fn shell(&self, institution: &str, psn_no: &str, label: &str, at: &str) -> String {
        self.say(institution, at, "2201", &registered(psn_no, label, at)).accepted().text("data", "mdtrt_id")
    }

    /// 2207 of an outpatient visit.
    pub fn settle(&self, psn_no: &str, id: &str, total: &str) -> Answer {
        self.say(HOSPITAL, "2026-03-09 10:00:00", "2207", &bill(psn_no, id, total, json!({})))
    }

    /// How many settlements and reversals the centre knows of a person.
    pub fn records(&self, psn_no: &str) -> (usize, usize) {
        let psn_no = PersonId::from(psn_no);
        let read: Result<claim::History, db::DbError> =
            self.desk.database().read(move |tx| claim::history(tx, &psn_no));
        let settlements = read.expect("the history is read").settlements;
        let reversals = settlements.iter().filter(|row| row.reverses.is_some()).count();
        (settlements.len() - reversals, reversals)
    }
}

pub struct Answer {
    pub raw: String,
    /// `ok`, or what stands in brackets before the words: `HZ203 feedetl_sn=2`.
    pub code: String,
    nodes: BTreeMap<String, Box<RawValue>>,
}

impl Answer {
    fn read(raw: &[u8]) -> Answer {
        let raw = String::from_utf8(raw.to_vec()).expect("UTF-8");
        let envelope: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(&raw).unwrap_or_else(|error| panic!("{error}: {raw}"));
        let nodes = serde_json::from_str(envelope["output"].get()).unwrap_or_default();
        let words: Option<String> = serde_json::from_str(envelope["err_msg"].get()).expect("err_msg");
        let code = match (envelope["infcode"].get(), words) {
            ("0", None) => "ok".to_owned(),
            ("-1", Some(words)) => words.trim_start_matches('[').split("] ").next().unwrap_or_default().to_owned(),
            other => panic!("infcode and err_msg contradict each other: {other:?}"),
        };
        Answer { raw, code, nodes }
    }

    pub fn accepted(self) -> Answer {
        assert_eq!(self.code, "ok", "{}", self.raw);
        self
    }

    /// Refused under a code, which it names with its place; gives the code back.
    pub fn refused(self) -> String {
        assert_ne!(self.code, "ok", "{}", self.raw);
        self.code
    }

    pub fn rows(&self, node: &str) -> Vec<Fields> {
        let raw = self.nodes.get(node).unwrap_or_else(|| panic!("no node {node}: {}", self.raw)).get();
        let rows: Vec<BTreeMap<String, Box<RawValue>>> = if raw.starts_with('[') {
            serde_json::from_str(raw)
        } else {
            serde_json::from_str(raw).map(|row| vec![row])
        }
        .expect("rows");
        rows.into_iter().map(Fields).collect()
    }

    pub fn text(&self, node: &str, field: &str) -> String {
        self.rows(node).first().unwrap_or_else(|| panic!("node {node} is empty")).text(field)
    }

    /// A field that stands in `output` itself.
    pub fn field(&self, field: &str) -> String {
        serde_json::from_str(self.nodes[field].get()).expect("a text")
    }

    /// Amounts of `setlinfo`.
    pub fn fen(&self, field: &str) -> Fen {
        self.text("setlinfo", field).parse().unwrap_or_else(|_| panic!("{field}: {}", self.raw))
    }
}

/// The fields of a row, numbers with their own text.
pub struct Fields(BTreeMap<String, Box<RawValue>>);

impl Fields {
    pub fn text(&self, field: &str) -> String {
        let raw = self.0.get(field).unwrap_or_else(|| panic!("no field {field}")).get();
        serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned())
    }

    pub fn fen(&self, field: &str) -> Fen {
        self.text(field).parse().unwrap_or_else(|_| panic!("{field} is no amount"))
    }
}

pub fn region() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")
}

pub fn read(name: &str) -> String {
    std::fs::read_to_string(region().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn law() -> Arc<policy::Law> {
    static LAW: OnceLock<Arc<policy::Law>> = OnceLock::new();
    let compiled = LAW.get_or_init(|| {
        let mut names: Vec<PathBuf> =
            std::fs::read_dir(region().join("policy")).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        names.sort();
        let file = |path: &PathBuf| policy::SourceFile {
            name: path.display().to_string(),
            text: std::fs::read_to_string(path).unwrap(),
        };
        let files: Vec<_> = names.iter().map(file).collect();
        let (law, _) = policy::compile(&files).unwrap_or_else(|problems| panic!("{problems}"));
        Arc::new(law)
    });
    Arc::clone(compiled)
}

/// The institutions of the region's folder.
pub fn places() -> provider::Content {
    let files = ["institutions.csv", "departments.csv", "practitioners.csv", "agreements.csv"];
    let texts = files.map(|name| (name, read(&format!("providers/{name}"))));
    let sources = texts.iter().map(|(file, text)| provider::Source { file, text }).collect::<Vec<_>>();
    let places = provider::Content::read(&sources);
    assert!(places.errors.is_empty(), "{:?}", places.errors.first());
    places
}

pub fn centre() -> Centre {
    let files = ["drugs.csv", "services.csv", "consumables.csv", "diagnoses.csv", "procedures.csv", "chronic.csv"];
    let texts = files.map(|name| (name, read(&format!("catalogue/{name}"))));
    let sources = texts.iter().map(|(file, text)| catalogue::Source { file, text }).collect::<Vec<_>>();
    let items = catalogue::Content::read(&sources);
    assert!(items.errors.is_empty(), "{:?}", items.errors.first());
    let mut places = places();
    places.agreements.push(provider::Agreement {
        institution: SUSPENDED.into(),
        number: "暂停2026-3".to_owned(),
        status: provider::AgreementStatus::Suspended,
        clr_way: String::new(),
        period: Period { begin: day("2026-03-01"), end: Some(day("2026-03-31")) },
    });
    let codes = |list: &[&str]| list.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    Centre {
        region: "999900".into(),
        law: law(),
        catalogue: Arc::new(Catalogue::of_register(&catalogue::Index::new(1, items.items, items.terms))),
        institutions: Arc::new(Institutions::of_register(Arc::new(provider::Index::new(1, places)))),
        books: Arc::new(Books {
            roles: BTreeMap::from([
                ("310200".to_owned(), FundRole::Account),
                ("310201".to_owned(), FundRole::Account),
                ("999996".to_owned(), FundRole::Hospital),
            ]),
            funds: BTreeMap::from([("310".to_owned(), codes(&["310100", "310102", "310200", "330100"]))]),
        }),
        clearing: Arc::new(Clearing {
            clr_type: ["14", "21", "41"].into_iter().map(|code| (code.to_owned(), code.to_owned())).collect(),
            other_clr_type: "11".to_owned(),
            clr_way: "1".to_owned(),
            clr_optins: "999900".to_owned(),
        }),
        limits: Limits::default(),
        credentials: None,
        supervision: None,
    }
}

pub fn day(text: &str) -> Date {
    terms::parse_date(text).expect("a date")
}

fn registration(psn_no: &str, covered: &[(&str, &str, &str)], balance: i64) -> enrolment::Registration {
    let coverage = |(insutype, psn_type, from): &(&str, &str, &str)| enrolment::Coverage {
        insutype: (*insutype).to_owned(),
        psn_type: (*psn_type).to_owned(),
        cvlserv_flag: "0".to_owned(),
        psn_insu_stas: "1".to_owned(),
        period: Period::since(day(from)),
        insuplc_admdvs: "999900".into(),
        emp_no: None,
        emp_name: None,
        fields: BTreeMap::new(),
    };
    enrolment::Registration {
        person: enrolment::Person {
            psn_no: psn_no.into(),
            psn_name: "张三".to_owned(),
            psn_cert_type: "01".to_owned(),
            certno: format!("C{psn_no}"),
            gend: "1".to_owned(),
            naty: "01".to_owned(),
            brdy: day("1980-05-06"),
            tel: String::new(),
            fields: BTreeMap::new(),
        },
        coverage: covered.iter().map(coverage).collect(),
        identities: vec![],
        filings: vec![],
        givers: vec![],
        balance: Fen(balance),
        at: terms::parse_time("2026-01-01 00:00:00").expect("a time"),
    }
}

fn put(mut node: Value, more: Value) -> Value {
    if let (Some(node), Value::Object(more)) = (node.as_object_mut(), more) {
        node.extend(more);
    }
    node
}

/// 2201.
pub fn registered(psn_no: &str, label: &str, at: &str) -> Value {
    json!({ "data": {
        "psn_no": psn_no, "insutype": "310", "begntime": at, "mdtrt_cert_type": "02", "mdtrt_cert_no": format!("C{psn_no}"),
        "ipt_otp_no": label, "atddr_no": "D999900000001", "dr_name": "杜思芳", "dept_code": "001", "dept_name": "呼吸内科",
        "caty": "A03.01",
    }})
}

/// 2203, 2203A.
pub fn visit(psn_no: &str, id: &str, med_type: &str, at: &str) -> Value {
    visit_with(psn_no, id, med_type, at, json!({}))
}

pub fn visit_with(psn_no: &str, id: &str, med_type: &str, at: &str, more: Value) -> Value {
    let info = json!({ "mdtrt_id": id, "psn_no": psn_no, "med_type": med_type, "begntime": at });
    json!({ "mdtrtinfo": put(info, more), "diseinfo": [diagnosis(at, json!({ "vali_flag": "1" }))] })
}

pub fn diagnosis(at: &str, more: Value) -> Value {
    let row = json!({
        "diag_type": "1", "diag_srt_no": 1, "diag_code": "I10.x00", "diag_name": "原发性高血压", "diag_dept": "001",
        "dise_dor_no": "D999900000001", "dise_dor_name": "杜思芳", "diag_time": at,
    });
    put(row, more)
}

/// A line of 2204, 2301 and 2102: number, item, count, price, amount.
pub fn line(number: &str, item: &str, cnt: &str, pric: &str, amount: &str) -> Value {
    json!({
        "feedetl_sn": number, "med_list_codg": item, "medins_list_codg": format!("N{item}"), "cnt": cnt, "pric": pric,
        "det_item_fee_sumamt": amount, "fee_ocur_time": "2026-03-09 09:30:00", "rx_circ_flag": "0", "chrg_bchno": "B1",
        "bilg_dept_codg": "001", "bilg_dept_name": "呼吸内科", "bilg_dr_codg": "D999900000001", "bilg_dr_name": "杜思芳",
        "hosp_appr_flag": "1",
    })
}

pub fn with(row: &Value, more: Value) -> Value {
    put(row.clone(), more)
}

/// 2204, 2301.
pub fn fees(psn_no: &str, id: &str, lines: &[Value]) -> Value {
    let row = |line: &Value| with(line, json!({ "psn_no": psn_no, "mdtrt_id": id, "med_type": "21" }));
    json!({ "feedetail": lines.iter().map(row).collect::<Vec<_>>() })
}

/// 2206, 2207, 2303, 2304.
pub fn bill(psn_no: &str, id: &str, total: &str, more: Value) -> Value {
    let data = json!({
        "psn_no": psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": format!("C{psn_no}"), "psn_cert_type": "01",
        "certno": format!("C{psn_no}"), "psn_type": "11", "psn_name": "张三", "med_type": "11", "medfee_sumamt": total,
        "psn_setlway": "01", "mdtrt_id": id, "chrg_bchno": "B1", "insutype": "310", "acct_used_flag": "1", "invono": "INV1",
        "fulamt_ownpay_amt": "0", "overlmt_selfpay": "0", "preselfpay_amt": "0", "inscp_scp_amt": total, "mid_setl_flag": "0",
    });
    json!({ "data": put(data, more) })
}

/// 2208, 2305, 2103, 5203, 5204.
pub fn of(psn_no: &str, id: &str, setl_id: &str) -> Value {
    json!({ "data": { "psn_no": psn_no, "mdtrt_id": id, "setl_id": setl_id } })
}

/// The identities of a settlement, over the wire.
pub fn adds_up(answer: &Answer) {
    let f = |name: &str| answer.fen(name);
    let parts = f("fulamt_ownpay_amt") + f("overlmt_selfpay") + f("preselfpay_amt") + f("inscp_scp_amt");
    assert_eq!(f("medfee_sumamt"), parts, "T = A + B + C + I");
    assert_eq!(f("medfee_sumamt"), f("fund_pay_sumamt") + f("psn_part_amt") + f("hosp_part_amt"), "T = F + P + Hp");
    assert_eq!(f("psn_part_amt"), f("acct_pay") + f("psn_cash_pay"), "P = W + X");
    let rows: Fen = answer.rows("setldetail").iter().map(|row| row.fen("fund_payamt")).sum();
    assert_eq!(rows, f("fund_pay_sumamt") + f("acct_pay") + f("hosp_part_amt"), "Σ rows = F + W + Hp");
}

/// Every head of art. 38 that a reversal negates.
pub const HEADS: [&str; 20] = [
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "hifdm_pay",
    "oth_pay",
    "fund_pay_sumamt",
    "psn_part_amt",
    "acct_pay",
    "acct_mulaid_pay",
    "psn_cash_pay",
    "hosp_part_amt",
];

pub fn negates(forward: &Answer, back: &Answer) {
    for head in HEADS {
        assert_eq!(back.fen(head), -forward.fen(head), "{head}");
    }
    let rows = |answer: &Answer| {
        answer
            .rows("setldetail")
            .iter()
            .map(|row| (row.text("fund_pay_type"), row.fen("fund_payamt")))
            .collect::<Vec<_>>()
    };
    let negated: Vec<_> = rows(forward).into_iter().map(|(code, amount)| (code, -amount)).collect();
    assert_eq!(rows(back), negated);
}
