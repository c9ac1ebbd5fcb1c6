//! What the benches of whole messages share: a fresh centre with alike persons, and clients
//! that each wait for one answer before they send the next message.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use db_postgres::testing::FreshDatabase;
use gateway::{Body, Config, Desk, Gateway, Keys, Post, Server, SignInRule};
use terms::{Fen, Period, PersonId, parse_date, parse_time};

use crate::centre::sequence;
use crate::commands::Problem;
use crate::wiring::{Place, interface_of, migrations, open_database, open_gateway, open_region, origin};

/// On which database, from how many clients, for how long.
#[derive(Args, Clone)]
pub struct Load {
    /// The database: `sqlite:PATH` (a new file) or a `postgres://` address of a server, on
    /// which a fresh database is made and dropped.
    #[arg(long)]
    database: String,
    /// Clients that each wait for one answer before they send the next message.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// How long to measure.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Persons registered beforehand; a measurement ends early when all have had their visit.
    #[arg(long, default_value_t = 80_000)]
    pub persons: usize,
    /// Over HTTP on loopback instead of in process.
    #[arg(long)]
    http: bool,
    /// The region whose law decides.
    #[arg(long, default_value = "regions/999900")]
    pub region: PathBuf,
}

const HOSPITAL: &str = "H99990000001";
const PATH: &str = "/fsi/api/rsfComIfsService/callService";
/// Ten items of 衡州市's catalogue, with a price below every ceiling.
const ITEMS: [(&str, &str); 10] = [
    ("HZD001", "11.50"),
    ("HZD002", "45.80"),
    ("HZS001", "100.00"),
    ("HZS002", "8.00"),
    ("XA02BCA001A005010199900", "8.96"),
    ("XA02BCA003A001010399900", "13.50"),
    ("XA02BCA005A001010599900", "21.40"),
    ("XA02BAA001A001010199900", "5.20"),
    ("XA02BXA001A011010199900", "26.80"),
    ("XA02BXA002A001010299900", "15.60"),
];
/// What the ten lines add up to.
const TOTAL: &str = "256.76";

/// A fresh centre: the gateway with every adapter, its database, the evidence log and the
/// change feed numbered beside it, as in service.
pub struct Town {
    gateway: Arc<Gateway>,
    desk: Desk,
    http: Option<Http>,
    _sequencer: evidence::Running,
    _fresh: Option<FreshDatabase>,
    _data: tempfile::TempDir,
}

struct Http {
    url: String,
    _runtime: tokio::runtime::Runtime,
}

impl Load {
    /// Opens the centre and registers the persons; each waits at the door.
    pub fn open(&self) -> Result<Town, Problem> {
        self.open_with(false)
    }

    /// The same, with the region's audit rules in force if it is supervised.
    pub fn open_with(&self, supervised: bool) -> Result<Town, Problem> {
        let fresh = self.database.starts_with("postgres").then(|| db_postgres::testing::fresh_on(&self.database));
        let address = fresh.as_ref().map_or(&self.database, |fresh| &fresh.url).clone();
        let data = tempfile::tempdir()?;
        let place =
            Place { region: self.region.clone(), data: data.path().to_owned(), database: Some(address.clone()) };
        let database = open_database(&address)?;
        database.migrate(&migrations())?;
        let region = open_region(&place.region)?;
        let area = region.manifest.area.clone();
        let config = Config { sign_in: SignInRule::Ignored, clock_window: None, ..Config::for_region(&area) };
        let interface = interface_of(&region)?;
        let supervision = if supervised { region.supervision()? } else { None };
        let centre = journeys::Centre { supervision, ..region.into_centre(config.limits.lines) };
        let keys = Box::new(Keys::default());
        let (gateway, desk) = open_gateway(centre, database.clone(), interface, config, keys, place.answer_keys()?)?;
        let key = Arc::new(place.log_key(&origin(&area))?);
        let sequencer = sequence(&place, &area, &database, key)?;
        let http = self.http.then(|| Http::serve(&gateway)).transpose()?;
        let town = Town { gateway, desk, http, _sequencer: sequencer, _fresh: fresh, _data: data };
        town.register(self.persons)?;
        Ok(town)
    }

    /// Lets the clients work through the persons until the time is up: how long each took in
    /// microseconds, shortest first, and how long all.
    pub fn time(
        &self,
        town: &Town,
        work: impl Fn(&Client, usize) -> Result<(), Problem> + Sync,
    ) -> Result<(Vec<u64>, Duration), Problem> {
        let next = AtomicUsize::new(1);
        let begun = Instant::now();
        let until = begun + Duration::from_secs(self.seconds);
        let one = |number: usize| -> Result<Vec<u64>, String> {
            let client = Client::of(town, number);
            let mut took = Vec::new();
            while Instant::now() < until {
                let person = next.fetch_add(1, Ordering::Relaxed);
                if person >= self.persons {
                    break;
                }
                let since = Instant::now();
                work(&client, person).map_err(|problem| problem.to_string())?;
                took.push(u64::try_from(since.elapsed().as_micros()).map_err(|error| error.to_string())?);
            }
            Ok(took)
        };
        let mut took: Vec<u64> = std::thread::scope(|scope| {
            let one = &one;
            let clients: Vec<_> = (0..self.clients).map(|number| scope.spawn(move || one(number))).collect();
            let done = clients.into_iter().map(|client| client.join().map_err(|_| "a client panicked".to_owned())?);
            done.collect::<Result<Vec<_>, String>>().map(|all| all.concat())
        })?;
        let elapsed = begun.elapsed();
        took.sort_unstable();
        Ok((took, elapsed))
    }

    /// Lets the clients work through the persons until the time is up, and prints the figures.
    pub fn measure(
        &self,
        town: &Town,
        work: impl Fn(&Client, usize) -> Result<(), Problem> + Sync,
    ) -> Result<(), Problem> {
        let (took, elapsed) = self.time(town, work)?;
        let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
        let rate = took.len() as u128 * 1_000_000 / elapsed.as_micros().max(1);
        let ms = |micros: u64| format!("{}.{:02}", micros / 1000, micros % 1000 / 10);
        println!(
            "rate_per_s={rate} p50_ms={} p99_ms={} clients={} done={} database={} way={}",
            ms(at(50)),
            ms(at(99)),
            self.clients,
            took.len(),
            town.desk.database().name(),
            if self.http { "http" } else { "in-process" },
        );
        Ok(())
    }
}

/// Persons registered in one deed.
const BATCH: usize = 200;

impl Town {
    /// The gateway's desk.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// A client of its own number.
    pub fn client(&self, number: usize) -> Client {
        Client::of(self, number)
    }

    fn register(&self, persons: usize) -> Result<(), Problem> {
        self.in_batches(persons, |_, tx, batch| {
            let registrations: Vec<_> = batch.iter().map(|n| registration(*n)).collect();
            journeys::open_persons(tx, &registrations)
        })
    }

    /// Begins one visit over the interface with its ten lines, and gives every other person a
    /// visit that differs from it in nothing but its person and numbers.
    pub fn begin_all(&self, persons: usize) -> Result<(), Problem> {
        let client = Client::of(self, usize::MAX);
        let mdtrt_id = client.begin(0)?;
        let (psn_no, id) = (person(0), terms::VisitId(mdtrt_id));
        let model = self.desk.database().read(move |tx| -> Result<_, db::DbError> {
            let visit = claim::history(tx, &psn_no)?.visits.into_iter().find(|visit| visit.mdtrt_id == id);
            Ok((visit, claim::diagnoses(tx, &psn_no, &id)?, claim::lines(tx, &psn_no, &id)?))
        })?;
        let (Some(visit), diagnoses, lines) = model else { return Err("the first visit was not recorded".into()) };
        self.in_batches(persons, move |_, tx, batch| {
            let others: Vec<PersonId> = batch.iter().filter(|n| **n > 0).map(|n| person(*n)).collect();
            operation::lock_persons(tx, &others)?;
            for n in batch.iter().filter(|n| **n > 0) {
                let own = claim::Visit {
                    psn_no: person(*n),
                    mdtrt_id: visit_of(*n),
                    label: format!("V{n}"),
                    ..visit.clone()
                };
                claim::add_visit(tx, &own)?;
                claim::put_diagnoses(tx, &own.psn_no, &own.mdtrt_id, &diagnoses)?;
                claim::add_lines(tx, &own.psn_no, &own.mdtrt_id, 0, &lines)?;
            }
            Ok(())
        })
    }

    /// Runs a deed for batches of persons, several at a time.
    pub fn in_batches(
        &self,
        persons: usize,
        deed: impl Fn(&Desk, &mut dyn db::Tx, &[usize]) -> Result<(), journeys::JourneyError> + Send + Sync + 'static,
    ) -> Result<(), Problem> {
        let (next, deed) = (AtomicUsize::new(0), Arc::new(deed));
        let work = || -> Result<(), String> {
            loop {
                let from = next.fetch_add(BATCH, Ordering::Relaxed);
                if from >= persons {
                    return Ok(());
                }
                let batch: Vec<usize> = (from..persons.min(from + BATCH)).collect();
                let (desk, deed) = (self.desk.clone(), Arc::clone(&deed));
                let done: Result<(), journeys::JourneyError> =
                    self.desk.database().deed(move |tx| deed(&desk, tx, &batch));
                done.map_err(|error| error.to_string())?;
            }
        };
        let work = &work;
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread panicked".to_owned())?)
        })?;
        Ok(())
    }
}

impl Http {
    fn serve(gateway: &Arc<Gateway>) -> Result<Http, Problem> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}{PATH}", listener.local_addr()?);
        runtime.spawn(gateway::serve(listener, Arc::clone(gateway), Server::default(), std::future::pending()));
        Ok(Http { url, _runtime: runtime })
    }
}

/// A hospital's system: sends one message at a time.
pub struct Client {
    gateway: Arc<Gateway>,
    wire: Option<(String, ureq::Agent)>,
    number: usize,
    sent: AtomicUsize,
}

impl Client {
    fn of(town: &Town, number: usize) -> Client {
        let agent = || ureq::Agent::config_builder().proxy(None).build().into();
        let wire = town.http.as_ref().map(|http| (http.url.clone(), agent()));
        Client { gateway: Arc::clone(&town.gateway), wire, number: number % 1_000_000, sent: AtomicUsize::new(0) }
    }

    /// Sends a message and gives the accepted answer.
    pub fn say(&self, infno: &str, at: &str, input: &str) -> Result<String, Problem> {
        let serial = self.sent.fetch_add(1, Ordering::Relaxed);
        let body = format!(
            "{{\"infno\":\"{infno}\",\"msgid\":\"{HOSPITAL}{:06}{serial:012}\",\"mdtrtarea_admvs\":\"999900\",\
             \"insuplc_admdvs\":\"999900\",\"recer_sys_code\":\"99\",\"infver\":\"V1.0\",\"opter_type\":\"1\",\
             \"opter\":\"001\",\"opter_name\":\"经办\",\"inf_time\":\"{at}\",\"fixmedins_code\":\"{HOSPITAL}\",\
             \"fixmedins_name\":\"衡州市第一人民医院\",\"sign_no\":\"\",\"input\":{input}}}",
            self.number
        );
        let answer = match &self.wire {
            Some((url, agent)) => agent.post(url).send(body.as_bytes())?.body_mut().read_to_string()?,
            None => {
                let loopback = std::net::Ipv4Addr::LOCALHOST.into();
                let (headers, received) = (&[], self.gateway.now());
                let post = Post { path: PATH, headers, body: body.as_bytes(), peer: loopback, received };
                match self.gateway.answer(&post).body {
                    Body::Json(text) => text,
                    Body::File { .. } => return Err("a file came as an answer".into()),
                }
            }
        };
        if answer.contains("\"infcode\":0") { Ok(answer) } else { Err(format!("{infno} was refused: {answer}").into()) }
    }

    /// 2201, 2203, 2204: a visit with ten lines, not yet settled; its number.
    pub fn begin(&self, n: usize) -> Result<String, Problem> {
        let psn_no = person(n);
        let registered = self.say("2201", "2026-03-09 08:30:00", &format!(
            "{{\"data\":{{\"psn_no\":\"{psn_no}\",\"insutype\":\"310\",\"begntime\":\"2026-03-09 08:30:00\",\
             \"mdtrt_cert_type\":\"02\",\"mdtrt_cert_no\":\"C{psn_no}\",\"ipt_otp_no\":\"V{n}\",\"atddr_no\":\"D999900000001\",\
             \"dr_name\":\"杜思芳\",\"dept_code\":\"001\",\"dept_name\":\"呼吸内科\",\"caty\":\"A03.01\"}}}}"
        ))?;
        let answer: serde_json::Value = serde_json::from_str(&registered)?;
        let id = answer["output"]["data"]["mdtrt_id"].as_str().ok_or("2201 gave no mdtrt_id")?.to_owned();
        self.say("2203", "2026-03-09 09:00:00", &format!(
            "{{\"mdtrtinfo\":{{\"mdtrt_id\":\"{id}\",\"psn_no\":\"{psn_no}\",\"med_type\":\"11\",\
             \"begntime\":\"2026-03-09 09:00:00\"}},\"diseinfo\":[{{\"diag_type\":\"1\",\"diag_srt_no\":1,\
             \"diag_code\":\"I10.x00\",\"diag_name\":\"原发性高血压\",\"diag_dept\":\"001\",\"dise_dor_no\":\"D999900000001\",\
             \"dise_dor_name\":\"杜思芳\",\"diag_time\":\"2026-03-09 09:00:00\",\"vali_flag\":\"1\"}}]}}"
        ))?;
        let line = |(at, (item, price)): (usize, &(&str, &str))| {
            format!(
                "{{\"feedetl_sn\":\"{at}\",\"mdtrt_id\":\"{id}\",\"psn_no\":\"{psn_no}\",\"med_type\":\"11\",\"chrg_bchno\":\"B1\",\
                 \"med_list_codg\":\"{item}\",\"medins_list_codg\":\"N{item}\",\"cnt\":\"1\",\"pric\":\"{price}\",\
                 \"det_item_fee_sumamt\":\"{price}\",\"fee_ocur_time\":\"2026-03-09 09:30:00\",\"rx_circ_flag\":\"0\",\
                 \"bilg_dept_codg\":\"001\",\"bilg_dept_name\":\"呼吸内科\",\"bilg_dr_codg\":\"D999900000001\",\
                 \"bilg_dr_name\":\"杜思芳\",\"hosp_appr_flag\":\"1\"}}"
            )
        };
        let lines: Vec<String> = ITEMS.iter().enumerate().map(line).collect();
        self.say("2204", "2026-03-09 09:40:00", &format!("{{\"feedetail\":[{}]}}", lines.join(",")))?;
        Ok(id)
    }

    /// 2206.
    pub fn try_to_settle(&self, n: usize, mdtrt_id: &str) -> Result<(), Problem> {
        self.say("2206", "2026-03-09 09:50:00", &bill(n, mdtrt_id)).map(drop)
    }

    /// 2207.
    pub fn settle(&self, n: usize, mdtrt_id: &str) -> Result<(), Problem> {
        self.say("2207", "2026-03-09 10:00:00", &bill(n, mdtrt_id)).map(drop)
    }
}

fn bill(n: usize, mdtrt_id: &str) -> String {
    let psn_no = person(n);
    format!(
        "{{\"data\":{{\"psn_no\":\"{psn_no}\",\"mdtrt_cert_type\":\"02\",\"mdtrt_cert_no\":\"C{psn_no}\",\
         \"psn_cert_type\":\"01\",\"certno\":\"C{psn_no}\",\"psn_type\":\"11\",\"psn_name\":\"张三\",\"med_type\":\"11\",\
         \"medfee_sumamt\":\"{TOTAL}\",\"psn_setlway\":\"01\",\"mdtrt_id\":\"{mdtrt_id}\",\"chrg_bchno\":\"B1\",\
         \"insutype\":\"310\",\"acct_used_flag\":\"1\",\"invono\":\"INV1\",\"fulamt_ownpay_amt\":\"0\",\
         \"overlmt_selfpay\":\"0\",\"preselfpay_amt\":\"0\",\"inscp_scp_amt\":\"{TOTAL}\",\"mid_setl_flag\":\"0\"}}}}"
    )
}

/// Numbers are scattered, as those of people who happen to fall ill are.
pub fn scattered(n: usize) -> u64 {
    let mut mixed = (n as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The number of a person.
pub fn person(n: usize) -> PersonId {
    PersonId(format!("{:020}", scattered(n)))
}

/// The number of the visit that [`Town::begin_all`] gives a person.
pub fn visit_of(n: usize) -> terms::VisitId {
    terms::VisitId(format!("20260309083000{:016x}", scattered(n)))
}

fn registration(n: usize) -> enrolment::Registration {
    let day = |text| parse_date(text).expect("a date");
    let psn_no = person(n);
    let coverage = enrolment::Coverage {
        insutype: "310".to_owned(),
        psn_type: "11".to_owned(),
        cvlserv_flag: "0".to_owned(),
        psn_insu_stas: "1".to_owned(),
        period: Period::since(day("2020-01-01")),
        insuplc_admdvs: "999900".into(),
        emp_no: None,
        emp_name: None,
        fields: BTreeMap::new(),
    };
    enrolment::Registration {
        person: enrolment::Person {
            psn_name: "张三".to_owned(),
            psn_cert_type: "01".to_owned(),
            certno: format!("C{psn_no}"),
            gend: "1".to_owned(),
            naty: "01".to_owned(),
            brdy: day("1980-05-06"),
            tel: String::new(),
            fields: BTreeMap::new(),
            psn_no,
        },
        coverage: vec![coverage],
        identities: vec![],
        filings: vec![],
        givers: vec![],
        balance: Fen(10_000),
        at: parse_time("2026-01-01 00:00:00").expect("a time"),
    }
}
