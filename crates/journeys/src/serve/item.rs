//! 服务事项: an item of the region's folder: who may apply, the form, the conditions with a sentence
//! each, the materials, the procedure, when the rule alone is enough, and what an approval does.

use std::collections::BTreeMap;
use std::sync::Arc;

use casework::form::{Choice, Field, FieldKind, Known};
use casework::{Problem, line_of};
use serde::Deserialize;
use sm3::{Digest, Sm3};
use terms::{Date, Period, parse_date};

use super::effects;
use super::facts::{SOURCES, knows};
use super::formula::Formula;

/// 查找 in a list of the person's.
#[derive(Debug, Clone)]
pub(crate) struct Find {
    pub id: String,
    pub source: String,
    pub condition: Formula,
}

/// 办理条件.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub id: String,
    pub must: Formula,
    pub says: String,
    pub english: String,
    pub article: String,
}

/// 材料.
#[derive(Debug, Clone)]
pub struct Material {
    /// The kind of the document that brings it.
    pub id: String,
    /// 名称.
    pub name: String,
    /// English name.
    pub english: String,
    /// Only then; `None` always.
    pub(crate) when: Option<Formula>,
}

/// What an approval does, in a word that the code knows, with what it is told.
#[derive(Debug, Clone)]
pub(crate) struct EffectRule {
    pub word: String,
    pub with: BTreeMap<String, Formula>,
}

/// 服务事项, one version of it. Never edited: a later version begins on a later day.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name.
    pub id: String,
    /// Version.
    pub version: String,
    /// Which desk it belongs to: `service`, `claim`, `workorder`.
    pub desk: String,
    /// 名称.
    pub name: String,
    /// English name.
    pub english: String,
    /// 分类, for the list of items.
    pub group: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// The same in English.
    pub english_summary: String,
    /// From when it is applied for under this version.
    pub from: Date,
    /// 依据.
    pub article: String,
    /// 办理程序, a file under `casework/`.
    pub procedure: String,
    /// Who may apply: `citizen`, `staff`, `institution`.
    pub who: Vec<String>,
    /// 表单.
    pub fields: Vec<Field>,
    /// 材料.
    pub materials: Vec<Material>,
    pub(crate) once: Option<Formula>,
    pub(crate) subject: Option<Formula>,
    pub(crate) amount: Option<Formula>,
    pub(crate) finds: Vec<Find>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) automatic: Option<Formula>,
    pub(crate) effect: Option<EffectRule>,
    /// The examples of the file.
    pub(crate) cases: Vec<super::example::CaseFile>,
    /// SM3 of what the file says, whatever its blanks and comments, in hexadecimal.
    pub hash: String,
    /// The file as read.
    pub text: String,
}

impl Item {
    /// A field by its name.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// Whether the item is about a person.
    #[must_use]
    pub fn of_person(&self) -> bool {
        self.desk != "workorder"
    }

    /// The word of its effect, empty without one.
    #[must_use]
    pub fn effect_word(&self) -> &str {
        self.effect.as_ref().map_or("", |effect| &effect.word)
    }

    /// The conditions: sentence, English sentence and article of each.
    pub fn conditions(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.conditions.iter().map(|one| (&*one.says, &*one.english, &*one.article))
    }

    /// When the rule alone is enough, in the file's own words.
    #[must_use]
    pub fn automatic_when(&self) -> Option<&str> {
        self.automatic.as_ref().map(|formula| formula.text.as_str())
    }
}

/// 编码 of a list, with its dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCode {
    /// 编码.
    pub code: String,
    /// 名称.
    pub name: String,
    /// 起止.
    pub period: Period,
}

/// Every item of a region, in every version, and the lists from which codes are chosen.
#[derive(Debug, Clone, Default)]
pub struct Services {
    items: Vec<Arc<Item>>,
    lists: BTreeMap<String, Arc<Vec<ListedCode>>>,
}

impl Services {
    /// These items; the lists are sorted here.
    #[must_use]
    pub fn new(items: Vec<Item>, lists: BTreeMap<String, Vec<ListedCode>>) -> Services {
        let sorted = |(name, mut codes): (String, Vec<ListedCode>)| {
            codes.sort_by(|a, b| a.code.cmp(&b.code));
            (name, Arc::new(codes))
        };
        Services { items: items.into_iter().map(Arc::new).collect(), lists: lists.into_iter().map(sorted).collect() }
    }

    /// The version under which an item is applied for on a day.
    #[must_use]
    pub fn on(&self, id: &str, day: Date) -> Option<&Arc<Item>> {
        self.items.iter().filter(|one| one.id == id && one.from <= day).max_by_key(|one| one.from)
    }

    /// The version of an application.
    #[must_use]
    pub fn version(&self, id: &str, version: &str) -> Option<&Arc<Item>> {
        self.items.iter().find(|one| one.id == id && one.version == version)
    }

    /// The items that can be applied for on a day, in the order of their files.
    #[must_use]
    pub fn offered(&self, day: Date) -> Vec<&Arc<Item>> {
        let in_force = |one: &&Arc<Item>| self.on(&one.id, day).is_some_and(|on| on.version == one.version);
        self.items.iter().filter(in_force).collect()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.items.iter()
    }

    /// The codes of a list.
    #[must_use]
    pub fn list(&self, name: &str) -> &[ListedCode] {
        self.lists.get(name).map_or(&[], |codes| codes.as_slice())
    }

    pub(crate) fn on_day(&self, day: Date) -> ListsOn<'_> {
        ListsOn { services: self, day }
    }
}

/// The lists as they stand on a day.
pub(crate) struct ListsOn<'a> {
    services: &'a Services,
    day: Date,
}

impl Known for ListsOn<'_> {
    fn has_code(&self, list: &str, code: &str) -> bool {
        let codes = self.services.list(list);
        let from = codes.partition_point(|one| one.code.as_str() < code);
        codes[from..].iter().take_while(|one| one.code == code).any(|one| one.period.covers(self.day))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemFile {
    id: String,
    version: String,
    #[serde(default = "service")]
    desk: String,
    name: String,
    english: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    english_summary: String,
    from: toml::value::Datetime,
    article: String,
    procedure: String,
    who: Vec<String>,
    once: Option<String>,
    subject: Option<String>,
    amount: Option<String>,
    #[serde(default)]
    field: Vec<Field>,
    #[serde(default)]
    find: Vec<FindFile>,
    #[serde(default)]
    condition: Vec<ConditionFile>,
    #[serde(default)]
    material: Vec<MaterialFile>,
    automatic: Option<AutomaticFile>,
    effect: Option<EffectFile>,
    #[serde(default)]
    case: Vec<super::example::CaseFile>,
}

fn service() -> String {
    "service".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FindFile {
    id: String,
    #[serde(rename = "in")]
    source: String,
    #[serde(rename = "where")]
    condition: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionFile {
    id: String,
    must: String,
    says: String,
    #[serde(default)]
    english: String,
    #[serde(default)]
    article: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MaterialFile {
    id: String,
    name: String,
    #[serde(default)]
    english: String,
    when: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AutomaticFile {
    when: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    article: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EffectFile {
    word: String,
    #[serde(default)]
    with: BTreeMap<String, String>,
}

struct Lint<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

impl Lint<'_> {
    fn add(&mut self, near: &str, message: String) {
        self.problems.push(Problem::at(self.file, line_of(self.text, near), message));
    }

    fn formula(&mut self, text: &str, known: &dyn Fn(&str) -> bool) -> Option<Formula> {
        match Formula::read(text, known) {
            Ok(formula) => Some(formula),
            Err(message) => {
                self.add(text.lines().next().unwrap_or_default(), message);
                None
            }
        }
    }

    fn placeholders(&mut self, says: &str, known: &dyn Fn(&str) -> bool) {
        for name in placeholders(says).filter(|name| !known(name)) {
            self.add(says, format!("the sentence shows “{{{name}}}”, which is not known here"));
        }
    }

    fn fields(&mut self, fields: &[Field], column: bool) {
        let mut seen = Vec::new();
        for field in fields {
            if seen.contains(&&field.id) {
                self.add(&format!("id = \"{}\"", field.id), format!("the field “{}” is there twice", field.id));
            }
            seen.push(&field.id);
            let slip = match field.kind {
                FieldKind::Choice if field.options.is_empty() => Some("has nothing to choose from; add option"),
                FieldKind::Code if field.list.is_empty() => Some("names no list"),
                FieldKind::Rows if column => Some("is a column and cannot hold rows"),
                FieldKind::Rows if field.columns.is_empty() => Some("has no columns"),
                FieldKind::Person | FieldKind::Employer if column => Some("is a column and cannot lead to anybody"),
                _ => None,
            };
            if let Some(slip) = slip {
                self.add(&format!("id = \"{}\"", field.id), format!("the field “{}” {slip}", field.id));
            }
            self.fields(&field.columns, true);
        }
    }
}

/// The names between braces of a sentence.
fn placeholders(says: &str) -> impl Iterator<Item = &str> {
    says.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

impl Item {
    /// Reads an item's file.
    ///
    /// # Errors
    /// Every slip, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Item, Vec<Problem>> {
        let one = |error: toml::de::Error| vec![Problem::of_toml(file, text, &error)];
        let read: ItemFile = toml::from_str(text).map_err(one)?;
        let said: toml::Table = toml::from_str(text).map_err(one)?;
        let said = toml::to_string(&said).expect("what was read as TOML can be written as TOML");
        let mut lint = Lint { file, text, problems: Vec::new() };
        lint.fields(&read.field, false);
        let from = parse_date(&read.from.to_string());
        if from.is_none() {
            lint.add("from", format!("from = {}: write a day, as 2026-01-01", read.from));
        }
        for who in read.who.iter().filter(|who| !["citizen", "staff", "institution"].contains(&who.as_str())) {
            lint.add("who", format!("“{who}” cannot apply; known are citizen, staff, institution"));
        }
        let finds = finds(&read, &mut lint);
        let named: Vec<(String, String)> = finds.iter().map(|find| (find.id.clone(), find.source.clone())).collect();
        let known = |name: &str| knows(&read.field, &named, None, name);
        let conditions = conditions(&read, &mut lint, &known);
        let materials = materials(&read, &mut lint, &known);
        let mut optional = |text: &Option<String>| text.as_ref().and_then(|text| lint.formula(text, &known));
        let (once, subject, amount) = (optional(&read.once), optional(&read.subject), optional(&read.amount));
        let automatic = read.automatic.as_ref().and_then(|rule| lint.formula(&rule.when, &known));
        let effect = effect(&read, &mut lint, &known);
        if !lint.problems.is_empty() {
            return Err(lint.problems);
        }
        Ok(Item {
            hash: Sm3::digest(said.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
            text: text.to_owned(),
            id: read.id,
            version: read.version,
            desk: read.desk,
            name: read.name,
            english: read.english,
            group: read.group,
            summary: read.summary,
            english_summary: read.english_summary,
            from: from.unwrap_or_default(),
            article: read.article,
            procedure: read.procedure,
            who: read.who,
            fields: read.field,
            materials,
            once,
            subject,
            amount,
            finds,
            conditions,
            automatic,
            effect,
            cases: read.case,
        })
    }
}

fn finds(read: &ItemFile, lint: &mut Lint) -> Vec<Find> {
    let mut finds = Vec::new();
    for find in &read.find {
        if !SOURCES.iter().any(|(source, _)| *source == find.source) {
            let known: Vec<&str> = SOURCES.iter().map(|(source, _)| *source).collect();
            lint.add(&find.source, format!("“{}” is no list; choose {}", find.source, known.join(", ")));
            continue;
        }
        let known = |name: &str| knows(&read.field, &[], Some(&find.source), name);
        if let Some(condition) = lint.formula(&find.condition, &known) {
            finds.push(Find { id: find.id.clone(), source: find.source.clone(), condition });
        }
    }
    finds
}

fn conditions(read: &ItemFile, lint: &mut Lint, known: &dyn Fn(&str) -> bool) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for one in &read.condition {
        lint.placeholders(&one.says, known);
        lint.placeholders(&one.english, known);
        if one.article.is_empty() {
            lint.add(&format!("id = \"{}\"", one.id), format!("the condition “{}” cites no article", one.id));
        }
        if let Some(must) = lint.formula(&one.must, known) {
            conditions.push(Condition {
                id: one.id.clone(),
                must,
                says: one.says.clone(),
                english: one.english.clone(),
                article: one.article.clone(),
            });
        }
    }
    conditions
}

fn materials(read: &ItemFile, lint: &mut Lint, known: &dyn Fn(&str) -> bool) -> Vec<Material> {
    let mut materials = Vec::new();
    for one in &read.material {
        let when = one.when.as_ref().and_then(|when| lint.formula(when, known));
        materials.push(Material { id: one.id.clone(), name: one.name.clone(), english: one.english.clone(), when });
    }
    materials
}

fn effect(read: &ItemFile, lint: &mut Lint, known: &dyn Fn(&str) -> bool) -> Option<EffectRule> {
    let effect = read.effect.as_ref()?;
    let Some((_, needed, allowed)) = effects::WORDS.iter().find(|(word, _, _)| *word == effect.word) else {
        let words: Vec<&str> = effects::WORDS.iter().map(|(word, _, _)| *word).collect();
        lint.add(
            &format!("word = \"{}\"", effect.word),
            format!("no effect is called “{}”; known are {}", effect.word, words.join(", ")),
        );
        return None;
    };
    for missing in needed.iter().filter(|name| !effect.with.contains_key(**name)) {
        lint.add("[effect]", format!("the effect “{}” must be told “{missing}”", effect.word));
    }
    for name in effect.with.keys().filter(|name| !needed.contains(&name.as_str()) && !allowed.contains(&name.as_str()))
    {
        lint.add(
            "[effect]",
            format!("the effect “{}” is not told “{name}”; it may be told {}", effect.word, allowed.join(", ")),
        );
    }
    if effect.word == "settle" && !read.field.iter().any(|field| field.id == "lines" && field.kind == FieldKind::Rows) {
        lint.add("[effect]", "the effect “settle” needs a field “lines” of rows".to_owned());
    }
    let mut with = BTreeMap::new();
    for (name, text) in &effect.with {
        if let Some(formula) = lint.formula(text, known) {
            with.insert(name.clone(), formula);
        }
    }
    Some(EffectRule { word: effect.word.clone(), with })
}

/// The name of an option, or the code itself.
#[must_use]
pub fn option_name<'a>(options: &'a [Choice], code: &'a str) -> &'a str {
    options.iter().find(|option| option.code == code).map_or(code, |option| &option.name)
}
