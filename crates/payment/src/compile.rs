//! Reads a plan's files into a [`PaymentFile`], or says what keeps it from being used.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use policy::{Problem, Problems, Severity, SourceFile};
use terms::{Date, Fen};

use crate::expr::{Fact, Kind, Val};
use crate::format::{BudgetFile, FactFile, ParamFile, PerDayFile, PlanFile, RoundFile};
use crate::number::Fraction;
use crate::plan::{
    Applies, Basis, Budget, Cell, DatedBy, Declared, Key, Method, Param, PaymentFile, PerDay, Pool, Round,
};
use crate::resolve::Names;
use crate::source::{Reporter, Unit};
use crate::weights::{Auxiliary, Sheet, Weights, check_sum, read_auxiliary, read_groups};

mod history;
mod rules;

impl PaymentFile {
    /// Reads the plan `name` (`drg.toml`) among `files` (name → text): the plan and the
    /// tables that it names beside it. Runs its examples too.
    ///
    /// # Errors
    /// Everything that is wrong, with file and line; warnings come with them.
    pub fn parse(name: &str, files: &BTreeMap<String, String>) -> Result<PaymentFile, Problems> {
        let Some(text) = files.get(name) else {
            let message = format!("there is no file “{name}” in the payment folder");
            return Err(Problems(vec![Problem {
                severity: Severity::Error,
                file: name.to_owned(),
                line: 1,
                column: 1,
                message,
            }]));
        };
        let file = SourceFile { name: name.to_owned(), text: text.clone() };
        let mut reporter = Reporter::new(&file);
        let parsed: PlanFile = match toml::from_str(&file.text) {
            Ok(parsed) => parsed,
            Err(error) => {
                reporter.error(error.span().map_or(0, |span| span.start), error.message().to_owned());
                return Err(Problems(reporter.problems));
            }
        };
        let plan = Compiler { files, reporter, names: Names::default(), read: BTreeSet::from([name.to_owned()]) }
            .plan(&parsed)?;
        crate::example::run(plan, &parsed, &file)
    }

    /// Reads every plan of a folder: each `.toml` is a plan, each `.csv` a table of one; any other
    /// file (a README) is for people.
    /// A table that no plan names is a warning of the first plan.
    ///
    /// # Errors
    /// All problems of all plans.
    pub fn parse_folder(files: &BTreeMap<String, String>) -> Result<Vec<PaymentFile>, Problems> {
        let (mut plans, mut problems) = (Vec::new(), Vec::new());
        for name in files.keys().filter(|name| name.ends_with(".toml")) {
            match PaymentFile::parse(name, files) {
                Ok(plan) => plans.push(plan),
                Err(found) => problems.extend(found.0),
            }
        }
        let mut seen: BTreeMap<&str, &PaymentFile> = BTreeMap::new();
        for plan in &plans {
            if let Some(other) = seen.insert(&plan.id, plan) {
                let period = |plan: &PaymentFile| terms::Period { begin: plan.from, end: plan.until };
                if period(other).overlaps(&period(plan)) {
                    let message = format!("two plans are named “{}” and are in force on the same days", plan.id);
                    problems.push(Problem {
                        severity: Severity::Error,
                        file: plan.id.clone(),
                        line: 1,
                        column: 1,
                        message,
                    });
                }
            }
        }
        let named: BTreeSet<String> = plans.iter().flat_map(|plan| plan.files.clone()).collect();
        if let Some(first) = plans.first_mut() {
            for file in files.keys().filter(|name| name.ends_with(".csv") && !named.contains(*name)) {
                let message = "no plan names this table".to_owned();
                first.warnings.push(Problem {
                    severity: Severity::Warning,
                    file: file.clone(),
                    line: 1,
                    column: 1,
                    message,
                });
            }
        }
        if problems.is_empty() { Ok(plans) } else { Err(Problems(problems)) }
    }
}

struct Compiler<'a> {
    files: &'a BTreeMap<String, String>,
    reporter: Reporter<'a>,
    names: Names,
    read: BTreeSet<String>,
}

impl Compiler<'_> {
    fn plan(mut self, file: &PlanFile) -> Result<PaymentFile, Problems> {
        let head = file.plan.get_ref();
        let at = file.plan.span().start;
        let method = Method::of(head.method.as_ref());
        if method.is_none() {
            self.reporter.error(head.method.span().start, "method is one of rate, points, score, per_day, item");
        }
        let dated_by = match head.dated_by.as_ref().as_str() {
            "discharged" => DatedBy::Discharged,
            "settled" => DatedBy::Settled,
            _ => {
                self.reporter.error(head.dated_by.span().start, "dated_by is discharged or settled");
                DatedBy::Discharged
            }
        };
        let basis = match head.basis.as_ref().as_str() {
            "fee" => Basis::Fee,
            "fund" => Basis::Fund,
            _ => {
                self.reporter.error(head.basis.span().start, "basis is fee (总费用口径) or fund (基金口径)");
                Basis::Fee
            }
        };
        let from = self.reporter.date(&head.from);
        let until = head.until.as_ref().and_then(|until| self.reporter.date(until));
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            self.reporter.error(at, "the plan ends before it begins");
        }
        let pools = self.pools(file);
        let weights = self.weights(file);
        let auxiliary = self.auxiliary(file);
        self.names.flags = weights.flags.clone();
        for fact in &file.fact {
            self.fact(fact);
        }
        let params: Vec<Param> = file.param.iter().map(|param| self.param(param)).collect();
        let per_day: Vec<PerDay> = file.per_day.iter().filter_map(|days| self.per_day(days)).collect();
        let rules = self.rules(file);
        let calculation = file.calculation.as_ref().and_then(|calculation| self.calculation(calculation, file));
        let budgets: Vec<Budget> = file.budget.iter().filter_map(|budget| self.budget(budget, &pools)).collect();
        self.unused(file);
        self.pools_in_keys(file, &params, &pools);
        if let Some(from) = from {
            self.begins(file, from, &params);
        }
        let (Some(from), Some(method), Some(rules)) = (from, method, rules) else {
            return Err(Problems(self.reporter.problems));
        };
        if self.reporter.any_error() {
            return Err(Problems(self.reporter.problems));
        }
        let hash = self.hash().into();
        Ok(PaymentFile {
            id: head.id.as_ref().clone(),
            title: head.title.clone(),
            english: head.english.clone(),
            source: head.source.clone(),
            hash,
            method,
            scheme: head.scheme.clone(),
            scheme_version: head.scheme_version.clone(),
            from,
            until,
            dated_by,
            basis,
            pools,
            weights,
            auxiliary,
            calculation,
            files: self.read,
            warnings: self.reporter.problems,
            article: head.article.as_str().into(),
            applies: file.applies.as_ref().map_or_else(Applies::default, |applies| Applies {
                levels: applies.levels.clone(),
                institutions: applies.institutions.clone(),
                except: applies.except.clone(),
                med_types: applies.med_types.clone(),
            }),
            declared: self.names.declared,
            params,
            values: rules.values,
            bands: rules.bands,
            per_day,
            routes: rules.routes,
            price: rules.price,
            caps: rules.caps,
            month: rules.month,
            year: rules.year,
            budgets,
            estimate: file.estimate.as_ref().map(|estimate| (estimate.drop_lowest, estimate.drop_highest)),
        })
    }

    /// SHA-256 over the files that were read, in order of name.
    fn hash(&self) -> String {
        let files = self
            .read
            .iter()
            .filter_map(|name| self.files.get(name).map(|text| SourceFile { name: name.clone(), text: text.clone() }));
        policy::hash(&files.collect::<Vec<_>>())
    }

    fn pools(&mut self, file: &PlanFile) -> Vec<Pool> {
        let mut pools: Vec<Pool> = Vec::new();
        for pool in &file.pool {
            for insurance in &pool.insurance {
                if let Some(other) = pools.iter().find(|other| other.insurance.contains(insurance.as_ref())) {
                    let message =
                        format!("insurance type {} belongs to pool “{}” already", insurance.as_ref(), other.id);
                    self.reporter.error(insurance.span().start, message);
                }
            }
            pools.push(Pool {
                id: pool.id.as_ref().clone(),
                name: pool.name.clone(),
                insurance: pool.insurance.iter().map(|text| text.as_ref().clone()).collect(),
                fund: pool.fund.clone(),
            });
        }
        if pools.is_empty() {
            self.reporter.error(file.plan.span().start, "the plan has no [[pool]]: say which insurance types it pays");
        }
        pools
    }

    /// A table: a file beside the plan, or text inside it.
    fn sheet(
        &mut self,
        at: usize,
        file: Option<&crate::format::Text>,
        text: Option<&crate::format::Text>,
    ) -> Option<Sheet> {
        match (file, text) {
            (Some(name), None) => {
                let Some(text) = self.files.get(name.as_ref()) else {
                    let message = format!("there is no file “{}” beside the plan", name.as_ref());
                    self.reporter.error(name.span().start, message);
                    return None;
                };
                self.read.insert(name.as_ref().clone());
                Some(Sheet::read(name.as_ref(), text, 1, &mut self.reporter))
            }
            (None, Some(text)) => {
                let (line, _) = self.reporter.file.position(text.span().start);
                let name = self.reporter.file.name.clone();
                // A text in triple quotes begins on the line after them.
                let opening = self.reporter.file.text.get(text.span().start..).unwrap_or("");
                let first =
                    if opening.starts_with("\"\"\"\n") || opening.starts_with("'''\n") { line + 1 } else { line };
                Some(Sheet::read(&name, text.as_ref(), first, &mut self.reporter))
            }
            _ => {
                self.reporter.error(at, "give either file = \"….csv\" or text = \"\"\"…\"\"\"");
                None
            }
        }
    }

    fn weights(&mut self, file: &PlanFile) -> Weights {
        let section = file.weights.get_ref();
        let at = file.weights.span().start;
        let mut weights = Weights {
            name: section.name.as_str().into(),
            article: section.article.as_str().into(),
            flags: section.flags.iter().cloned().collect(),
            ..Weights::default()
        };
        if let Some(scale) = self.reporter.number(&section.scale) {
            if scale.is_zero() || scale.is_negative() {
                self.reporter.error(section.scale.span().start, "scale is above zero: 1, 100 or 1000");
            }
            weights.scale = scale;
        }
        match section.missing_level.as_ref().map(|text| text.as_ref().as_str()) {
            None | Some("refuse") => {}
            Some("all") => weights.level_falls_back = true,
            Some(_) => self.reporter.error(at, "missing_level is refuse or all"),
        }
        if let Some(sheet) = self.sheet(at, section.file.as_ref(), section.text.as_ref()) {
            weights.file = sheet.name.clone();
            read_groups(&mut weights, &sheet, &mut self.reporter);
            if let Some(tolerance) = section.tolerance.as_ref().and_then(|t| self.reporter.in_unit(t, Unit::Percent)) {
                check_sum(&weights, &tolerance, &sheet, &mut self.reporter);
            }
            if weights.is_empty() {
                self.reporter.warn(at, format!("{} has no group: every grouped case will be refused", weights.file));
            }
        }
        weights
    }

    fn auxiliary(&mut self, file: &PlanFile) -> Option<Auxiliary> {
        let section = file.auxiliary.as_ref()?;
        let mut auxiliary = Auxiliary { article: section.get_ref().article.as_str().into(), ..Auxiliary::default() };
        let table = section.get_ref();
        let sheet = self.sheet(section.span().start, table.file.as_ref(), table.text.as_ref())?;
        auxiliary.file = sheet.name.clone();
        read_auxiliary(&mut auxiliary, &sheet, &mut self.reporter);
        Some(auxiliary)
    }

    fn fact(&mut self, fact: &FactFile) {
        let at = fact.id.span().start;
        let (kind, unit) = match fact.kind.as_ref().as_str() {
            "money" => (Kind::Money, Unit::Yuan),
            "number" => (Kind::Number, Unit::Number),
            "text" => (Kind::Text, Unit::Number),
            _ => return self.reporter.error(fact.kind.span().start, "type is money, number or text"),
        };
        if self.names.taken(fact.id.as_ref()) {
            return self.reporter.error(at, format!("“{}” is taken already", fact.id.as_ref()));
        }
        let otherwise = fact.otherwise.as_ref().and_then(|written| match kind {
            Kind::Text => written.get_ref().as_str().map(|text| Val::Text(text.into())),
            Kind::Money => self.reporter.in_unit(written, unit).map(Val::Money),
            _ => self.reporter.in_unit(written, unit).map(Val::Number),
        });
        self.names.declared.push(Declared {
            id: fact.id.as_ref().as_str().into(),
            name: fact.name.as_str().into(),
            kind,
            otherwise,
        });
    }

    fn keys(&mut self, keys: &[crate::format::Text]) -> Vec<Key> {
        let mut found = Vec::new();
        for key in keys {
            match self.names.key(key.as_ref()) {
                Some(key) => found.push(key),
                None => self.reporter.error(
                    key.span().start,
                    format!(
                        "“{}” is not a text fact: pool, level, institution, insurance, group, year, day_class …",
                        key.as_ref()
                    ),
                ),
            }
        }
        found
    }

    fn param(&mut self, file: &ParamFile) -> Param {
        let at = file.id.span().start;
        let id = file.id.as_ref().as_str();
        if self.names.taken(id) {
            self.reporter.error(at, format!("“{id}” is taken already"));
        }
        let unit = Unit::of(file.unit.as_ref()).unwrap_or_else(|| {
            self.reporter.error(file.unit.span().start, "unit is yuan, percent, number, days or count");
            Unit::Number
        });
        let cited =
            !file.article.is_empty() || file.version.iter().all(|version| !version.get_ref().article.is_empty());
        if !cited && file.file.is_none() {
            self.reporter
                .warn(at, format!("the parameter “{id}” names no article: every number of the rules is cited"));
        }
        let mut param = Param {
            id: id.into(),
            name: file.name.as_str().into(),
            article: file.article.as_str().into(),
            unit,
            keys: self.keys(&file.keys),
            otherwise: file.otherwise.as_ref().and_then(|number| self.reporter.in_unit(number, unit)),
            cells: HashMap::new(),
        };
        for version in &file.version {
            self.version(&mut param, file.keys.len(), version);
        }
        if let Some(name) = &file.file {
            self.param_sheet(&mut param, file, name);
        }
        if param.cells.is_empty() && param.otherwise.is_none() {
            self.reporter.error(at, format!("the parameter “{id}” has no value"));
        }
        for cells in param.cells.values_mut() {
            cells.sort_by_key(|cell| cell.from);
        }
        self.names.add_param(&param);
        param
    }

    fn version(&mut self, param: &mut Param, keys: usize, version: &toml::Spanned<crate::format::VersionFile>) {
        let at = version.span().start;
        let item = version.get_ref();
        let Some(from) = self.reporter.date(&item.from) else { return };
        let until = item.until.as_ref().and_then(|until| self.reporter.date(until));
        if until.is_some_and(|until| until < from) {
            self.reporter.error(at, "this version ends before it begins");
        }
        let article: Arc<str> =
            if item.article.is_empty() { param.article.clone() } else { item.article.as_str().into() };
        let plain = item.value.iter().map(|value| (at, Vec::new(), value));
        let rows = item.rows.iter().map(|row| (row.span().start, row.get_ref().keys.clone(), &row.get_ref().value));
        let mut seen = BTreeSet::new();
        for (at, row_keys, value) in plain.chain(rows) {
            if row_keys.len() != keys {
                self.reporter.error(at, format!("{} key(s) here, the parameter has {keys}", row_keys.len()));
                continue;
            }
            if !seen.insert(row_keys.clone()) {
                self.reporter.error(at, format!("{} is there twice in this version", row_keys.join("、")));
            }
            if let Some(value) = self.reporter.in_unit(value, param.unit) {
                let cell = Cell { from, until, value, article: article.clone() };
                let cells = param.cells.entry(row_keys.join("\u{1f}")).or_default();
                if cells.iter().any(|other| other.from == from) {
                    self.reporter.error(at, format!("two versions of “{}” begin on {from}", param.id));
                }
                cells.push(cell);
            }
        }
    }

    /// A parameter's rows from a CSV: its keys, `value`, and optionally dates and article.
    fn param_sheet(&mut self, param: &mut Param, file: &ParamFile, name: &crate::format::Text) {
        let Some(sheet) = self.sheet(name.span().start, Some(name), None) else { return };
        let keys: Vec<&str> = file.keys.iter().map(|key| key.as_ref().as_str()).collect();
        let known =
            |column: &str| keys.contains(&column) || ["value", "from", "until", "article", "name"].contains(&column);
        let mut required = keys.clone();
        required.extend(["value", "from"]);
        if !sheet.expect(&required, known, &mut self.reporter) {
            return;
        }
        for (line, row) in &sheet.rows {
            let at = (*line, row.as_slice());
            let Some(value) = sheet.fraction(at, "value", &mut self.reporter) else {
                sheet.error(&mut self.reporter, *line, "this row has no value");
                continue;
            };
            let Some(from) = sheet.day(at, "from", &mut self.reporter) else {
                sheet.error(&mut self.reporter, *line, "this row has no date of effect (from)");
                continue;
            };
            let until = sheet.day(at, "until", &mut self.reporter);
            let article = sheet.cell(row, "article");
            if article.is_empty() && param.article.is_empty() {
                self.reporter.line(&sheet.name, *line, Severity::Warning, "this number names no article");
            }
            let article = if article.is_empty() { param.article.clone() } else { article.into() };
            let key: Vec<&str> = keys.iter().map(|key| sheet.cell(row, key)).collect();
            let cells = param.cells.entry(key.join("\u{1f}")).or_default();
            if cells.iter().any(|cell| cell.from == from) {
                sheet.error(&mut self.reporter, *line, format!("{} is there twice from {from}", key.join("、")));
            }
            cells.push(Cell { from, until, value: param.unit.read(value), article });
        }
    }

    fn per_day(&mut self, written: &toml::Spanned<PerDayFile>) -> Option<PerDay> {
        let file = written.get_ref();
        let from = self.reporter.date(&file.from)?;
        let keys = self.keys(&file.keys);
        let mut rows: HashMap<String, Vec<(Option<u32>, Fraction)>> = HashMap::new();
        for row in &file.rows {
            let (at, row) = (row.span().start, row.get_ref());
            if row.keys.len() != file.keys.len() {
                self.reporter.error(at, format!("{} key(s) here, the table has {}", row.keys.len(), file.keys.len()));
                continue;
            }
            let rate = self.reporter.in_unit(&row.rate, Unit::Yuan)?;
            let bands = rows.entry(row.keys.join("\u{1f}")).or_default();
            match (bands.last(), row.upto) {
                (Some((None, _)), _) => self.reporter.error(at, "a band stands after the one without end"),
                (Some((Some(before), _)), Some(upto)) if upto <= *before => {
                    self.reporter.error(at, format!("this band ends on day {upto}, the one before it on day {before}"));
                }
                _ => bands.push((row.upto, rate)),
            }
        }
        for (key, bands) in &rows {
            if bands.last().is_some_and(|(upto, _)| upto.is_some()) {
                let message = format!(
                    "the per-day rates of “{}” {key} end; leave out `upto` in the last band",
                    file.class.as_ref()
                );
                self.reporter.error(written.span().start, message);
            }
        }
        self.names.classes.insert(file.class.as_ref().clone());
        Some(PerDay {
            class: file.class.as_ref().as_str().into(),
            name: file.name.as_str().into(),
            article: file.article.as_str().into(),
            from,
            keys,
            rows,
        })
    }

    fn budget(&mut self, written: &toml::Spanned<BudgetFile>, pools: &[Pool]) -> Option<Budget> {
        let file = written.get_ref();
        let at = written.span().start;
        if !pools.iter().any(|pool| pool.id == *file.pool.as_ref()) {
            self.reporter.error(file.pool.span().start, format!("there is no pool “{}”", file.pool.as_ref()));
        }
        let fen = |number: &crate::format::Num, this: &mut Self| -> Option<Fen> {
            let exact = this.reporter.in_unit(number, Unit::Yuan)?;
            let fen = exact.to_fen();
            if fen.is_none_or(|fen| Fraction::from(fen) != exact) {
                this.reporter.error(number.span().start, "a budget is an amount in 元 with at most two decimals");
                return None;
            }
            fen
        };
        let total = fen(&file.total, self)?;
        let mut sum = Fen::ZERO;
        for part in &file.parts {
            sum += fen(&part.amount, self)?;
        }
        if !file.parts.is_empty() && sum != total {
            self.reporter.error(at, format!("the parts of this budget sum to {sum} 元, the total says {total} 元"));
        }
        if total < Fen::ZERO {
            self.reporter.error(at, "a budget is not below zero");
        }
        Some(Budget { pool: file.pool.as_ref().clone(), year: file.year, total, article: file.article.as_str().into() })
    }

    fn round(&self, file: &RoundFile, kind: Kind) -> Round {
        let unit = if kind == Kind::Money { "元 " } else { "" };
        Round {
            places: file.places,
            mode: file.mode,
            article: file.article.as_str().into(),
            words: format!("{unit}{} 位小数，{}", file.places, file.mode.words()).into(),
        }
    }

    /// A row for a pool that the plan does not have is never found.
    fn pools_in_keys(&mut self, file: &PlanFile, params: &[Param], pools: &[Pool]) {
        for (written, param) in file.param.iter().zip(params) {
            let Some(at) = param.keys.iter().position(|key| *key == Key::Fact(Fact::Pool)) else { continue };
            let named: BTreeSet<&str> = param.cells.keys().filter_map(|key| key.split('\u{1f}').nth(at)).collect();
            for name in named.into_iter().filter(|name| !pools.iter().any(|pool| pool.id == *name)) {
                let message = format!("“{}” has a row for the pool “{name}”, which the plan does not have", param.id);
                self.reporter.error(written.id.span().start, message);
            }
        }
    }

    /// Numbers that begin only after the plan does leave its first days without a value.
    fn begins(&mut self, file: &PlanFile, from: Date, params: &[Param]) {
        for (written, param) in file.param.iter().zip(params) {
            let first = param.cells.values().flatten().map(|cell| cell.from).min();
            if let (None, Some(first)) = (&param.otherwise, first)
                && first > from
            {
                let message = format!("“{}” has no value from {from}, when the plan begins, to {first}", param.id);
                self.reporter.warn(written.id.span().start, message);
            }
        }
        let bands = file.bands.iter().map(|bands| (&bands.get_ref().id, &bands.get_ref().from));
        let days = file.per_day.iter().map(|days| (&days.get_ref().class, &days.get_ref().from));
        let mut first: BTreeMap<&str, (usize, Date)> = BTreeMap::new();
        for (id, written) in bands.chain(days) {
            let Some(day) = terms::parse_date(&written.get_ref().to_string()) else { continue };
            let found = first.entry(id.as_ref().as_str()).or_insert((id.span().start, day));
            if day < found.1 {
                *found = (id.span().start, day);
            }
        }
        for (id, (at, day)) in first.into_iter().filter(|(_, (_, day))| *day > from) {
            self.reporter.warn(at, format!("“{id}” is not in force from {from}, when the plan begins, to {day}"));
        }
    }

    fn unused(&mut self, file: &PlanFile) {
        let params = file.param.iter().map(|param| &param.id);
        let values = file.value.iter().map(|value| &value.id);
        let unused: Vec<(usize, String)> = params
            .chain(values)
            .filter(|id| !self.names.used.contains(id.as_ref().as_str()))
            .map(|id| (id.span().start, id.as_ref().clone()))
            .collect();
        for (at, id) in unused {
            self.reporter.warn(at, format!("“{id}” is used by nothing"));
        }
    }
}
