//! 费用明细: a line with what its catalogue row and its order say.

use jiff::ToSpan as _;
use terms::{Exact, Fen, UnitPrice, round_half_away};

use super::{flag, some};
use crate::city::City;
use crate::plan::Kind;
use crate::random::Dice;
use crate::region::Item;
use crate::visit::{Line, Visit};

const TRACE: u64 = 70;

/// The lines that stayed, in order of time.
pub(super) fn lines(city: &City, visit: &Visit) -> Vec<encounter::Line> {
    visit.lines.iter().filter(|line| !line.withdrawn).map(|line| one(city, visit, line)).collect()
}

fn one(city: &City, visit: &Visit, line: &Line) -> encounter::Line {
    let item = city.item(&line.code, line.time.date());
    let drug = item.is_some_and(|item| item.list_type == "101");
    let pieces = item.is_some_and(|item| item.list_type == "102");
    let prescribed = (drug || pieces) && !visit.is_stay();
    let ordered = visit.is_stay() || prescribed;
    let days = if prescribed { line.days } else { 0 };
    let split = item.map(|item| Split::of(item, visit, line));
    let pack = item.filter(|_| drug).and_then(|item| item.pack.as_ref());
    let stop = if visit.is_stay() { 1_i64 } else { i64::from(days) };
    encounter::Line {
        feedetl_sn: Some(number(visit, line.number)),
        mdtrt_id: some(&visit.label),
        med_list_codg: some(&line.code),
        med_list_name: some(&line.name),
        list_type: item.and_then(|item| some(&item.list_type)),
        med_chrgitm_type: item.and_then(|item| some(&item.charge_type)),
        chrgitm_lv: item.and_then(|item| some(&item.level)),
        fee_ocur_time: Some(line.time),
        cnt: Some(Exact::from(line.count)),
        pric: Some(Exact::from(line.price)),
        det_item_fee_sumamt: Some(line.amount),
        inscp_scp_amt: split.as_ref().map(|split| split.in_scope),
        fulamt_ownpay_amt: split.as_ref().map(|split| split.own),
        pric_uplmt_amt: item.and_then(|item| item.ceilings.get(&visit.institution.level)).map(|top| Exact::from(*top)),
        rxno: prescribed.then(|| format!("{}R{}", visit.label, if pieces { "2" } else { "1" })),
        drord_no: ordered.then(|| format!("{}O{}", visit.label, line.number)),
        bilg_dept_codg: some(&visit.department.code),
        acord_dept_codg: some(&visit.department.code),
        bilg_dr_codg: some(&visit.doctor.code),
        drord_dr_profttl: some(&visit.doctor.title),
        drord_begn_date: Some(line.time).filter(|_| ordered),
        drord_stop_date: Some(line.time.saturating_add(stop.days())).filter(|_| ordered && stop > 0),
        prd_days: Some(Exact::whole(i64::from(days))).filter(|_| drug && days > 0),
        sin_dos: pack.map(|pack| pack.strength),
        used_frqu: item.filter(|_| pack.is_some()).map(|item| Exact::whole(item.daily())),
        spec_dose: pack.and_then(|pack| pack.strength.times(Exact::whole(pack.units)).ok()),
        tcmdrug_used_way: pieces.then(|| "1".to_owned()),
        tcmherb_doses: Some(Exact::whole(i64::from(days))).filter(|_| pieces && days > 0),
        hosp_appr_flag: flag(line.approval == "1").filter(|_| item.is_some_and(|item| item.restricted)),
        lmt_used_flag: item.and_then(|item| flag(item.restricted)),
        matn_fee_flag: flag(matches!(visit.kind, Kind::Prenatal | Kind::Delivery)),
        updt_time: Some(uploaded(visit, line)),
        drug_trac_codg: traces(city, visit, line, drug),
        init_feedetl_sn: line.refund_of.map(|of| number(visit, of)),
        ..encounter::Line::default()
    }
}

/// `feedetl_sn`, unique in the city.
pub(super) fn number(visit: &Visit, line: u32) -> String {
    format!("{}{line:04}", visit.label)
}

/// In the evening for stays, at once elsewhere.
fn uploaded(visit: &Visit, line: &Line) -> terms::DateTime {
    if !visit.is_stay() {
        return visit.end.max(line.time);
    }
    line.time.date().at(20, 30, 0, 0).clamp(line.time.min(visit.settle), visit.settle)
}

/// 追溯码: pharmacies scan the packages that they sell.
fn traces(city: &City, visit: &Visit, line: &Line, drug: bool) -> Option<Vec<String>> {
    (drug && visit.institution.pharmacy).then(|| packages(city, visit, line))
}

/// The packages of a line, at most four of them, by their codes.
pub(crate) fn packages(city: &City, visit: &Visit, line: &Line) -> Vec<String> {
    let count = (line.count.0.abs() / 10_000).clamp(1, 4);
    // What is given back is what was sold.
    let sold = line.refund_of.unwrap_or(line.number);
    let of = |at: i64| {
        let own = [TRACE, hash(&visit.label), u64::from(sold), u64::try_from(at).unwrap_or(0)];
        let shared = [TRACE, line.package];
        let keys = if line.package > 0 && at == 0 { &shared[..] } else { &own[..] };
        let mut dice = Dice::keyed(city.options.seed, keys);
        format!("8{:07}{:012}", hash(&line.code) % 10_000_000, dice.below(1_000_000_000_000))
    };
    (0..count).map(of).collect()
}

pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(1_469_598_103_934_665_603, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(1_099_511_628_211))
}

/// 明细拆分, as far as the catalogue row tells: own payment, above the ceiling, first own share, in scope.
struct Split {
    own: Fen,
    in_scope: Fen,
}

impl Split {
    fn of(item: &Item, visit: &Visit, line: &Line) -> Split {
        let share = item.self_paid[usize::from(visit.scheme == "390")];
        let unapproved = item.restricted && line.approval != "1" || line.approval == "2";
        if share >= 10_000 || unapproved {
            return Split { own: line.amount, in_scope: Fen::ZERO };
        }
        let ceiling = item.ceilings.get(&visit.institution.level).copied();
        let above = ceiling.filter(|top| line.price > *top).map_or(Fen::ZERO, |top| {
            terms::line_amount(UnitPrice(line.price.0 - top.0), line.count).unwrap_or(Fen::ZERO)
        });
        let rest = Fen(line.amount.0 - above.0);
        let first = Exact::whole(rest.0).times(Exact::from_scaled(share, 4)).map_or(Fen::ZERO, round_half_away);
        Split { own: Fen::ZERO, in_scope: Fen(rest.0 - first.0) }
    }
}
