//! 规则库: rules and knowledge, read and compiled once; and the names around them.

use crate::codes::{Dispatch, Sym, Symbols, Touch};
use crate::compile::{Compiler, row_codes};
use crate::engine::{Engine, VisitKind};
use crate::expr::{Of, V};
use crate::facts::{Facts, Parameters};
use crate::file::{Layers, RuleFile};
use crate::header::{Header, Relations};
use crate::knowledge::{Cell, KnownCodes, Lookup, TableText, Tables};
use crate::layout::asked;
use crate::rule::{Codes, Rule, Selector, Shape};
use encounter::{Surroundings, Table, Value};
use policy::{Problem, Severity as Grade, SourceFile};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Cases every rule brings along, at the least.
const FLAGGING: usize = 2;
const PASSING: usize = 2;
const NOT_CHECKED: usize = 1;

/// 规则库. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Library {
    inner: Arc<Inner>,
}

/// The compiled form.
#[derive(Debug)]
pub(crate) struct Inner {
    pub rules: Vec<Rule>,
    pub symbols: Symbols,
    /// How many texts the library names.
    pub symbols_len: u32,
    pub facts: Facts,
    pub lookups: Vec<Lookup>,
    pub dispatch: [Dispatch; 4],
    /// Facts the engine asks by itself.
    pub engine: Engine,
    pub version: String,
    pub headers: Vec<Arc<Header>>,
    /// 就诊种类 by med_type, where the region has its own table.
    pub kinds: Vec<(Sym, Sym)>,
    pub sources: Sources,
}

/// What the library was read from: cases are compiled from it, with tables of their own.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub files: Vec<SourceFile>,
    pub rules: Vec<Option<RuleFile>>,
    pub texts: BTreeMap<String, TableText>,
    /// Of each loaded rule its files, the nearest first.
    pub layers: Vec<Vec<usize>>,
}

impl Sources {
    pub fn layers(&self, rule: usize) -> Layers<'_> {
        Layers(self.layers[rule].iter().filter_map(|file| Some((*file, self.rules[*file].as_ref()?))).collect())
    }
}

impl Library {
    /// 读入规则库. Files come as (name for people, text), the national or common ones first, the
    /// region's last; a rule with a mistake is left out and told, the others go on.
    #[must_use]
    pub fn load(
        files: &[(String, String)],
        tables: &[(String, String)],
        codes: Option<&KnownCodes>,
    ) -> (Library, Vec<Problem>) {
        let source = |(name, text): &(String, String)| SourceFile { name: name.clone(), text: text.clone() };
        let sources: Vec<SourceFile> = files.iter().map(source).collect();
        let mut problems = Vec::new();
        let mut texts: BTreeMap<String, TableText> = BTreeMap::new();
        for (path, text) in tables {
            let table = TableText::read(path, text, &mut problems);
            match texts.get_mut(&stem(path)) {
                Some(known) => known.append(table, &mut problems),
                None => {
                    texts.insert(stem(path), table);
                }
            }
        }
        let parsed: Vec<Option<RuleFile>> = sources.iter().map(|file| parse(file, &mut problems)).collect();
        let active = arrange(&sources, &parsed, &mut problems);
        let mut everything = sources.clone();
        everything.extend(tables.iter().map(source));
        everything.iter_mut().for_each(|file| file.name = stem(&file.name));
        let version = policy::hash(&everything);
        let sources = Sources { files: sources, rules: parsed, texts, layers: active };
        let (inner, told) = compile(sources, codes, version);
        problems.extend(told);
        problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        problems.dedup();
        (Library { inner: Arc::new(inner) }, problems)
    }

    /// 库版本: a hash over rules and knowledge.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.inner.version
    }

    /// The attributes of each rule version, in the order of `Screened::coverage`.
    #[must_use]
    pub fn headers(&self) -> &[Arc<Header>] {
        &self.inner.headers
    }

    /// The relations of a rule (of its first version that loads).
    #[must_use]
    pub fn relations(&self, id: &str) -> Option<&Relations> {
        self.inner.headers.iter().find(|header| header.id == id).map(|header| &header.relations)
    }

    /// The fields of a table that the rules or the engine read: whoever gives columns may leave out
    /// the others. Empty for the tables that stand around.
    #[must_use]
    pub fn fields(&self, table: Table) -> Vec<&'static str> {
        let Some(of) =
            [Of::Line, Of::Diagnosis, Of::Procedure, Of::Visit, Of::Person].into_iter().find(|of| of.table() == table)
        else {
            return Vec::new();
        };
        let read =
            |(at, name): (usize, &'static str)| (self.inner.facts.is_used(of, at) || asked(of, name)).then_some(name);
        table.fields().iter().map(|field| field.name).enumerate().filter_map(read).collect()
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn of(inner: Inner) -> Library {
        Library { inner: Arc::new(inner) }
    }

    /// Puts institutions and practitioners around the library, once for many questions.
    #[must_use]
    pub fn around(&self, surroundings: &Surroundings) -> Screener {
        Screener::new(self.clone(), surroundings)
    }
}

/// A file's name without folder and ending.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

fn parse(file: &SourceFile, problems: &mut Vec<Problem>) -> Option<RuleFile> {
    match toml::from_str(&file.text) {
        Ok(rule) => Some(rule),
        Err(error) => {
            let (line, column) = file.position(error.span().map_or(0, |span| span.start));
            let message = format!("{}; the rule is left out", error.message());
            problems.push(Problem { severity: Grade::Error, file: file.name.clone(), line, column, message });
            None
        }
    }
}

/// Which files make which rule: overlays lie over the last rule of their base.
fn arrange(files: &[SourceFile], parsed: &[Option<RuleFile>], problems: &mut Vec<Problem>) -> Vec<Vec<usize>> {
    let mut active: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, rule) in parsed.iter().enumerate() {
        let Some(rule) = rule else { continue };
        match &rule.base {
            None => {
                let id = rule.id.as_ref().map(|id| id.get_ref().clone()).unwrap_or_default();
                active.push((id, vec![place]));
            }
            Some(base) => match active.iter_mut().rev().find(|(id, _)| id == base.get_ref()) {
                Some((id, layers)) => {
                    layers.insert(0, place);
                    if let Some(own) = &rule.id {
                        id.clone_from(own.get_ref());
                    }
                }
                None => {
                    let (line, column) = files[place].position(base.span().start);
                    let message = format!("there is no rule “{}” in the folders before this one", base.get_ref());
                    problems.push(Problem {
                        severity: Grade::Error,
                        file: files[place].name.clone(),
                        line,
                        column,
                        message,
                    });
                }
            },
        }
    }
    let off = |layers: &Vec<usize>| layers.first().and_then(|file| parsed[*file].as_ref()).is_some_and(|rule| rule.off);
    active.into_iter().map(|(_, layers)| layers).filter(|layers| !off(layers)).collect()
}

fn compile(mut sources: Sources, codes: Option<&KnownCodes>, version: String) -> (Inner, Vec<Problem>) {
    let texts = std::mem::take(&mut sources.texts);
    let mut compiler = Compiler {
        files: &sources.files,
        symbols: Symbols::default(),
        facts: Facts::new(),
        tables: Tables { texts, ..Tables::default() },
        known: codes,
        problems: Vec::new(),
    };
    let mut rules: Vec<Rule> = Vec::new();
    let mut kept = Vec::new();
    for (place, files) in sources.layers.iter().enumerate() {
        let layers = sources.layers(place);
        if !enough_cases(&mut compiler, &layers) {
            continue;
        }
        let Ok(rule) = compiler.rule(&layers, &Parameters::new()) else { continue };
        if let Some(other) =
            rules.iter().find(|other| other.id == rule.id && other.from <= rule.to && rule.from <= other.to)
        {
            let message = format!(
                "rule {}: this version and the one in {} overlap in time; end one before the other begins",
                rule.id, other.header.file
            );
            let (file, own) = layers.own();
            let offset = own.begndate.as_ref().map_or(0, |date| date.span().start);
            let _ = compiler.error(file, offset, message);
            continue;
        }
        rules.push(rule);
        kept.push(files.clone());
    }
    relations_known(&mut compiler, &sources, &kept, &rules);
    let Compiler { symbols, facts, tables, mut problems, .. } = compiler;
    problems.extend(tables.problems);
    sources.layers = kept;
    sources.texts = tables.texts;
    (assemble(rules, symbols, facts, tables.lookups, version, sources), problems)
}

/// Rules named in relations that nobody wrote are told; the rule stays.
fn relations_known(compiler: &mut Compiler, sources: &Sources, kept: &[Vec<usize>], rules: &[Rule]) {
    for (rule, files) in rules.iter().zip(kept) {
        let named = &rule.header.relations;
        for other in named.excludes.iter().chain(&named.subsumes).chain(&named.overrides) {
            if !rules.iter().any(|known| *known.id == **other) {
                let file = files[0];
                let offset = sources.rules[file]
                    .as_ref()
                    .and_then(|own| own.relations.as_ref())
                    .map_or(0, |relations| relations.span().start);
                let _ = compiler.error(file, offset, format!("relations: there is no rule “{other}”"));
                if let Some(last) = compiler.problems.last_mut() {
                    last.severity = Grade::Warning;
                }
            }
        }
    }
}

fn enough_cases(compiler: &mut Compiler, layers: &Layers) -> bool {
    let cases = layers.cases();
    let many =
        |test: &dyn Fn(&crate::file::CaseFile) -> bool| cases.iter().filter(|(_, case)| test(case.get_ref())).count();
    let flagging = many(&|case| case.flags.is_some());
    let passing = many(&|case| case.passes);
    let unchecked = many(&|case| case.not_checked.is_some());
    if flagging >= FLAGGING && passing >= PASSING && unchecked >= NOT_CHECKED {
        return true;
    }
    let (file, own) = layers.own();
    let offset = own.id.as_ref().or(own.base.as_ref()).map_or(0, |id| id.span().start);
    let _ = compiler.error(
        file,
        offset,
        format!("the rule has {flagging} cases that flag, {passing} that pass, {unchecked} not checked; it needs {FLAGGING}, {PASSING} and {NOT_CHECKED}, and is left out"),
    );
    false
}

/// Dispatch and headers.
pub(crate) fn assemble(
    rules: Vec<Rule>,
    mut symbols: Symbols,
    mut facts: Facts,
    lookups: Vec<Lookup>,
    version: String,
    sources: Sources,
) -> Inner {
    let engine = engine_facts(&mut facts);
    for word in ["住院", "门诊", "急诊", "购药", "家庭病床"] {
        symbols.intern(word);
    }
    let kinds = kinds(&sources, &mut symbols);
    let mut dispatch: [Dispatch; 4] = Default::default();
    for (number, rule) in rules.iter().enumerate() {
        let mut enter = |selector: &Selector, side: u8| {
            if selector.of == Of::Person {
                return;
            }
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            match &selector.codes {
                Codes::All => {}
                Codes::These(set) => {
                    dispatch[selector.of.place()].add(set, Touch { rule: number, side, row: u32::MAX })
                }
                Codes::Rows(_) => {
                    for (place, row) in rule.rows.iter().enumerate() {
                        if let Some(set) = row_codes(&selector.codes, row) {
                            let row = u32::try_from(place).unwrap_or(u32::MAX);
                            dispatch[selector.of.place()].add(&set, Touch { rule: number, side, row });
                        }
                    }
                }
            }
        };
        // Rules that flag what is in none of the lists look at every record by itself.
        if !matches!(rule.shape, Shape::InSet { outside: true }) {
            enter(&rule.first, 0);
        }
        if let Shape::Pair { second: Some(second), .. } = &rule.shape {
            enter(second, 1);
        }
        if let Shape::Companion { needs, .. } = &rule.shape {
            enter(needs, 1);
        }
    }
    dispatch.iter_mut().for_each(|dispatch| dispatch.close(&symbols));
    let headers = rules.iter().map(|rule| rule.header.clone()).collect();
    let symbols_len = symbols.len();
    Inner { rules, symbols, symbols_len, facts, lookups, dispatch, engine, version, headers, kinds, sources }
}

fn engine_facts(facts: &mut Facts) -> Engine {
    let mut fact = |name: &str| facts.number(name);
    Engine {
        time: fact("fee_ocur_time"),
        begin: fact("begntime"),
        end: fact("endtime"),
        kind: fact("med_type"),
        level: fact("medins_lv"),
        types: fact("medins_type"),
        insurance: fact("insutype"),
        internet: fact("internet_flag"),
        elsewhere: fact("out_setl_flag"),
        diagnosis: fact("diag_code"),
        prescription: fact("rxno"),
        group: fact("row.group"),
        lines: fact("lines"),
        history: fact("history"),
        price: fact("pric"),
        fee: fact("det_item_fee_sumamt"),
        code: fact("med_list_codg"),
        row: fact("row"),
        institution: fact("fixmedins_code"),
        doctor: fact("bilg_dr_codg"),
        surgeon: fact("oper_dr_code"),
        operation: fact("oprn_oprt_code"),
    }
}

/// The region's `visit-kinds` (code = med_type, kind), as pairs of texts already named.
fn kinds(sources: &Sources, symbols: &mut Symbols) -> Vec<(Sym, Sym)> {
    let Some(table) = sources.texts.get("visit-kinds") else { return Vec::new() };
    let heading = |name: &str| table.headings.iter().position(|heading| heading == name);
    let (Some(code), Some(kind)) = (heading("code"), heading("kind")) else { return Vec::new() };
    let mut cell = |record: &[String], place: usize| record.get(place).map(|text| symbols.intern(text));
    table.records.iter().filter_map(|(_, record)| Some((cell(record, code)?, cell(record, kind)?))).collect()
}

type Map<T> = HashMap<Sym, T, foldhash::fast::RandomState>;

/// A library with what stands around it: institutions and practitioners.
#[derive(Debug, Clone)]
pub struct Screener {
    pub(crate) library: Library,
    pub(crate) symbols: Arc<Symbols>,
    pub(crate) kinds: Map<VisitKind>,
    pub(crate) institutions: Map<Vec<Option<V>>>,
    pub(crate) doctors: Map<Vec<Doctor>>,
}

/// A registration.
#[derive(Debug, Clone)]
pub(crate) struct Doctor {
    pub from: i32,
    pub to: i32,
    pub institution: Sym,
    pub fields: Vec<Option<V>>,
}

impl Screener {
    fn new(library: Library, surroundings: &Surroundings) -> Screener {
        let mut symbols = library.inner().symbols.clone();
        let mut read = |fields: &'static [encounter::Field], value: &dyn Fn(&str) -> Option<Value>| -> Vec<Option<V>> {
            fields.iter().map(|field| value(field.name).and_then(|value| fact(&value, &mut symbols))).collect()
        };
        let mut institutions = Map::default();
        for institution in &surroundings.institutions {
            let fields = read(encounter::Institution::FIELDS, &|name| institution.value(name));
            if let Some(Some(V::Sym(code))) = fields.first() {
                institutions.insert(*code, fields);
            }
        }
        let mut doctors: Map<Vec<Doctor>> = Map::default();
        for practitioner in &surroundings.practitioners {
            let fields = read(encounter::Practitioner::FIELDS, &|name| practitioner.value(name));
            let by_name = |name: &str| {
                encounter::Practitioner::FIELDS
                    .iter()
                    .position(|field| field.name == name)
                    .and_then(|place| fields[place])
            };
            let day = |name: &str, otherwise: i32| if let Some(V::Day(day)) = by_name(name) { day } else { otherwise };
            let sym = |name: &str| if let Some(V::Sym(sym)) = by_name(name) { Some(sym) } else { None };
            let Some(code) = sym("prac_psn_code") else { continue };
            let (from, to) = (day("begndate", i32::MIN), day("enddate", i32::MAX));
            let institution = sym("fixmedins_code").unwrap_or(u32::MAX);
            doctors.entry(code).or_default().push(Doctor { from, to, institution, fields });
        }
        let kinds = library
            .inner()
            .kinds
            .iter()
            .map(|(code, kind)| (*code, VisitKind::read(symbols.text(*kind)).unwrap_or(VisitKind::Named(*kind))))
            .collect();
        Screener { library, symbols: Arc::new(symbols), kinds, institutions, doctors }
    }

    /// The library.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }
}

/// A value of the registers as the engine sees it.
pub(crate) fn fact(value: &Value, symbols: &mut Symbols) -> Option<V> {
    Some(match value {
        Value::Text(text) if text.trim().is_empty() => return None,
        Value::Text(text) => V::Sym(symbols.intern(text.trim())),
        Value::Texts(_) => return None,
        Value::Date(date) => V::Day(crate::day::of_date(*date)),
        Value::Time(time) => V::Time(crate::day::of_time(*time)),
        Value::Money(fen) => V::Num(i128::from(fen.0) * (crate::expr::ONE / 100)),
        Value::Number(number) => V::Num(number.ten_decimals()),
        Value::Flag(yes) => V::Flag(*yes),
    })
}

/// A cell for messages.
pub(crate) fn show_cell(cell: &Cell, symbols: &dyn Fn(Sym) -> String) -> String {
    match cell {
        Cell::Blank => "不详".to_owned(),
        Cell::Num(number) => terms::Exact::of_ten_decimals(*number).to_string(),
        Cell::Sym(sym) => symbols(*sym),
        Cell::Codes(_, text) => text.to_string(),
        Cell::Span(span) => span.show(),
        Cell::Window(window) => window.show(),
        Cell::Flag(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Cell::Day(day) => crate::day::show_day(*day),
    }
}
