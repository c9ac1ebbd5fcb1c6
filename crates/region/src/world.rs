//! 一个人的世界: a person, what has accumulated, and the steps of their life with the fund,
//! written as a clerk writes an example. Claims are run the same way.

use std::collections::BTreeMap;

use adjudication::facts::{
    CatalogueRow, Coverage, Dossier, Filing, Giver, Heads, Identity, Institution, Items, Person, QuantityLimit,
    Refusal, Settlement, Totals,
};
use adjudication::replay::{Answer, CaseLine, CaseVisit, Event, MemoryItems, Replay};
use journeys::Institutions;
use policy::names::Owner;
use policy::{Law, Type};
use terms::{Date, DateTime, Fen, Period, Quantity, Ratio, UnitPrice, show_time};
use toml::Value;

use crate::RegionError;
use crate::value::{Fields, date, list, map, percent, take_date, take_text, take_time, take_yuan, text, wrong, yuan};

/// What a world stands on: a law, and the region's catalogue and institutions.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// 法.
    pub law: &'a Law,
    /// 目录.
    pub items: &'a (dyn Items + Sync),
    /// 机构.
    pub institutions: &'a Institutions,
    /// 医保区划 of the region, where an institution is unless said otherwise.
    pub area: &'a str,
}

/// What a step came to.
#[derive(Debug)]
pub struct Outcome {
    /// The settlement's id, of a step that settled.
    pub setl_id: Option<String>,
    /// The answer.
    pub answer: Answer,
    /// The settlement with its trace, of a step that settled.
    pub settlement: Option<Settlement>,
    /// The refusal with its words.
    pub refusal: Option<Refusal>,
}

impl Outcome {
    /// The answered heads, of a step that settled or reversed.
    #[must_use]
    pub fn heads(&self) -> Option<&Heads> {
        self.answer.setl.as_ref()
    }
}

/// One person's world in memory.
pub struct World<'a> {
    ground: Ground<'a>,
    replay: Replay<'a>,
    visits: usize,
    settlements: usize,
    filings: usize,
    items: usize,
    insutype: String,
}

/// How a bill is to be settled.
struct Settling {
    at: DateTime,
    setl_id: String,
    trial: bool,
    account_flag: String,
    mid_setl_flag: String,
    declared: Option<Fen>,
}

/// Where a period or a credit is not dated.
const DATES: Date = Date::constant(2000, 1, 1);

impl<'a> World<'a> {
    /// The world at the beginning: a person, running totals by key, and filings.
    ///
    /// # Errors
    /// What in them cannot be read, or is not known to the law.
    pub fn new(
        ground: Ground<'a>,
        person: &Fields,
        before: &Fields,
        filings: &[Fields],
    ) -> Result<World<'a>, RegionError> {
        let (dossier, insutype) = dossier(ground.law, person.clone(), before)?;
        let replay = Replay::new(ground.law, dossier, MemoryItems::default(), []);
        let mut world = World { ground, replay, visits: 0, settlements: 0, filings: 0, items: 0, insutype };
        for filing in filings {
            let outcome = world.file(filing.clone())?;
            if let Some(refusal) = outcome.refusal {
                return wrong(format!(
                    "a filing before the first step is refused: [{}] {}",
                    refusal.code, refusal.message
                ));
            }
        }
        Ok(world)
    }

    /// 累计 as they stand.
    #[must_use]
    pub fn totals(&self) -> &Totals {
        &self.replay.dossier.totals
    }

    /// 账户余额 of the person.
    #[must_use]
    pub fn account(&self) -> Fen {
        self.replay.dossier.account
    }

    /// Does one step: a bill, a reversal, a filing, its cancelling or a credit to the account.
    ///
    /// # Errors
    /// What in the step cannot be read, or what the policy does not cover.
    pub fn step(&mut self, step: &Fields) -> Result<Outcome, RegionError> {
        let mut step = step.clone();
        step.remove("expect");
        if let Some(filing) = step.remove("filing") {
            nothing_left(&step, "a step that files something")?;
            return self.file(map("filing", filing)?);
        }
        if let Some(id) = take_text(&mut step, "cancel_filing")? {
            let day = take_date(&mut step, "date")?.unwrap_or(DATES);
            nothing_left(&step, "a step that cancels a filing")?;
            return self.event(&Event::FilingCancel { filing_id: id.as_str().into(), date: day }, None);
        }
        if let Some(amount) = take_yuan(&mut step, "credit")? {
            nothing_left(&step, "a step that credits the account")?;
            return self.event(&Event::AcctCredit { date: DATES, amt: amount }, None);
        }
        if let Some(id) = take_text(&mut step, "reverse")? {
            let known = self.replay.dossier.settlements.iter().find(|settlement| settlement.setl_id.as_str() == id);
            let at = take_time(&mut step, "time")?
                .or(known.map(|settlement| settlement.setl_time))
                .unwrap_or(DATES.to_datetime(jiff::civil::Time::midnight()));
            nothing_left(&step, "a step that reverses a settlement")?;
            return self.event(&Event::Reverse { setl_id: id, time: show_time(at) }, None);
        }
        self.bill(step)
    }

    fn event(&mut self, event: &Event, setl_id: Option<String>) -> Result<Outcome, RegionError> {
        self.replay.last_settlement = None;
        self.replay.last_refusal = None;
        let answer = self.replay.event(event).map_err(|error| RegionError::Written(error.to_string()))?;
        let settlement = self.replay.last_settlement.take();
        let refusal = self.replay.last_refusal.take();
        Ok(Outcome { setl_id: setl_id.filter(|_| answer.ok), answer, settlement, refusal })
    }

    fn file(&mut self, mut fields: Fields) -> Result<Outcome, RegionError> {
        self.filings += 1;
        let Some(kind) = take_text(&mut fields, "kind")? else {
            return wrong("a filing needs its kind, such as kind = \"opsp\"");
        };
        let filing_id =
            take_text(&mut fields, "filing_id")?.unwrap_or_else(|| format!("F{}", self.filings)).as_str().into();
        let filing = Filing {
            filing_id,
            kind,
            period: take_period(&mut fields)?,
            dise_codg: take_text(&mut fields, "dise_codg")?,
            admdvs: take_text(&mut fields, "admdvs")?,
            cancelled: false,
        };
        nothing_left(&fields, "a filing")?;
        self.event(&Event::Filing { filing }, None)
    }

    /// A bill: the visit is opened, its lines uploaded, the stay ended, the bill settled. The
    /// first refusal on the way is the outcome.
    fn bill(&mut self, mut step: Fields) -> Result<Outcome, RegionError> {
        if let Some(visit) = take_text(&mut step, "again")? {
            let Some(at) = take_time(&mut step, "settle")? else {
                return wrong("a bill that is settled again needs settle = (when)");
            };
            let settling = self.settling(&mut step, at)?;
            nothing_left(&step, "a step that settles a visit again")?;
            return self.settle(visit, settling);
        }
        let Some(med_type) = take_text(&mut step, "med_type")? else {
            return wrong(
                "a step needs med_type = (what kind of care), or reverse, again, filing, cancel_filing or credit",
            );
        };
        let Some(begin) = take_time(&mut step, "begin")? else {
            return wrong("a bill needs begin = (the date of the visit)");
        };
        let end = take_time(&mut step, "end")?;
        let settle = take_time(&mut step, "settle")?.or(end).unwrap_or(begin);
        let insutype = take_text(&mut step, "insutype")?.unwrap_or_else(|| self.insutype.clone());
        let settling = self.settling(&mut step, settle)?;
        self.visits += 1;
        let visit = take_text(&mut step, "visit")?.unwrap_or_else(|| format!("V{}", self.visits));
        let fixmedins_code = self.institution(&mut step, begin.date())?;
        let lines = self.lines(&mut step, begin)?;
        let fields = self.visit_fields(step)?;
        let (begntime, mdtrt_id) = (show_time(begin), visit.clone());
        let opened = CaseVisit { mdtrt_id, fixmedins_code, med_type, insutype, begntime, fields: fields.clone() };
        let outcome = self.event(&Event::Visit { visit: opened }, None)?;
        if outcome.refusal.is_some() {
            return Ok(outcome);
        }
        if !lines.is_empty() {
            let charged = self.event(&Event::Fees { mdtrt_id: visit.clone(), lines }, None)?;
            if charged.refusal.is_some() {
                return Ok(charged);
            }
        }
        if let Some(end) = end {
            let event = Event::Discharge { mdtrt_id: visit.clone(), endtime: show_time(end), fields };
            let left = self.event(&event, None)?;
            if left.refusal.is_some() {
                return Ok(left);
            }
        }
        self.settle(visit, settling)
    }

    fn settling(&mut self, step: &mut Fields, at: DateTime) -> Result<Settling, RegionError> {
        self.settlements += 1;
        let flag = |flag: Option<String>| flag.unwrap_or_else(|| "0".to_owned());
        Ok(Settling {
            at,
            setl_id: take_text(step, "id")?.unwrap_or_else(|| format!("S{}", self.settlements)),
            trial: take_text(step, "trial")?.is_some_and(|trial| trial == "1"),
            account_flag: flag(take_text(step, "account_flag")?),
            mid_setl_flag: flag(take_text(step, "mid_setl_flag")?),
            declared: take_yuan(step, "declared")?,
        })
    }

    fn settle(&mut self, mdtrt_id: String, settling: Settling) -> Result<Outcome, RegionError> {
        let Settling { at, setl_id, trial, account_flag: acct_used_flag, mid_setl_flag, declared } = settling;
        let medfee_sumamt = declared.unwrap_or_else(|| self.replay.billed(&mdtrt_id));
        let setl_time = show_time(at);
        let event = if trial {
            Event::Presettle { mdtrt_id, setl_time, medfee_sumamt, acct_used_flag, mid_setl_flag }
        } else {
            let setl_id = setl_id.clone();
            Event::Settle { mdtrt_id, setl_time, medfee_sumamt, acct_used_flag, mid_setl_flag, setl_id }
        };
        self.event(&event, Some(setl_id).filter(|_| !trial))
    }

    /// The institution of a bill: one of the region's by its code, or one described.
    fn institution(&mut self, step: &mut Fields, day: Date) -> Result<terms::InstitutionId, RegionError> {
        let mut described = Fields::new();
        let mut code = None;
        match step.remove("institution") {
            Some(Value::Table(table)) => described = table.into_iter().collect(),
            Some(value) => code = Some(text("institution", &value)?),
            None => {}
        }
        for (short, full) in [("level", "hi_setl_lv"), ("area", "admdvs"), ("institution_type", "fixmedins_type")] {
            if let Some(value) = step.remove(short) {
                described.insert(full.to_owned(), value);
            }
        }
        if let Some(code) = code.clone().or(take_text(&mut described, "fixmedins_code")?) {
            if described.is_empty() {
                let found = self.ground.institutions.on(&code, day);
                if let Some(found) = found {
                    self.replay.institutions.insert(found.fixmedins_code.clone(), Institution::clone(&found));
                }
                return Ok(code.as_str().into());
            }
            described.insert("fixmedins_code".to_owned(), Value::String(code));
        }
        let Some(level) = take_text(&mut described, "hi_setl_lv")? else {
            return wrong("a bill needs institution = (a code of providers/institutions.csv), or level = (its level)");
        };
        let kind = take_text(&mut described, "fixmedins_type")?.unwrap_or_else(|| "1".to_owned());
        let area = take_text(&mut described, "admdvs")?.unwrap_or_else(|| self.ground.area.to_owned());
        let code = take_text(&mut described, "fixmedins_code")?.unwrap_or_else(|| format!("H-{area}-{kind}-{level}"));
        let name = take_text(&mut described, "name")?.unwrap_or_else(|| code.clone());
        let period = take_period(&mut described)?;
        let mut fields = BTreeMap::new();
        for (name, value) in described {
            self.known(Owner::Institution, &name, "of an institution")?;
            fields.insert(name.clone(), text(&name, &value)?);
        }
        let fixmedins_code: terms::InstitutionId = code.as_str().into();
        self.replay.institutions.insert(
            fixmedins_code.clone(),
            Institution {
                fixmedins_code: fixmedins_code.clone(),
                name,
                hi_setl_lv: level,
                fixmedins_type: kind,
                admdvs: area,
                fields,
                period: Some(period),
            },
        );
        Ok(fixmedins_code)
    }

    fn known(&self, owner: Owner, name: &str, whose: &str) -> Result<(), RegionError> {
        known_to(self.ground.law, owner, name, whose)
    }

    fn visit_fields(&self, step: Fields) -> Result<BTreeMap<String, String>, RegionError> {
        let mut fields = BTreeMap::new();
        for (name, value) in step {
            self.known(Owner::Visit, &name, "of a step")?;
            fields.insert(name.clone(), text(&name, &value)?);
        }
        Ok(fields)
    }

    /// The lines of a bill, as listed and as plain amounts.
    fn lines(&mut self, step: &mut Fields, begin: DateTime) -> Result<Vec<CaseLine>, RegionError> {
        let mut lines = Vec::new();
        let plain = [("in_scope", "01", 0), ("pre_self_pay", "02", 10_000), ("self_paid", "03", 10_000)];
        for (name, level, self_pay) in plain {
            let Some(amount) = take_yuan(step, name)? else { continue };
            if amount < Fen::ZERO {
                return wrong(format!("“{name}” is {amount}; an amount of a bill is not negative"));
            }
            if amount.is_zero() {
                continue;
            }
            self.replay.items.add(name, || vec![plain_item(name, level, Ratio(self_pay))]);
            lines.push(CaseLine {
                feedetl_sn: name.into(),
                med_list_codg: name.to_owned(),
                fee_ocur_time: show_time(begin),
                cnt: "1".to_owned(),
                pric: amount.to_string(),
                det_item_fee_sumamt: amount,
                hosp_appr_flag: "0".to_owned(),
                init_feedetl_sn: None,
                fields: BTreeMap::new(),
            });
        }
        if let Some(listed) = step.remove("lines") {
            for (n, line) in list("lines", listed)?.into_iter().enumerate() {
                let line = self.line(map("lines", line)?, n + 1, begin);
                lines.push(line.map_err(|error| RegionError::Written(format!("line {}: {error}", n + 1)))?);
            }
        }
        Ok(lines)
    }

    fn line(&mut self, mut fields: Fields, n: usize, begin: DateTime) -> Result<CaseLine, RegionError> {
        let number = take_text(&mut fields, "no")?.unwrap_or_else(|| n.to_string());
        let at = take_time(&mut fields, "date")?.unwrap_or(begin);
        let count = take_text(&mut fields, "cnt")?.unwrap_or_else(|| "1".to_owned());
        let refund_of = take_text(&mut fields, "refund_of")?;
        let amount = take_yuan(&mut fields, "amount")?;
        let price = match (take_text(&mut fields, "pric")?, amount) {
            (Some(price), _) => price,
            (None, Some(amount)) if count == "1" => amount.to_string(),
            _ => return wrong("a line needs pric = (the unit price), or amount = (what it costs)"),
        };
        let quantity: Quantity = count.parse().or_else(|_| wrong(format!("cnt “{count}” is not a quantity")))?;
        let unit: UnitPrice = price.parse().or_else(|_| wrong(format!("pric “{price}” is not a price")))?;
        let computed = terms::line_amount(unit, quantity).or_else(|_| wrong("the amount of the line is too large"))?;
        let code = self.line_item(&mut fields)?;
        let approval = take_text(&mut fields, "approval")?.unwrap_or_else(|| "0".to_owned());
        let mut others = BTreeMap::new();
        for (name, value) in fields {
            self.known(Owner::Line, &name, "of a line")?;
            others.insert(name.clone(), text(&name, &value)?);
        }
        Ok(CaseLine {
            feedetl_sn: number.as_str().into(),
            med_list_codg: code,
            fee_ocur_time: show_time(at),
            cnt: count,
            pric: price,
            det_item_fee_sumamt: amount.unwrap_or(computed),
            hosp_appr_flag: approval,
            init_feedetl_sn: refund_of.map(|number| number.as_str().into()),
            fields: others,
        })
    }

    /// The catalogue row of a line: the region's by its code, or one described in the line.
    fn line_item(&mut self, fields: &mut Fields) -> Result<String, RegionError> {
        let code = take_text(fields, "code")?;
        let Some(level) = take_text(fields, "item_level")? else {
            let Some(code) = code else {
                return wrong("a line needs code = (of the catalogue), or item_level = (\"01\", \"02\" or \"03\")");
            };
            let items = self.ground.items;
            self.replay.items.add(&code, || items.rows(&code).to_vec());
            return Ok(code);
        };
        let mut row = plain_item("", &level, Ratio(if level == "03" { 10_000 } else { 0 }));
        match fields.remove("self_pay") {
            Some(Value::Table(table)) => {
                row.selfpay.clear();
                for (key, value) in table {
                    row.selfpay.insert(key, Ratio(percent("self_pay", &value)?));
                }
            }
            Some(value) => row.selfpay = BTreeMap::from([("*".to_owned(), Ratio(percent("self_pay", &value)?))]),
            None => {}
        }
        if let Some(ceiling) = take_text(fields, "ceiling")? {
            let price = ceiling.parse().or_else(|_| wrong(format!("ceiling “{ceiling}” is not a price")))?;
            row.ceiling.insert("*".to_owned(), (ceiling, price));
        }
        for (name, flag) in [("restricted", &mut row.lmt_used_flag), ("account_payable", &mut row.acct_pay_flag)] {
            if let Some(value) = take_text(fields, name)? {
                *flag = value;
            }
        }
        for per in ["day", "visit"] {
            if let Some(count) = take_text(fields, &format!("quota_{per}"))? {
                let cnt = count.parse().or_else(|_| wrong(format!("quota_{per} “{count}” is not a quantity")))?;
                row.qty_lmt = Some(QuantityLimit { per: per.to_owned(), cnt });
            }
        }
        let item_fields = fields.remove("item").map(|item| map("item", item)).transpose()?.unwrap_or_default();
        for (name, value) in item_fields {
            self.known(Owner::Item, &name, "of an item")?;
            row.fields.insert(name.clone(), text(&name, &value)?);
        }
        self.items += 1;
        let code = code.unwrap_or_else(|| format!("item-{}", self.items));
        row.med_list_codg = code.as_str().into();
        self.replay.items.add(&code, || vec![row]);
        Ok(code)
    }
}

fn plain_item(code: &str, level: &str, self_pay: Ratio) -> CatalogueRow {
    CatalogueRow {
        med_list_codg: code.into(),
        name: String::new(),
        chrgitm_lv: level.to_owned(),
        selfpay: BTreeMap::from([("*".to_owned(), self_pay)]),
        ceiling: BTreeMap::new(),
        lmt_used_flag: "0".to_owned(),
        qty_lmt: None,
        acct_pay_flag: "1".to_owned(),
        fields: BTreeMap::new(),
        period: Period::since(Date::constant(1900, 1, 1)),
    }
}

fn known_to(law: &Law, owner: Owner, name: &str, whose: &str) -> Result<(), RegionError> {
    let declared = law.attributes.iter().any(|(of, id, _)| *of == owner && id == name);
    if declared || owner.standard_fields().contains(&name) {
        return Ok(());
    }
    wrong(format!("“{name}” is no known key {whose}; declare it with [[attribute]] if the law asks for it"))
}

fn nothing_left(fields: &Fields, what: &str) -> Result<(), RegionError> {
    match fields.keys().next() {
        None => Ok(()),
        Some(name) => wrong(format!("“{name}” is no known key of {what}")),
    }
}

/// `begin` and `end`; without them the period is open.
fn take_period(fields: &mut Fields) -> Result<Period, RegionError> {
    let begin = take_date(fields, "begin")?.unwrap_or(DATES);
    Ok(Period { begin, end: take_date(fields, "end")? })
}

fn dossier(law: &Law, mut person: Fields, before: &Fields) -> Result<(Dossier, String), RegionError> {
    let mut idents = Vec::new();
    for ident in person.remove("idents").map(|value| list("idents", value)).transpose()?.unwrap_or_default() {
        let mut fields = match ident {
            Value::Table(table) => table.into_iter().collect(),
            plain => Fields::from([("type".to_owned(), plain)]),
        };
        let Some(kind) = take_text(&mut fields, "type")? else { return wrong("an identity needs its type") };
        idents.push(Identity { psn_idet_type: kind, period: take_period(&mut fields)? });
        nothing_left(&fields, "an identity")?;
    }
    let mut givers = Vec::new();
    for giver in person.remove("givers").map(|value| list("givers", value)).transpose()?.unwrap_or_default() {
        let mut fields = map("givers", giver)?;
        let Some(number) = take_text(&mut fields, "psn_no")? else { return wrong("a giver needs psn_no") };
        let balc = take_yuan(&mut fields, "balance")?.unwrap_or(Fen::ZERO);
        let year_lmt = take_yuan(&mut fields, "year_limit")?;
        givers.push(Giver { giver: number.as_str().into(), balc, year_lmt, period: take_period(&mut fields)? });
        nothing_left(&fields, "a giver")?;
    }
    let psn_no = take_text(&mut person, "psn_no")?.unwrap_or_else(|| "P1".to_owned());
    let brdy = take_date(&mut person, "brdy")?.unwrap_or(Date::constant(1980, 1, 1));
    let gend = take_text(&mut person, "gend")?.unwrap_or_else(|| "1".to_owned());
    let account = take_yuan(&mut person, "account")?.unwrap_or(Fen::ZERO);
    let listed = person.remove("coverage").map(|value| list("coverage", value)).transpose()?;
    let mut insu = Vec::new();
    match listed {
        Some(listed) => {
            for row in listed {
                let mut fields = map("coverage", row)?;
                insu.push(coverage(law, &mut fields)?);
                nothing_left(&fields, "a coverage")?;
            }
        }
        None => insu.push(coverage(law, &mut person)?),
    }
    let mut fields = BTreeMap::new();
    for (name, value) in person {
        known_to(law, Owner::Person, &name, "of a person")?;
        fields.insert(name.clone(), text(&name, &value)?);
    }
    let insutype = insu.first().map(|row| row.insutype.clone()).unwrap_or_default();
    let mut totals = Totals::new();
    for (key, value) in before {
        let id = key.split('/').next().unwrap_or_default();
        let Some(accumulator) = law.accumulators.iter().find(|accumulator| accumulator.id == id) else {
            return wrong(format!("before: no [[accumulator]] is named “{id}” (key “{key}”)"));
        };
        if key.split('/').count() != accumulator.key.len() + 1 {
            let parts: Vec<&str> = accumulator.key.iter().map(|part| &*part.text).collect();
            return wrong(format!("before: the key “{key}” must be “{id}/…” with {}", parts.join(" / ")));
        }
        totals.insert(key.clone(), total(key, value, accumulator.kind)?);
    }
    let person = Person { psn_no: psn_no.as_str().into(), brdy, gend, insu, idents, fields };
    let (filings, visits, settlements) = (Vec::new(), Vec::new(), Vec::new());
    Ok((Dossier { person, filings, visits, settlements, totals, account, givers }, insutype))
}

/// A running total as written: yuan for amounts, a count otherwise.
pub(crate) fn total(key: &str, value: &Value, kind: Type) -> Result<i64, RegionError> {
    if kind == Type::Money {
        return Ok(yuan(key, value)?.0);
    }
    let text = text(key, value)?;
    text.parse().or_else(|_| wrong(format!("“{key}” is “{text}”, which is not a count")))
}

fn coverage(law: &Law, fields: &mut Fields) -> Result<Coverage, RegionError> {
    let Some(insutype) = take_text(fields, "insutype")? else {
        return wrong("a person needs insutype = (the scheme), such as \"310\"");
    };
    let begin = fields.remove("since").map(|value| date("since", &value)).transpose()?.unwrap_or(DATES);
    let end = fields.remove("until").map(|value| date("until", &value)).transpose()?;
    let mut others = BTreeMap::new();
    for (owner, name, _) in &law.attributes {
        if *owner == Owner::Coverage
            && let Some(value) = take_text(fields, name)?
        {
            others.insert(name.clone(), value);
        }
    }
    Ok(Coverage {
        insutype,
        psn_type: take_text(fields, "psn_type")?.unwrap_or_else(|| "11".to_owned()),
        cvlserv_flag: take_text(fields, "cvlserv_flag")?.unwrap_or_else(|| "0".to_owned()),
        psn_insu_stas: take_text(fields, "psn_insu_stas")?.unwrap_or_else(|| "1".to_owned()),
        period: Period { begin, end },
        fields: others,
    })
}
