//! A year of clearing: lists over the wire, months worked out by the bureau, a reversal after its
//! month, a decided special case, the year's end. The ledger balances after every step, and a
//! step that is run again changes nothing.

use crate::lists::{list, settled_stay};
use crate::town::*;
use clearing::{ListState, Month, StatementState};
use db::Tx;
use grouping::{CodeSet, Condition, Grouper, Kind, Level, Member, Node, Scheme, Select};
use journeys::{Centre, Figures, GroupPayment, GroupPlan, Institutions, JourneyError};
use ledger::Account;
use operation::{InputHash, Operation};
use payment::{Decision, PaymentFile};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use terms::{Fen, InstitutionId, SettlementId};

fn scheme() -> Scheme {
    let set = |name: &str, kind, code: &str| CodeSet {
        name: name.to_owned(),
        kind,
        tags: Default::default(),
        members: vec![Member { code: code.to_owned(), ..Member::default() }],
    };
    let node = |code: &str, name: &str, when: &str| Node::new(code, name, Condition::parse(when).expect("a condition"));
    let mut adrg = node("FR1", "高血压", "1");
    adrg.children =
        vec![node("FR11", "高血压，伴冠状动脉造影", "{ZYSS, QTSS} in {OP_ANGIO}"), node("FR19", "高血压", "1")];
    let mut mdc = node("MDCF", "循环系统", "ZYZD in {DI_HTN}");
    mdc.children = vec![adrg];
    Scheme {
        id: "town-drg".to_owned(),
        version: "2026".to_owned(),
        title: "试验分组方案".to_owned(),
        levels: ["MDC", "ADRG", "DRG"].map(|name| Level { name: name.to_owned(), select: Select::First }).into(),
        sets: vec![set("DI_HTN", Kind::Diagnosis, "I10.x00"), set("OP_ANGIO", Kind::Procedure, "88.5500")],
        nodes: vec![mdc],
        ..Scheme::default()
    }
}

fn pay() -> GroupPayment {
    let files = BTreeMap::from([("town.toml".to_owned(), include_str!("clearing-plan.toml").to_owned())]);
    let plan = PaymentFile::parse("town.toml", &files).unwrap_or_else(|problems| panic!("{problems}"));
    let grouper = Grouper::compile(&scheme()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let plan = GroupPlan { plan: Arc::new(plan), grouper: Arc::new(grouper) };
    GroupPayment::new(vec![plan]).expect("the plan prices this scheme")
}

/// The bureau at work in a town.
struct Bureau<'a> {
    town: &'a Town,
    pay: GroupPayment,
    drawn: AtomicU64,
}

impl Bureau<'_> {
    fn operation(&self, at: &str) -> Operation {
        let n = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut seed = [9; 32];
        seed[..8].copy_from_slice(&n.to_be_bytes());
        let at = terms::parse_time(at).expect("a time");
        Operation {
            institution: "BUREAU".into(),
            msgid: format!("B{n:08}").as_str().into(),
            infno: "clear".to_owned(),
            input_hash: InputHash(seed),
            message_time: at,
            received_at: at,
            kept_until: at,
            operator: "清算科".to_owned(),
            seed,
        }
    }

    fn deed<T: Send + 'static>(
        &self,
        deed: impl Fn(&Centre, &mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, JourneyError> {
        let centre = self.town.desk.centre();
        let done = self.town.desk.database().deed(move |tx| deed(&centre, tx));
        self.balanced();
        done
    }

    /// Clears a month; gives how many cases were recorded, and what waits, by settlement.
    fn clear(&self, month: &str, at: &str) -> (usize, usize, BTreeMap<SettlementId, String>) {
        let (centre, database) = (self.town.desk.centre(), self.town.desk.database());
        let mut steps = 0;
        let outcome = centre
            .clear_month(&database, &self.pay, &self.operation(at), self::month(month), &[], &mut |progress| {
                steps += 1;
                assert!(progress.done == steps && progress.done <= progress.of);
            })
            .unwrap_or_else(|error| panic!("{month}: {error}"));
        self.balanced();
        let waiting = outcome.values().flat_map(|found| &found.outstanding);
        let waiting = waiting.map(|row| (row.setl_id.clone(), row.reason.clone())).collect();
        let recorded = outcome.values().map(|found| found.recorded).sum();
        (recorded, outcome.values().map(|found| found.written).sum(), waiting)
    }

    fn advance(&self, month: &str, at: &str, to: StatementState) -> Result<Vec<clearing::Statement>, JourneyError> {
        let (operation, month) = (self.operation(at), self::month(month));
        self.deed(move |centre, tx| centre.advance_month(tx, &operation, &HOSPITAL.into(), month, to))
    }

    /// Approves, posts and pays a month.
    fn finish(&self, month: &str, at: &str) {
        for to in [StatementState::Approved, StatementState::Posted, StatementState::Paid] {
            self.advance(month, at, to).expect("one step on");
        }
    }

    fn figures(&self, month: &str) -> (clearing::Statement, Figures) {
        let month = self::month(month);
        let view = self.town.desk.database().read(move |tx| journeys::month_view(tx, &HOSPITAL.into(), month));
        let view: journeys::MonthView = view.unwrap_or_else(|error: JourneyError| panic!("{error}"));
        let mut stays = view.statements.into_iter().filter(|(row, _)| row.clr_type == "21");
        let found = stays.next().expect("a statement of stays");
        assert!(stays.next().is_none());
        found
    }

    fn balance(&self, account: Account) -> Fen {
        let read: Result<Fen, db::DbError> = self.town.desk.database().read(move |tx| ledger::balance(tx, &account));
        read.expect("a balance")
    }

    fn balanced(&self) {
        let sum: Result<Fen, db::DbError> = self.town.desk.database().read(ledger::sum_of_all);
        assert_eq!(sum.expect("a sum"), Fen::ZERO, "the sum over all accounts");
    }

    /// Every change of the feed so far.
    fn feed(&self) -> Vec<operation::feed::Change> {
        let database = self.town.desk.database();
        while database.deed(|tx| operation::feed::number(tx, 1000)).expect("numbered") > 0 {}
        let read: Result<_, db::DbError> = database.read(|tx| operation::feed::read_after(tx, 0, 100_000));
        read.expect("the feed").into_iter().map(|row| row.change).collect()
    }
}

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

fn hospital() -> InstitutionId {
    HOSPITAL.into()
}

/// Uploads and submits the list of a settled stay.
fn submitted(town: &Town, psn_no: &str, id: &str, setl_id: &str, more: serde_json::Value) {
    const AT: &str = "2026-03-08 09:00:00";
    town.say(HOSPITAL, AT, "4101A", &list(psn_no, id, setl_id, more)).accepted();
    let submit = json!({ "data": { "psn_no": psn_no, "setl_id": setl_id, "stas_type": "1" } });
    town.say(HOSPITAL, AT, "4102", &submit).accepted();
}

fn stay(town: &Town, psn_no: &str) -> (String, String, Answer) {
    town.employee(psn_no, 0);
    settled_stay(town, psn_no, "Z1")
}

#[test]
fn a_year_is_cleared_from_the_first_list_to_the_last_fen() {
    on_each_database(|town| {
        let bureau = Bureau { town, pay: pay(), drawn: AtomicU64::new(1) };
        let (a, a_setl, a_paid) = stay(town, "5001");
        let (b, b_setl, b_paid) = stay(town, "5002");
        let (c, c_setl, c_paid) = stay(town, "5003");
        let (d, d_setl, _) = stay(town, "5004");
        town.say(HOSPITAL, "2026-03-07 09:00:00", "2305", &of("5004", &d, &d_setl)).accepted();
        let item = a_paid.rows("setldetail").into_iter().filter(|row| row.text("fund_pay_type") == "310100");
        let item: Fen = item.map(|row| row.fen("fund_payamt")).sum();
        submitted(town, "5001", &a, &a_setl, json!({}));
        submitted(town, "5002", &b, &b_setl, json!({}));
        let owed = bureau.balance(Account::Payable(hospital()));

        // The hospital declares what was settled; the statement names the declaration.
        let sum = |field: &str| [&a_paid, &b_paid, &c_paid].iter().map(|paid| paid.fen(field)).sum::<Fen>().to_string();
        let declared = json!({ "data": {
            "clr_type": "21", "clr_way": "40", "setlym": "202603", "psntime": 3, "medfee_sumamt": sum("medfee_sumamt"),
            "med_sumfee": sum("medfee_sumamt"), "fund_appy_sum": sum("fund_pay_sumamt"),
            "cash_payamt": sum("psn_cash_pay"), "acct_pay": sum("acct_pay"), "begndate": "2026-03-01", "enddate": "2026-03-31" } });
        let declared = town.say(HOSPITAL, "2026-04-01 09:00:00", "3203", &declared).accepted();
        let number = declared.text("result", "clr_appy_evt_id");

        // March: two of three standing stays have a list; the reversed one never appears.
        assert!(bureau.clear_error("2026-03", "2026-03-31 23:00:00").contains("HC517"));
        let (recorded, statements, waiting) = bureau.clear("2026-03", "2026-04-02 02:00:00");
        assert_eq!((recorded, statements), (2, 1));
        assert_eq!(waiting.keys().map(SettlementId::as_str).collect::<Vec<_>>(), [c_setl.as_str()]);
        assert!(waiting.values().all(|reason| reason.contains("没有结算清单")));
        let changes = bureau.feed().len();
        assert_eq!(bureau.clear("2026-03", "2026-04-02 03:00:00"), (0, 0, waiting), "nothing changes");
        assert_eq!(bureau.feed().len(), changes);
        let (statement, figures) = bureau.figures("2026-03");
        assert_eq!(figures.clr_appy_evt_id.as_deref(), Some(number.as_str()));
        assert_eq!(figures.medfee_sumamt.to_string(), sum("medfee_sumamt"), "as declared, as 3201 tells it");
        assert_eq!(figures.fund_pay_sumamt.to_string(), sum("fund_pay_sumamt"));
        let [plan] = figures.group.as_slice() else { panic!("{figures:?}") };
        // Each of the two has an angiography: 125 points at 40 yuan are 5,000, the patient's part is his own.
        let patient = a_paid.fen("psn_part_amt");
        assert_eq!(plan.month.cases, 2);
        assert_eq!(
            plan.month.due,
            Fen(2 * 500_000) - patient - patient - figures_other(&a_paid) - figures_other(&a_paid)
        );
        assert_eq!(plan.month.item_fund, item + item);
        assert_eq!(plan.month.prepaid + plan.month.deposit + plan.month.held, plan.month.due);
        assert_eq!((figures.count, figures.reversals, figures.waiting), (5, 1, 1));
        assert_eq!((statement.clr_way.as_str(), statement.state), ("40", StatementState::Estimated));
        let grouped = json!({ "data": { "setl_ym": "202603", "page_num": 1, "page_size": 10 } });
        let shown = town.say(HOSPITAL, "2026-04-03 09:00:00", "3605", &grouped).accepted();
        let codes: Vec<String> = shown.rows("data").iter().map(|row| row.text("drg_code")).collect();
        assert_eq!(codes, ["FR11", "FR11"]);
        let dip = town.say(HOSPITAL, "2026-04-03 09:00:00", "3606", &grouped).accepted();
        assert!(dip.rows("data").is_empty());

        // Approved means closed: an application or a late list no longer changes it.
        assert!(bureau.advance("2026-03", "2026-04-03 09:00:00", StatementState::Posted).is_err(), "not approved yet");
        bureau.advance("2026-03", "2026-04-03 09:00:00", StatementState::Approved).expect("approved");
        submitted(town, "5003", &c, &c_setl, json!({}));
        let withdraw = json!({ "data": { "clr_appy_evt_id": number } });
        assert_eq!(town.say(HOSPITAL, "2026-04-03 09:30:00", "3204", &withdraw).refused(), "HC515");
        assert_eq!(bureau.clear("2026-03", "2026-04-03 10:00:00").0, 0, "March is approved");
        bureau.advance("2026-03", "2026-04-03 11:00:00", StatementState::Posted).expect("posted");
        let after = bureau.balance(Account::Payable(hospital()));
        let withheld = bureau.balance(Account::Withheld(hospital()));
        let held = bureau.balance(Account::Held(hospital()));
        assert_eq!((withheld, held), (plan.month.deposit, plan.month.held));
        assert_eq!(after + withheld + held, owed + plan.month.due - plan.month.item_fund);
        bureau.advance("2026-03", "2026-04-10 09:00:00", StatementState::Paid).expect("paid");
        assert_eq!(bureau.balance(Account::Paid(hospital())), statement.payable);
        bureau.advance("2026-03", "2026-04-10 09:00:00", StatementState::Paid).expect("paid once");
        assert_eq!(bureau.balance(Account::Paid(hospital())), statement.payable);

        // April: the first stay is reversed, the late list is cleared, a special case is decided.
        town.say(HOSPITAL, "2026-04-15 09:00:00", "2305", &of("5001", &a, &a_setl)).accepted();
        let special = json!({ "data": { "psn_no": "5002", "setl_id": b_setl, "exit_rea": "多学科诊疗" } });
        let saved = town.say(HOSPITAL, "2026-04-16 09:00:00", "3602", &special).accepted();
        assert_eq!(saved.text("data", "code"), "0");
        assert_eq!(town.say(HOSPITAL, "2026-04-16 09:01:00", "3602", &special).refused(), "HC521", "once");
        let (op, setl) = (bureau.operation("2026-04-20 09:00:00"), b_setl.clone());
        let decided = Decision::Amount(Fen(650_000));
        let decide = bureau
            .deed(move |centre, tx| centre.decide_special(tx, &op, &"5002".into(), &setl.as_str().into(), &decided));
        decide.expect("decided");
        let (recorded, statements, waiting) = bureau.clear("2026-04", "2026-05-02 02:00:00");
        assert_eq!((recorded, statements, waiting.len()), (4, 1, 0), "late list, reversal, old price back, new price");
        assert_eq!(bureau.clear("2026-04", "2026-05-02 03:00:00"), (0, 0, BTreeMap::new()));
        let (_, figures) = bureau.figures("2026-04");
        let april = &figures.group[0].month;
        assert_eq!(april.cases, 0, "one more, one less");
        assert_eq!(april.due, Fen(650_000 - 500_000), "the reversal and the late list cancel out; the decision adds");
        bureau.finish("2026-04", "2026-05-10 09:00:00");
        let back = bureau.cases("2026-04").into_iter().find(|row| row.cause == clearing::Cause::Reversal).expect("one");
        assert_eq!(back.reverses, Some(a_setl.as_str().into()));
        let explained = journeys::case_explanation(&back).expect("explained");
        assert!(explained.price.reversal && explained.grouping.trace.contains("FR11"), "{}", explained.grouping.trace);

        // The year: the budget, to the fen; a second run gives the same; so does the feed alone.
        let plan = &bureau.pay.plans()[0];
        let (centre, database) = (town.desk.centre(), town.desk.database());
        let owed = bureau.balance(Account::Payable(hospital()));
        let closed =
            centre.close_year(&database, plan, &bureau.operation("2027-01-20 09:00:00"), 2026).expect("closed");
        bureau.balanced();
        let [pool] = closed.pools.as_slice() else { panic!("{:?}", closed.pools) };
        let payable: Fen = pool.institutions.iter().map(|own| own.payable).sum();
        assert_eq!(pool.budget, payable - pool.drawn + pool.left);
        let again = centre.close_year(&database, plan, &bureau.operation("2027-01-21 09:00:00"), 2026).expect("closed");
        assert!(closed.closed_now && !again.closed_now);
        assert_eq!(again.pools, closed.pools);
        let feed = bureau.feed();
        assert_eq!(journeys::year_from_feed(&feed, &plan.plan, 2026).expect("rebuilt"), closed.pools);
        let own = &pool.institutions[0];
        let (withheld, held) = (Account::Withheld(hospital()), Account::Held(hospital()));
        assert_eq!((bureau.balance(withheld), bureau.balance(held)), (Fen::ZERO, Fen::ZERO), "all released");
        let before = [bureau.figures("2026-03").1, bureau.figures("2026-04").1];
        let paid: Fen = before.iter().flat_map(|figures| &figures.group).map(|row| row.month.payable).sum();
        assert_eq!(own.prepaid, paid);
        let released = bureau.balance(Account::Payable(hospital())) - owed;
        let due: Fen = before.iter().flat_map(|figures| &figures.group).map(|row| row.month.due).sum();
        let held: Fen =
            before.iter().flat_map(|figures| &figures.group).map(|row| row.month.deposit + row.month.held).sum();
        assert_eq!(released, own.payable - due + held);
        let (op, file) = (bureau.operation("2027-01-25 09:00:00"), plan.plan.clone());
        let settled = bureau.deed(move |centre, tx| centre.pay_year(tx, &op, &file, 2026)).expect("paid");
        assert_eq!(settled, own.balance_due);
        let (op, file) = (bureau.operation("2027-01-26 09:00:00"), plan.plan.clone());
        let again = bureau.deed(move |centre, tx| centre.pay_year(tx, &op, &file, 2026)).expect("paid before");
        assert_eq!(again, Fen::ZERO);
        // What the hospital was paid for its groups is what the year gives it: not a fen more or less.
        let item: Fen = before.iter().map(|figures| figures.item.payable).sum();
        assert_eq!(bureau.balance(Account::Paid(hospital())) - item, own.payable);
        let tables = journeys::year_sheets(&closed.pools);
        assert_eq!(tables[0].rows[0].last(), Some(&own.balance_due.to_string()));
    });
}

/// What other funds than the pool paid of a stay.
fn figures_other(settled: &Answer) -> Fen {
    let other = settled
        .rows("setldetail")
        .into_iter()
        .filter(|row| !["310100", "310200", "310201", "999996"].contains(&row.text("fund_pay_type").as_str()));
    other.map(|row| row.fen("fund_payamt")).sum()
}

impl Bureau<'_> {
    fn clear_error(&self, month: &str, at: &str) -> String {
        let (centre, database) = (self.town.desk.centre(), self.town.desk.database());
        let found = centre.clear_month(&database, &self.pay, &self.operation(at), self::month(month), &[], &mut |_| {});
        found.expect_err("an error").to_string()
    }

    fn cases(&self, month: &str) -> Vec<clearing::Cleared> {
        let month = self::month(month);
        let read: Result<_, db::DbError> =
            self.town.desk.database().read(move |tx| clearing::cases_between(tx, &HOSPITAL.into(), month, month));
        read.expect("cases")
    }
}

#[test]
fn a_rejected_list_waits_and_an_unknown_group_names_the_way_out() {
    on_each_database(|town| {
        let bureau = Bureau { town, pay: pay(), drawn: AtomicU64::new(1) };
        let (a, a_setl, _) = stay(town, "5101");
        submitted(town, "5101", &a, &a_setl, json!({}));
        let (op, setl) = (bureau.operation("2026-03-20 09:00:00"), a_setl.clone());
        let rejected = bureau.deed(move |centre, tx| {
            centre.reject_list(tx, &op, &"5101".into(), &setl.as_str().into(), "主要诊断选择错误")
        });
        assert_eq!(rejected.expect("rejected").state, ListState::Rejected);
        let (.., waiting) = bureau.clear("2026-03", "2026-04-02 02:00:00");
        assert!(waiting[&SettlementId::from(a_setl.as_str())].contains("状态为 3"), "{waiting:?}");
        // Corrected, but to a diagnosis that no group of the scheme takes.
        let mut other = list("5101", &a, &a_setl, json!({}));
        other["diseinfo"][0]["diag_code"] = json!("Z51.100");
        town.say(HOSPITAL, "2026-04-02 09:00:00", "4101", &other).accepted();
        let submit = json!({ "data": { "psn_no": "5101", "setl_id": a_setl, "stas_type": "1" } });
        town.say(HOSPITAL, "2026-04-02 09:01:00", "4102", &submit).accepted();
        let (recorded, _, waiting) = bureau.clear("2026-03", "2026-04-03 02:00:00");
        let reason = &waiting[&SettlementId::from(a_setl.as_str())];
        assert!(recorded == 0 && reason.contains("[[route]]"), "{reason}");
        // It is paid for nothing yet: the pool's item money of a waiting stay is not payable.
        let (statement, figures) = bureau.figures("2026-03");
        assert_eq!((figures.waiting, figures.group.len()), (1, 0));
        assert!(statement.payable < figures.fund_pay_sumamt + figures.acct_pay);
    });
}

#[test]
fn a_list_that_quality_control_objects_to_is_sent_back_with_the_reason() {
    on_each_database(|town| {
        const RULE: &str = r#"
            id = "no-other-way-out"
            name = "离院方式不得为其他"
            english = "no other way out"
            severity = "error"
            source = "试验"
            must = "stay.way_out != '9'"
            field = "stay.way_out"
            message = "离院方式为其他"
            message_en = "another way out"
            [[case]]
            name = "其他 other"
            expect = "flag"
            [case.list]
            stay.way_out = "9"
            [[case]]
            name = "医嘱离院 ordered"
            expect = "pass"
            [case.list]
            stay.way_out = "1"
            [[case]]
            name = "未填 not stated"
            expect = "unchecked"
            [case.list]
            stay.days = "3"
        "#;
        let file = listing::quality::RuleFile { path: "no-other-way-out.toml", text: RULE };
        // The shorter form says no age: it is the visit's, and the list is not to be sent back for it.
        const AGE: &str = include_str!("../../../../regions/common/quality/rules/required-age.toml");
        let age = listing::quality::RuleFile { path: "required-age.toml", text: AGE };
        let rules = listing::quality::RuleBook::load(&[file, age], &[]).unwrap_or_else(|errors| panic!("{errors:?}"));
        let quality = journeys::QualityControl { rules, tables: BTreeMap::new() };
        let bureau = Bureau { town, pay: pay().with_quality(quality), drawn: AtomicU64::new(1) };
        let (a, a_setl, _) = stay(town, "5301");
        let (b, b_setl, _) = stay(town, "5302");
        submitted(town, "5301", &a, &a_setl, json!({}));
        submitted(town, "5302", &b, &b_setl, json!({ "dscg_way": "9" }));
        let (recorded, _, waiting) = bureau.clear("2026-03", "2026-04-02 02:00:00");
        assert_eq!(recorded, 1);
        assert!(waiting[&SettlementId::from(b_setl.as_str())].contains("离院方式为其他"), "{waiting:?}");
        let asked = json!({ "data": { "psn_no": "5302", "setl_id": b_setl } });
        let read = town.say(HOSPITAL, "2026-04-02 09:00:00", "4103", &asked).accepted();
        assert_eq!(read.text("setlinfo", "stas_type"), "3");
        assert!(read.text("setlinfo", "chk_cont").contains("no-other-way-out"), "{}", read.raw);
        submitted(town, "5302", &b, &b_setl, json!({}));
        assert_eq!(bureau.clear("2026-03", "2026-04-03 02:00:00").0, 1);
    });
}

#[test]
fn what_no_plan_pays_by_group_is_paid_as_it_was_settled() {
    on_each_database(|town| {
        let bureau = Bureau { town, pay: pay(), drawn: AtomicU64::new(1) };
        town.employee("5201", 10_000);
        let id = town.begun("5201", "V1", &[line("1", "HZS001", "6", "100", "600")]);
        let settled = town.settle("5201", &id, "600").accepted();
        let (recorded, statements, waiting) = bureau.clear("2026-03", "2026-04-02 02:00:00");
        assert_eq!((recorded, statements, waiting.len()), (0, 1, 0));
        let month = month("2026-03");
        let view = town.desk.database().read(move |tx| journeys::month_view(tx, &HOSPITAL.into(), month));
        let view: journeys::MonthView = view.unwrap_or_else(|error: JourneyError| panic!("{error}"));
        let (statement, figures) = &view.statements[0];
        assert_eq!((statement.clr_type.as_str(), statement.clr_way.as_str()), ("11", "1"));
        assert_eq!(statement.payable, settled.fen("fund_pay_sumamt") + settled.fen("acct_pay"));
        assert!(figures.group.is_empty());
        bureau.finish("2026-03", "2026-04-10 09:00:00");
        assert_eq!(bureau.balance(Account::Payable(hospital())), Fen::ZERO, "what was owed is paid");
        // A reversal in the next month makes a month below zero, which the month after sets off.
        town.say(HOSPITAL, "2026-04-03 09:00:00", "2208", &of("5201", &id, &settled.text("setlinfo", "setl_id")))
            .accepted();
        bureau.clear("2026-04", "2026-05-02 02:00:00");
        bureau.finish("2026-04", "2026-05-10 09:00:00");
        let statements = |text: &str| {
            let month = self::month(text);
            let read: Result<Vec<clearing::Statement>, db::DbError> =
                town.desk.database().read(move |tx| clearing::statements(tx, &HOSPITAL.into(), month, month));
            read.expect("statements").remove(0)
        };
        assert_eq!((statements("2026-04").payable, statements("2026-04").carried), (Fen::ZERO, statement.payable));
        town.employee("5202", 10_000);
        let shell = town.shell(HOSPITAL, "5202", "V1", "2026-05-09 08:30:00");
        let at = "2026-05-09 09:00:00";
        town.say(HOSPITAL, at, "2203", &visit("5202", &shell, "11", at)).accepted();
        let row = with(&line("1", "HZS001", "6", "100", "600"), json!({ "fee_ocur_time": "2026-05-09 09:30:00" }));
        town.say(HOSPITAL, at, "2204", &fees("5202", &shell, &[row])).accepted();
        town.say(HOSPITAL, "2026-05-09 10:00:00", "2207", &bill("5202", &shell, "600", json!({}))).accepted();
        bureau.clear("2026-05", "2026-06-02 02:00:00");
        assert_eq!((statements("2026-05").payable, statements("2026-05").carried), (Fen::ZERO, Fen::ZERO), "set off");
    });
}

#[test]
fn an_agreement_that_says_by_item_takes_its_stays_out_of_the_plans() {
    on_each_database(|town| {
        let bureau = Bureau { town, pay: pay(), drawn: AtomicU64::new(1) };
        let (a, a_setl, settled) = stay(town, "5401");
        submitted(town, "5401", &a, &a_setl, json!({}));
        let mut places = places();
        for agreement in places.agreements.iter_mut().filter(|row| row.institution == hospital()) {
            agreement.clr_way = "1".to_owned();
        }
        let institutions = Arc::new(Institutions::of_register(Arc::new(provider::Index::new(2, places))));
        let centre = town.desk.centre();
        town.desk.replace(centre.with(Arc::clone(&centre.catalogue), institutions), town.desk.database());
        assert_eq!(bureau.clear("2026-03", "2026-04-02 02:00:00"), (0, 1, BTreeMap::new()));
        let (statement, figures) = bureau.figures("2026-03");
        assert_eq!((statement.clr_way.as_str(), figures.group.len()), ("1", 0));
        assert_eq!(statement.payable, settled.fen("fund_pay_sumamt") + settled.fen("acct_pay"));
    });
}

#[test]
fn a_plan_beside_another_scheme_is_refused() {
    let other = Grouper::compile(&Scheme { version: "2027".to_owned(), ..scheme() }).expect("compiles");
    let plan = pay().plans()[0].clone();
    let wrong = GroupPlan { grouper: Arc::new(other), ..plan };
    let refused = GroupPayment::new(vec![wrong]).expect_err("a mismatch");
    assert!(refused.to_string().contains("town-drg 2027"), "{refused}");
}
