//! A small living town: the region's own centre, two hospitals with two departments each, persons
//! whose names stand nowhere else, what they settled, and who may look at it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use access::{Account, RolePolicy, Scope, Session, Subject, token_hash};
use adjudication::facts::{Fields, LineRequest, SettleRequest};
use console_api::Named;
use console_api::frame::{Console, World};
use db::{Database, Tx};
use evidence::{HighWater, Sequencer, Signer, Sm2Key};
use journeys::{Admission, Begin, Centre, Discharge, JourneyError, Registration, Settling};
use operation::{InputHash, Operation};
use terms::{DateTime, Fen, Period, PersonId, Quantity, UnitPrice, VisitId, parse_date, parse_time};

/// Two hospitals; of each, departments 003 and 004.
pub const HOSPITALS: [&str; 2] = ["H99990000001", "H99990000004"];
const ORIGIN: &str = "heng/999900";
/// The region's time in the town.
pub const NOW: &str = "2026-04-12 09:00:00";

/// Somebody of the town, with what nobody else may read.
#[derive(Debug, Clone)]
pub struct Somebody {
    pub psn_no: PersonId,
    pub name: String,
    pub certificate: String,
    pub phone: String,
}

/// Something that belongs to somebody: who may see it is known without asking the console.
#[derive(Debug, Clone)]
pub struct Thing {
    /// What path parameters call its kind: `person`, `settlement`, `visit`, …
    pub kind: &'static str,
    pub id: String,
    /// Whoever's scope covers one of these may see it.
    pub of: Vec<Subject>,
}

pub struct Town {
    pub database: Database,
    pub people: Vec<Somebody>,
    pub things: Vec<Thing>,
    pub policy: RolePolicy,
    centre: Centre,
    counter: journeys::Counter,
    folder: PathBuf,
    key: Sm2Key,
    region: Named,
    funds: BTreeMap<String, Named>,
    schemes: BTreeMap<String, Named>,
    marks: tempfile::TempDir,
    drawn: AtomicU64,
}

pub fn at(text: &str) -> DateTime {
    parse_time(text).expect("a time")
}

fn named(name: &str, english: &str) -> Named {
    Named { name: name.to_owned(), english: english.to_owned() }
}

/// Care as it is given: where, when, what (code, pieces, price in 分).
struct Care {
    hospital: usize,
    department: &'static str,
    lines: &'static [(&'static str, i64, i64)],
}

impl Town {
    pub fn open(database: Database) -> Town {
        database.migrate(&journeys::migrations()).expect("the tables are made");
        database.migrate(overview::MIGRATIONS).expect("the projections are made");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
        let policy = std::fs::read_to_string(folder.join("access.toml")).expect("the region's roles");
        let region = region::Region::open(&folder).unwrap_or_else(|error| panic!("{error}"));
        let manifest = &region.manifest;
        let mut town = Town {
            database,
            people: Vec::new(),
            things: Vec::new(),
            policy: RolePolicy::parse(&policy).expect("roles"),
            key: Sm2Key::generate(ORIGIN).expect("a key"),
            region: named(&manifest.name, &manifest.english),
            funds: manifest.fund.iter().map(|row| (row.code.clone(), named(&row.name, &row.english))).collect(),
            schemes: manifest.scheme.iter().map(|row| (row.code.clone(), named(&row.name, &row.english))).collect(),
            counter: region.counter().unwrap_or_else(|error| panic!("{error}")),
            centre: region.into_centre(100),
            folder,
            marks: tempfile::tempdir().expect("a folder"),
            drawn: AtomicU64::new(1),
        };
        town.live();
        town.apply();
        town
    }

    /// The console over the town, under a role policy.
    pub fn console(&self, policy: &RolePolicy) -> Console {
        Console::new(self.world(policy))
    }

    /// What that console is made from.
    pub fn world(&self, policy: &RolePolicy) -> World {
        let shelf = office::shelf::Shelf::default();
        let payment = shelf.group_payment().expect("no plans");
        World {
            database: self.database.clone(),
            centre: self.centre.clone(),
            folder: self.folder.clone(),
            region: self.region.clone(),
            funds: self.funds.clone(),
            schemes: self.schemes.clone(),
            trusted: self.key.public().clone(),
            progress: Arc::new(|| None),
            access: policy.clone(),
            casebook: Arc::clone(&self.counter.book),
            shelf: Arc::new(shelf),
            payment: Arc::new(payment),
            services: Arc::clone(&self.counter.services),
            now: Arc::new(|| at(NOW)),
            secure: false,
        }
    }

    /// Somebody signed in with these roles and this scope; the token of their cookie.
    pub fn sign_in(&self, account: Account) -> String {
        let n = self.drawn.fetch_add(1, Ordering::Relaxed);
        let token = format!("token{n}-of-{}", account.account);
        let now = jiff::Zoned::now().datetime();
        let session = Session {
            token_hash: token_hash(&token),
            account: account.account.clone(),
            persons: Vec::new(),
            csrf: crate::ask::WORD.to_owned(),
            begun_at: now,
            seen_at: now,
            ends_at: now.checked_add(jiff::SignedDuration::from_hours(1)).expect("an hour"),
        };
        self.deed(move |_, tx| {
            access::operations::put_account(tx, &account)?;
            access::operations::begin_session(tx, &session)?;
            Ok(())
        });
        token
    }

    /// The accounts of a role: one in the scope where most of the town's life is, one elsewhere.
    pub fn accounts_of(&self, role: &access::Role) -> Vec<Account> {
        let person = |nth: usize| Scope::Person(vec![self.people[nth].psn_no.0.clone()]);
        let hospital = |nth: usize| Scope::Institution(HOSPITALS[nth].to_owned());
        let department = |nth: usize, department: &str| Scope::Department {
            institution: HOSPITALS[nth].to_owned(),
            department: department.to_owned(),
        };
        let scopes = match role.scope {
            access::Kind::Region => vec![Scope::Region],
            access::Kind::Institution => vec![hospital(0), hospital(1)],
            access::Kind::Department => vec![department(0, "003"), department(0, "004"), department(1, "003")],
            access::Kind::Person => vec![person(0), person(1)],
        };
        let account =
            |(nth, scope)| Account::new(&format!("{}-{nth}", role.id), &role.name, vec![role.id.clone()], scope);
        scopes.into_iter().enumerate().map(account).collect()
    }

    fn deed<T: Send + 'static>(
        &self,
        journey: impl Fn(&Centre, &mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> T {
        let centre = self.centre.clone();
        self.database.deed(move |tx| journey(&centre, tx)).unwrap_or_else(|error| panic!("{error}"))
    }

    fn operation(&self, hospital: usize, infno: &str, at: DateTime) -> Operation {
        let n = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&n.to_be_bytes());
        Operation {
            institution: HOSPITALS[hospital].into(),
            msgid: format!("M{n:08}").as_str().into(),
            infno: infno.to_owned(),
            input_hash: InputHash(seed),
            message_time: at,
            received_at: at,
            kept_until: at,
            operator: "tester".to_owned(),
            seed,
        }
    }

    fn live(&mut self) {
        for (nth, name) in ["慕容测甲", "司徒测乙", "尉迟测丙", "端木测丁", "百里测戊"].into_iter().enumerate()
        {
            self.person(nth, name);
        }
        let clinic: &[_] = &[("HZR001", 1, 2_500), ("HZS001", 4, 10_000), ("HZD002", 2, 4_580)];
        let ward: &[_] =
            &[("HZC001", 2, 280_000), ("HZD002", 12, 4_580), ("HZS001", 24, 12_000), ("HZC002", 1, 29_900)];
        let care = |hospital, department, lines| Care { hospital, department, lines };
        for (person, care) in [
            (0, care(0, "003", clinic)),
            (0, care(1, "003", clinic)),
            (1, care(0, "004", clinic)),
            (2, care(1, "004", clinic)),
        ] {
            self.outpatient(person, at("2026-03-08 09:12:00"), &care);
        }
        for (person, care) in [(1, care(0, "003", ward)), (3, care(1, "003", ward))] {
            self.stay(person, at("2026-02-26 08:30:00"), at("2026-03-09 10:05:00"), &care);
        }
        self.reverse(3);
        for code in HOSPITALS {
            self.thing("institution", code, Subject::of_institution(code));
        }
        while overview::catch_up(&self.database).expect("the feed is followed") {}
        let sequencer = Sequencer::new(ORIGIN, "town", HighWater::at(self.marks.path().join("mark")));
        let now = "2026-03-10T04:00:00Z".parse().expect("a moment");
        sequencer.run_once(&self.database, &self.key, now).expect("a round");
    }

    /// Work orders of both hospitals and applications of two people, made at the console's own desks.
    fn apply(&mut self) {
        let desk = crate::ask::Desk::of(console_api::api(self.console(&self.policy)));
        let roles = self.policy.role.clone();
        let accounts_of =
            |town: &Town, id: &str| town.accounts_of(roles.iter().find(|role| role.id == id).expect("a role"));
        let order = serde_json::json!({"title": "结算慢", "urgency": "1", "description": "门诊结算超过十秒"});
        let filing = serde_json::json!({"area": "330100", "begin": "2026-04-15", "reason": "2", "promise": true});
        for (role, path, form, kind) in [
            ("hospital", "/workorder-kinds/work_fault/orders", order, "workorder"),
            ("citizen", "/services/residence_filing/applications", filing, "application"),
        ] {
            for (nth, account) in accounts_of(self, role).into_iter().enumerate() {
                let of = match &account.scope {
                    Scope::Person(persons) => Subject::of_person(&persons[0]),
                    _ => Subject::of_institution(HOSPITALS[nth]),
                };
                let token = self.sign_in(account);
                let body = serde_json::json!({"key": format!("town-{role}-{nth}"), "form": form, "person": of.person});
                let path = format!("{}{path}", console_api::PREFIX);
                let answer = desk.ask(Some(&token), &axum::http::Method::POST, &path, Some(&body));
                let id = answer.json()["row"]["case_id"].as_str().map(str::to_owned);
                self.thing(kind, id.unwrap_or_else(|| panic!("{path}: {} {}", answer.status, answer.text)), of);
            }
        }
    }

    fn thing(&mut self, kind: &'static str, id: impl Into<String>, of: Subject) {
        let id = id.into();
        match self.things.iter_mut().find(|thing| thing.kind == kind && thing.id == id) {
            Some(thing) => thing.of.push(of),
            None => self.things.push(Thing { kind, id, of: vec![of] }),
        }
    }

    fn person(&mut self, nth: usize, name: &str) {
        let somebody = Somebody {
            psn_no: PersonId(format!("9999000000000007{nth:04}")),
            name: name.to_owned(),
            certificate: format!("9999001980050677{nth:02}"),
            phone: format!("1390000777{nth}"),
        };
        let period = Period::since(parse_date("2020-01-01").expect("a date"));
        let registration = enrolment::Registration {
            person: enrolment::Person {
                psn_no: somebody.psn_no.clone(),
                psn_name: somebody.name.clone(),
                psn_cert_type: "01".to_owned(),
                certno: somebody.certificate.clone(),
                gend: "1".to_owned(),
                naty: "01".to_owned(),
                brdy: parse_date("1980-05-06").expect("a date"),
                tel: somebody.phone.clone(),
                fields: Fields::new(),
            },
            coverage: vec![enrolment::Coverage {
                insutype: "310".to_owned(),
                psn_type: "11".to_owned(),
                cvlserv_flag: "0".to_owned(),
                psn_insu_stas: "1".to_owned(),
                period,
                insuplc_admdvs: "999900".into(),
                emp_no: Some("E777".into()),
                emp_name: Some("衡州测试厂".to_owned()),
                fields: Fields::new(),
            }],
            identities: vec![],
            filings: vec![],
            givers: vec![],
            balance: Fen(86_420),
            at: at("2026-01-01 00:00:00"),
        };
        self.deed(move |_, tx| journeys::open_persons(tx, std::slice::from_ref(&registration)));
        self.thing("person", &somebody.psn_no.0, Subject::of_person(&somebody.psn_no.0));
        self.people.push(somebody);
    }

    /// Says whose a visit and its settlement are; a hospital may then see its patient too.
    fn settled(&mut self, person: usize, care: &Care, visit: &VisitId, settlement: &str) {
        let psn_no = self.people[person].psn_no.0.clone();
        let of = Subject {
            institution: Some(HOSPITALS[care.hospital].to_owned()),
            department: Some(care.department.to_owned()),
            person: Some(psn_no.clone()),
        };
        self.thing("person", psn_no, of.clone());
        self.thing("visit", visit.as_str(), of.clone());
        self.thing("settlement", settlement, of);
    }

    fn outpatient(&mut self, person: usize, time: DateTime, care: &Care) {
        let psn_no = self.people[person].psn_no.clone();
        let operation = self.operation(care.hospital, "2201", time);
        let particulars = Fields::from([("dept_code".to_owned(), care.department.to_owned())]);
        let asked = Registration {
            psn_no: psn_no.clone(),
            insutype: "310".to_owned(),
            begntime: time,
            ipt_otp_no: format!("O{}", operation.msgid),
            particulars: particulars.clone(),
        };
        let shell = self.deed(move |centre, tx| centre.register_outpatient(tx, &operation, asked.clone()));
        let operation = self.operation(care.hospital, "2203", time);
        let begin = Begin {
            psn_no,
            mdtrt_id: shell.mdtrt_id.clone(),
            med_type: "11".to_owned(),
            begntime: time,
            fields: Fields::new(),
            particulars,
            diagnoses: vec![diagnosis("1")],
        };
        self.deed(move |centre, tx| centre.begin_visit(tx, &operation, begin.clone()));
        self.upload(person, &shell.mdtrt_id, time, care);
        self.settle(person, &shell.mdtrt_id, time, care);
    }

    fn stay(&mut self, person: usize, from: DateTime, to: DateTime, care: &Care) {
        let psn_no = self.people[person].psn_no.clone();
        let operation = self.operation(care.hospital, "2401", from);
        let particulars = Fields::from([("adm_dept_codg".to_owned(), care.department.to_owned())]);
        let asked = Admission {
            psn_no: psn_no.clone(),
            insutype: "310".to_owned(),
            begntime: from,
            med_type: "21".to_owned(),
            ipt_no: format!("I{}", operation.msgid),
            fields: Fields::new(),
            particulars,
            diagnoses: vec![diagnosis("1")],
        };
        let visit = self.deed(move |centre, tx| centre.admit(tx, &operation, asked.clone())).visit.mdtrt_id;
        self.upload(person, &visit, from, care);
        let operation = self.operation(care.hospital, "2402", to);
        let discharge = Discharge {
            psn_no,
            mdtrt_id: visit.clone(),
            endtime: to,
            fields: Fields::new(),
            particulars: Fields::new(),
            diagnoses: vec![diagnosis("2")],
        };
        self.deed(move |centre, tx| centre.discharge(tx, &operation, discharge.clone()));
        self.settle(person, &visit, to, care);
    }

    fn upload(&self, person: usize, visit: &VisitId, time: DateTime, care: &Care) {
        let operation = self.operation(care.hospital, "2204", time);
        let line = |(n, (code, pieces, price)): (usize, &(&str, i64, i64))| LineRequest {
            feedetl_sn: format!("{}-{n}", visit.as_str()).as_str().into(),
            med_list_codg: (*code).into(),
            fee_ocur_time: time,
            cnt: Quantity(pieces * 10_000),
            pric: UnitPrice(price * 10_000),
            amount: Fen(pieces * price),
            hosp_appr_flag: "1".to_owned(),
            init_feedetl_sn: None,
            fields: Fields::new(),
        };
        let lines: Vec<LineRequest> = care.lines.iter().enumerate().map(line).collect();
        let (psn_no, visit) = (self.people[person].psn_no.clone(), visit.clone());
        self.deed(move |centre, tx| centre.upload_lines(tx, &operation, &psn_no, &visit, &lines));
    }

    fn settle(&mut self, person: usize, visit: &VisitId, time: DateTime, care: &Care) {
        let operation = self.operation(care.hospital, "2207", time);
        let asked = Settling {
            psn_no: self.people[person].psn_no.clone(),
            mdtrt_id: visit.clone(),
            request: SettleRequest {
                setl_time: time,
                medfee_sumamt: care.lines.iter().map(|(_, pieces, price)| Fen(pieces * price)).sum(),
                acct_used_flag: "1".to_owned(),
                mid_setl_flag: "0".to_owned(),
            },
            particulars: Fields::new(),
        };
        let settled = self.deed(move |centre, tx| centre.settle(tx, &operation, &asked));
        self.settled(person, care, visit, &settled.setl_id.expect("a number").0);
    }

    /// Takes the latest settlement of the town back.
    fn reverse(&mut self, person: usize) {
        let latest = self.things.iter().rfind(|thing| thing.kind == "settlement").expect("one").clone();
        let hospital = HOSPITALS.iter().position(|code| latest.of[0].institution.as_deref() == Some(*code));
        let time = at("2026-03-09 11:00:00");
        let (operation, psn_no) =
            (self.operation(hospital.expect("ours"), "2208", time), self.people[person].psn_no.clone());
        let id = latest.id.as_str().into();
        let back = self.deed(move |centre, tx| centre.reverse(tx, &operation, &psn_no, None, &id, time)).setl_id;
        self.thing("settlement", back.0, latest.of[0].clone());
    }
}

fn diagnosis(inout: &str) -> claim::Diagnosis {
    claim::Diagnosis {
        inout_diag_type: inout.to_owned(),
        diag_srt_no: 1,
        diag_type: "1".to_owned(),
        maindiag_flag: "1".to_owned(),
        diag_code: "I10".to_owned(),
        diag_name: "高血压".to_owned(),
        vali_flag: "1".to_owned(),
        fields: Fields::new(),
    }
}
