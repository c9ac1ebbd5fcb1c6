//! From a scheme's plain data to a [`Grouper`].

mod index;
mod resolve;
mod tree;

use crate::auxiliary::Auxiliaries;
use crate::combine::Combinations;
use crate::condition::Condition;
use crate::grouper::{Children, Grouper, Index, NeedField, NeedTest, Severity, SeverityEntry, Spread};
use crate::problem::{Gravity, Problem};
use crate::scheme::{Kind, Scheme};
use crate::test::Test;
pub(crate) use resolve::Resolver;
pub(crate) use tree::names_procedures;

/// Fields that requirements may name, at most: they are bits of one number.
const NEEDED_FIELDS_MAX: usize = 64;
/// Severity classes, at most.
const SEVERITY_CLASSES_MAX: usize = 32;

impl Grouper {
    /// Compiles a scheme.
    ///
    /// # Errors
    /// Everything that keeps the scheme from being used: unknown sets and fields, wrong kinds,
    /// broken ranges, each with its place.
    pub fn compile(scheme: &Scheme) -> Result<Grouper, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut resolver = Resolver::new(scheme, &mut problems);
        check_head(scheme, &mut resolver);
        let requirements = requirements(scheme, &mut resolver);
        let (severity_pairs, conditions, severity_rules) = severity_codes(scheme, &mut resolver);
        let (table_pairs, table_names) = exclusions(scheme, &mut resolver, &severity_pairs);
        let combinations = Combinations::compile(scheme, &mut resolver);
        let tree = tree::lay_out(scheme, &mut resolver);
        let auxiliaries = Auxiliaries::compile(scheme, &tree.nodes, &tree.texts, &mut resolver);
        let mut option =
            |name: &Option<String>, kind| name.as_ref().and_then(|name| resolver.named(name, kind, "options"));
        let not_principal = option(&scheme.options.not_principal, Kind::Diagnosis);
        let ignored_procedures = option(&scheme.options.ignored_procedures, Kind::Procedure);
        let surgical_set = scheme.options.surgical_skips_medical.as_ref().map(|skip| skip.set.clone());
        let surgical = option(&surgical_set, Kind::Procedure);
        let field_names = resolver.needed_fields.clone();
        let number_fields = resolver.number_fields.clone();
        let parts = resolver.finish();
        if problems.iter().any(|problem| problem.gravity == Gravity::Error) {
            return Err(problems);
        }
        let severity = Severity {
            tables: table_spread(table_pairs, parts.diagnoses.count()),
            entries: severity_spread(severity_pairs, &table_names, parts.diagnoses.count()),
            table_names,
            conditions,
        };
        let combinations = combinations.spread(parts.procedures.count());
        let mut grouper = Grouper {
            scheme: scheme.clone(),
            diagnoses: parts.diagnoses,
            procedures: parts.procedures,
            sets: parts.sets,
            tags: parts.tags,
            severity,
            combinations,
            auxiliaries,
            severity_rules,
            requirements,
            field_names,
            number_fields,
            not_principal,
            ignored_procedures,
            surgical,
            nodes: tree.nodes,
            rules: tree.rules,
            roots: Children::default(),
            index: Index::default(),
            texts: tree.texts,
            no_group: tree.no_group,
        };
        grouper.roots = tree.roots;
        index::build(&mut grouper);
        Ok(grouper)
    }
}

fn check_head(scheme: &Scheme, resolver: &mut Resolver<'_>) {
    if scheme.levels.is_empty() {
        resolver.error("levels", "the scheme names no level; give at least one, such as DRG");
    }
    if scheme.severity_classes.len() > SEVERITY_CLASSES_MAX {
        resolver.error("severity", format!("more than {SEVERITY_CLASSES_MAX} severity classes"));
    }
    for class in &scheme.severity_classes {
        if scheme.sets.iter().any(|set| set.name == class.name) {
            resolver.error(
                format!("severity class {}", class.name),
                "a set has the same name; conditions could mean either, so rename one",
            );
        }
    }
    if let Some(skip) = &scheme.options.surgical_skips_medical
        && !scheme.levels.iter().any(|level| level.name == skip.level)
    {
        resolver
            .error("options", format!("surgical_skips_medical names the level '{}', which does not exist", skip.level));
    }
}

fn requirements(scheme: &Scheme, resolver: &mut Resolver<'_>) -> Vec<NeedTest> {
    let mut compiled = Vec::new();
    for (index, requirement) in scheme.requirements.iter().enumerate() {
        let place = format!("requirement {}", index + 1);
        let when = resolver.condition(&requirement.when, &place);
        let check = resolver.condition(&requirement.check, &place);
        let mut fields = Vec::new();
        for name in &requirement.fields {
            let Some(field) = resolver.needed_field(name, &place) else { continue };
            let known = resolver.needed_fields.iter().position(|known| known == name);
            let bit = known.unwrap_or_else(|| {
                resolver.needed_fields.push(name.clone());
                resolver.needed_fields.len() - 1
            });
            if bit >= NEEDED_FIELDS_MAX {
                resolver.error(&place, format!("more than {NEEDED_FIELDS_MAX} fields are required"));
                continue;
            }
            fields.push((field, bit as u32));
        }
        if fields.is_empty() {
            resolver.error(&place, "names no field; a person asked for data must be told which");
        }
        let says = requirement.says.clone();
        compiled.push(NeedTest { when, fields, check, outcome: requirement.outcome, says });
    }
    compiled
}

/// A severity entry whose exclusion table is still a name.
struct NamedEntry {
    class: u8,
    table: Option<String>,
    condition: Option<u32>,
}

fn severity_codes(scheme: &Scheme, resolver: &mut Resolver<'_>) -> (Vec<(u32, NamedEntry)>, Vec<Test>, Vec<Condition>) {
    let mut pairs = Vec::new();
    let mut sources: Vec<&Condition> = Vec::new();
    let mut conditions = Vec::new();
    for code in &scheme.severity_codes {
        let place = format!("severity {}", code.code);
        let Some(class) = scheme.severity_classes.iter().position(|class| class.name == code.class) else {
            resolver.error(&place, format!("the class '{}' is not declared", code.class));
            continue;
        };
        let condition = code.only_if.as_ref().map(|condition| {
            let known = sources.iter().position(|source| *source == condition);
            known.unwrap_or_else(|| {
                conditions.push(resolver.condition_without_severity(condition, &place));
                sources.push(condition);
                sources.len() - 1
            }) as u32
        });
        let number = resolver.diagnoses.enter_code(&code.code);
        pairs.push((number, NamedEntry { class: class as u8, table: code.exclusion.clone(), condition }));
    }
    (pairs, conditions, sources.into_iter().cloned().collect())
}

/// (principal diagnosis, table name) pairs, and all table names, sorted.
fn exclusions(
    scheme: &Scheme,
    resolver: &mut Resolver<'_>,
    severity: &[(u32, NamedEntry)],
) -> (Vec<(u32, u32)>, Vec<String>) {
    let mut names: Vec<String> = scheme.exclusions.iter().map(|row| row.table.clone()).collect();
    names.extend(severity.iter().filter_map(|(_, entry)| entry.table.clone()));
    names.sort_unstable();
    names.dedup();
    let pair = |row: &crate::scheme::Exclusion, resolver: &mut Resolver<'_>| {
        let table = names.binary_search(&row.table).unwrap_or_else(|_| unreachable!("every table's name was gathered"));
        (resolver.diagnoses.enter_code(&row.code), table as u32)
    };
    let pairs = scheme.exclusions.iter().map(|row| pair(row, resolver)).collect();
    (pairs, names)
}

fn table_spread(mut pairs: Vec<(u32, u32)>, numbers: u32) -> Spread<u32> {
    pairs.sort_unstable();
    pairs.dedup();
    Spread::new(pairs, numbers)
}

fn severity_spread(pairs: Vec<(u32, NamedEntry)>, tables: &[String], numbers: u32) -> Spread<SeverityEntry> {
    let number = |name: String| {
        let table = tables.binary_search(&name).unwrap_or_else(|_| unreachable!("every table's name was gathered"));
        table as u32
    };
    let entries = pairs.into_iter().map(|(code, entry)| {
        let NamedEntry { class, table, condition } = entry;
        (code, SeverityEntry { class, table: table.map(number), condition })
    });
    Spread::new(entries.collect(), numbers)
}

impl Resolver<'_> {
    fn needed_field(&mut self, name: &str, place: &str) -> Option<NeedField> {
        match name {
            "ZYZD" => Some(NeedField::FirstDiagnosis),
            "ZYSS" => Some(NeedField::FirstProcedure),
            _ => self.field(name, place),
        }
    }
}
