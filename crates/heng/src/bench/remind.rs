//! How long a reminder takes: 3102 through real HTTP with every rule of the region, messages of 30
//! to 60 orders, and persons with a year of settled visits in the register.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use terms::{DateTime, LineNo, PersonId, SettlementId, VisitId, parse_time};

use super::load::{Client, Load, Town, person, scattered};
use crate::commands::Problem;
use crate::wiring::open_region;

/// Reminders over HTTP: how long they take, and how much was not checked in time.
#[derive(Args)]
pub struct Remind {
    #[command(flatten)]
    load: Load,
    /// Settled visits that each person has behind them, of ten lines each.
    #[arg(long, default_value_t = 12)]
    past: usize,
}

const NOW: &str = "2026-03-09 15:40:00";

impl Remind {
    pub fn run(self) -> Result<ExitCode, Problem> {
        let region = open_region(&self.load.region)?;
        let shelf = Shelf {
            items: region
                .catalogue
                .items
                .iter()
                .map(|item| (item.code.0.clone(), item.list_type.clone(), item.charge_type.clone()))
                .collect(),
            diagnoses: region
                .catalogue
                .terms
                .iter()
                .filter(|term| term.kind == catalogue::TermKind::Diagnosis)
                .map(|term| term.code.clone())
                .collect(),
        };
        let town = self.load.open_with(true)?;
        give_past(&town, &shelf, self.load.persons, self.past)?;
        let (late, told, incomplete, orders) =
            (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let ask = |client: &Client, n: usize| -> Result<(), Problem> {
            let (message, count) = shelf.message(n);
            let answer = client.say("3102", NOW, &message)?;
            let times = |word: &str| answer.matches(word).count() as u64;
            orders.fetch_add(count, Ordering::Relaxed);
            told.fetch_add(times("\"jr_id\":"), Ordering::Relaxed);
            late.fetch_add(u64::from(answer.contains("超过时限")), Ordering::Relaxed);
            incomplete.fetch_add(u64::from(times("\"reason\":") > 0), Ordering::Relaxed);
            Ok(())
        };
        let (took, elapsed) = self.load.time(&town, ask)?;
        town.desk().written_down().map_err(|declined| format!("{declined:?}"))?;
        let day = (time("2026-03-09 00:00:00")?, time("2026-03-09 23:59:59")?);
        let sums = town.desk().database().read(move |tx| monitoring::check_sums(tx, None, day))?;
        let at = |thousandths: usize| took.get(took.len() * thousandths / 1000).copied().unwrap_or_default();
        let ms = |micros: u64| format!("{}.{:02}", micros / 1000, micros % 1000 / 10);
        let done = took.len() as u64;
        let each = |sum: u64| format!("{}.{:02}", sum / done.max(1), sum * 100 / done.max(1) % 100);
        let rate = u128::from(done) * 1_000_000 / elapsed.as_micros().max(1);
        println!(
            "rate_per_s={rate} p50_ms={} p95_ms={} p99_ms={} max_ms={} done={done} orders_each={} past_visits={} \
             reminders_each={} out_of_time={} incomplete={} analysis_avg_ms={} analysis_max_ms={} written={} database={}",
            ms(at(500)),
            ms(at(950)),
            ms(at(990)),
            ms(took.last().copied().unwrap_or_default()),
            each(orders.into_inner()),
            self.past,
            each(told.into_inner()),
            late.into_inner(),
            incomplete.into_inner(),
            ms(u64::try_from(sums.micros / sums.checks.max(1))?),
            ms(u64::try_from(sums.slowest)?),
            sums.checks,
            town.desk().database().name(),
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn time(text: &str) -> Result<DateTime, Problem> {
    parse_time(text).ok_or_else(|| format!("“{text}” is not a time").into())
}

/// What the region's catalogue has, to order from: code, 目录类别, 收费项目类别.
#[derive(Clone)]
struct Shelf {
    items: Vec<(String, String, String)>,
    diagnoses: Vec<String>,
}

impl Shelf {
    fn item(&self, drawn: u64) -> &(String, String, String) {
        &self.items[usize::try_from(drawn % self.items.len() as u64).expect("a place on the shelf")]
    }

    fn diagnosis(&self, drawn: u64) -> &str {
        &self.diagnoses[usize::try_from(drawn % self.diagnoses.len() as u64).expect("a place on the shelf")]
    }

    /// A stay of four days with 30 to 60 orders, and how many they are.
    fn message(&self, n: usize) -> (String, u64) {
        let count = 30 + scattered(n) % 31;
        let psn_no = person(n);
        let order = |at: u64| {
            let drawn = scattered(n.wrapping_mul(97).wrapping_add(usize::try_from(at).expect("few orders")));
            let (code, list_type, charge) = self.item(drawn);
            let (cnt, day) = (1 + drawn % 3, 6 + drawn / 7 % 4);
            format!(
                "{{\"rx_id\":\"R{at}\",\"rxno\":\"RX{}\",\"long_drord_flag\":\"0\",\"hilist_type\":\"{list_type}\",\
                 \"chrg_type\":\"{charge}\",\"drord_bhvr\":\"1\",\"hilist_code\":\"{code}\",\"hilist_name\":\"项目\",\
                 \"hilist_lv\":\"01\",\"hilist_pric\":\"10\",\"hosplist_code\":\"N1\",\"hosplist_name\":\"项目\",\"cnt\":\"{cnt}\",\
                 \"pric\":\"10\",\"sumamt\":\"{}\",\"ownpay_amt\":\"0\",\"selfpay_amt\":\"0\",\"spec\":\"0.5g*24片\",\"spec_unt\":\"盒\",\
                 \"drord_begn_date\":\"2026-03-0{day} 09:00:00\",\"drord_stop_date\":\"\",\"drord_dept_codg\":\"001\",\
                 \"drord_dept_name\":\"呼吸内科\",\"drord_dr_codg\":\"D999900000001\",\"drord_dr_name\":\"杜思芳\",\
                 \"drord_dr_profttl\":\"231\",\"curr_drord_flag\":\"1\",\"extend_order_map\":{{\"o_prdDays\":\"7\",\
                 \"o_sinDosDscr\":\"0.5g\",\"o_used_frqu_dscr\":\"tid\"}}}}",
                at / 6,
                cnt * 10
            )
        };
        let orders: Vec<String> = (0..count).map(order).collect();
        let diagnosis = |at: usize| {
            format!(
                "{{\"dise_id\":\"{at}\",\"inout_dise_type\":\"1\",\"maindise_flag\":\"{}\",\"dias_srt_no\":\"{}\",\
                 \"dise_codg\":\"{}\",\"dise_name\":\"诊断\",\"dise_date\":\"2026-03-06\"}}",
                u8::from(at == 0),
                at + 1,
                self.diagnosis(scattered(n.wrapping_add(at)))
            )
        };
        let diagnoses: Vec<String> = (0..3).map(diagnosis).collect();
        let message = format!(
            "{{\"data\":{{\"trig_scen\":\"4\",\"patient_dtos\":[{{\"patn_id\":\"{psn_no}\",\"patn_name\":\"张三\",\"gend\":\"1\",\
             \"brdy\":\"1980-05-06\",\"poolarea\":\"999900\",\"curr_mdtrt_id\":\"S{n}\",\"fsi_encounter_dtos\":[{{\"mdtrt_id\":\"S{n}\",\
             \"medins_id\":\"H99990000001\",\"medins_name\":\"衡州市第一人民医院\",\"medins_admdvs\":\"999900\",\"medins_type\":\"A100\",\
             \"medins_lv\":\"3\",\"adm_date\":\"2026-03-06 08:00:00\",\"dscg_date\":\"2026-03-09 15:00:00\",\"dr_codg\":\"D999900000001\",\
             \"adm_dept_codg\":\"001\",\"adm_dept_name\":\"呼吸内科\",\"med_mdtrt_type\":\"2\",\"med_type\":\"21\",\"matn_stas\":\"1\",\
             \"medfee_sumamt\":\"900\",\"ownpay_amt\":\"0\",\"selfpay_amt\":\"0\",\"setl_totlnum\":\"12\",\"insutype\":\"310\",\
             \"reim_flag\":\"2\",\"out_setl_flag\":\"0\",\"fsi_diagnose_dtos\":[{}],\"fsi_order_dtos\":[{}]}}]}}]}}}}",
            diagnoses.join(","),
            orders.join(",")
        );
        (message, count)
    }
}

/// Gives every person settled visits over the year before, ten lines each, made after one that went
/// over the interface.
fn give_past(town: &Town, shelf: &Shelf, persons: usize, visits: usize) -> Result<(), Problem> {
    if visits == 0 {
        return Ok(());
    }
    let client = town.client(usize::MAX);
    let mdtrt_id = client.begin(0)?;
    client.settle(0, &mdtrt_id)?;
    let (psn_no, id) = (person(0), VisitId(mdtrt_id));
    let model = town.desk().database().read(move |tx| -> Result<_, db::DbError> {
        let history = claim::history(tx, &psn_no)?;
        let visit = history.visits.iter().find(|visit| visit.mdtrt_id == id).cloned();
        let settled = history.settled(&id).cloned();
        Ok((visit, settled, claim::diagnoses(tx, &psn_no, &id)?, claim::lines(tx, &psn_no, &id)?))
    })?;
    let (Some(visit), Some(settled), diagnoses, lines) = model else {
        return Err("the first visit was not recorded".into());
    };
    let shelf = shelf.clone();
    town.in_batches(persons, move |_, tx, batch| {
        let others: Vec<PersonId> = batch.iter().filter(|n| **n > 0).map(|n| person(*n)).collect();
        operation::lock_persons(tx, &others)?;
        for n in batch.iter().filter(|n| **n > 0) {
            for at in 0..visits {
                let back = |time: DateTime| time.saturating_sub(jiff::Span::new().days(days_back(*n, at, visits)));
                let drawn = scattered(n * 31 + at);
                let mut own = claim::Visit {
                    psn_no: person(*n),
                    mdtrt_id: VisitId(format!("P{n}-{at}")),
                    seq: i64::try_from(at).expect("few visits") + 1,
                    label: format!("P{n}-{at}"),
                    begntime: back(visit.begntime),
                    ..visit.clone()
                };
                own.endtime = own.endtime.map(back);
                let line = |(place, line): (usize, &claim::Line)| claim::Line {
                    feedetl_sn: LineNo(place.to_string()),
                    med_list_codg: shelf.item(scattered(n * 1_009 + at * 31 + place)).0.as_str().into(),
                    fee_ocur_time: back(line.fee_ocur_time),
                    ..line.clone()
                };
                let lines: Vec<claim::Line> = lines.iter().enumerate().map(line).collect();
                let mut diagnoses = diagnoses.clone();
                diagnoses.iter_mut().for_each(|row| row.diag_code = shelf.diagnosis(drawn).to_owned());
                claim::add_visit(tx, &own)?;
                claim::put_diagnoses(tx, &own.psn_no, &own.mdtrt_id, &diagnoses)?;
                claim::add_lines(tx, &own.psn_no, &own.mdtrt_id, 0, &lines)?;
                let row = claim::Settlement {
                    psn_no: own.psn_no.clone(),
                    setl_id: SettlementId(format!("P{n}-{at}")),
                    seq: own.seq,
                    mdtrt_id: own.mdtrt_id.clone(),
                    setl_time: back(settled.setl_time),
                    ..settled.clone()
                };
                claim::record(tx, &row, 1, Vec::new())?;
            }
        }
        Ok(())
    })
}

/// The visits of a person lie over the year before, the last one at least 15 days ago.
fn days_back(n: usize, at: usize, visits: usize) -> i64 {
    let step = 350 / visits.max(1);
    i64::try_from(15 + step * (visits - 1 - at) + usize::try_from(scattered(n + at) % 5).expect("a few days"))
        .expect("a year at most")
}
