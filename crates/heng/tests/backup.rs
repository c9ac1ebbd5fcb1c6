//! 备份与恢复, tried: settle, copy while deeds run, go on, restore elsewhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use adjudication::facts::{Fields, LineRequest, SettleRequest};
use city::{City, CityOptions, Person, RegionFiles};
use db::{Database, DbError};
use evidence::{HighWater, Sequencer, Sm2Key};
use journeys::{Begin, Centre, JourneyError, Registration, Settling};
use operation::{InputHash, Operation};
use terms::{DateTime, Fen, PersonId, Quantity, SettlementId, UnitPrice, parse_time};

const ORIGIN: &str = "heng/999900";

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn heng(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heng"));
    command.args(arguments).current_dir(house()).env_remove("HENG_DATABASE").output().expect("heng runs")
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of a test is UTF-8")
}

/// A centre's data folder and database.
struct Here {
    folder: tempfile::TempDir,
    server: Option<db_postgres::testing::FreshDatabase>,
}

impl Here {
    fn new(server: Option<db_postgres::testing::FreshDatabase>) -> Here {
        Here { folder: tempfile::tempdir().expect("a temporary folder"), server }
    }

    fn data(&self) -> &Path {
        self.folder.path()
    }

    fn address(&self) -> String {
        match &self.server {
            Some(server) => server.url.clone(),
            None => format!("sqlite:{}", self.data().join("heng.db").display()),
        }
    }

    fn heng(&self, arguments: &[&str]) -> Output {
        let address = self.address();
        heng(&[arguments, &["--data", text(self.data()), "--database", &address]].concat())
    }

    fn open(&self) -> Database {
        match &self.server {
            Some(server) => server.open(),
            None => {
                let options = db_sqlite::SqliteOptions::new(self.data().join("heng.db"));
                db_sqlite::Sqlite::open(&options).expect("the database opens").into_database()
            }
        }
    }
}

fn at(time: &str) -> DateTime {
    parse_time(time).expect("a time")
}

fn operation(institution: &str, infno: &str, n: u64) -> Operation {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&n.to_be_bytes());
    Operation {
        institution: institution.into(),
        msgid: format!("M{n:08}").as_str().into(),
        infno: infno.to_owned(),
        input_hash: InputHash(seed),
        message_time: at("2026-07-02 10:00:00"),
        received_at: at("2026-07-02 10:00:01"),
        kept_until: at("2026-10-02 10:00:01"),
        operator: "tester".to_owned(),
        seed,
    }
}

/// One outpatient visit of one line, from the counter to the settlement: four deeds.
fn settle(
    database: &Database,
    centre: &Centre,
    (institution, diagnosis, item): (&str, &str, &str),
    person: &Person,
    n: u64,
) -> Result<SettlementId, JourneyError> {
    let psn_no = PersonId::from(person.number.as_str());
    let deed = |infno: &str, step: u64| (centre.clone(), operation(institution, infno, n * 4 + step));
    let (here, registering) = deed("2201", 0);
    let asked = Registration {
        psn_no: psn_no.clone(),
        insutype: "310".to_owned(),
        begntime: at("2026-07-02 08:30:00"),
        ipt_otp_no: format!("OP{n}"),
        particulars: Fields::new(),
    };
    let shell = database.deed(move |tx| here.register_outpatient(tx, &registering, asked.clone()))?;
    let mdtrt_id = shell.mdtrt_id;
    let (here, beginning) = deed("2203", 1);
    let begin = Begin {
        psn_no: psn_no.clone(),
        mdtrt_id: mdtrt_id.clone(),
        med_type: "11".to_owned(),
        begntime: at("2026-07-02 09:00:00"),
        fields: Fields::new(),
        particulars: Fields::new(),
        diagnoses: vec![claim::Diagnosis {
            inout_diag_type: "1".to_owned(),
            diag_srt_no: 1,
            diag_type: "1".to_owned(),
            maindiag_flag: "1".to_owned(),
            diag_code: diagnosis.to_owned(),
            diag_name: "诊断".to_owned(),
            vali_flag: "1".to_owned(),
            fields: Fields::new(),
        }],
    };
    database.deed(move |tx| here.begin_visit(tx, &beginning, begin.clone()))?;
    let (here, uploading) = deed("2204", 2);
    let lines = vec![LineRequest {
        feedetl_sn: "1".into(),
        med_list_codg: item.into(),
        fee_ocur_time: at("2026-07-02 09:30:00"),
        cnt: Quantity(10_000),
        pric: UnitPrice(1_000 * 10_000),
        amount: Fen(1_000),
        hosp_appr_flag: "1".to_owned(),
        init_feedetl_sn: None,
        fields: Fields::new(),
    }];
    let (of, visit) = (psn_no.clone(), mdtrt_id.clone());
    database.deed(move |tx| here.upload_lines(tx, &uploading, &of, &visit, &lines))?;
    let (here, settling) = deed("2207", 3);
    let asked = Settling {
        psn_no,
        mdtrt_id,
        request: SettleRequest {
            setl_time: at("2026-07-02 11:00:00"),
            medfee_sumamt: Fen(1_000),
            acct_used_flag: "1".to_owned(),
            mid_setl_flag: "0".to_owned(),
        },
        particulars: Fields::new(),
    };
    database
        .deed(move |tx| here.settle(tx, &settling, &asked))
        .map(|settled| settled.setl_id.expect("a settlement has a number"))
}

/// Everything that was answered, in order.
type Answered = Arc<Mutex<Vec<(PersonId, SettlementId)>>>;

fn wait_for(answered: &Answered, more: usize) -> usize {
    let (since, wanted) = (Instant::now(), answered.lock().expect("nobody panicked").len() + more);
    loop {
        let found = answered.lock().expect("nobody panicked").len();
        if found >= wanted {
            return found;
        }
        assert!(since.elapsed() < Duration::from_secs(120), "settlements come: {found} of {wanted}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn scenario(here: &Here, elsewhere: &Here) {
    let files = RegionFiles::read(&house().join("regions/999900")).expect("the region is read");
    let city = City::new(CityOptions { people: 1_000, seed: 7, ..CityOptions::default() }, &files).expect("a city");
    let opening = here.data().join("opening");
    std::fs::create_dir(&opening).expect("a folder");
    city::write_opening(&city, &opening).expect("the files are written");
    let imported = here.heng(&["import", "opening", text(&opening), "--on", "2026-07-01"]);
    assert!(imported.status.success(), "{}", words(&imported));

    let region = region::Region::open(house().join("regions/999900")).expect("the region is read");
    let free =
        |item: &&catalogue::Item| item.level == catalogue::Level::First && !item.restricted && item.quota.is_none();
    let item = region.catalogue.items.iter().find(free);
    let item = item.expect("an item without conditions").code.as_str().to_owned();
    let diagnosis = region.catalogue.terms[0].code.clone();
    let institution =
        city.institutions().iter().find(|row| row.area == city.area() && !row.pharmacy).expect("a hospital");
    let institution = institution.code.clone();
    let centre = region.into_centre(100);
    let database = here.open();
    let answered = Answered::default();
    let stop = Arc::new(AtomicBool::new(false));
    let hospital = std::thread::spawn({
        let (database, answered, stop) = (database.clone(), answered.clone(), stop.clone());
        move || {
            let insured = |person: &Person| person.scheme().is_some_and(|(scheme, _)| scheme == "310");
            for (n, person) in (1..).zip(city.persons().filter(insured)) {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                if let Ok(setl_id) = settle(&database, &centre, (&institution, &diagnosis, &item), &person, n) {
                    let row = (PersonId::from(person.number.as_str()), setl_id);
                    answered.lock().expect("nobody panicked").push(row);
                }
            }
        }
    });
    let before = wait_for(&answered, 5);
    let file = here.data().join("backup");
    let key = Sm2Key::load_or_create(ORIGIN, &here.data().join("evidence.pem")).expect("a key");
    let sequencer = |data: &Path| Sequencer::new(ORIGIN, "test", HighWater::at(data.join("evidence.mark")));
    sequencer(here.data()).run_once(&database, &key, jiff::Timestamp::now()).expect("the log is signed");
    let copied = here.heng(&["backup", text(&file)]);
    assert!(copied.status.success(), "{}", words(&copied));
    wait_for(&answered, 5);
    stop.store(true, Ordering::Relaxed);
    hospital.join().expect("the hospital ends well");
    sequencer(here.data()).run_once(&database, &key, jiff::Timestamp::now()).expect("the log is signed");

    std::fs::copy(here.data().join("evidence.mark"), elsewhere.data().join("evidence.mark")).expect("a copy");
    let restored = elsewhere.heng(&["restore", text(&file)]);
    assert!(restored.status.success(), "{}", words(&restored));
    assert!(
        words(&restored).contains("this database is older than what the centre has answered"),
        "{}",
        words(&restored)
    );
    let answered = answered.lock().expect("nobody panicked");
    let database = elsewhere.open();
    check_books(&database);
    for (psn_no, setl_id) in &answered[..before] {
        let person = psn_no.clone();
        let history = database.read(move |tx| claim::history(tx, &person)).expect("the person is read");
        assert!(
            history.settlements.iter().any(|row| row.setl_id == *setl_id),
            "{setl_id} was answered before the copy"
        );
    }
    let refused = sequencer(elsewhere.data()).run_once(&database, &key, jiff::Timestamp::now());
    let refused = refused.expect_err("an older database signs nothing").to_string();
    assert!(refused.contains("Numbering has stopped. Restore a newer backup"), "{refused}");

    drop(database);
    let in_the_way = elsewhere.heng(&["restore", text(&file)]);
    assert!(!in_the_way.status.success() && words(&in_the_way).contains("--replace"), "{}", words(&in_the_way));
    let again = elsewhere.heng(&["restore", text(&file), "--replace"]);
    assert!(again.status.success(), "{}", words(&again));
    check_books(&elsewhere.open());
}

fn check_books(database: &Database) {
    database
        .read(|tx| {
            assert_eq!(ledger::sum_of_all(tx)?, Fen::ZERO, "the books balance");
            let personal = ledger::balances(tx, &ledger::Account::Personal("".into()))?;
            let personal: Fen = personal.into_iter().map(|(_, amount)| amount).sum();
            assert_eq!(personal, enrolment::balances_total(tx)?.0, "register and ledger agree");
            Ok::<_, DbError>(())
        })
        .expect("the books are read");
}

#[test]
fn a_copy_taken_while_deeds_run_holds_all_that_was_answered() {
    scenario(&Here::new(None), &Here::new(None));
}

#[test]
fn a_dump_of_a_server_holds_all_that_was_answered() {
    let fresh = db_postgres::testing::fresh_database;
    if let (Some(one), Some(other)) = (fresh(), fresh()) {
        scenario(&Here::new(Some(one)), &Here::new(Some(other)));
    }
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let here = Here::new(None);
    let file = here.data().join("letter.txt");
    std::fs::write(&file, "Dear sirs").expect("a file");
    let refused = here.heng(&["restore", text(&file)]);
    assert!(
        !refused.status.success() && words(&refused).contains("this is no backup of a Heng database"),
        "{}",
        words(&refused)
    );
    assert!(!here.data().join("heng.db").exists(), "nothing is made of it");

    let newer = here.data().join("newer.db");
    let options = db_sqlite::SqliteOptions::new(&newer);
    let step = db::Migration { id: "future/0001_wonders", text: "CREATE TABLE future_wonder (id BIGINT)" };
    db_sqlite::Sqlite::open(&options).expect("it opens").into_database().migrate(&[step]).expect("it migrates");
    let refused = here.heng(&["restore", text(&newer)]);
    assert!(words(&refused).contains("future/0001_wonders"), "{}", words(&refused));
    assert!(!here.data().join("heng.db").exists(), "nothing is made of it");
}

#[test]
fn a_database_in_use_is_not_put_aside() {
    let here = Here::new(None);
    let open = here.open();
    open.migrate(&journeys::migrations()).expect("it migrates");
    let file = here.data().join("backup");
    let copied = here.heng(&["backup", text(&file)]);
    assert!(copied.status.success(), "{}", words(&copied));
    let refused = here.heng(&["restore", text(&file), "--replace"]);
    assert!(!refused.status.success() && words(&refused).contains("stop the centre first"), "{}", words(&refused));
    open.read(|tx| enrolment::count_persons(tx)).expect("the database is as it was");
}
