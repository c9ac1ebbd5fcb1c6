//! 批量试算: claims in, answers out, one at a time.
//!
//! A claim is a bill of one person. CSV: one claim a row, its columns named like the keys of
//! an example (see `docs/guides/writing-policy.md`, “Running claims”). JSON lines: an object
//! with `person`, `before`, `filing` and `step` like an example, or a documented case with
//! its `events`. Rows of one person that stand one after another are one history.

use std::io::{BufRead, Write};

use adjudication::replay::{Case, Replay};
use policy::ExampleFile;
use serde_json::json;
use toml::Value;

use crate::RegionError;
use crate::example::{HEADS, head};
use crate::value::{Fields, wrong};
use crate::world::{Ground, Outcome, World};

/// How claims are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One claim a row, with a header.
    Csv,
    /// One object a line.
    JsonLines,
}

impl Form {
    /// By a file's name: `.csv`, anything else is JSON lines.
    #[must_use]
    pub fn of_name(name: &str) -> Form {
        if name.to_ascii_lowercase().ends_with(".csv") { Form::Csv } else { Form::JsonLines }
    }
}

/// How answers are written.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// As CSV or JSON lines.
    pub out: Form,
    /// With the trace of every settlement (JSON lines only).
    pub trace: bool,
}

/// How many claims went how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Settled or reversed.
    pub settled: u64,
    /// Refused by the law.
    pub refused: u64,
    /// Not run, with a message for each.
    pub wrong: u64,
}

/// Runs claims from `input` and writes an answer for each to `answers`; a claim that cannot
/// be run is told on `errors` with its line, and the rest goes on.
///
/// # Errors
/// Only what keeps reading or writing from going on.
pub fn adjudicate(
    ground: Ground,
    form: Form,
    input: impl BufRead,
    options: Options,
    answers: &mut dyn Write,
    errors: &mut dyn Write,
) -> std::io::Result<Tally> {
    let mut desk = Desk { ground, options, answers, errors, tally: Tally::default() };
    if options.out == Form::Csv {
        writeln!(desk.answers, "id,step,setl_id,refuse,message,{}", HEADS.join(","))?;
    }
    match form {
        Form::Csv => desk.csv(input)?,
        Form::JsonLines => desk.json_lines(input)?,
    }
    Ok(desk.tally)
}

struct Desk<'a, 'w> {
    ground: Ground<'a>,
    options: Options,
    answers: &'w mut dyn Write,
    errors: &'w mut dyn Write,
    tally: Tally,
}

impl<'a> Desk<'a, '_> {
    fn csv(&mut self, input: impl BufRead) -> std::io::Result<()> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(input);
        let columns = match reader.headers() {
            Ok(columns) => columns.clone(),
            Err(error) => return self.complain(1, &error.to_string()),
        };
        let mut history: Option<(String, World<'a>)> = None;
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.complain(line, &error.to_string())?;
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() != columns.len() {
                let words = format!("the row has {} value(s), the header {} column(s)", record.len(), columns.len());
                self.complain(line, &words)?;
                continue;
            }
            match self.row(&columns, &record, &mut history) {
                Ok((id, outcome)) => self.answer(&id, 1, &outcome)?,
                Err(error) => self.complain(line, &error.to_string())?,
            }
        }
        Ok(())
    }

    fn row(
        &self,
        columns: &csv::StringRecord,
        record: &csv::StringRecord,
        history: &mut Option<(String, World<'a>)>,
    ) -> Result<(String, Outcome), RegionError> {
        let mut claim = Fields::new();
        for (column, value) in columns.iter().zip(record).filter(|(_, value)| !value.is_empty()) {
            claim.insert(column.to_owned(), Value::String(value.to_owned()));
        }
        let id = claim.remove("id").map_or_else(String::new, |id| id.as_str().unwrap_or_default().to_owned());
        let psn_no = claim.get("psn_no").and_then(Value::as_str).unwrap_or_default().to_owned();
        let parts = parts_of(&self.ground, claim)?;
        let goes_on = history.as_ref().is_some_and(|(known, _)| !psn_no.is_empty() && *known == psn_no);
        if !goes_on {
            *history = None;
            let world = World::new(self.ground, &parts.person, &parts.before, &parts.filings)?;
            *history = Some((psn_no, world));
        }
        let Some((_, world)) = history else { return wrong("no history") };
        Ok((id, world.step(&parts.step)?))
    }

    fn json_lines(&mut self, input: impl BufRead) -> std::io::Result<()> {
        for (n, line) in (1..).zip(input.lines()) {
            let line = line?;
            if line.trim().is_empty() {
                continue;
            }
            let object: serde_json::Value = match serde_json::from_str(&line) {
                Ok(object) => object,
                Err(error) => {
                    self.complain(n, &format!("not a JSON object: {error}"))?;
                    continue;
                }
            };
            let done = if object.get("events").is_some() { self.case(object)? } else { self.example(object)? };
            if let Err(error) = done {
                self.complain(n, &error.to_string())?;
            }
        }
        Ok(())
    }

    fn example(&mut self, mut object: serde_json::Value) -> std::io::Result<Result<(), RegionError>> {
        let id = object.get("id").and_then(|id| id.as_str()).unwrap_or_default().to_owned();
        if let Some(object) = object.as_object_mut() {
            object.entry("id").or_insert_with(|| json!(""));
        }
        let example: ExampleFile = match serde_json::from_value(object) {
            Ok(example) => example,
            Err(error) => return Ok(wrong(error.to_string())),
        };
        let world = World::new(self.ground, &example.person, &example.before, &example.filing);
        let mut world = match world {
            Ok(world) => world,
            Err(error) => return Ok(Err(error)),
        };
        for (n, step) in (1..).zip(&example.step) {
            match world.step(step) {
                Ok(outcome) => self.answer(&id, n, &outcome)?,
                Err(error) => return Ok(wrong(format!("step {n}: {error}"))),
            }
        }
        Ok(Ok(()))
    }

    fn case(&mut self, object: serde_json::Value) -> std::io::Result<Result<(), RegionError>> {
        let case: Case = match serde_json::from_value(object) {
            Ok(case) => case,
            Err(error) => return Ok(wrong(error.to_string())),
        };
        let mut replay = match Replay::of_case(self.ground.law, &case) {
            Ok(replay) => replay,
            Err(error) => return Ok(wrong(error.to_string())),
        };
        for (n, event) in (1..).zip(&case.events) {
            replay.last_settlement = None;
            replay.last_refusal = None;
            let answer = match replay.event(event) {
                Ok(answer) => answer,
                Err(error) => return Ok(wrong(format!("event {n}: {error}"))),
            };
            let (settlement, refusal) = (replay.last_settlement.take(), replay.last_refusal.take());
            if answer.setl.is_some() || refusal.is_some() {
                self.answer(&case.id, n, &Outcome { setl_id: None, answer, settlement, refusal })?;
            }
        }
        Ok(Ok(()))
    }

    fn answer(&mut self, id: &str, step: usize, outcome: &Outcome) -> std::io::Result<()> {
        if outcome.refusal.is_some() {
            self.tally.refused += 1;
        } else if outcome.heads().is_some() {
            self.tally.settled += 1;
        }
        match self.options.out {
            Form::Csv => {
                let mut row = csv::WriterBuilder::new().from_writer(Vec::new());
                row.write_record(csv_answer(id, step, outcome))?;
                let bytes = row.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
                self.answers.write_all(&bytes)
            }
            Form::JsonLines => writeln!(self.answers, "{}", self.json_answer(id, step, outcome)),
        }
    }

    fn json_answer(&self, id: &str, step: usize, outcome: &Outcome) -> serde_json::Value {
        let mut answer = json!({ "id": id, "step": step });
        if let Some(setl_id) = &outcome.setl_id {
            answer["setl_id"] = json!(setl_id);
        }
        if let Some(refusal) = &outcome.refusal {
            answer["refuse"] = json!(refusal.code);
            answer["message"] = json!(refusal.message);
            answer["article"] = json!(refusal.article);
            if let Some(line) = &refusal.feedetl_sn {
                answer["line"] = json!(line.as_str());
            }
        }
        if let Some(heads) = outcome.heads() {
            let amounts = HEADS.iter().map(|name| ((*name).to_owned(), json!(shown_head(heads, name))));
            answer["setl"] = serde_json::Value::Object(amounts.collect());
            let rows = outcome.answer.detail.as_deref().unwrap_or_default();
            let detail = rows.iter().map(|row| (row.fund_pay_type.clone(), json!(row.fund_payamt.to_string())));
            answer["detail"] = serde_json::Value::Object(detail.collect());
        }
        if self.options.trace
            && let Some(settlement) = &outcome.settlement
        {
            answer["trace"] = json!(settlement.trace);
        }
        answer
    }

    fn complain(&mut self, line: u64, message: &str) -> std::io::Result<()> {
        self.tally.wrong += 1;
        writeln!(self.errors, "line {line}: {message}")
    }
}

/// A head as people read it: yuan, and the pool ratio in percent.
fn shown_head(heads: &adjudication::facts::Heads, name: &str) -> String {
    head(heads, name).map_or_else(
        || terms::Exact::from_scaled(heads.pool_prop_selfpay.0, 2).to_string(),
        |amount| amount.to_string(),
    )
}

fn csv_answer(id: &str, step: usize, outcome: &Outcome) -> Vec<String> {
    let refusal = outcome.refusal.as_ref();
    let mut row = vec![
        id.to_owned(),
        step.to_string(),
        outcome.setl_id.clone().unwrap_or_default(),
        refusal.map_or_else(String::new, |refusal| refusal.code.clone()),
        refusal.map_or_else(String::new, |refusal| refusal.message.clone()),
    ];
    row.extend(HEADS.iter().map(|name| outcome.heads().map_or_else(String::new, |heads| shown_head(heads, name))));
    row
}

struct Parts {
    person: Fields,
    before: Fields,
    filings: Vec<Fields>,
    step: Fields,
}

/// A row's columns as person, totals, filings and step. `idents` and `filings` are lists
/// parted by `;`, `before` is `key=amount;key=amount`, `lines` is `code count price;…`.
fn parts_of(ground: &Ground, claim: Fields) -> Result<Parts, RegionError> {
    const PERSON: [&str; 11] = [
        "psn_no",
        "brdy",
        "gend",
        "insutype",
        "psn_type",
        "cvlserv_flag",
        "psn_insu_stas",
        "since",
        "until",
        "account",
        "idents",
    ];
    let mut parts = Parts { person: Fields::new(), before: Fields::new(), filings: Vec::new(), step: Fields::new() };
    for (name, value) in claim {
        let Value::String(text) = &value else { continue };
        let pieces = || text.split(';').map(str::trim).filter(|piece| !piece.is_empty());
        let declared = |owner| ground.law.attributes.iter().any(|(of, id, _)| *of == owner && *id == name);
        match name.as_str() {
            "idents" => {
                let list = pieces().map(|piece| Value::String(piece.to_owned())).collect();
                parts.person.insert(name, Value::Array(list));
            }
            "before" => {
                for piece in pieces() {
                    let Some((key, amount)) = piece.split_once('=') else {
                        return wrong(format!("before: “{piece}” is not written key=amount"));
                    };
                    parts.before.insert(key.trim().to_owned(), Value::String(amount.trim().to_owned()));
                }
            }
            "filings" => parts.filings = pieces().map(filing).collect(),
            "lines" => {
                let lines = pieces().map(claim_line).collect::<Result<Vec<Value>, RegionError>>()?;
                parts.step.insert(name, Value::Array(lines));
            }
            person if PERSON.contains(&person) => {
                parts.person.insert(name, value);
            }
            _ if declared(policy::names::Owner::Person) || declared(policy::names::Owner::Coverage) => {
                parts.person.insert(name, value);
            }
            _ => {
                parts.step.insert(name, value);
            }
        }
    }
    Ok(parts)
}

/// `kind`, `kind:disease` for a disease filing, or `kind@area` for one elsewhere.
fn filing(piece: &str) -> Fields {
    let text = |text: &str| Value::String(text.to_owned());
    let mut fields = Fields::new();
    let (kind, rest) = match (piece.split_once(':'), piece.split_once('@')) {
        (Some((kind, disease)), _) => (kind, Some(("dise_codg", disease))),
        (None, Some((kind, area))) => (kind, Some(("admdvs", area))),
        (None, None) => (piece, None),
    };
    fields.insert("kind".to_owned(), text(kind));
    if let Some((name, value)) = rest {
        fields.insert(name.to_owned(), text(value));
    }
    fields
}

fn claim_line(piece: &str) -> Result<Value, RegionError> {
    let words: Vec<&str> = piece.split_whitespace().collect();
    let [code, count, price] = words[..] else {
        return wrong(format!("lines: “{piece}” is not written code count price"));
    };
    let text = |text: &str| Value::String(text.to_owned());
    let pairs = [("code", text(code)), ("cnt", text(count)), ("pric", text(price))];
    Ok(Value::Table(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}
