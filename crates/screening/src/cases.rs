//! 样例: each rule brings worked cases along; they are run against the rule as it stands.

use crate::compile::Compiler;
use crate::expr::Of;
use crate::facts::{Facts, Parameter, Parameters};
use crate::file::{CaseFile, cell_text};
use crate::finding::{Finding, ItemType, Screened, Subject};
use crate::header::Severity;
use crate::knowledge::{TableText, Tables};
use crate::library::{Inner, Library, Sources, assemble};
use crate::options::Options;
use crate::span::Span;
use encounter::{Encounter, History, Institution, Person, Practitioner, Record, Stock, Surroundings};
use std::collections::{BTreeMap, BTreeSet};
use terms::Fen;
use toml::Value;

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// 规则标识.
    pub rule: String,
    /// 样例名称.
    pub case: String,
    /// File, for people.
    pub file: String,
    /// Line of the case, from 1.
    pub line: usize,
    /// What is wrong; `None`: it came out as expected.
    pub problem: Option<String>,
}

type Fields = BTreeMap<String, Value>;

impl Library {
    /// 运行样例: every case of every rule that loaded.
    #[must_use]
    pub fn run_cases(&self) -> Vec<CaseResult> {
        let inner = self.inner();
        let mut results = Vec::new();
        for (number, rule) in inner.rules.iter().enumerate() {
            for (file, case) in inner.sources.layers(number).cases() {
                let source = &inner.sources.files[file];
                let problem = run(inner, number, case.get_ref()).err();
                let line = source.position(case.span().start).0;
                results.push(CaseResult {
                    rule: rule.id.to_string(),
                    case: case.get_ref().name.clone(),
                    file: source.name.clone(),
                    line,
                    problem,
                });
            }
        }
        results
    }
}

/// Runs a case of a rule; an error says what came out instead.
fn run(inner: &Inner, number: usize, case: &CaseFile) -> Result<(), String> {
    let one = with_tables(inner, number, case)?;
    let world = World::read(case)?;
    let stage = case.stage.or(one.inner().rules[0].stages.last().copied());
    let day = |value: &Value| cell_text(value).and_then(|text| terms::parse_date(&text));
    let options = Options {
        stage,
        known_since: case
            .known_since
            .as_ref()
            .map(|value| day(value).ok_or("known_since is a date, such as 2026-01-01"))
            .transpose()?,
        focus: case.focus.clone(),
        ..Options::default()
    };
    let screener = one.around(&world.surroundings);
    let screened = if one.inner().rules[0].shape.population() {
        let mut tally = screener.tally(&options);
        world.histories.iter().for_each(|history| tally.add(history));
        tally.finish(&world.stock)
    } else {
        let mut all = Screened::default();
        world.histories.iter().for_each(|history| all.merge(screener.screen(history, &options)));
        all
    };
    let of_lines = one.inner().rules[0].flagged() == Of::Line;
    compare(case, &screened, of_lines)
}

/// The rule alone, with the case's own tables and parameters.
fn with_tables(inner: &Inner, number: usize, case: &CaseFile) -> Result<Library, String> {
    let mut texts = inner.sources.texts.clone();
    let rule = &inner.rules[number];
    let mut put = |name: &str, rows: &[Fields]| -> Result<(), String> {
        texts.insert(name.to_owned(), table(&format!("case “{}”", case.name), rows)?);
        Ok(())
    };
    for (name, rows) in &case.tables {
        put(name, rows)?;
    }
    if let Some(rows) = &case.rows {
        if !rule.has_rows {
            return Err("the case has rows, and the rule no [knowledge]".to_owned());
        }
        put(&rule.table.clone(), rows)?;
    }
    let mut parameters = Parameters::new();
    for (name, value) in &case.parameters {
        parameters.insert(
            name.clone(),
            Parameter::read(value)
                .ok_or_else(|| format!("the parameter {name} is a number, a text, a flag, a date or a list"))?,
        );
    }
    // Declared columns that a case's rows leave out are blank there.
    let layers = inner.sources.layers(number);
    if let (Some(text), Some((_, knowledge))) =
        (texts.get_mut(&*rule.table), layers.pick(|rule| rule.knowledge.as_ref()))
    {
        for column in knowledge.get_ref().columns.keys().filter(|_| case.rows.is_some()) {
            if !text.headings.contains(column) {
                text.headings.push(column.clone());
            }
        }
        let declared = |heading: &String| {
            knowledge.get_ref().columns.contains_key(heading)
                || ["begndate", "enddate", "name", "note", "basis"].contains(&heading.as_str())
        };
        if let (Some(_), Some(wrong)) = (&case.rows, text.headings.iter().find(|heading| !declared(heading))) {
            return Err(format!("rows: “{wrong}” is not among the columns of [knowledge]"));
        }
    }
    let mut compiler = Compiler {
        files: &inner.sources.files,
        symbols: crate::codes::Symbols::default(),
        facts: Facts::new(),
        tables: Tables { texts, ..Tables::default() },
        known: None,
        problems: Vec::new(),
    };
    let compiled = compiler.rule(&layers, &parameters);
    let told = compiler
        .problems
        .iter()
        .chain(&compiler.tables.problems)
        .find(|problem| problem.file.starts_with("case “") || compiled.is_err());
    if let Some(problem) = told {
        return Err(problem.message.clone());
    }
    let Ok(compiled) = compiled else { return Err("the rule does not load with the case's tables".to_owned()) };
    let Compiler { symbols, facts, tables, .. } = compiler;
    let kinds = tables.texts.get("visit-kinds").map(|table| ("visit-kinds".to_owned(), table.clone()));
    let sources = Sources { texts: kinds.into_iter().collect(), ..Sources::default() };
    Ok(Library::of(assemble(vec![compiled], symbols, facts, tables.lookups, String::new(), sources)))
}

/// A case's rows as a table.
fn table(file: &str, rows: &[Fields]) -> Result<TableText, String> {
    let mut headings: Vec<String> =
        rows.iter().flat_map(|row| row.keys().cloned()).collect::<BTreeSet<_>>().into_iter().collect();
    if headings.is_empty() {
        headings.push("code".to_owned());
    }
    let mut records = Vec::new();
    for (line, row) in (1..).zip(rows) {
        let cells = headings
            .iter()
            .map(|heading| row.get(heading).map_or(Some(String::new()), cell_text))
            .collect::<Option<Vec<_>>>();
        records.push((line, cells.ok_or("a cell of rows is a text, a number, a date or a list of texts")?));
    }
    Ok(TableText { file: file.to_owned(), headings, records })
}

/// The records of a case.
struct World {
    histories: Vec<History>,
    surroundings: Surroundings,
    stock: Vec<Stock>,
}

impl World {
    fn read(case: &CaseFile) -> Result<World, String> {
        let persons = if case.persons.is_empty() { vec![case.person.clone()] } else { case.persons.clone() };
        let mut histories = Vec::new();
        for (place, fields) in (1..).zip(&persons) {
            let mut person = Person::default();
            let mut fields = fields.clone();
            fields.entry("psn_no".to_owned()).or_insert_with(|| Value::String(format!("P{place}")));
            fill(&mut person, &fields, &[])?;
            histories.push(History { person, encounters: Vec::new() });
        }
        let mut visits: Vec<Fields> = case.visit.iter().cloned().collect();
        visits.extend(case.visits.iter().cloned());
        if visits.is_empty() {
            visits.push(Fields::new());
        }
        let visits = visit_fields(visits)?;
        let first = visits.first().map(id_of).unwrap_or_default();
        let mut encounters: Vec<(String, Encounter)> = Vec::new();
        for fields in &visits {
            let mut encounter = Encounter::default();
            fill(&mut encounter, fields, &["origin"])?;
            encounters.push((text_of(fields, "origin"), encounter));
        }
        diagnoses(&mut encounters, case, &first)?;
        procedures(&mut encounters, case, &first)?;
        lines(&mut encounters, case, &first)?;
        for (_, encounter) in encounters {
            let owner = encounter.psn_no.clone().unwrap_or_default();
            match histories.iter_mut().find(|history| history.person.psn_no.as_deref() == Some(&owner)) {
                Some(history) => history.encounters.push(encounter),
                None => histories.push(History {
                    person: Person { psn_no: Some(owner), ..Person::default() },
                    encounters: vec![encounter],
                }),
            }
        }
        let surroundings = Surroundings {
            institutions: records::<Institution>(&repeated(&case.institutions, "fixmedins_code")?)?,
            practitioners: records::<Practitioner>(&case.practitioners)?,
        };
        Ok(World { histories, surroundings, stock: records::<Stock>(&case.stock)? })
    }
}

fn records<R: Record>(rows: &[Fields]) -> Result<Vec<R>, String> {
    rows.iter()
        .map(|fields| {
            let mut record = R::default();
            fill(&mut record, fields, &[])?;
            Ok(record)
        })
        .collect()
}

/// Sets a record's fields; a time may leave out its seconds.
fn fill<R: Record>(record: &mut R, fields: &Fields, beside: &[&str]) -> Result<(), String> {
    for (name, value) in fields {
        if beside.contains(&name.as_str()) {
            continue;
        }
        let mut text =
            cell_text(value).ok_or_else(|| format!("{name} is a text, a number, a date or a list of texts"))?;
        let is_time = R::TABLE.field(name).is_some_and(|field| field.kind == encounter::Kind::Time);
        if is_time && text.len() == 16 {
            text.push_str(":00");
        }
        record.read(name, &text).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn text_of(fields: &Fields, name: &str) -> String {
    fields.get(name).and_then(cell_text).unwrap_or_default()
}

fn id_of(visit: &Fields) -> String {
    text_of(visit, "origin")
}

fn default(fields: &mut Fields, name: &str, value: &str) {
    fields.entry(name.to_owned()).or_insert_with(|| Value::String(value.to_owned()));
}

/// `repeat` and `each`.
fn repeated(rows: &[Fields], key: &str) -> Result<Vec<Fields>, String> {
    let mut all = Vec::new();
    for row in rows {
        let mut row = row.clone();
        let every = match row.remove("every") {
            None => None,
            Some(value) => Some(
                cell_text(&value)
                    .and_then(|text| Span::read(&text))
                    .ok_or("every is a length of time, such as '28d'")?,
            ),
        };
        let times = match row.remove("repeat") {
            None => {
                row.remove("each");
                all.push(row);
                continue;
            }
            Some(Value::Integer(times)) if (1..=5000).contains(&times) => times,
            Some(_) => return Err("repeat is a whole number of 1 to 5000".to_owned()),
        };
        let mut each: Vec<String> = match row.remove("each") {
            None => Vec::new(),
            Some(Value::Array(items)) => items.iter().filter_map(cell_text).collect(),
            Some(_) => return Err("each is a list of fields".to_owned()),
        };
        each.push(key.to_owned());
        for time in 1..=times {
            let mut copy = row.clone();
            for field in &each {
                let text = text_of(&copy, field);
                copy.insert(field.clone(), Value::String(format!("{text}-{time}")));
            }
            if let Some(every) = &every {
                for name in ["begntime", "endtime", "setl_time"] {
                    let text = text_of(&copy, name);
                    let at = terms::parse_time(&if text.len() == 16 { format!("{text}:00") } else { text });
                    let Some(at) = at else { continue };
                    let mut seconds = crate::day::of_time(at);
                    for _ in 1..time {
                        seconds = every.after(seconds);
                    }
                    copy.insert(name.to_owned(), Value::String(crate::day::show_seconds(seconds)));
                }
            }
            all.push(copy);
        }
    }
    Ok(all)
}

/// Visits with their defaults; `origin` keeps the number they were written under.
fn visit_fields(visits: Vec<Fields>) -> Result<Vec<Fields>, String> {
    let mut prepared = Vec::new();
    for (place, mut visit) in (1..).zip(visits) {
        default(&mut visit, "mdtrt_id", &format!("V{place}"));
        let origin = text_of(&visit, "mdtrt_id");
        for (name, value) in [
            ("psn_no", "P1"),
            ("med_type", "21"),
            ("insutype", "310"),
            ("fixmedins_code", "H1"),
            ("begntime", "2026-03-01 08:00:00"),
        ] {
            default(&mut visit, name, value);
        }
        visit.insert("origin".to_owned(), Value::String(origin));
        prepared.push(visit);
    }
    repeated(&prepared, "mdtrt_id")
}

/// The visits a record belongs to: those written under the number it names.
fn visits_of<'e>(
    encounters: &'e mut [(String, Encounter)],
    fields: &Fields,
    first: &str,
    what: &str,
) -> Result<Vec<&'e mut Encounter>, String> {
    let named = fields.get("mdtrt_id").and_then(cell_text);
    let named = named.as_deref().unwrap_or(first);
    let found: Vec<&mut Encounter> = encounters
        .iter_mut()
        .filter(|(origin, encounter)| origin == named || encounter.mdtrt_id.as_deref() == Some(named))
        .map(|(_, encounter)| encounter)
        .collect();
    if found.is_empty() { Err(format!("{what}: there is no visit “{named}”")) } else { Ok(found) }
}

/// A code alone, or a table with more.
fn coded(value: &Value, code: &str, what: &str) -> Result<Fields, String> {
    match value {
        Value::String(text) => Ok(Fields::from([(code.to_owned(), Value::String(text.clone()))])),
        Value::Table(table) => Ok(table.iter().map(|(name, value)| (name.clone(), value.clone())).collect()),
        _ => Err(format!("{what} are codes in quotes or tables")),
    }
}

fn diagnoses(encounters: &mut [(String, Encounter)], case: &CaseFile, first: &str) -> Result<(), String> {
    for value in &case.diagnoses {
        let fields = coded(value, "diag_code", "diagnoses")?;
        for encounter in visits_of(encounters, &fields, first, "diagnoses")? {
            let mut fields = fields.clone();
            fields.remove("mdtrt_id");
            let place = encounter.diagnoses.len() + 1;
            default(&mut fields, "diag_srt_no", &place.to_string());
            default(&mut fields, "maindiag_flag", if place == 1 { "1" } else { "0" });
            let mut diagnosis = encounter::Diagnosis { mdtrt_id: encounter.mdtrt_id.clone(), ..Default::default() };
            fill(&mut diagnosis, &fields, &[])?;
            encounter.diagnoses.push(diagnosis);
        }
    }
    Ok(())
}

fn procedures(encounters: &mut [(String, Encounter)], case: &CaseFile, first: &str) -> Result<(), String> {
    for value in &case.procedures {
        let fields = coded(value, "oprn_oprt_code", "procedures")?;
        for encounter in visits_of(encounters, &fields, first, "procedures")? {
            let mut fields = fields.clone();
            fields.remove("mdtrt_id");
            default(&mut fields, "main_oprn_flag", if encounter.procedures.is_empty() { "1" } else { "0" });
            let mut procedure = encounter::Procedure { mdtrt_id: encounter.mdtrt_id.clone(), ..Default::default() };
            fill(&mut procedure, &fields, &[])?;
            encounter.procedures.push(procedure);
        }
    }
    Ok(())
}

fn lines(encounters: &mut [(String, Encounter)], case: &CaseFile, first: &str) -> Result<(), String> {
    for (place, fields) in (1..).zip(&case.lines) {
        let mut fields = fields.clone();
        default(&mut fields, "feedetl_sn", &place.to_string());
        let every = match fields.remove("every") {
            None => Span::Days(1),
            Some(value) => {
                cell_text(&value).and_then(|text| Span::read(&text)).ok_or("every is a length of time, such as '2d'")?
            }
        };
        let times = match fields.remove("repeat") {
            None => None,
            Some(Value::Integer(times)) if (1..=5000).contains(&times) => Some(times),
            Some(_) => return Err("repeat is a whole number of 1 to 5000".to_owned()),
        };
        for encounter in visits_of(encounters, &fields, first, "lines")? {
            for time in 1..=times.unwrap_or(1) {
                let line = line(encounter, fields.clone(), times.map(|_| time), every)?;
                encounter.lines.push(line);
            }
        }
    }
    Ok(())
}

/// A line with its defaults; the n-th of repeated ones stands n − 1 times `every` later.
fn line(encounter: &Encounter, mut fields: Fields, time: Option<i64>, every: Span) -> Result<encounter::Line, String> {
    fields.remove("mdtrt_id");
    default(&mut fields, "cnt", "1");
    default(&mut fields, "pric", "10");
    let mut line = encounter::Line {
        mdtrt_id: encounter.mdtrt_id.clone(),
        fee_ocur_time: encounter.begntime,
        ..Default::default()
    };
    fill(&mut line, &fields, &[])?;
    if let Some(time) = time {
        let own = line.feedetl_sn.clone().unwrap_or_default();
        line.feedetl_sn = Some(format!("{own}-{time}"));
        if let Some(at) = line.fee_ocur_time {
            let mut seconds = crate::day::of_time(at);
            for _ in 1..time {
                seconds = every.after(seconds);
            }
            line.fee_ocur_time = terms::parse_time(&crate::day::show_seconds(seconds));
        }
    }
    if !fields.contains_key("det_item_fee_sumamt") {
        line.det_item_fee_sumamt =
            line.cnt.zip(line.pric).and_then(|(cnt, pric)| cnt.times(pric).ok()).map(|yuan| Fen(yuan.to_scaled(2)));
    }
    if !fields.contains_key("inscp_scp_amt") {
        line.inscp_scp_amt =
            line.det_item_fee_sumamt.map(|fee| Fen(fee.0 - line.fulamt_ownpay_amt.map_or(0, |own| own.0)));
    }
    Ok(line)
}

/// What a case expects, against what came out.
fn compare(case: &CaseFile, screened: &Screened, of_lines: bool) -> Result<(), String> {
    let wants = [case.flags.is_some(), case.passes, case.not_checked.is_some()].iter().filter(|yes| **yes).count();
    if wants != 1 {
        return Err("a case says one of flags = […], passes = true, not_checked = \"fact\"".to_owned());
    }
    let missing: Vec<&str> =
        screened.coverage.iter().flat_map(|coverage| coverage.not_checked.keys()).map(|fact| &**fact).collect();
    let found: BTreeSet<String> = screened.findings.iter().flat_map(|finding| named(finding, of_lines)).collect();
    let told = || {
        if screened.findings.is_empty() {
            let skipped = screened.coverage.iter().find_map(|coverage| coverage.skipped);
            match (missing.is_empty(), skipped) {
                (false, _) => format!("nothing was flagged; not checked for want of {}", missing.join(", ")),
                (true, Some(skipped)) => format!("nothing was flagged: the rule did not run ({skipped:?})"),
                (true, None) => "nothing was flagged".to_owned(),
            }
        } else {
            let words: Vec<&str> = screened.findings.iter().map(|finding| finding.auditor.as_str()).collect();
            format!("flagged were {:?}, with {} in all ({})", found, total(screened), words.join("; "))
        }
    };
    if let Some(flags) = &case.flags {
        let wanted: BTreeSet<String> = flags.iter().cloned().collect();
        if found != wanted {
            return Err(format!("{:?} should be flagged; {}", wanted, told()));
        }
        if let Some(amount) = &case.amount {
            let text = cell_text(amount).unwrap_or_default();
            let wanted: Fen = text.parse().map_err(|_| format!("amount: “{text}” is not an amount in yuan"))?;
            if total(screened) != wanted {
                return Err(format!("the amount should be {wanted}; {}", told()));
            }
        }
        if let Some(severity) = case.severity {
            let got: BTreeSet<u8> = screened.findings.iter().map(|finding| finding.severity.0).collect();
            if screened.findings.iter().map(|finding| finding.severity).min() != Some(Severity(severity)) {
                return Err(format!("the severity should be {severity}; it is {got:?}"));
            }
        }
        return Ok(());
    }
    if !screened.findings.is_empty() {
        return Err(format!("nothing should be flagged; {}", told()));
    }
    match &case.not_checked {
        Some(fact) if !missing.contains(&fact.as_str()) => {
            Err(format!("it should be not checked for want of {fact}; {}", told()))
        }
        Some(_) => Ok(()),
        None if missing.is_empty() && screened.coverage.iter().all(|coverage| coverage.skipped.is_none()) => Ok(()),
        None => Err(format!("it should pass; {}", told())),
    }
}

fn total(screened: &Screened) -> Fen {
    Fen(screened.findings.iter().map(|finding| finding.amount.0).sum())
}

/// What a finding flags, by the names of a case: lines, else visits, else the subject.
fn named(finding: &Finding, of_lines: bool) -> Vec<String> {
    let lines = finding.lines.iter().filter(|line| line.item == ItemType::Violating);
    let lines: Vec<String> = lines.map(|line| line.feedetl_sn.clone()).collect();
    if of_lines && !lines.is_empty() {
        return lines;
    }
    match &finding.subject {
        Subject::Institution(code, _) => vec![code.clone()],
        _ => finding.encounters.clone(),
    }
}
