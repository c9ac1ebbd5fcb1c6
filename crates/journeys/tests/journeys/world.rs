//! A small centre to try journeys on: the town's law, three items, three institutions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adjudication::facts::{CatalogueRow, Fields, Institution, LineRequest, SettleRequest};
use db::{Database, Tx};
use journeys::{
    Begin, Books, Catalogue, Centre, Clearing, FundRole, Institutions, JourneyError, Limits, Registration, Settled,
    Settling, Shell,
};
use operation::{InputHash, Operation};
use policy::SourceFile;
use terms::{Date, DateTime, Fen, Period, PersonId, Quantity, Ratio, UnitPrice, VisitId, parse_date, parse_time};

pub const HOSPITAL: &str = "H1";
pub const OTHER_HOSPITAL: &str = "H2";
pub const PHARMACY: &str = "P1";

pub struct World {
    pub database: Database,
    pub centre: Centre,
    drawn: AtomicU64,
}

/// Runs a scenario on a fresh embedded database and, if a server is named, on PostgreSQL.
pub fn on_each_database(scenario: fn(&World)) {
    scenario(&World::new(db_sqlite::Sqlite::temporary().expect("a temporary database opens").into_database()));
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        scenario(&World::new(fresh.open()));
    }
}

pub fn day(text: &str) -> Date {
    parse_date(text).expect("a date")
}

pub fn at(text: &str) -> DateTime {
    parse_time(text).expect("a time")
}

impl World {
    pub fn new(database: Database) -> World {
        database.migrate(&journeys::migrations()).expect("the tables are made");
        World { database, centre: centre(), drawn: AtomicU64::new(1) }
    }

    /// A fresh operation of an institution.
    pub fn operation(&self, institution: &str, infno: &str) -> Operation {
        let n = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&n.to_be_bytes());
        Operation {
            institution: institution.into(),
            msgid: format!("M{n:08}").as_str().into(),
            infno: infno.to_owned(),
            input_hash: InputHash(seed),
            message_time: at("2026-03-09 10:00:00"),
            received_at: at("2026-03-09 10:00:01"),
            kept_until: at("2026-06-09 10:00:01"),
            operator: "tester".to_owned(),
            seed,
        }
    }

    /// Runs a journey as a deed.
    pub fn deed<T: Send + 'static>(
        &self,
        journey: impl Fn(&Centre, &mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, JourneyError> {
        let centre = self.centre.clone();
        self.database.deed(move |tx| journey(&centre, tx))
    }

    /// Runs a question on the read pool.
    pub fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&Centre, &mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> T {
        let centre = self.centre.clone();
        self.database.read(move |tx| question(&centre, tx)).expect("the question is answered")
    }

    /// Registers an insured person with a balance and givers.
    pub fn person(&self, psn_no: &str, balance: i64, givers: &[(&str, i64)]) -> PersonId {
        let registration = registration(psn_no, balance, givers);
        let accounts: Vec<(PersonId, Fen)> =
            givers.iter().map(|(giver, balc)| (PersonId::from(*giver), Fen(*balc))).collect();
        self.deed(move |_, tx| {
            journeys::open_persons(tx, std::slice::from_ref(&registration))?;
            journeys::open_accounts(tx, &accounts, registration.at)
        })
        .expect("a person is registered");
        psn_no.into()
    }

    /// Registers and begins an outpatient visit.
    pub fn visit(&self, psn_no: &PersonId, institution: &str, label: &str) -> Result<VisitId, JourneyError> {
        let shell = self.shell(psn_no, institution, label);
        let operation = self.operation(institution, "2203");
        let begin = begin(psn_no, &shell.mdtrt_id);
        self.deed(move |centre, tx| centre.begin_visit(tx, &operation, begin.clone()))?;
        Ok(shell.mdtrt_id)
    }

    pub fn shell(&self, psn_no: &PersonId, institution: &str, label: &str) -> Shell {
        let operation = self.operation(institution, "2201");
        let asked = Registration {
            psn_no: psn_no.clone(),
            insutype: "310".to_owned(),
            begntime: at("2026-03-09 08:30:00"),
            ipt_otp_no: label.to_owned(),
            particulars: Fields::new(),
        };
        self.deed(move |centre, tx| centre.register_outpatient(tx, &operation, asked.clone()))
            .expect("a shell is opened")
    }

    pub fn upload(
        &self,
        psn_no: &PersonId,
        institution: &str,
        visit: &VisitId,
        lines: Vec<LineRequest>,
    ) -> Result<Vec<adjudication::facts::ChargedLine>, JourneyError> {
        let (operation, psn_no, visit) = (self.operation(institution, "2204"), psn_no.clone(), visit.clone());
        self.deed(move |centre, tx| centre.upload_lines(tx, &operation, &psn_no, &visit, &lines))
    }

    pub fn settle(
        &self,
        psn_no: &PersonId,
        institution: &str,
        visit: &VisitId,
        total: i64,
        flag: &str,
    ) -> Result<Settled, JourneyError> {
        let operation = self.operation(institution, "2207");
        let asked = settling(psn_no, visit, total, flag);
        self.deed(move |centre, tx| centre.settle(tx, &operation, &asked))
    }

    /// A whole visit of one 甲 line of `total` 分, settled.
    pub fn settled_visit(&self, psn_no: &PersonId, label: &str, total: i64, flag: &str) -> Settled {
        let visit = self.visit(psn_no, HOSPITAL, label).expect("the visit begins");
        self.upload(psn_no, HOSPITAL, &visit, vec![line("1", "A", total)]).expect("the line is taken");
        self.settle(psn_no, HOSPITAL, &visit, total, flag).expect("the visit is settled")
    }

    pub fn reverse(
        &self,
        psn_no: &PersonId,
        institution: &str,
        setl_id: &terms::SettlementId,
    ) -> Result<journeys::Reversed, JourneyError> {
        let (operation, psn_no, setl_id) = (self.operation(institution, "2208"), psn_no.clone(), setl_id.clone());
        self.deed(move |centre, tx| centre.reverse(tx, &operation, &psn_no, None, &setl_id, at("2026-03-10 09:00:00")))
    }

    pub fn standing(&self, psn_no: &PersonId) -> enrolment::Standing {
        let psn_no = psn_no.clone();
        self.ask(move |_, tx| journeys::person(tx, &psn_no))
    }

    pub fn history(&self, psn_no: &PersonId) -> claim::History {
        let psn_no = psn_no.clone();
        self.ask(move |_, tx| Ok(claim::history(tx, &psn_no)?))
    }

    /// Totals that are not zero.
    pub fn totals(&self, psn_no: &PersonId) -> BTreeMap<String, i64> {
        self.history(psn_no).totals.into_iter().filter(|(_, amount)| *amount != 0).collect()
    }

    pub fn balance(&self, account: ledger::Account) -> Fen {
        self.ask(move |_, tx| Ok(ledger::balance(tx, &account)?))
    }

    /// The books balance, and the personal accounts of register and ledger agree.
    pub fn check_books(&self) {
        self.ask(|_, tx| {
            assert_eq!(ledger::sum_of_all(tx)?, Fen::ZERO, "the sum over all accounts");
            let folded: Fen = ledger::balances(tx, &ledger::Account::Personal("".into()))?
                .into_iter()
                .map(|(_, amount)| amount)
                .sum();
            assert_eq!(folded, enrolment::balances_total(tx)?.0, "personal accounts in both books");
            Ok(())
        });
    }
}

pub fn registration(psn_no: &str, balance: i64, givers: &[(&str, i64)]) -> enrolment::Registration {
    let period = Period::since(day("2020-01-01"));
    enrolment::Registration {
        person: enrolment::Person {
            psn_no: psn_no.into(),
            psn_name: format!("名{psn_no}"),
            psn_cert_type: "01".to_owned(),
            certno: format!("C{psn_no}"),
            gend: "1".to_owned(),
            naty: "01".to_owned(),
            brdy: day("1980-05-06"),
            tel: String::new(),
            fields: Fields::new(),
        },
        coverage: vec![enrolment::Coverage {
            insutype: "310".to_owned(),
            psn_type: "11".to_owned(),
            cvlserv_flag: "0".to_owned(),
            psn_insu_stas: "1".to_owned(),
            period,
            insuplc_admdvs: "999999".into(),
            emp_no: None,
            emp_name: None,
            fields: Fields::new(),
        }],
        identities: vec![],
        filings: vec![],
        givers: givers
            .iter()
            .map(|(giver, _)| enrolment::Giver { giver: (*giver).into(), period, year_lmt: None, balc: Fen::ZERO })
            .collect(),
        balance: Fen(balance),
        at: at("2026-01-01 00:00:00"),
    }
}

pub fn begin(psn_no: &PersonId, visit: &VisitId) -> Begin {
    Begin {
        psn_no: psn_no.clone(),
        mdtrt_id: visit.clone(),
        med_type: "11".to_owned(),
        begntime: at("2026-03-09 09:00:00"),
        fields: Fields::new(),
        particulars: Fields::new(),
        diagnoses: vec![diagnosis("1", 1, "I10")],
    }
}

pub fn diagnosis(inout: &str, number: i64, code: &str) -> claim::Diagnosis {
    claim::Diagnosis {
        inout_diag_type: inout.to_owned(),
        diag_srt_no: number,
        diag_type: "1".to_owned(),
        maindiag_flag: "1".to_owned(),
        diag_code: code.to_owned(),
        diag_name: "诊断".to_owned(),
        vali_flag: "1".to_owned(),
        fields: Fields::new(),
    }
}

/// One piece of `item` for `amount` 分.
pub fn line(number: &str, item: &str, amount: i64) -> LineRequest {
    LineRequest {
        feedetl_sn: number.into(),
        med_list_codg: item.into(),
        fee_ocur_time: at("2026-03-09 09:30:00"),
        cnt: Quantity(10_000),
        pric: UnitPrice(amount * 10_000),
        amount: Fen(amount),
        hosp_appr_flag: "1".to_owned(),
        init_feedetl_sn: None,
        fields: Fields::new(),
    }
}

pub fn settling(psn_no: &PersonId, visit: &VisitId, total: i64, flag: &str) -> Settling {
    Settling {
        psn_no: psn_no.clone(),
        mdtrt_id: visit.clone(),
        request: SettleRequest {
            setl_time: at("2026-03-09 11:00:00"),
            medfee_sumamt: Fen(total),
            acct_used_flag: flag.to_owned(),
            mid_setl_flag: "0".to_owned(),
        },
        particulars: Fields::new(),
    }
}

/// The code of a refusal, of the law or the centre's own.
pub fn code<T: std::fmt::Debug>(outcome: Result<T, JourneyError>) -> String {
    match outcome {
        Err(JourneyError::Refused(refusal)) => refusal.code,
        Err(JourneyError::Own(own)) => own.code().to_owned(),
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

fn centre() -> Centre {
    let file = SourceFile { name: "town.toml".to_owned(), text: include_str!("town.toml").to_owned() };
    let (law, _) = policy::compile(&[file]).unwrap_or_else(|problems| panic!("{problems}"));
    let item = |code: &str, level: &str, ratio: i64| CatalogueRow {
        med_list_codg: code.into(),
        name: code.to_owned(),
        chrgitm_lv: level.to_owned(),
        selfpay: BTreeMap::from([("310".to_owned(), Ratio(ratio))]),
        ceiling: BTreeMap::new(),
        lmt_used_flag: "0".to_owned(),
        qty_lmt: None,
        acct_pay_flag: "1".to_owned(),
        fields: Fields::new(),
        period: Period::since(day("2020-01-01")),
    };
    let institution = |code: &str, kind: &str| Institution {
        fixmedins_code: code.into(),
        name: format!("机构{code}"),
        hi_setl_lv: "2".to_owned(),
        fixmedins_type: kind.to_owned(),
        admdvs: "999999".to_owned(),
        fields: Fields::new(),
        period: Some(Period::since(day("2020-01-01"))),
    };
    let codes = |list: &[&str]| list.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    Centre {
        region: "999999".into(),
        law: Arc::new(law),
        catalogue: Arc::new(Catalogue::new([item("A", "01", 0), item("B", "02", 2000), item("C", "03", 10_000)])),
        institutions: Arc::new(Institutions::new([
            institution(HOSPITAL, "1"),
            institution(OTHER_HOSPITAL, "1"),
            institution(PHARMACY, "2"),
        ])),
        books: Arc::new(Books {
            roles: BTreeMap::from([
                ("310200".to_owned(), FundRole::Account),
                ("310201".to_owned(), FundRole::Account),
                ("999996".to_owned(), FundRole::Hospital),
            ]),
            funds: BTreeMap::from([("310".to_owned(), codes(&["310102", "310200", "330100"]))]),
        }),
        clearing: Arc::new(Clearing {
            clr_type: BTreeMap::from([("21".to_owned(), "21".to_owned())]),
            other_clr_type: "11".to_owned(),
            clr_way: "1".to_owned(),
            clr_optins: "999999".to_owned(),
        }),
        limits: Limits::default(),
        credentials: None,
        supervision: None,
    }
}
