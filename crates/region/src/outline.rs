//! 目次: a region's law as people look through it: what stands in which file, at which line, by
//! which article, and how every parameter moved over time.

use std::collections::{BTreeMap, BTreeSet};

use policy::{Law, SourceFile, Unit};
use terms::Date;

use crate::diff::{parts, show};

/// 位置: where something is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as people know it.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
}

/// 政策文件: a file with its first words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// The file.
    pub file: String,
    /// What its first comment says it is about, or empty.
    pub title: String,
    /// How many lines it has.
    pub lines: usize,
}

/// 参数 with all its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in formulas.
    pub id: String,
    /// 中文名.
    pub name: String,
    /// English name, or empty.
    pub english: String,
    /// Article of the table.
    pub article: String,
    /// In what its values are written.
    pub unit: Unit,
    /// The formulas that find a row.
    pub keys: Vec<String>,
    /// The formula of the date that chooses a version, or empty.
    pub dated_by: String,
    /// Where it stands.
    pub place: Place,
    /// Its rows in the order of the file.
    pub rows: Vec<ParameterRow>,
}

/// A row of a parameter: one set of keys over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterRow {
    /// Its keys as written; `*` is any.
    pub keys: Vec<String>,
    /// Its values, the oldest first.
    pub values: Vec<Setting>,
}

/// 取值 from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// 施行日期.
    pub from: Date,
    /// Last day: of a version that ends, or the day before the next value.
    pub until: Option<Date>,
    /// As people write it, without the unit.
    pub value: String,
    /// The value as a number of its unit, for pictures; `None` for texts and bands.
    pub number: Option<String>,
    /// The article that set it.
    pub article: String,
}

/// 规则: anything of the law but a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `layer`, `value`, `find`, `accumulator`, `line_sum` or `refusal`.
    pub kind: &'static str,
    /// Its name in formulas; the code of a refusal.
    pub id: String,
    /// 中文名; the words of a refusal.
    pub name: String,
    /// English name, or empty.
    pub english: String,
    /// Article, or empty.
    pub article: String,
    /// Where it stands.
    pub place: Place,
    /// What is written of it: field and text, empty ones left out.
    pub said: Vec<(&'static str, String)>,
}

/// The files in order.
#[must_use]
pub fn topics(sources: &[SourceFile]) -> Vec<Topic> {
    let title = |text: &str| {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        first.strip_prefix('#').map_or_else(String::new, |title| title.trim().to_owned())
    };
    sources
        .iter()
        .map(|source| Topic {
            file: source.name.clone(),
            title: title(&source.text),
            lines: source.text.lines().count(),
        })
        .collect()
}

/// Every dated table with its rows over time, in the order of the files.
#[must_use]
pub fn parameters(law: &Law, sources: &[SourceFile]) -> Vec<Parameter> {
    law.tables
        .iter()
        .map(|table| {
            let mut rows: Vec<ParameterRow> = Vec::new();
            for entry in table.cells() {
                let value = show(entry.cell, table.unit);
                let setting = Setting {
                    from: entry.from,
                    until: entry.until,
                    number: matches!(entry.cell, policy::Cell::Number(_)).then(|| value.clone()),
                    value,
                    article: entry.article.to_owned(),
                };
                match rows.iter_mut().find(|row| row.keys == entry.keys) {
                    Some(row) => row.values.push(setting),
                    None => rows.push(ParameterRow { keys: entry.keys, values: vec![setting] }),
                }
            }
            for row in &mut rows {
                row.values.sort_by_key(|setting| setting.from);
                for nth in 1..row.values.len() {
                    let before = row.values[nth].from.yesterday().ok();
                    let until = &mut row.values[nth - 1].until;
                    *until = until.map_or(before, |until| Some(before.map_or(until, |before| until.min(before))));
                }
            }
            Parameter {
                id: table.id.clone(),
                name: table.name.clone(),
                english: table.english.clone(),
                article: table.article.clone(),
                unit: table.unit,
                keys: table.keys.iter().map(|key| key.text.to_string()).collect(),
                dated_by: table.dated_by.as_ref().map_or_else(String::new, |date| date.text.to_string()),
                place: place_of(sources, "table", &table.id),
                rows,
            }
        })
        .collect()
}

/// Layers in the order in which they pay, then what they are worked out from, then refusals in
/// their order of precedence.
#[must_use]
pub fn rules(law: &Law, sources: &[SourceFile]) -> Vec<Rule> {
    let written = parts(law);
    let said = |kind: &str, id: &str| {
        let found = written.iter().find(|((_, english, known), _)| *english == kind && known == id);
        let fields = found.map_or(&[][..], |(_, (_, said))| said);
        fields.iter().filter(|(_, text)| !text.is_empty()).cloned().collect::<Vec<_>>()
    };
    let rule = |kind: &'static str, part: &str, id: &str, name: &str, english: &str, article: &str| Rule {
        kind,
        id: id.to_owned(),
        name: name.to_owned(),
        english: english.to_owned(),
        article: article.to_owned(),
        place: place_of(sources, kind, id),
        said: said(part, id),
    };
    let mut rules: Vec<Rule> = law
        .layers
        .iter()
        .map(|one| {
            let mut layer = rule("layer", "layer", &one.id, &one.name, &one.english, &one.article);
            layer.said.retain(|(field, _)| *field != "limits" && *field != "rounding");
            layer.said.extend(one.limits.iter().map(|limit| {
                let when = limit.when.as_ref().map_or_else(String::new, |when| format!("（{}）", flat(&when.text)));
                ("limit", format!("{} = {}{when} [{}]", limit.name, flat(&limit.remaining.text), limit.article))
            }));
            layer
        })
        .collect();
    rules.extend(law.values.iter().map(|one| {
        let article =
            if one.article.is_empty() { one.cases.first().map_or("", |case| &*case.article) } else { &*one.article };
        rule("value", "value", &one.id, &one.name, &one.english, article)
    }));
    rules.extend(law.finds.iter().map(|one| rule("find", "find", &one.id, &one.name, "", &one.article)));
    rules.extend(
        law.accumulators.iter().map(|one| rule("accumulator", "accumulator", &one.id, &one.name, "", &one.article)),
    );
    rules.extend(law.line_sums.iter().map(|one| rule("line_sum", "line sum", &one.id, &one.name, "", &one.article)));
    let places = headers(sources, "refusal");
    rules.extend(law.refusals.iter().enumerate().map(|(nth, one)| Rule {
        kind: "refusal",
        id: one.code.clone(),
        name: words(&one.says),
        english: String::new(),
        article: one.article.clone(),
        place: places.get(nth).cloned().unwrap_or_default(),
        said: vec![("at", format!("{:?}", one.at)), ("when", flat(&one.when.text))],
    }));
    rules
}

fn words(says: &[policy::Says]) -> String {
    says.iter()
        .map(|piece| match piece {
            policy::Says::Words(words) => words.clone(),
            policy::Says::Show(formula) => format!("{{{}}}", formula.text),
        })
        .collect()
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// 条文: the articles that a citation names, one by one: `第18、19条；附表1` are three.
#[must_use]
pub fn articles(citation: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in citation.split(['；', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        let inner = part.strip_prefix('第').and_then(|rest| rest.strip_suffix('条'));
        match inner {
            Some(inner) if inner.contains('、') && inner.split('、').all(|one| is_number(one.trim())) => {
                found.extend(inner.split('、').map(|one| format!("第{}条", one.trim())));
            }
            _ => found.push(part.to_owned()),
        }
    }
    found
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What an article set: the rules that cite it, and the values that it changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleWork {
    /// Values: parameter, keys, what stood before, what it set.
    pub changes: Vec<ArticleChange>,
    /// Rules that cite it, by their place in [`rules`].
    pub rules: Vec<usize>,
}

/// A value that an article set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleChange {
    /// Which of [`parameters`].
    pub parameter: usize,
    /// Keys of the row.
    pub keys: Vec<String>,
    /// The value that it took over from; `None` when it set the first.
    pub before: Option<String>,
    /// What it set.
    pub set: Setting,
}

/// Every article that the law cites, with what it did.
#[must_use]
pub fn by_article(parameters: &[Parameter], rules: &[Rule]) -> BTreeMap<String, ArticleWork> {
    let mut works: BTreeMap<String, ArticleWork> = BTreeMap::new();
    for (nth, parameter) in parameters.iter().enumerate() {
        for row in &parameter.rows {
            for (at, set) in row.values.iter().enumerate() {
                for article in articles(&set.article).into_iter().collect::<BTreeSet<_>>() {
                    works.entry(article).or_default().changes.push(ArticleChange {
                        parameter: nth,
                        keys: row.keys.clone(),
                        before: at.checked_sub(1).map(|before| row.values[before].value.clone()),
                        set: set.clone(),
                    });
                }
            }
        }
    }
    for (nth, rule) in rules.iter().enumerate() {
        for article in articles(&rule.article).into_iter().collect::<BTreeSet<_>>() {
            works.entry(article).or_default().rules.push(nth);
        }
    }
    works
}

/// The places of all `[[kind]]` in the files, in order.
fn headers(sources: &[SourceFile], kind: &str) -> Vec<Place> {
    let header = format!("[[{kind}]]");
    let lines = sources.iter().flat_map(|source| source.text.lines().enumerate().map(move |row| (source, row)));
    lines
        .filter(|(_, (_, line))| line.trim() == header)
        .map(|(source, (at, _))| Place { file: source.name.clone(), line: at + 1 })
        .collect()
}

/// Where a definition stands: the line of its `id` below a `[[kind]]`; the first line of the first
/// file when it cannot be found.
pub(crate) fn place_of(sources: &[SourceFile], kind: &str, id: &str) -> Place {
    let (header, wanted) = (format!("[[{kind}]]"), format!("id = \"{id}\""));
    let mut anywhere = None;
    for source in sources {
        let mut within = false;
        for (at, line) in source.text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with("[[") && !line[2..].contains('.') {
                within = line == header;
            }
            if line == wanted {
                let place = Place { file: source.name.clone(), line: at + 1 };
                if within {
                    return place;
                }
                anywhere.get_or_insert(place);
            }
        }
    }
    let first = || Place { file: sources.first().map_or_else(String::new, |source| source.name.clone()), line: 1 };
    anywhere.unwrap_or_else(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::{Manifest, Region, read_policy};
    use std::path::Path;

    fn of_the_city() -> (Region, Vec<SourceFile>) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
        let sources = read_policy(&folder, &Manifest::read(&folder).expect("a manifest")).expect("files");
        (Region::open(&folder).expect("a region"), sources)
    }

    #[test]
    fn every_definition_is_found_where_it_is_written() {
        let (region, sources) = of_the_city();
        let line = |place: &Place| {
            let source = sources.iter().find(|source| source.name == place.file).expect("the file is there");
            source.text.lines().nth(place.line - 1).expect("the line is there").trim().to_owned()
        };
        for parameter in parameters(&region.law, &sources) {
            assert_eq!(line(&parameter.place), format!("id = \"{}\"", parameter.id));
            assert!(!parameter.rows.is_empty(), "{} has values", parameter.id);
        }
        let rules = rules(&region.law, &sources);
        for rule in &rules {
            let expected =
                if rule.kind == "refusal" { "[[refusal]]".to_owned() } else { format!("id = \"{}\"", rule.id) };
            assert_eq!(line(&rule.place), expected, "{}", rule.id);
        }
        assert!(
            rules.iter().any(|rule| rule.kind == "refusal" && rule.id == "HZ102" && rule.name.contains("机构不存在"))
        );
    }

    #[test]
    fn an_article_tells_what_it_set_and_what_stood_before() {
        let (region, sources) = of_the_city();
        let parameters = parameters(&region.law, &sources);
        let works = by_article(&parameters, &rules(&region.law, &sources));
        let work = &works["第48条"];
        let change = work
            .changes
            .iter()
            .find(|change| parameters[change.parameter].id == "transfer_hours")
            .expect("article 48 changed the hours of a transfer");
        assert_eq!((change.before.as_deref(), change.set.value.as_str()), (Some("24"), "48"));
        assert_eq!(change.set.from.to_string(), "2026-07-01");
        let first = parameters.iter().find(|one| one.id == "transfer_hours").map(|one| one.rows[0].values[0].until);
        assert_eq!(first.flatten().map(|day| day.to_string()).as_deref(), Some("2026-06-30"));
    }

    #[test]
    fn a_citation_of_several_articles_names_each() {
        assert_eq!(articles("第18、19条；附表1"), ["第18条", "第19条", "附表1"]);
        assert_eq!(articles("第42条 HZ112"), ["第42条 HZ112"]);
        assert_eq!(articles(""), Vec::<String>::new());
    }
}
