//! The region's own centre with a few people who settle visits through the journeys.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adjudication::facts::{ChargedLine, Fields, LineRequest, SettleRequest};
use console_api::{Daybook, Named, Page};
use db::{Database, Tx};
use evidence::{HighWater, Sequencer, Signer, Sm2Key};
use journeys::{Admission, Begin, Centre, Discharge, JourneyError, Registration, Settled, Settling};
use operation::{InputHash, Operation};
use terms::{DateTime, Fen, Period, PersonId, Quantity, SettlementId, UnitPrice, VisitId, parse_date, parse_time};

pub const HOSPITAL: &str = "H99990000001";
const ORIGIN: &str = "heng/999900";

pub struct Town {
    pub database: Database,
    pub centre: Centre,
    pub key: Sm2Key,
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

impl Town {
    pub fn open(folder: &Path, database: Database) -> Town {
        database.migrate(&journeys::migrations()).expect("the tables are made");
        let region = region::Region::open(folder).unwrap_or_else(|error| panic!("{error}"));
        let manifest = &region.manifest;
        Town {
            database,
            key: Sm2Key::generate(ORIGIN).expect("a key"),
            region: named(&manifest.name, &manifest.english),
            funds: manifest.fund.iter().map(|row| (row.code.clone(), named(&row.name, &row.english))).collect(),
            schemes: manifest.scheme.iter().map(|row| (row.code.clone(), named(&row.name, &row.english))).collect(),
            centre: region.into_centre(100),
            marks: tempfile::tempdir().expect("a folder"),
            drawn: AtomicU64::new(1),
        }
    }

    pub fn page(&self) -> Page {
        Page {
            database: self.database.clone(),
            centre: self.centre.clone(),
            region: self.region.clone(),
            funds: self.funds.clone(),
            schemes: self.schemes.clone(),
            trusted: self.key.public().clone(),
            progress: Arc::new(|| None),
            daybook: Daybook::new(),
        }
    }

    /// Numbers and signs what waits in the evidence log.
    pub fn seal(&self) {
        let sequencer = Sequencer::new(ORIGIN, "town", HighWater::at(self.marks.path().join("mark")));
        let now = "2026-03-10T04:00:00Z".parse().expect("a moment");
        sequencer.run_once(&self.database, &self.key, now).expect("a round");
    }

    pub fn deed<T: Send + 'static>(
        &self,
        journey: impl Fn(&Centre, &mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> T {
        let centre = self.centre.clone();
        self.database.deed(move |tx| journey(&centre, tx)).unwrap_or_else(|error| panic!("{error}"))
    }

    fn operation(&self, infno: &str, at: DateTime) -> Operation {
        let n = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&n.to_be_bytes());
        Operation {
            institution: HOSPITAL.into(),
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

    /// Registers an insured employee.
    pub fn person(&self, psn_no: &str, name: &str, psn_type: &str, balance: i64) -> PersonId {
        let period = Period::since(parse_date("2020-01-01").expect("a date"));
        let registration = enrolment::Registration {
            person: enrolment::Person {
                psn_no: psn_no.into(),
                psn_name: name.to_owned(),
                psn_cert_type: "01".to_owned(),
                certno: format!("99990019800506{}", &psn_no[psn_no.len() - 4..]),
                gend: "1".to_owned(),
                naty: "01".to_owned(),
                brdy: parse_date("1980-05-06").expect("a date"),
                tel: String::new(),
                fields: Fields::new(),
            },
            coverage: vec![enrolment::Coverage {
                insutype: "310".to_owned(),
                psn_type: psn_type.to_owned(),
                cvlserv_flag: "0".to_owned(),
                psn_insu_stas: "1".to_owned(),
                period,
                insuplc_admdvs: "999900".into(),
                emp_no: None,
                emp_name: None,
                fields: Fields::new(),
            }],
            identities: vec![],
            filings: vec![],
            givers: vec![],
            balance: Fen(balance),
            at: at("2026-01-01 00:00:00"),
        };
        self.deed(move |_, tx| journeys::open_persons(tx, std::slice::from_ref(&registration)));
        psn_no.into()
    }

    /// An outpatient visit of `lines` (code, pieces, price in 分), settled with the account.
    pub fn outpatient(&self, psn_no: &PersonId, time: DateTime, lines: &[(&str, i64, i64)]) -> Settled {
        let operation = self.operation("2201", time);
        let asked = Registration {
            psn_no: psn_no.clone(),
            insutype: "310".to_owned(),
            begntime: time,
            ipt_otp_no: format!("O{}", operation.msgid),
            particulars: Fields::new(),
        };
        let shell = self.deed(move |centre, tx| centre.register_outpatient(tx, &operation, asked.clone()));
        let operation = self.operation("2203", time);
        let begin = Begin {
            psn_no: psn_no.clone(),
            mdtrt_id: shell.mdtrt_id.clone(),
            med_type: "11".to_owned(),
            begntime: time,
            fields: Fields::new(),
            particulars: Fields::new(),
            diagnoses: vec![diagnosis("1")],
        };
        self.deed(move |centre, tx| centre.begin_visit(tx, &operation, begin.clone()));
        self.upload(psn_no, &shell.mdtrt_id, time, lines);
        self.settle(psn_no, &shell.mdtrt_id, time, lines)
    }

    /// A stay that is discharged on the day of its settlement.
    pub fn stay(&self, psn_no: &PersonId, from: DateTime, to: DateTime, lines: &[(&str, i64, i64)]) -> Settled {
        let operation = self.operation("2401", from);
        let asked = Admission {
            psn_no: psn_no.clone(),
            insutype: "310".to_owned(),
            begntime: from,
            med_type: "21".to_owned(),
            ipt_no: format!("I{}", operation.msgid),
            fields: Fields::new(),
            particulars: Fields::new(),
            diagnoses: vec![diagnosis("1")],
        };
        let admitted = self.deed(move |centre, tx| centre.admit(tx, &operation, asked.clone()));
        let visit = admitted.visit.mdtrt_id;
        self.upload(psn_no, &visit, from, lines);
        let operation = self.operation("2402", to);
        let discharge = Discharge {
            psn_no: psn_no.clone(),
            mdtrt_id: visit.clone(),
            endtime: to,
            fields: Fields::new(),
            particulars: Fields::new(),
            diagnoses: vec![diagnosis("2")],
        };
        self.deed(move |centre, tx| centre.discharge(tx, &operation, discharge.clone()));
        self.settle(psn_no, &visit, to, lines)
    }

    fn upload(
        &self,
        psn_no: &PersonId,
        visit: &VisitId,
        time: DateTime,
        lines: &[(&str, i64, i64)],
    ) -> Vec<ChargedLine> {
        let operation = self.operation("2204", time);
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
        let lines: Vec<LineRequest> = lines.iter().enumerate().map(line).collect();
        let (psn_no, visit) = (psn_no.clone(), visit.clone());
        self.deed(move |centre, tx| centre.upload_lines(tx, &operation, &psn_no, &visit, &lines))
    }

    fn settle(&self, psn_no: &PersonId, visit: &VisitId, time: DateTime, lines: &[(&str, i64, i64)]) -> Settled {
        let operation = self.operation("2207", time);
        let asked = Settling {
            psn_no: psn_no.clone(),
            mdtrt_id: visit.clone(),
            request: SettleRequest {
                setl_time: time,
                medfee_sumamt: lines.iter().map(|(_, pieces, price)| Fen(pieces * price)).sum(),
                acct_used_flag: "1".to_owned(),
                mid_setl_flag: "0".to_owned(),
            },
            particulars: Fields::new(),
        };
        self.deed(move |centre, tx| centre.settle(tx, &operation, &asked))
    }

    pub fn reverse(&self, psn_no: &PersonId, setl_id: &SettlementId, time: DateTime) -> SettlementId {
        let (operation, psn_no, setl_id) = (self.operation("2208", time), psn_no.clone(), setl_id.clone());
        self.deed(move |centre, tx| centre.reverse(tx, &operation, &psn_no, None, &setl_id, time)).setl_id
    }

    /// Two people, a clinic visit, a long stay and a reversal, sealed but for the last visit.
    #[allow(dead_code, reason = "the example fills a town; the tests settle one by one")]
    pub fn fill(&self) {
        let zhang = self.person("99990000000000010001", "张晓云", "11", 86_420);
        let ou = self.person("99990000000000010002", "欧阳远山", "12", 12_000);
        self.outpatient(
            &zhang,
            at("2026-03-08 09:12:00"),
            &[("HZR001", 1, 2_500), ("HZD001", 2, 1_250), ("HZD002", 3, 4_580)],
        );
        let back = self.outpatient(&zhang, at("2026-03-08 10:40:00"), &[("HZR001", 1, 2_500), ("HZS001", 2, 10_000)]);
        self.reverse(&zhang, &back.setl_id.expect("a number"), at("2026-03-08 11:00:00"));
        self.stay(
            &ou,
            at("2026-02-26 08:30:00"),
            at("2026-03-09 10:05:00"),
            &[
                ("HZC001", 2, 280_000),
                ("HZD002", 12, 4_580),
                ("HZS001", 24, 12_000),
                ("HZC002", 1, 29_900),
                ("HZD001", 6, 1_380),
            ],
        );
        self.outpatient(
            &zhang,
            at("2026-03-09 14:20:00"),
            &[("HZR001", 1, 2_500), ("HZS001", 4, 10_000), ("HZD002", 2, 4_580)],
        );
        self.seal();
        self.outpatient(&zhang, at("2026-03-09 15:31:00"), &[("HZR001", 1, 2_500), ("HZD001", 1, 1_250)]);
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
