//! The documented cases of 衡州, replayed through the journeys on both databases: what the
//! law decides over its own memory it must decide over the registers' too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use adjudication::facts::{
    CatalogueRow, ChargedLine, Fields, FundPayment, Heads, Institution, LineRequest, QuantityLimit, SettleRequest,
};
use db::Tx;
use journeys::{Admission, Begin, Catalogue, Centre, Discharge, Institutions, JourneyError, Registration, Settling};
use operation::Operation;
use serde_json::{Map, Value, json};
use terms::{Fen, Period, PersonId, Ratio, SettlementId, UnitPrice, VisitId, parse_date};

use crate::world::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The cases, or `None` when they are not here and nobody requires them.
fn cases(file: &str) -> Option<Vec<Value>> {
    let path = root().join("../shared/reference").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        assert!(std::env::var("HENG_REFERENCE").as_deref() != Ok("required"), "{} is missing", path.display());
        println!("not run: reference absent");
        return None;
    };
    Some(text.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect())
}

fn law() -> policy::Law {
    let folder = root().join("regions/999900/policy");
    let mut names: Vec<_> =
        std::fs::read_dir(folder).expect("the policy").map(|entry| entry.expect("a file").path()).collect();
    names.sort();
    let read = |path: &PathBuf| policy::SourceFile {
        name: path.file_name().expect("a name").to_string_lossy().into_owned(),
        text: std::fs::read_to_string(path).expect("a text"),
    };
    let files: Vec<_> = names.iter().map(read).collect();
    policy::compile(&files).unwrap_or_else(|problems| panic!("{problems}")).0
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn period(value: &Value) -> Period {
    Period { begin: day(text(value, "begndate")), end: value["enddate"].as_str().and_then(parse_date) }
}

/// Text fields of an object besides those the journeys name.
fn fields(value: &Value, leave_out: &[&str]) -> Fields {
    let object: &Map<String, Value> = value.as_object().expect("an object");
    let kept = object.iter().filter(|(key, _)| !leave_out.contains(&key.as_str()));
    kept.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn item(row: &Value) -> CatalogueRow {
    let ratio = |key: &str| Ratio(row[key].as_i64().expect("a ratio"));
    let ceilings = row["pric_uplmt"].as_object().expect("ceilings");
    let ceiling = |(level, value): (&String, &Value)| {
        let text = value.as_str()?;
        Some((level.clone(), (text.to_owned(), text.parse::<UnitPrice>().expect("a price"))))
    };
    CatalogueRow {
        med_list_codg: text(row, "med_list_codg").into(),
        name: text(row, "name").to_owned(),
        chrgitm_lv: text(row, "chrgitm_lv").to_owned(),
        selfpay: BTreeMap::from([
            ("310".to_owned(), ratio("selfpay_prop_310")),
            ("390".to_owned(), ratio("selfpay_prop_390")),
        ]),
        ceiling: ceilings.iter().filter_map(ceiling).collect(),
        lmt_used_flag: text(row, "lmt_used_flag").to_owned(),
        qty_lmt: row["qty_lmt"].as_object().map(|_| QuantityLimit {
            per: text(&row["qty_lmt"], "per").to_owned(),
            cnt: text(&row["qty_lmt"], "cnt").parse().expect("a quantity"),
        }),
        acct_pay_flag: text(row, "acct_pay_flag").to_owned(),
        fields: Fields::new(),
        period: period(row),
    }
}

fn institution(row: &Value) -> Institution {
    Institution {
        fixmedins_code: text(row, "fixmedins_code").into(),
        name: text(row, "name").to_owned(),
        hi_setl_lv: text(row, "hi_setl_lv").to_owned(),
        fixmedins_type: text(row, "fixmedins_type").to_owned(),
        admdvs: text(row, "admdvs").to_owned(),
        fields: fields(
            row,
            &["fixmedins_code", "name", "hi_setl_lv", "fixmedins_type", "admdvs", "begndate", "enddate"],
        ),
        period: Some(period(row)),
    }
}

/// A case under way.
struct Replay<'a> {
    world: &'a World,
    centre: Centre,
    prefix: String,
    psn: PersonId,
    /// Labels of visits to what the centre issued, and where.
    visits: BTreeMap<String, (VisitId, String)>,
    /// Labels of settlements to what the centre issued, and where.
    settlements: BTreeMap<String, (SettlementId, String)>,
}

impl Replay<'_> {
    fn deed<T: Send + 'static>(
        &self,
        journey: impl Fn(&Centre, &mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, JourneyError> {
        let centre = self.centre.clone();
        self.world.database.deed(move |tx| journey(&centre, tx))
    }

    fn operation(&self, institution: &str) -> Operation {
        self.world.operation(institution, "0000")
    }

    fn giver(&self, label: &str) -> String {
        format!("{}{label}", self.prefix)
    }

    fn set_up(&self, person: &Value) {
        let mut registration = registration(self.psn.as_str(), person["acct_balc"].as_i64().unwrap_or(0), &[]);
        registration.person.brdy = day(text(person, "brdy"));
        registration.person.gend = text(person, "gend").to_owned();
        let list = |key: &str| person[key].as_array().cloned().unwrap_or_default();
        let coverage = |row: &Value| enrolment::Coverage {
            insutype: text(row, "insutype").to_owned(),
            psn_type: text(row, "psn_type").to_owned(),
            cvlserv_flag: text(row, "cvlserv_flag").to_owned(),
            psn_insu_stas: text(row, "psn_insu_stas").to_owned(),
            period: period(row),
            ..registration.coverage[0].clone()
        };
        let insured = list("insu").iter().map(coverage).collect();
        registration.coverage = insured;
        registration.identities = list("idents")
            .iter()
            .map(|row| enrolment::Identity {
                psn_idet_type: text(row, "psn_idet_type").to_owned(),
                psn_type_lv: String::new(),
                memo: String::new(),
                period: period(row),
            })
            .collect();
        registration.givers = list("mulaid")
            .iter()
            .map(|row| enrolment::Giver {
                giver: self.giver(text(row, "giver")).as_str().into(),
                period: period(row),
                year_lmt: row["year_lmt"].as_i64().map(Fen),
                balc: Fen::ZERO,
            })
            .collect();
        let accounts: Vec<(PersonId, Fen)> = list("mulaid")
            .iter()
            .map(|row| (self.giver(text(row, "giver")).as_str().into(), Fen(row["balc"].as_i64().expect("a balance"))))
            .collect();
        self.deed(move |_, tx| {
            journeys::open_persons(tx, std::slice::from_ref(&registration))?;
            journeys::open_accounts(tx, &accounts, registration.at)
        })
        .expect("the person is set up");
    }

    fn event(&mut self, event: &Value) -> Result<Value, JourneyError> {
        let amount = Fen(event["amt"].as_i64().unwrap_or(0));
        match text(event, "type") {
            "acct_credit" => self.credit(self.psn.clone(), amount, text(event, "date")),
            "mulaid_credit" => {
                self.credit(self.giver(text(event, "giver")).as_str().into(), amount, text(event, "date"))
            }
            "filing" => self.file(&event["filing"]),
            "filing_cancel" => {
                let (operation, psn, id) =
                    (self.operation("BUREAU"), self.psn.clone(), text(event, "filing_id").into());
                self.deed(move |centre, tx| centre.cancel_filing(tx, &operation, &psn, &id, at("2026-01-01")))?;
                Ok(json!({ "ok": true }))
            }
            "visit" => self.visit(&event["visit"]),
            "fees" => self.fees(event),
            "fees_cancel" => self.cancel(event),
            "discharge" => self.discharge(event),
            "presettle" | "settle" => self.settle(event),
            "reverse" => self.reverse(event),
            other => panic!("unknown event {other}"),
        }
    }

    fn credit(&self, psn: PersonId, amount: Fen, date: &str) -> Result<Value, JourneyError> {
        let (operation, when) = (self.operation("BUREAU"), at(date));
        self.deed(move |centre, tx| centre.credit_account(tx, &operation, &psn, amount, when))?;
        Ok(json!({ "ok": true }))
    }

    fn file(&self, filing: &Value) -> Result<Value, JourneyError> {
        let filing = enrolment::Filing {
            filing_id: text(filing, "filing_id").into(),
            kind: text(filing, "kind").to_owned(),
            period: period(filing),
            dise_codg: filing["dise_codg"].as_str().map(Into::into),
            admdvs: filing["admdvs"].as_str().map(Into::into),
            cancelled: false,
            fields: Fields::new(),
        };
        let (operation, psn) = (self.operation("BUREAU"), self.psn.clone());
        self.deed(move |centre, tx| centre.file(tx, &operation, &psn, &filing, at("2026-01-01")))?;
        Ok(json!({ "ok": true }))
    }

    fn visit(&mut self, visit: &Value) -> Result<Value, JourneyError> {
        let (institution, label) = (text(visit, "fixmedins_code").to_owned(), text(visit, "mdtrt_id").to_owned());
        let law = fields(visit, &["mdtrt_id", "fixmedins_code", "med_type", "insutype", "begntime"]);
        let (psn_no, insutype, begntime) =
            (self.psn.clone(), text(visit, "insutype").to_owned(), at(text(visit, "begntime")));
        let med_type = text(visit, "med_type").to_owned();
        let operation = self.operation(&institution);
        let mdtrt_id = if ["21", "22", "23", "24", "28", "52"].contains(&med_type.as_str()) {
            let asked = Admission {
                psn_no,
                insutype,
                begntime,
                med_type,
                ipt_no: label.clone(),
                fields: law,
                particulars: Fields::new(),
                diagnoses: vec![],
            };
            self.deed(move |centre, tx| centre.admit(tx, &operation, asked.clone()))?.visit.mdtrt_id
        } else {
            let asked = Registration {
                psn_no: psn_no.clone(),
                insutype,
                begntime,
                ipt_otp_no: label.clone(),
                particulars: Fields::new(),
            };
            let shell = self.deed(move |centre, tx| centre.register_outpatient(tx, &operation, asked.clone()))?;
            let asked = Begin {
                psn_no,
                mdtrt_id: shell.mdtrt_id,
                med_type,
                begntime,
                fields: law,
                particulars: Fields::new(),
                diagnoses: vec![],
            };
            let operation = self.operation(&institution);
            self.deed(move |centre, tx| centre.begin_visit(tx, &operation, asked.clone()))?.visit.mdtrt_id
        };
        self.visits.insert(label, (mdtrt_id, institution));
        Ok(json!({ "ok": true }))
    }

    fn on(&self, event: &Value) -> (Operation, PersonId, VisitId) {
        let label = text(event, "mdtrt_id");
        let (id, institution) = self.visits.get(label).cloned().unwrap_or((label.into(), "H0".to_owned()));
        (self.operation(&institution), self.psn.clone(), id)
    }

    fn fees(&self, event: &Value) -> Result<Value, JourneyError> {
        let line = |row: &Value| LineRequest {
            feedetl_sn: text(row, "feedetl_sn").into(),
            med_list_codg: text(row, "med_list_codg").into(),
            fee_ocur_time: at(text(row, "fee_ocur_time")),
            cnt: text(row, "cnt").parse().expect("a quantity"),
            pric: text(row, "pric").parse().expect("a price"),
            amount: Fen(row["det_item_fee_sumamt"].as_i64().expect("an amount")),
            hosp_appr_flag: text(row, "hosp_appr_flag").to_owned(),
            init_feedetl_sn: row["init_feedetl_sn"].as_str().map(Into::into),
            fields: Fields::from([
                ("cnt".to_owned(), text(row, "cnt").to_owned()),
                ("pric".to_owned(), text(row, "pric").to_owned()),
            ]),
        };
        let lines: Vec<_> = event["lines"].as_array().expect("lines").iter().map(line).collect();
        let (operation, psn, visit) = self.on(event);
        let charged = self.deed(move |centre, tx| centre.upload_lines(tx, &operation, &psn, &visit, &lines))?;
        Ok(json!({ "ok": true, "lines": charged.iter().map(show_line).collect::<Vec<_>>() }))
    }

    fn cancel(&self, event: &Value) -> Result<Value, JourneyError> {
        let numbers: Vec<terms::LineNo> = event["feedetl_sn"]
            .as_array()
            .expect("numbers")
            .iter()
            .map(|row| row.as_str().expect("a number").into())
            .collect();
        let (operation, psn, visit) = self.on(event);
        let left = self.deed(move |centre, tx| centre.cancel_lines(tx, &operation, &psn, &visit, &numbers))?;
        Ok(json!({ "ok": true, "lines": left.iter().map(show_line).collect::<Vec<_>>() }))
    }

    fn discharge(&self, event: &Value) -> Result<Value, JourneyError> {
        let (operation, psn_no, mdtrt_id) = self.on(event);
        let asked = Discharge {
            psn_no,
            mdtrt_id,
            endtime: at(text(event, "endtime")),
            fields: fields(event, &["type", "mdtrt_id", "endtime"]),
            particulars: Fields::new(),
            diagnoses: vec![],
        };
        self.deed(move |centre, tx| centre.discharge(tx, &operation, asked.clone()))?;
        Ok(json!({ "ok": true }))
    }

    fn settle(&mut self, event: &Value) -> Result<Value, JourneyError> {
        let (operation, psn_no, mdtrt_id) = self.on(event);
        let request = SettleRequest {
            setl_time: at(text(event, "setl_time")),
            medfee_sumamt: Fen(event["medfee_sumamt"].as_i64().expect("an amount")),
            acct_used_flag: text(event, "acct_used_flag").to_owned(),
            mid_setl_flag: text(event, "mid_setl_flag").to_owned(),
        };
        let asked = Settling { psn_no, mdtrt_id, request, particulars: Fields::new() };
        let institution = operation.institution.0.clone();
        let settled = if text(event, "type") == "settle" {
            self.deed(move |centre, tx| centre.settle(tx, &operation, &asked))?
        } else {
            self.deed(move |centre, tx| centre.trial(tx, &operation.institution, &asked))?
        };
        if let Some(setl_id) = settled.setl_id {
            self.settlements.insert(text(event, "setl_id").to_owned(), (setl_id, institution));
        }
        Ok(show_settlement(&settled.settlement.heads, &settled.settlement.detail))
    }

    fn reverse(&self, event: &Value) -> Result<Value, JourneyError> {
        let label = text(event, "setl_id");
        let (setl_id, institution) = self.settlements.get(label).cloned().unwrap_or((label.into(), "H0".to_owned()));
        let (operation, psn, time) = (self.operation(&institution), self.psn.clone(), at(text(event, "time")));
        let reversed = self.deed(move |centre, tx| centre.reverse(tx, &operation, &psn, None, &setl_id, time))?;
        Ok(show_settlement(&reversed.reversal.heads, &reversed.reversal.detail))
    }
}

fn show_line(line: &ChargedLine) -> Value {
    let split = &line.split;
    json!({
        "feedetl_sn": line.line.feedetl_sn,
        "det_item_fee_sumamt": line.line.amount,
        "cnt": line.line.fields["cnt"],
        "pric": line.line.fields["pric"],
        "pric_uplmt_amt": split.pric_uplmt_amt,
        "selfpay_prop": split.selfpay_prop,
        "fulamt_ownpay_amt": split.fulamt_ownpay_amt,
        "overlmt_amt": split.overlmt_amt,
        "preselfpay_amt": split.preselfpay_amt,
        "inscp_scp_amt": split.inscp_scp_amt,
        "chrgitm_lv": split.chrgitm_lv,
    })
}

fn show_settlement(heads: &Heads, detail: &[FundPayment]) -> Value {
    json!({ "ok": true, "setl": heads, "detail": detail })
}

fn show_refusal(error: JourneyError) -> Value {
    let JourneyError::Refused(refusal) = error else { panic!("{error}") };
    match refusal.feedetl_sn {
        Some(number) => json!({ "ok": false, "refuse": refusal.code, "feedetl_sn": number }),
        None => json!({ "ok": false, "refuse": refusal.code }),
    }
}

/// Replays one case; the first event that differs, if any.
fn replay(world: &World, law: &Arc<policy::Law>, case: &Value) -> Option<String> {
    let list = |key: &str| case[key].as_array().cloned().unwrap_or_default();
    let catalogue = Arc::new(Catalogue::new(list("catalogue").iter().map(item)));
    let institutions = Arc::new(Institutions::new(list("institutions").iter().map(institution)));
    let prefix = format!("{}/", text(case, "id"));
    let mut replay = Replay {
        world,
        centre: Centre { law: Arc::clone(law), ..world.centre.with(catalogue, institutions) },
        psn: format!("{prefix}{}", text(&case["person"], "psn_no")).as_str().into(),
        prefix,
        visits: BTreeMap::new(),
        settlements: BTreeMap::new(),
    };
    replay.set_up(&case["person"]);
    for (n, (event, expected)) in list("events").iter().zip(list("expect")).enumerate() {
        let mut expected = expected;
        expected.as_object_mut().expect("an object").remove("acc");
        let answer = replay.event(event).unwrap_or_else(show_refusal);
        if answer != expected {
            return Some(format!("{} event {n} {event}\n  answered {answer}\n  expected {expected}", text(case, "id")));
        }
    }
    None
}

#[test]
fn the_documented_cases_are_answered_to_the_fen_through_the_registers() {
    on_each_database(|world| {
        let Some(cases) = cases("hengzhou-cases.jsonl") else { return };
        let law = Arc::new(law());
        let differing: Vec<String> = cases.iter().filter_map(|case| replay(world, &law, case)).collect();
        assert!(differing.is_empty(), "{} of {} differ; the first: {}", differing.len(), cases.len(), differing[0]);
        world.check_books();
    });
}
