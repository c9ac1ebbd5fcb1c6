//! The world behind the interface for the conformance suite: a fresh embedded centre whose
//! catalogue and institutions are replaced case by case, and the bureau's own deeds.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use adjudication::replay::{Answer, Case, CaseInstitution, CaseItem, Event};
use conform::{World, WorldError};
use db::Tx;
use gateway::{Config, Desk, Gateway, Keys, Server};
use journeys::{Catalogue, Centre, Institutions, JourneyError};
use operation::{InputHash, Operation};
use terms::{DateTime, Fen, PersonId};

use crate::commands::Problem;
use crate::wiring::{Place, interface_of, open_gateway, open_region};

/// A fresh embedded centre on loopback, served while this lives.
pub struct CaseWorld {
    desk: Desk,
    region: Centre,
    address: SocketAddr,
    case: usize,
    psn_no: String,
    serial: u64,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    serving: Option<std::thread::JoinHandle<()>>,
}

impl CaseWorld {
    /// Opens the centre at `place` and serves it on a free loopback port.
    pub fn open(place: &Place) -> Result<CaseWorld, Problem> {
        let region = open_region(&place.region)?;
        let interface = interface_of(&region)?;
        let config = Config {
            sign_in: gateway::SignInRule::Ignored,
            clock_window: None,
            ..Config::for_region(&region.manifest.area)
        };
        let centre = region.into_centre(config.limits.lines);
        let (gateway, desk) = open_gateway(
            centre.clone(),
            place.open_database()?,
            interface,
            config,
            Box::new(Keys::default()),
            place.answer_keys()?,
        )?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (told, address) = std::sync::mpsc::channel();
        let serving = std::thread::spawn(move || serve(gateway, &told, stopped));
        let address = address.recv()??;
        Ok(CaseWorld {
            desk,
            region: centre,
            address,
            case: 0,
            psn_no: String::new(),
            serial: 0,
            stop: Some(stop),
            serving: Some(serving),
        })
    }

    /// A number of its own for whatever a case calls a person.
    fn number(&self, psn_no: &str) -> String {
        format!("{:06}{psn_no}", self.case)
    }

    fn operation(&mut self, at: DateTime) -> Result<Operation, WorldError> {
        self.serial += 1;
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed).map_err(|error| WorldError(error.to_string()))?;
        Ok(Operation {
            institution: "BUREAU".into(),
            msgid: format!("BUREAU{:024}", self.serial).as_str().into(),
            infno: "0000".to_owned(),
            input_hash: InputHash::of("0000", &serde_json::Value::from(self.serial)),
            message_time: at,
            received_at: at,
            kept_until: at,
            operator: "conform".to_owned(),
            seed,
        })
    }

    fn deed<T: Send + 'static>(
        &self,
        deed: impl Fn(&Centre, &mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, JourneyError> {
        let centre = self.desk.centre();
        self.desk.database().deed(move |tx| deed(&centre, tx))
    }

    fn register(&self, case: &Case) -> Result<(), JourneyError> {
        let registration = self.registration(case);
        let accounts: Vec<(PersonId, Fen)> =
            case.person.mulaid.iter().map(|giver| (PersonId(self.number(giver.giver.as_str())), giver.balc)).collect();
        self.deed(move |_, tx| {
            journeys::open_persons(tx, std::slice::from_ref(&registration))?;
            journeys::open_accounts(tx, &accounts, registration.at)
        })
    }

    fn registration(&self, case: &Case) -> enrolment::Registration {
        let person = &case.person.person;
        let psn_no = self.psn_no.clone();
        let coverage = |row: &adjudication::facts::Coverage| enrolment::Coverage {
            insutype: row.insutype.clone(),
            psn_type: row.psn_type.clone(),
            cvlserv_flag: row.cvlserv_flag.clone(),
            psn_insu_stas: row.psn_insu_stas.clone(),
            period: row.period,
            insuplc_admdvs: self.region.region.clone(),
            emp_no: None,
            emp_name: None,
            fields: row.fields.clone(),
        };
        let identity = |row: &adjudication::facts::Identity| enrolment::Identity {
            psn_idet_type: row.psn_idet_type.clone(),
            psn_type_lv: String::new(),
            memo: String::new(),
            period: row.period,
        };
        let giver = |row: &adjudication::facts::Giver| enrolment::Giver {
            giver: PersonId(self.number(row.giver.as_str())),
            period: row.period,
            year_lmt: row.year_lmt,
            balc: Fen::ZERO,
        };
        enrolment::Registration {
            person: enrolment::Person {
                psn_no: PersonId(psn_no.clone()),
                psn_name: psn_no.clone(),
                psn_cert_type: "01".to_owned(),
                certno: psn_no,
                gend: person.gend.clone(),
                naty: "01".to_owned(),
                brdy: person.brdy,
                tel: String::new(),
                fields: person.fields.clone(),
            },
            coverage: person.insu.iter().map(coverage).collect(),
            identities: person.idents.iter().map(identity).collect(),
            filings: Vec::new(),
            givers: case.person.mulaid.iter().map(giver).collect(),
            balance: case.person.acct_balc,
            at: DateTime::constant(2026, 1, 1, 0, 0, 0, 0),
        }
    }
}

impl World for CaseWorld {
    fn open(&mut self, case: &Case) -> Result<String, WorldError> {
        self.case += 1;
        self.psn_no = self.number(case.person.person.psn_no.as_str());
        let rows = case.catalogue.iter().map(CaseItem::row).collect::<Result<Vec<_>, _>>();
        let rows = rows.map_err(|error| WorldError(error.to_string()))?;
        let institutions = case.institutions.iter().map(CaseInstitution::facts);
        let centre = self.region.with(Arc::new(Catalogue::new(rows)), Arc::new(Institutions::new(institutions)));
        self.desk.replace(centre, self.desk.database());
        self.register(case).map_err(|error| WorldError(error.to_string()))?;
        Ok(format!("http://{}/fsi/api/rsfComIfsService/callService", self.address))
    }

    fn area(&self) -> String {
        self.region.region.to_string()
    }

    fn person(&self, psn_no: &str) -> String {
        self.number(psn_no)
    }

    fn direct(&mut self, event: &Event, at: DateTime) -> Result<Answer, WorldError> {
        let operation = self.operation(at)?;
        let psn_no = PersonId(self.psn_no.clone());
        let done = match event {
            Event::AcctCredit { amt, .. } => {
                let amt = *amt;
                self.deed(move |centre, tx| centre.credit_account(tx, &operation, &psn_no, amt, at))
            }
            Event::MulaidCredit { giver, amt, .. } => {
                let (giver, amt) = (PersonId(self.number(giver.as_str())), *amt);
                self.deed(move |centre, tx| centre.credit_account(tx, &operation, &giver, amt, at))
            }
            Event::Filing { filing } => {
                let filing = enrolment::Filing {
                    filing_id: filing.filing_id.clone(),
                    kind: filing.kind.clone(),
                    period: filing.period,
                    dise_codg: filing.dise_codg.as_deref().map(Into::into),
                    admdvs: filing.admdvs.as_deref().map(Into::into),
                    cancelled: false,
                    fields: BTreeMap::new(),
                };
                self.deed(move |centre, tx| centre.file(tx, &operation, &psn_no, &filing, at).map(drop))
            }
            Event::FilingCancel { filing_id, .. } => {
                let id = filing_id.clone();
                self.deed(move |centre, tx| centre.cancel_filing(tx, &operation, &psn_no, &id, at))
            }
            other => return Err(WorldError(format!("{other:?} has a transaction and is not the bureau's own deed"))),
        };
        match done {
            Ok(()) => Ok(Answer::accepted()),
            Err(JourneyError::Refused(refusal)) => Ok(Answer::refused(refusal.code, refusal.feedetl_sn)),
            Err(other) => Err(WorldError(other.to_string())),
        }
    }
}

impl Drop for CaseWorld {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            let _ = serving.join();
        }
    }
}

/// Serves a gateway on a free loopback port and tells its address, until told to stop.
fn serve(
    gateway: Arc<Gateway>,
    told: &std::sync::mpsc::Sender<std::io::Result<SocketAddr>>,
    stopped: tokio::sync::oneshot::Receiver<()>,
) {
    let served =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().and_then(|runtime| {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
                let _ = told.send(listener.local_addr());
                gateway::serve(listener, gateway, Server::default(), async {
                    let _ = stopped.await;
                })
                .await
            })
        });
    if let Err(error) = served {
        let _ = told.send(Err(error));
    }
}
