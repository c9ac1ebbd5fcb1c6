//! Adjudications a second on one core: a stay of a retired civil servant with a bill of ten
//! lines, split and settled with the full trace, in memory.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use adjudication::facts::{
    Bill, CatalogueRow, Coverage, Dossier, Fields, Institution, LineRequest, Person, SettleRequest, Totals, Visit,
    VisitRequest,
};
use adjudication::replay::MemoryItems;
use clap::Args;
use terms::{Fen, Period, Ratio, parse_date, parse_time};

use crate::commands::Problem;

/// Settlements a second on one core, in memory, trace included.
#[derive(Args)]
pub struct Adjudication {
    /// Lines of the bill.
    #[arg(long, default_value_t = 10)]
    lines: usize,
    /// How long to measure.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// The region whose law decides.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
}

impl Adjudication {
    pub fn run(self) -> Result<ExitCode, Problem> {
        let law = crate::wiring::open_region(&self.region)?.law;
        let (dossier, institution, items) = world()?;
        let lines = (0..self.lines).map(line).collect::<Result<Vec<_>, Problem>>()?;
        let visit = dossier.visits.first().ok_or("a visit")?;
        let bare = Bill { visit, institution: &institution, lines: &[] };
        let total: Fen = lines.iter().map(|line| line.amount).sum();
        let request = SettleRequest {
            setl_time: time("2026-08-10 10:00:00")?,
            medfee_sumamt: total,
            acct_used_flag: "1".to_owned(),
            mid_setl_flag: "0".to_owned(),
        };
        let charged = adjudication::charge(&law, &dossier, Some(bare), &lines, &items)?;
        let settle = || adjudication::settle(&law, &dossier, Some(Bill { lines: &charged, ..bare }), &request, &items);
        let whole = || -> Result<_, adjudication::Stop> {
            let charged = adjudication::charge(&law, &dossier, Some(bare), &lines, &items)?;
            adjudication::settle(&law, &dossier, Some(Bill { lines: &charged, ..bare }), &request, &items)
        };
        let half = Duration::from_secs(self.seconds) / 2;
        let settled = rate(half, settle)?;
        let split_too = rate(half, whole)?;
        println!("rate_per_s={settled} split_and_settle_per_s={split_too} lines={}", self.lines);
        Ok(ExitCode::SUCCESS)
    }
}

fn rate<T>(span: Duration, work: impl Fn() -> Result<T, adjudication::Stop>) -> Result<u128, Problem> {
    let begun = Instant::now();
    let mut done = 0_u128;
    while begun.elapsed() < span {
        for _ in 0..100 {
            std::hint::black_box(work()?);
        }
        done += 100;
    }
    Ok(done * 1000 / begun.elapsed().as_millis().max(1))
}

fn time(text: &str) -> Result<terms::DateTime, Problem> {
    parse_time(text).ok_or_else(|| format!("“{text}” is not a time").into())
}

fn world() -> Result<(Dossier, Institution, MemoryItems), Problem> {
    let since = Period::since(parse_date("2020-01-01").ok_or("a date")?);
    let request = VisitRequest {
        label: "1".to_owned(),
        fixmedins_code: "H99990000001".into(),
        med_type: "21".to_owned(),
        insutype: "310".to_owned(),
        begntime: time("2026-08-01 09:00:00")?,
        fields: Fields::from([("dscg_way".to_owned(), "1".to_owned())]),
    };
    let endtime = Some(time("2026-08-09 15:00:00")?);
    let visit = Visit { mdtrt_id: "1".into(), request, endtime, kept: Fields::new(), settled: None };
    let coverage = Coverage {
        insutype: "310".to_owned(),
        psn_type: "12".to_owned(),
        cvlserv_flag: "1".to_owned(),
        psn_insu_stas: "1".to_owned(),
        period: since,
        fields: Fields::new(),
    };
    let person = Person {
        psn_no: "1".into(),
        brdy: parse_date("1956-05-05").ok_or("a date")?,
        gend: "1".to_owned(),
        insu: vec![coverage],
        idents: Vec::new(),
        fields: Fields::new(),
    };
    let totals =
        [("scope/310/2026", 2_500_000), ("basic/310/2026", 2_100_000), ("adm/2026", 1), ("burden/310/2026", 400_000)];
    let dossier = Dossier {
        person,
        filings: Vec::new(),
        visits: vec![visit],
        settlements: Vec::new(),
        totals: totals.into_iter().map(|(key, amount)| (key.to_owned(), amount)).collect::<Totals>(),
        account: Fen(200_000),
        givers: Vec::new(),
    };
    let institution = Institution {
        fixmedins_code: "H99990000001".into(),
        name: "衡州市第一人民医院".to_owned(),
        hi_setl_lv: "3".to_owned(),
        fixmedins_type: "1".to_owned(),
        admdvs: "999900".to_owned(),
        fields: Fields::new(),
        period: Some(since),
    };
    let row = |n: usize| -> Result<CatalogueRow, Problem> {
        let class_b = n % 2 == 1;
        let ceiling = if n.is_multiple_of(3) {
            vec![("3".to_owned(), ("100.00".to_owned(), "100.00".parse()?))]
        } else {
            Vec::new()
        };
        Ok(CatalogueRow {
            med_list_codg: format!("C{n}").as_str().into(),
            name: format!("C{n}"),
            chrgitm_lv: if class_b { "02" } else { "01" }.to_owned(),
            selfpay: [("310".to_owned(), Ratio(1000)), ("390".to_owned(), Ratio(1500))].into(),
            ceiling: ceiling.into_iter().collect(),
            lmt_used_flag: "0".to_owned(),
            qty_lmt: None,
            acct_pay_flag: "1".to_owned(),
            fields: Fields::new(),
            period: since,
        })
    };
    let rows = (0..10).map(row).collect::<Result<Vec<_>, _>>()?;
    Ok((dossier, institution, MemoryItems::new(rows)))
}

fn line(n: usize) -> Result<LineRequest, Problem> {
    let (pric, cnt) = ("123.45".parse()?, "7".parse()?);
    Ok(LineRequest {
        feedetl_sn: format!("{n}").as_str().into(),
        med_list_codg: format!("C{}", n % 10).as_str().into(),
        fee_ocur_time: time("2026-08-02 10:00:00")?,
        cnt,
        pric,
        amount: terms::line_amount(pric, cnt)?,
        hosp_appr_flag: "0".to_owned(),
        init_feedetl_sn: None,
        fields: Fields::new(),
    })
}
