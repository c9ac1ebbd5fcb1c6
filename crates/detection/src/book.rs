//! 案卷索引: the histories laid out for the models: numbered persons, places, doctors, items and
//! visits, in one order whatever the order they came in.

use crate::facts::{Members, Stake};
use crate::settings::{COMMON, Parameters, Settings};
use encounter::{Encounter, History, Institution, Line, Person, Stock, Surroundings};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;
use terms::{DateTime, Exact, Fen, round_half_away};

/// What kind of visit it is; what is not known is `Other` to every model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Stay,
    Pharmacy,
    Clinic,
    Other,
}

/// What a fee is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Bed,
    Round,
    Test,
    Treatment,
    Drug,
    Other,
}

pub(crate) struct Visit<'a> {
    pub(crate) facts: &'a Encounter,
    /// 费用明细, in order of number, time and code.
    pub(crate) lines: Vec<&'a Line>,
    pub(crate) id: &'a str,
    pub(crate) person: usize,
    pub(crate) place: Option<usize>,
    pub(crate) doctor: Option<usize>,
    /// Minutes since 1970 began.
    pub(crate) begin: Option<i64>,
    pub(crate) end: Option<i64>,
    pub(crate) sort: Sort,
    /// 主诊断.
    pub(crate) main: Option<&'a str>,
    pub(crate) fee: Option<Fen>,
    /// (item, quantity in ten-thousandths), summed, by item; what was given back is gone.
    pub(crate) items: Vec<(usize, i64)>,
    /// Money by purpose, unless a line lacks its amount or kind.
    purposes: Option<[Fen; 6]>,
    /// On a list of what is done by plan: chemotherapy and the like.
    pub(crate) planned: bool,
    /// Of a cohort that comes together by its treatment: dialysis and the like.
    pub(crate) cohort: bool,
    /// 健康体检.
    pub(crate) examination: bool,
    /// Birth and newborns.
    pub(crate) birth: bool,
    pub(crate) urgent: bool,
}

impl Visit<'_> {
    pub(crate) fn day(&self) -> Option<i64> {
        self.begin.map(day_of)
    }

    /// The first three characters of the main diagnosis.
    pub(crate) fn head(&self) -> Option<&str> {
        self.main.map(head)
    }

    /// Nights of a stay.
    pub(crate) fn nights(&self) -> Option<i64> {
        Some(day_of(self.end?) - day_of(self.begin?))
    }

    /// The share of the fee that such purposes take.
    pub(crate) fn share(&self, purposes: &[Purpose]) -> Option<f64> {
        let sums = self.purposes?;
        let all: i64 = sums.iter().map(|sum| sum.0).sum();
        let some: i64 = purposes.iter().map(|purpose| sums[*purpose as usize].0).sum();
        crate::numbers::share(crate::numbers::signed(some), crate::numbers::signed(all))
    }

    /// Spared by the lists: it is alike, repeated or together with others for a reason.
    pub(crate) fn by_plan(&self) -> bool {
        self.planned || self.cohort || self.examination || self.birth
    }

    pub(crate) fn item_set(&self) -> Vec<usize> {
        self.items.iter().map(|(item, _)| *item).collect()
    }
}

pub(crate) fn day_of(minute: i64) -> i64 {
    minute.div_euclid(1440)
}

pub(crate) fn head(code: &str) -> &str {
    code.get(..3).unwrap_or(code)
}

pub(crate) fn minute_of(time: DateTime) -> i64 {
    let days = jiff::civil::date(1970, 1, 1).until(time.date()).map_or(0, |span| i64::from(span.get_days()));
    days * 1440 + i64::from(time.hour()) * 60 + i64::from(time.minute())
}

/// The date of a day number.
pub(crate) fn date_of(day: i64) -> terms::Date {
    use jiff::ToSpan as _;
    jiff::civil::date(1970, 1, 1).saturating_add(day.days())
}

/// 就诊事实: what the models look at.
pub struct Book<'a> {
    pub(crate) persons: Vec<&'a str>,
    pub(crate) person_facts: Vec<Option<&'a Person>>,
    /// Number of the household; `None` when not known.
    pub(crate) households: Vec<Option<usize>>,
    pub(crate) places: Vec<&'a str>,
    pub(crate) place_facts: Vec<Option<&'a Institution>>,
    pub(crate) doctors: Vec<&'a str>,
    pub(crate) items: Vec<&'a str>,
    pub(crate) item_names: Vec<Option<&'a str>>,
    pub(crate) visits: Vec<Visit<'a>>,
    /// Visits in order of beginning.
    pub(crate) of_person: Vec<Vec<usize>>,
    pub(crate) of_place: Vec<Vec<usize>>,
    pub(crate) of_doctor: Vec<Vec<usize>>,
    pub(crate) stock: Vec<&'a Stock>,
    /// First and last day seen.
    pub(crate) days: (i64, i64),
    purposes: HashMap<&'a str, Purpose>,
    notes: BTreeMap<&'static str, usize>,
}

impl<'a> Book<'a> {
    /// Lays the facts out. A visit without number or person cannot be looked at; one that stands
    /// twice counts once; both are told by [`Book::notes`].
    #[must_use]
    pub fn new(
        histories: &'a [History],
        surroundings: &'a Surroundings,
        stock: &'a [Stock],
        settings: &'a Settings,
    ) -> Book<'a> {
        let common = settings.of(COMMON);
        let mut notes = BTreeMap::new();
        let found = gather(histories, &mut notes);
        let persons = sorted(found.iter().map(|(person, _, _)| *person));
        let places =
            sorted(found.iter().filter_map(|(_, _, visit)| visit.fixmedins_code.as_deref()).chain(
                surroundings.institutions.iter().filter_map(|institution| institution.fixmedins_code.as_deref()),
            ));
        let doctors = sorted(found.iter().filter_map(|(_, _, visit)| visit.dr_codg.as_deref()));
        let lines = || found.iter().flat_map(|(_, _, visit)| &visit.lines);
        let items = sorted(
            lines()
                .filter_map(|line| line.med_list_codg.as_deref())
                .chain(stock.iter().filter_map(|moved| moved.med_list_codg.as_deref())),
        );
        let mut book = Book {
            person_facts: vec![None; persons.len()],
            households: vec![None; persons.len()],
            place_facts: vec![None; places.len()],
            item_names: vec![None; items.len()],
            of_person: vec![Vec::new(); persons.len()],
            of_place: vec![Vec::new(); places.len()],
            of_doctor: vec![Vec::new(); doctors.len()],
            purposes: purposes(common),
            visits: Vec::with_capacity(found.len()),
            stock: sorted_stock(stock),
            days: (0, 0),
            persons,
            places,
            doctors,
            items,
            notes,
        };
        book.name(histories, surroundings, lines(), stock);
        let numbers = Numbers::of(&book);
        for (person, _, visit) in &found {
            let visit = book.visit(person, visit, common, &numbers);
            book.visits.push(visit);
        }
        book.index();
        book
    }

    /// What could not be looked at, and how often.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.notes.iter().map(|(what, count)| format!("{what}：{count}")).collect()
    }

    /// Visits that the models see.
    #[must_use]
    pub fn size(&self) -> usize {
        self.visits.len()
    }

    fn name(
        &mut self,
        histories: &'a [History],
        surroundings: &'a Surroundings,
        lines: impl Iterator<Item = &'a Line>,
        stock: &'a [Stock],
    ) {
        // Where one code stands several times, the least name wins: the order of rows must not.
        let known: Vec<(&str, &Person)> =
            histories.iter().filter_map(|history| Some((history.person.psn_no.as_deref()?, &history.person))).collect();
        for (code, person) in known {
            if let Ok(at) = self.persons.binary_search(&code) {
                let better = self.person_facts[at].is_none_or(|old| format!("{person:?}") < format!("{old:?}"));
                if better {
                    self.person_facts[at] = Some(person);
                }
            }
        }
        let households =
            sorted(self.person_facts.iter().filter_map(|person| person.and_then(|p| p.household.as_deref())));
        self.households = self
            .person_facts
            .iter()
            .map(|person| households.binary_search(&person.and_then(|p| p.household.as_deref())?).ok())
            .collect();
        for institution in &surroundings.institutions {
            let Some(at) = institution.fixmedins_code.as_deref().and_then(|code| self.places.binary_search(&code).ok())
            else {
                continue;
            };
            if self.place_facts[at].is_none_or(|old| format!("{institution:?}") < format!("{old:?}")) {
                self.place_facts[at] = Some(institution);
            }
        }
        let numbers: HashMap<&str, usize> = self.items.iter().enumerate().map(|(at, code)| (*code, at)).collect();
        let named = lines.filter_map(|line| Some((line.med_list_codg.as_deref()?, line.med_list_name.as_deref()?)));
        let named = named.chain(
            stock.iter().filter_map(|moved| Some((moved.med_list_codg.as_deref()?, moved.med_list_name.as_deref()?))),
        );
        // The name that is used most; a name used now and then may be something else's.
        let mut uses: HashMap<(usize, &str), usize> = HashMap::default();
        for (code, name) in named {
            *uses.entry((numbers[code], name)).or_default() += 1;
        }
        let mut most = vec![0_usize; self.items.len()];
        for ((item, name), count) in uses {
            let slot = &mut self.item_names[item];
            if slot.is_none_or(|old| (count, std::cmp::Reverse(name)) > (most[item], std::cmp::Reverse(old))) {
                *slot = Some(name);
                most[item] = count;
            }
        }
    }

    fn visit(&self, person: &str, facts: &'a Encounter, common: &Parameters, numbers: &Numbers<'a>) -> Visit<'a> {
        let begins = |code: Option<&str>, list: &str| {
            code.is_some_and(|code| common.list(list).iter().any(|start| code.starts_with(start.as_str())))
        };
        let diagnosed = |list: &str| facts.diagnoses.iter().any(|row| begins(row.diag_code.as_deref(), list));
        let billed = |list: &str| facts.lines.iter().any(|line| begins(line.med_list_codg.as_deref(), list));
        let is =
            |code: Option<&str>, list: &str| code.is_some_and(|code| common.list(list).iter().any(|one| one == code));
        let kind = facts.med_type.as_deref();
        let sort = match kind {
            Some(_) if is(kind, "stay_types") => Sort::Stay,
            Some(_) if is(kind, "pharmacy_types") => Sort::Pharmacy,
            Some(_) if is(kind, "registration_types") => Sort::Other,
            Some(_) => Sort::Clinic,
            None => Sort::Other,
        };
        let marked = facts.diagnoses.iter().filter(|row| row.maindiag_flag == Some(true));
        let marked = marked.min_by(|a, b| a.diag_code.cmp(&b.diag_code));
        let first =
            facts.diagnoses.iter().min_by(|a, b| a.diag_srt_no.cmp(&b.diag_srt_no).then(a.diag_code.cmp(&b.diag_code)));
        let main = marked.or(first).and_then(|row| row.diag_code.as_deref());
        let amounts: Option<Fen> = facts.lines.iter().map(|line| line.det_item_fee_sumamt).sum::<Option<Fen>>();
        let fee = facts.medfee_sumamt.or_else(|| amounts.filter(|_| !facts.lines.is_empty()));
        let mut lines: Vec<&Line> = facts.lines.iter().collect();
        let key = |line: &Line| {
            (
                line.feedetl_sn.clone(),
                line.fee_ocur_time,
                line.med_list_codg.clone(),
                line.cnt,
                line.det_item_fee_sumamt,
            )
        };
        lines.sort_by_cached_key(|line| key(line));
        Visit {
            facts,
            lines,
            id: facts.mdtrt_id.as_deref().unwrap_or_default(),
            person: numbers.persons[person],
            place: facts.fixmedins_code.as_deref().map(|code| numbers.places[code]),
            doctor: facts.dr_codg.as_deref().map(|code| numbers.doctors[code]),
            begin: facts.begntime.map(minute_of),
            end: facts.endtime.map(minute_of),
            sort,
            main,
            fee,
            items: items(facts, &numbers.items),
            purposes: self.sums(facts),
            planned: diagnosed("planned_diagnoses")
                || billed("planned_items")
                || facts.planned_readmission == Some(true),
            cohort: diagnosed("cohort_diagnoses") || is(facts.dise_codg.as_deref(), "cohort_diseases"),
            examination: diagnosed("examination_diagnoses") || (sort != Sort::Stay && billed("examination_items")),
            birth: diagnosed("birth_diagnoses") || facts.matn_fee_flag == Some(true),
            urgent: is(kind, "urgent_types") || facts.adm_way.as_deref() == Some("1") || facts.trum_flag == Some(true),
        }
    }

    /// What a line's fee is for; `None` when its kind is not known.
    pub(crate) fn purpose(&self, line: &Line) -> Option<Purpose> {
        let kind = line.med_chrgitm_type.as_deref()?;
        Some(self.purposes.get(kind).copied().unwrap_or(Purpose::Other))
    }

    fn sums(&self, facts: &Encounter) -> Option<[Fen; 6]> {
        let mut sums = [Fen::ZERO; 6];
        for line in &facts.lines {
            sums[self.purpose(line)? as usize] += line.det_item_fee_sumamt?;
        }
        (!facts.lines.is_empty()).then_some(sums)
    }

    fn index(&mut self) {
        self.visits.sort_by(|a, b| (a.begin, a.id).cmp(&(b.begin, b.id)));
        for (at, visit) in self.visits.iter().enumerate() {
            self.of_person[visit.person].push(at);
            if let Some(place) = visit.place {
                self.of_place[place].push(at);
            }
            if let Some(doctor) = visit.doctor {
                self.of_doctor[doctor].push(at);
            }
        }
        let days = || self.visits.iter().filter_map(Visit::day);
        self.days = (days().min().unwrap_or(0), days().max().unwrap_or(0));
    }

    /// How many days the book spans.
    pub(crate) fn span(&self) -> f64 {
        crate::numbers::signed(self.days.1 - self.days.0 + 1)
    }

    pub(crate) fn place_name(&self, place: usize) -> String {
        let name = self.place_facts[place].and_then(|facts| facts.fixmedins_name.as_deref());
        name.map_or_else(|| self.places[place].to_owned(), |name| format!("{name}（{}）", self.places[place]))
    }

    pub(crate) fn item_name(&self, item: usize) -> String {
        self.item_names[item]
            .map_or_else(|| self.items[item].to_owned(), |name| format!("{name}（{}）", self.items[item]))
    }

    /// 同级同类: level and type of an institution, where the roll tells them.
    pub(crate) fn peer_group(&self, place: usize) -> Option<(&'a str, &'a str)> {
        let facts = self.place_facts[place]?;
        let kind = facts.medins_type.as_deref().or(facts.fixmedins_type.as_deref())?;
        Some((facts.medins_lv.as_deref()?, kind.get(..1).unwrap_or(kind)))
    }

    /// Strangers: persons of whom no two are known to live together.
    pub(crate) fn strangers(&self, one: usize, other: usize) -> bool {
        one != other && (self.households[one].is_none() || self.households[one] != self.households[other])
    }

    /// Groups of people who live together, among these; one who lives with nobody known is one.
    pub(crate) fn households_among(&self, persons: impl Iterator<Item = usize>) -> usize {
        let persons: HashSet<usize> = persons.collect();
        let together: HashSet<usize> = persons.iter().filter_map(|person| self.households[*person]).collect();
        together.len() + persons.iter().filter(|person| self.households[**person].is_none()).count()
    }

    /// The members that follow from visits: who, where, with whom.
    pub(crate) fn members(&self, visits: &[usize]) -> Members {
        let mut members = Members::default();
        for visit in visits.iter().map(|at| &self.visits[*at]) {
            members.visits.insert(visit.id.to_owned());
            members.persons.insert(self.persons[visit.person].to_owned());
            members.institutions.extend(visit.place.map(|place| self.places[place].to_owned()));
            members.doctors.extend(visit.doctor.map(|doctor| self.doctors[doctor].to_owned()));
        }
        members
    }

    /// The money of whole visits.
    pub(crate) fn stake(&self, visits: &[usize]) -> Stake {
        self.stake_of_lines(visits, None)
    }

    /// The money of visits, or of the lines named in them, each visit once.
    pub(crate) fn stake_of_lines(&self, visits: &[usize], only: Option<&HashSet<(usize, usize)>>) -> Stake {
        let mut stake = Stake::default();
        let mut visits = visits.to_vec();
        visits.sort_unstable();
        visits.dedup();
        for at in visits {
            let visit = &self.visits[at];
            let concerned: Option<Fen> = match only {
                None => visit.fee,
                Some(lines) => {
                    let mine = visit.lines.iter().enumerate().filter(|(line, _)| lines.contains(&(at, *line)));
                    mine.map(|(_, line)| line.det_item_fee_sumamt).sum()
                }
            };
            let Some(concerned) = concerned else {
                stake.without_fee += 1;
                continue;
            };
            stake.fee += concerned;
            let part = |amount: Fen| match (only, visit.fee) {
                (None, _) => amount,
                (Some(_), Some(fee)) if fee.0 > 0 => proportion(amount, concerned.min(fee), fee),
                _ => Fen::ZERO,
            };
            if visit.facts.funds.is_empty() {
                match visit.facts.fund_pay_sumamt {
                    Some(sum) => *stake.by_fund.entry("fund_pay_sumamt".to_owned()).or_default() += part(sum),
                    None => stake.without_fund += 1,
                }
            }
            for (fund, amount) in &visit.facts.funds {
                *stake.by_fund.entry(fund.clone()).or_default() += part(*amount);
            }
        }
        stake
    }
}

/// `amount × part ÷ whole`, rounded once.
fn proportion(amount: Fen, part: Fen, whole: Fen) -> Fen {
    let product = Exact::from(amount).times(Exact::from(part)).ok();
    product.and_then(|product| product.over(Exact::from(whole))).map_or(Fen::ZERO, round_half_away)
}

/// Each visit once, with its person; in order of person and number.
fn gather<'a>(
    histories: &'a [History],
    notes: &mut BTreeMap<&'static str, usize>,
) -> Vec<(&'a str, &'a str, &'a Encounter)> {
    let mut found = Vec::new();
    for history in histories {
        for visit in &history.encounters {
            let person = history.person.psn_no.as_deref().or(visit.psn_no.as_deref());
            match (person, visit.mdtrt_id.as_deref()) {
                (Some(person), Some(id)) => found.push((person, id, visit)),
                (None, _) => *notes.entry("缺人员编号、未纳入的就诊").or_default() += 1,
                (_, None) => *notes.entry("缺就诊ID、未纳入的就诊").or_default() += 1,
            }
        }
    }
    found.sort_by(|a, b| (a.1, a.0).cmp(&(b.1, b.0)));
    // Of doubles the fullest stays; equal length is decided by the text, never by the order.
    let mut kept: Vec<(&str, &str, &Encounter)> = Vec::with_capacity(found.len());
    for (person, id, visit) in found {
        match kept.last_mut() {
            Some(last) if last.1 == id => {
                *notes.entry("重复的就诊ID、只计一次").or_default() += 1;
                let fuller = |v: &Encounter| (v.lines.len(), format!("{v:?}"));
                if fuller(visit) > fuller(last.2) {
                    *last = (person, id, visit);
                }
            }
            _ => kept.push((person, id, visit)),
        }
    }
    kept
}

struct Numbers<'a> {
    persons: HashMap<&'a str, usize>,
    places: HashMap<&'a str, usize>,
    doctors: HashMap<&'a str, usize>,
    items: HashMap<&'a str, usize>,
}

impl<'a> Numbers<'a> {
    fn of(book: &Book<'a>) -> Numbers<'a> {
        let number = |texts: &[&'a str]| texts.iter().enumerate().map(|(at, text)| (*text, at)).collect();
        Numbers {
            persons: number(&book.persons),
            places: number(&book.places),
            doctors: number(&book.doctors),
            items: number(&book.items),
        }
    }
}

fn items(facts: &Encounter, numbers: &HashMap<&str, usize>) -> Vec<(usize, i64)> {
    let mut sums: BTreeMap<usize, i64> = BTreeMap::new();
    for line in &facts.lines {
        let Some(code) = line.med_list_codg.as_deref() else { continue };
        *sums.entry(numbers[code]).or_default() += line.cnt.map_or(0, |count| count.to_scaled(4));
    }
    sums.into_iter().filter(|(_, count)| *count >= 0).collect()
}

fn purposes(common: &Parameters) -> HashMap<&str, Purpose> {
    let lists = [
        ("bed_fees", Purpose::Bed),
        ("round_fees", Purpose::Round),
        ("test_fees", Purpose::Test),
        ("treatment_fees", Purpose::Treatment),
        ("drug_fees", Purpose::Drug),
    ];
    lists
        .into_iter()
        .flat_map(|(list, purpose)| common.list(list).iter().map(move |code| (code.as_str(), purpose)))
        .collect()
}

fn sorted<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = texts.collect::<HashSet<_>>().into_iter().collect();
    all.sort_unstable();
    all
}

fn sorted_stock(stock: &[Stock]) -> Vec<&Stock> {
    let mut all: Vec<&Stock> = stock.iter().collect();
    let key = |moved: &Stock| {
        let Stock { fixmedins_code, fixmedins_bchno, med_list_codg, move_kind, moved_at, cnt, mdtrt_id, .. } = moved;
        (
            moved_at.map(minute_of),
            fixmedins_code.clone(),
            med_list_codg.clone(),
            move_kind.clone(),
            fixmedins_bchno.clone(),
            mdtrt_id.clone(),
            *cnt,
        )
    };
    all.sort_by_cached_key(|moved| key(moved));
    all
}
