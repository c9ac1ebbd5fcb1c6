//! 结算清单: what a hospital declares of a stay that it has settled (4101; 4101A from
//! institutions elsewhere), and that it submits it (4102). Planted mistakes go with the list;
//! a list that the centre refuses is corrected and sent again.

use std::collections::BTreeMap;

use jiff::Unit;
use terms::{DateTime, Fen};

use super::body::{self, Node, list};
use super::clerk::{Bill, Clerk};
use super::money::{Settled, Split};
use crate::chart::{Chart, Mistake};
use crate::visit::{Visit, VisitProcedure};
use crate::{City, CityError};

impl Clerk<'_> {
    /// 4101 or 4101A, corrected if need be, then 4102.
    pub(super) fn declare(&mut self, visit: &Visit, bill: &Bill, settled: &Settled) -> Result<(), CityError> {
        let Some(chart) = &visit.chart else {
            return Ok(());
        };
        let infno = if visit.institution.area == self.shared.city.area() { "4101" } else { "4101A" };
        let mut paper = Paper {
            city: self.shared.city,
            visit,
            chart,
            splits: &bill.splits,
            settled,
            declared: self.clock,
            mistake: chart.mistake,
        };
        let must_be_refused = paper.mistake.is_some_and(Mistake::is_refused);
        if let Some(mistake) = paper.mistake {
            *self.report.list_mistakes.entry(mistake.label().to_owned()).or_default() += 1;
        }
        self.refusal_expected = must_be_refused;
        let answer = self.say(visit, infno, &paper.message(infno));
        self.refusal_expected = false;
        let mut answer = answer?;
        if let Some((code, words)) = &answer.refusal {
            self.report.lists_refused += 1;
            if !must_be_refused {
                let words = format!("the settlement list was refused: {code} {words}");
                self.differences(visit, infno, vec![words]);
                return Ok(());
            }
            paper.mistake = None;
            answer = self.say(visit, infno, &paper.message(infno))?;
            if let Some((code, words)) = &answer.refusal {
                let words = format!("the corrected settlement list was refused: {code} {words}");
                self.differences(visit, infno, vec![words]);
                return Ok(());
            }
            self.report.lists_corrected += 1;
        } else if must_be_refused {
            let label = paper.mistake.map_or("", Mistake::label);
            self.differences(visit, infno, vec![format!("a list with the mistake {label} was taken")]);
        }
        if answer.output.node("data").is_none_or(|data| data.text("setl_list_id").is_empty()) {
            self.differences(visit, infno, vec!["the answer has no setl_list_id".to_owned()]);
        }
        let answer = self.say(visit, "4102", &submission(visit, settled))?;
        match answer.refusal {
            None => self.report.lists += 1,
            Some((code, words)) => {
                self.differences(visit, "4102", vec![format!("the list was not submitted: {code} {words}")]);
            }
        }
        Ok(())
    }
}

/// 4102.
fn submission(visit: &Visit, settled: &Settled) -> String {
    let node = Node::new().text("psn_no", &visit.person.number).text("setl_id", &settled.id);
    body::input("data", Node::new().raw("stastinfo", &node.text("stas_type", "1").done()))
}

/// A list before it is written.
struct Paper<'a> {
    city: &'a City,
    visit: &'a Visit,
    chart: &'a Chart,
    splits: &'a BTreeMap<u32, Split>,
    settled: &'a Settled,
    declared: DateTime,
    mistake: Option<Mistake>,
}

/// `天/时/分`.
fn span(minutes: i64) -> String {
    format!("{}/{}/{}", minutes / 1440, minutes / 60 % 24, minutes % 60)
}

fn minutes_between(from: DateTime, to: DateTime) -> i64 {
    from.until((Unit::Minute, to)).map_or(0, |span| span.get_minutes())
}

/// Only what is not empty is sent.
fn given(node: Node, name: &str, text: impl AsRef<str>) -> Node {
    if text.as_ref().is_empty() { node } else { node.text(name, text) }
}

impl Paper<'_> {
    fn message(&self, infno: &str) -> String {
        let whole = infno == "4101";
        let node = self.treatment(self.person(self.head(Node::new()), whole));
        let node = if whole { self.charges(node) } else { node };
        let all = Node::new().raw("setlinfo", &node.done()).raw("diseinfo", &self.diagnoses());
        let all = if self.visit.procedures.is_empty() { all } else { all.raw("oprninfo", &self.procedures()) };
        let all = if self.chart.icu.is_empty() { all } else { all.raw("icuinfo", &self.icu()) };
        let all = if self.chart.blood_units == 0 { all } else { all.raw("bldinfo", &self.blood()) };
        if !whole {
            return all.done();
        }
        let all = all.raw("iteminfo", &self.items());
        if self.settled.funds.is_empty() { all.done() } else { all.raw("payinfo", &self.funds()).done() }
    }

    fn head(&self, node: Node) -> Node {
        let (visit, settled) = (self.visit, self.settled);
        let node = node.text("psn_no", &visit.person.number).text("mdtrt_id", &settled.visit);
        let node = node.text("setl_id", &settled.id).text("medcasno", &visit.label).time("dcla_time", self.declared);
        let serial: u64 = visit.label.bytes().fold(5, |sum, byte| (sum * 131 + u64::from(byte)) % 100_000_000);
        let number = if self.mistake == Some(Mistake::NoBillNumber) { String::new() } else { format!("{serial:010}") };
        let year = visit.settle.date().year() % 100;
        let node = node.text("bill_code", format!("{}{year:02}", self.city.area())).text("bill_no", number);
        let node = node.text("biz_sn", format!("{}{}", visit.institution.code, visit.label));
        let node = node.text("setl_begn_date", visit.begin.date().to_string());
        let node = node.text("setl_end_date", visit.settle.date().to_string());
        node.text("medins_fill_dept", "医疗保险办公室").text("medins_fill_psn", "清单编码员").text("hi_paymtd", "4")
    }

    /// 基本信息. The short form leaves the identity to the visit.
    fn person(&self, node: Node, whole: bool) -> Node {
        let (visit, person, city) = (self.visit, &self.visit.person, self.city);
        let node = node.text("ntly", "CHN").text("prfs", occupation(visit));
        let address = format!("{}第{}户", city.area(), person.household + 1);
        let (contact, relation) = if person.age < 18 { ("监护人", "51") } else { (person.name.as_str(), "01") };
        let node = node.text("curr_addr", &address).text("coner_name", contact).text("patn_rlts", relation);
        let phone = format!("000{:08}", person.household);
        let node = node.text("coner_addr", &address).text("coner_tel", phone);
        let node = match visit.person.coverage.iter().find_map(|row| row.employer.as_ref()) {
            Some((_, employer)) => node.text("emp_name", employer),
            None => node,
        };
        let node = match self.chart.newborn {
            Some(newborn) if self.mistake != Some(Mistake::NoWeight) => node
                .text("nwb_adm_type", newborn.kind)
                .number("nwb_bir_wt", newborn.birth_weight)
                .number("nwb_adm_wt", newborn.admission_weight),
            Some(newborn) => node.text("nwb_adm_type", newborn.kind),
            None => node,
        };
        let node = match self.chart.age_days {
            Some(days) => node.number("nwb_age", days),
            None => node,
        };
        if !whole {
            return node;
        }
        let node = node.text("fixmedins_code", &visit.institution.code).text("fixmedins_name", &visit.institution.name);
        let node = node.text("hi_setl_lv", &visit.institution.level).text("hi_no", &person.number);
        let node = node.text("psn_name", &person.name).text("gend", if person.male { "1" } else { "2" });
        let node = node.text("brdy", person.birth.to_string());
        let years = person.birth.until((Unit::Year, visit.begin.date())).map_or(0, |span| span.get_years());
        let node = if self.chart.age_days.is_none() { node.number("age", years) } else { node };
        let node = node.text("naty", "01").text("patn_cert_type", "01").text("certno", &person.certificate);
        let node = node.text("hi_type", visit.scheme).text("insuplc", city.area());
        match person.identities.first() {
            Some(identity) => node.text("sp_psn_type", identity.kind),
            None => node,
        }
    }

    /// 住院诊疗信息.
    fn treatment(&self, node: Node) -> Node {
        let (visit, chart) = (self.visit, self.chart);
        let day_surgery = visit.kind == crate::Kind::DaySurgery;
        let node = node.text("ipt_med_type", if day_surgery { "2" } else { "1" }).text("adm_way", chart.way_in);
        let node = node.text("trt_type", "10").time("adm_time", visit.begin).time("dscg_time", visit.end);
        let place = &visit.department;
        let node = node.text("adm_caty", &place.caty).text("dscg_caty", &place.caty);
        let node = node.text("adm_dept_code", &place.code).text("adm_dept_name", &place.name);
        let node = node.text("dscg_dept_code", &place.code).text("dscg_dept_name", &place.name);
        let node = node.number("act_ipt_days", chart.days);
        let node = match visit.diagnoses.first() {
            Some(main) => node.text("otp_wm_dise", &main.name).text("wm_dise_code", &main.code),
            None => node,
        };
        let (diagnoses, procedures) = (visit.coded.len(), visit.procedures.len());
        let node = node.number("diag_code_cnt", diagnoses).number("oprn_oprt_code_cnt", procedures);
        let node = self.durations(node);
        let names = ["spga_nurscare_days", "lv1_nurscare_days", "scd_nurscare_days", "lv3_nurscare_days"];
        let more = if self.mistake == Some(Mistake::CareTooLong) { chart.days + 3 } else { 0 };
        let days = names.into_iter().zip(chart.care_days);
        let node = days.fold(node, |node, (name, days)| node.number(name, days + more));
        let node = node.text("dscg_way", visit.discharge_way);
        let node = match &chart.receiving {
            Some(to) => node.text("acp_medins_name", &to.name).text("acp_optins_code", &to.code),
            None => node,
        };
        let node = node.text("days_rinp_flag_31", if chart.readmission.is_some() { "2" } else { "1" });
        let node = given(node, "days_rinp_pup_31", chart.readmission.unwrap_or(""));
        let node = node.text("chfpdr_code", &visit.doctor.code).text("chfpdr_name", &visit.doctor.name);
        node.text("resp_nurs_code", &chart.nurse.code).text("resp_nurs_name", &chart.nurse.name)
    }

    fn durations(&self, node: Node) -> Node {
        let (before, after) = self.chart.coma_minutes;
        let ventilated = i64::from(self.chart.ventilator_minutes);
        // 96 hours part the two codes of ventilation; the mistake puts the hours on the other side.
        let wrong = if ventilated >= 5760 { 900 } else { 8000 };
        let ventilated = if self.mistake == Some(Mistake::VentilatorHours) { wrong } else { ventilated };
        let all = [
            ("vent_used_dura", ventilated),
            ("pwcry_bfadm_coma_dura", i64::from(before)),
            ("pwcry_afadm_coma_dura", i64::from(after)),
        ];
        all.into_iter()
            .filter(|(_, minutes)| *minutes > 0)
            .fold(node, |node, (name, minutes)| node.text(name, span(minutes)))
    }

    /// 医疗收费信息 that is not in rows.
    fn charges(&self, node: Node) -> Node {
        let settled = self.settled;
        let person = settled.head("psn_part_amt");
        let own = settled.head("fulamt_ownpay_amt").min(person);
        let cash = settled.head("psn_cash_pay");
        let cash = if self.mistake == Some(Mistake::OtherCash) { cash + Fen(100) } else { cash };
        let node = node.number("psn_selfpay", person - own).number("psn_ownpay", own);
        let node = node.number("acct_pay", settled.head("acct_pay")).number("psn_cashpay", cash);
        node.text("hsorg", self.city.area()).text("hsorg_opter", "001")
    }

    fn diagnoses(&self) -> String {
        list(self.visit.coded.iter().map(|row| {
            let node = Node::new().text("diag_type", "1").text("diag_code", &row.code).text("diag_name", &row.name);
            let main = if row.main { "1" } else { "0" };
            node.text("adm_cond_type", row.on_admission).text("maindiag_flag", main).done()
        }))
    }

    fn procedures(&self) -> String {
        list((0..).zip(&self.visit.procedures).map(|(at, row)| self.procedure(at == 0, row)))
    }

    fn procedure(&self, main: bool, row: &VisitProcedure) -> String {
        let late = self.mistake == Some(Mistake::OperationLate) && main;
        let moved = |time: DateTime| if late { time.saturating_add(jiff::Span::new().days(60)) } else { time };
        let node = Node::new().text("oprn_oprt_type", if main { "1" } else { "2" });
        let node = node.text("oprn_oprt_name", &row.name).text("oprn_oprt_code", &row.code);
        let node = node.text("oprn_oprt_date", moved(row.time).date().to_string());
        let node = node.time("oprn_oprt_begntime", moved(row.time)).time("oprn_oprt_endtime", moved(row.end));
        let node = given(node, "anst_way", row.anaesthesia).text("oper_dr_code", &row.surgeon.code);
        match &row.anaesthetist {
            Some(doctor) => node
                .text("anst_dr_code", &doctor.code)
                .time("anst_begntime", moved(row.time))
                .time("anst_endtime", moved(row.end))
                .done(),
            None => node.done(),
        }
    }

    fn icu(&self) -> String {
        list(self.chart.icu.iter().map(|stay| {
            let node = Node::new().text("scs_cutd_ward_type", stay.ward).time("scs_cutd_inpool_time", stay.entered);
            let node = node.time("scs_cutd_exit_time", stay.left);
            node.text("scs_cutd_sum_dura", span(minutes_between(stay.entered, stay.left))).done()
        }))
    }

    fn blood(&self) -> String {
        let node = Node::new().text("psn_no", &self.visit.person.number).text("mdtrt_id", &self.settled.visit);
        let node = node.text("setl_id", &self.settled.id).text("bld_cat", "13");
        list(std::iter::once(node.number("bld_amt", self.chart.blood_units).text("bld_unt", "单位").done()))
    }

    /// 收费项目: the fourteen classes, each split by the level of its items.
    fn items(&self) -> String {
        let mut classes: BTreeMap<u8, [Fen; 5]> = BTreeMap::new();
        for split in self.splits.values() {
            let (amount, [own, over, before, inside]) = split.amounts();
            let sums = classes.entry(if split.class == 0 { 14 } else { split.class }).or_default();
            let level = match split.level {
                1 => 1,
                2 => 2,
                _ => 4,
            };
            sums[0] += amount;
            sums[level] += before + inside;
            sums[3] += own;
            sums[4] += over;
        }
        let classes = classes.into_iter().filter(|(_, sums)| sums.iter().any(|sum| *sum != Fen::ZERO));
        list(classes.map(|(class, sums)| {
            let names = ["amt", "claa_sumfee", "clab_amt", "fulamt_ownpay_amt", "oth_amt"];
            let node = Node::new().text("med_chrgitm", format!("{class:02}"));
            names.into_iter().zip(sums).fold(node, |node, (name, sum)| node.number(name, sum)).done()
        }))
    }

    fn funds(&self) -> String {
        list(
            self.settled
                .funds
                .iter()
                .map(|(fund, amount)| Node::new().text("fund_pay_type", fund).number("fund_payamt", amount).done()),
        )
    }
}

/// 职业, as far as age and scheme tell.
fn occupation(visit: &Visit) -> &'static str {
    match (visit.person.age, visit.scheme) {
        (0..6, _) => "90",
        (6..18, _) => "31",
        (60.., "310") => "80",
        (_, "310" | "510") => "17",
        _ => "27",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::body::tests::{check, settled};
    use super::*;
    use crate::{CityOptions, RegionFiles};

    #[test]
    fn every_list_has_what_the_interface_requires_and_its_fees_add_up() {
        let region = RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap();
        let city = City::new(CityOptions { people: 12_000, days: 20, ..CityOptions::default() }, &region).unwrap();
        let settled = settled();
        let mut seen = std::collections::BTreeSet::new();
        for visit in city.visits().filter(|visit| visit.is_stay()) {
            let chart = visit.chart.as_ref().unwrap();
            let splits = BTreeMap::new();
            let declared = visit.settle;
            let mistake = None;
            let paper =
                Paper { city: &city, visit: &visit, chart, splits: &splits, settled: &settled, declared, mistake };
            for infno in ["4101", "4101A"] {
                check(infno, &paper.message(infno));
                seen.insert(visit.kind);
            }
            let care: u32 = chart.care_days.iter().sum();
            assert_eq!(care, chart.days, "{visit:?}");
            for icu in &chart.icu {
                assert!(visit.begin <= icu.entered && icu.entered < icu.left && icu.left <= visit.end, "{visit:?}");
            }
            for procedure in &visit.procedures {
                let inside = visit.begin <= procedure.time && procedure.time <= procedure.end;
                assert!(inside && procedure.end <= visit.end, "{visit:?}");
            }
            let long = visit.procedures.iter().any(|procedure| procedure.code.starts_with("96.72"));
            assert!(!long || chart.ventilator_minutes >= 5760, "{visit:?}");
            assert_eq!(chart.newborn.is_some(), chart.age_days.is_some_and(|days| days <= 28));
            check("4102", &submission(&visit, &settled));
        }
        assert!(seen.len() >= 5, "{seen:?}");
    }

    #[test]
    fn classes_of_charges_add_up_to_the_lines() {
        let row = |class: &str, level: &str| {
            let text = format!(
                r#"{{"feedetl_sn":"1","det_item_fee_sumamt":10.00,"fulamt_ownpay_amt":1.00,"overlmt_amt":2.00,
                "preselfpay_amt":3.00,"inscp_scp_amt":4.00,"med_chrgitm_type":"{class}","chrgitm_lv":"{level}"}}"#
            );
            let text = format!(r#"{{"infcode":0,"output":{{"result":[{text}]}}}}"#);
            let answer = super::super::answer::Answer::read(text.into_bytes()).unwrap();
            Split::read(&answer.output.rows("result")[0]).unwrap().1
        };
        let region = RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap();
        let city = City::new(CityOptions { people: 4_000, ..CityOptions::default() }, &region).unwrap();
        let visit = city.visits().find(Visit::is_stay).unwrap();
        let splits = BTreeMap::from([(1, row("09", "01")), (2, row("09", "02")), (3, row("03", "03"))]);
        let settled = settled();
        let chart = visit.chart.as_ref().unwrap();
        let (declared, mistake) = (visit.settle, None);
        let paper = Paper { city: &city, visit: &visit, chart, splits: &splits, settled: &settled, declared, mistake };
        let items = r#"[{"med_chrgitm":"03","amt":10.00,"claa_sumfee":0.00,"clab_amt":0.00,"fulamt_ownpay_amt":1.00,"oth_amt":9.00},"#
            .to_owned()
            + r#"{"med_chrgitm":"09","amt":20.00,"claa_sumfee":7.00,"clab_amt":7.00,"fulamt_ownpay_amt":2.00,"oth_amt":4.00}]"#;
        assert_eq!(paper.items(), items);
    }

    /// A settlement of which the person pays all.
    fn paid_in_cash(total: Fen) -> Settled {
        let heads = super::super::money::HEADS.iter().map(|head| {
            let whole = matches!(*head, "medfee_sumamt" | "inscp_scp_amt" | "psn_part_amt" | "psn_cash_pay");
            format!("\"{head}\":{}", if whole { total } else { Fen::ZERO })
        });
        let heads = heads.collect::<Vec<_>>().join(",");
        let text = format!(
            r#"{{"infcode":0,"output":{{"setlinfo":{{"setl_id":"S1","mdtrt_id":"M1","balc":0,"clr_type":"21",{heads}}},"setldetail":[]}}}}"#
        );
        let answer = super::super::answer::Answer::read(text.into_bytes()).unwrap();
        Settled::read(&answer.output).unwrap()
    }

    fn read(message: &str) -> listing::SettlementList {
        let message: serde_json::Value = serde_json::from_str(message).unwrap();
        let mut list = listing::SettlementList::default();
        for (node, rows) in message.as_object().unwrap() {
            let rows = rows.as_array().cloned().unwrap_or_else(|| vec![rows.clone()]);
            for (at, row) in rows.iter().enumerate() {
                for (name, value) in row.as_object().unwrap() {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    if let Some(place) = listing::by_national(node, name) {
                        list.set(place, at, &text).unwrap();
                    }
                }
            }
        }
        list
    }

    fn rules() -> listing::quality::RuleBook {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/common/quality/rules");
        let texts: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
            .collect();
        let files: Vec<_> = texts.iter().map(|(path, text)| listing::quality::RuleFile { path, text }).collect();
        listing::quality::RuleBook::load(&files, &[]).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    #[test]
    fn quality_control_finds_what_was_planted_and_nothing_else() {
        let region = RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap();
        let city = City::new(CityOptions { people: 20_000, days: 92, ..CityOptions::default() }, &region).unwrap();
        let table = |terms: &[crate::Term]| {
            listing::codes::CodeTable::of(terms.iter().map(|term| (term.code.clone(), term.name.clone())))
        };
        let (diagnoses, procedures) = (table(&region.diagnoses), table(&region.procedures));
        let knowledge =
            listing::quality::Knowledge::none().with("diagnoses", &diagnoses).with("procedures", &procedures);
        let rules = rules();
        let (mut clean, mut objected) = (BTreeMap::new(), BTreeMap::new());
        let mut lists = 0;
        for visit in city.stays() {
            let chart = visit.chart.as_ref().unwrap();
            let lines = visit.lines.iter().filter(|line| !line.withdrawn).map(|line| {
                let item = region.items.iter().find(|item| item.code == line.code).unwrap();
                let split =
                    Split::in_scope(line.amount, item.charge_type.parse().unwrap(), item.level.parse().unwrap());
                (line.number, split)
            });
            let splits: BTreeMap<u32, Split> = lines.collect();
            let settled = paid_in_cash(visit.total());
            let (declared, mistake) = (visit.settle, chart.mistake.filter(|mistake| !mistake.is_refused()));
            let paper =
                Paper { city: &city, visit: &visit, chart, splits: &splits, settled: &settled, declared, mistake };
            let list = read(&paper.message("4101"));
            let report = rules.check(&list, &knowledge);
            lists += 1;
            let errors = report.findings.iter().filter(|finding| finding.severity == listing::quality::Severity::Error);
            let errors: Vec<String> = errors.map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
            match mistake {
                None => {
                    for words in &errors {
                        let count: &mut (usize, String) = clean
                            .entry(words.split(':').next().unwrap().to_owned())
                            .or_insert_with(|| (0, format!("{words} {visit:?}")));
                        count.0 += 1;
                    }
                }
                Some(mistake) => {
                    let found: &mut (usize, usize) = objected.entry(mistake).or_default();
                    found.0 += 1;
                    found.1 += usize::from(!report.findings.is_empty());
                }
            }
        }
        println!("{lists} lists; planted (found): {objected:?}");
        assert!(clean.is_empty(), "{clean:#?}");
        for (mistake, (planted, found)) in objected {
            // An exchange of two true diagnoses looks right on paper: only the group tells.
            assert!(mistake == Mistake::PrincipalExchanged || planted == found, "{mistake:?}: {found} of {planted}");
        }
    }
}
