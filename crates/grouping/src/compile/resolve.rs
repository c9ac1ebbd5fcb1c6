//! Names become numbers: sets, fields, severity classes, codes.

use std::collections::{BTreeSet, HashMap};

use crate::codes::Codes;
use crate::condition::{CodeField, CodeList, Condition, Measure, NumberField, ProcedureCell, SetRef, Shape};
use crate::grouper::NeedField;
use crate::hold::CATEGORIES_MAX;
use crate::problem::Problem;
use crate::scheme::{CodeSet, FieldKind, Kind, Scheme, TagPolicy};
use crate::sets::{Numbers, Set, Tag};
use crate::test::{CodeSlot, Lists, Resolved, Test, slot};

/// Turns conditions into tests and gathers what they need.
pub(crate) struct Resolver<'a> {
    scheme: &'a Scheme,
    problems: &'a mut Vec<Problem>,
    pub(super) diagnoses: Codes,
    pub(super) procedures: Codes,
    drafts: Vec<Draft>,
    known: HashMap<(Kind, SetRef), u32>,
    named: HashMap<&'a str, &'a CodeSet>,
    tags: Vec<Tag>,
    /// Categories of tags such as `heart:3`, by number.
    categories: Vec<String>,
    pub(super) needed_fields: Vec<String>,
    pub(super) number_fields: Vec<String>,
    severity_allowed: bool,
}

/// A set before the number of codes is known.
struct Draft {
    kind: Kind,
    members: Vec<u32>,
    tags: Vec<(u32, u16)>,
}

/// What resolving leaves behind.
pub(super) struct Parts {
    pub(super) diagnoses: Codes,
    pub(super) procedures: Codes,
    pub(super) sets: Vec<Set>,
    pub(super) tags: Vec<Tag>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(scheme: &'a Scheme, problems: &'a mut Vec<Problem>) -> Resolver<'a> {
        let mut named = HashMap::new();
        for set in &scheme.sets {
            if named.insert(set.name.as_str(), set).is_some() {
                problems
                    .push(Problem::error(format!("set {}", set.name), "two sets have this name; merge or rename one"));
            }
        }
        let numbers = scheme.fields.iter().filter(|field| field.kind == FieldKind::Number);
        Resolver {
            number_fields: numbers.map(|field| field.name.clone()).collect(),
            scheme,
            problems,
            diagnoses: Codes::default(),
            procedures: Codes::default(),
            drafts: Vec::new(),
            known: HashMap::new(),
            named,
            tags: Vec::new(),
            categories: Vec::new(),
            needed_fields: Vec::new(),
            severity_allowed: true,
        }
    }

    pub(crate) fn error(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::error(place, message));
    }

    /// The number of a procedure that stands in the scheme outside its sets.
    pub(crate) fn procedure(&mut self, code: &str) -> u32 {
        self.procedures.enter_code(code)
    }

    pub(super) fn finish(self) -> Parts {
        let finish = |draft: Draft| {
            let universe = match draft.kind {
                Kind::Diagnosis => self.diagnoses.count(),
                Kind::Procedure => self.procedures.count(),
            };
            let mut tags = draft.tags;
            tags.sort_unstable();
            tags.dedup();
            Set { numbers: Numbers::new(draft.members, universe), tags: tags.into() }
        };
        let sets = self.drafts.into_iter().map(finish).collect();
        Parts { sets, diagnoses: self.diagnoses, procedures: self.procedures, tags: self.tags }
    }

    pub(crate) fn condition(&mut self, condition: &Condition, place: &str) -> Test {
        match condition {
            Condition::Always(holds) => Test::Always(*holds),
            Condition::All(parts) => Test::All(self.conditions(parts, place)),
            Condition::Any(parts) => Test::Any(self.conditions(parts, place)),
            Condition::Not(inner) => Test::Not(Box::new(self.condition(inner, place))),
            Condition::In { lists, sets } => {
                Test::In { lists: Lists::of(lists), sets: self.membership(lists, sets, place) }
            }
            Condition::InExcept { lists, sets, except } => {
                let sets = self.membership(lists, sets, place);
                let kind = self.kind_of(lists, place);
                let except = except.iter().filter_map(|set| self.set(set, kind, place)).collect();
                Test::InExcept { lists: Lists::of(lists), sets, except }
            }
            Condition::Measured { measure, set, lists, comparison, value } => {
                let kind = self.kind_of(lists, place);
                let number = set.as_ref().and_then(|set| self.set(set, kind, place));
                if *measure != Measure::Entered && set.is_none() {
                    self.error(place, format!("{} needs a set", measure.name()));
                }
                self.check_tags(*measure, number, set.as_ref(), place);
                Test::Measured {
                    measure: *measure,
                    set: number,
                    lists: Lists::of(lists),
                    comparison: *comparison,
                    value: *value,
                }
            }
            Condition::Compare { field, comparison, value } => {
                let slot = self.number_slot(field.name(), place).unwrap_or_default();
                Test::Compare { slot, comparison: *comparison, value: value.0 }
            }
            Condition::Is { field, values } => {
                let field = self.code_slot(field.name(), place).unwrap_or(CodeSlot::Department);
                Test::Is { field, values: values.iter().map(|value| value.as_str().into()).collect() }
            }
            Condition::Known(name) => match self.field(name, place) {
                Some(NeedField::Number(slot)) => Test::KnownNumber(slot),
                Some(NeedField::Code(field)) => Test::KnownCode(field),
                _ => Test::Always(false),
            },
            Condition::Procedures(cell) => Test::Procedures(self.cell(cell, place)),
        }
    }

    /// A condition inside the severity tables, which must not ask for severity itself.
    pub(super) fn condition_without_severity(&mut self, condition: &Condition, place: &str) -> Test {
        self.severity_allowed = false;
        let test = self.condition(condition, place);
        self.severity_allowed = true;
        test
    }

    fn conditions(&mut self, parts: &[Condition], place: &str) -> Box<[Test]> {
        parts.iter().map(|part| self.condition(part, place)).collect()
    }

    fn membership(&mut self, lists: &[CodeList], sets: &[SetRef], place: &str) -> Box<[Resolved]> {
        let kind = self.kind_of(lists, place);
        if sets.is_empty() {
            self.error(place, "a condition with 'in' names no set");
        }
        let mut resolved = Vec::new();
        for set in sets {
            match self.severity_class(set) {
                Some(class) if lists != [CodeList::OtherDiagnoses] => {
                    let name = &self.scheme.severity_classes[class as usize].name;
                    let message =
                        format!("{name} is a severity class; only other diagnoses count: write QTZD in {name}");
                    self.error(place, message);
                }
                Some(_) if !self.severity_allowed => {
                    self.error(place, "a condition of the severity tables cannot ask for severity");
                }
                Some(class) => resolved.push(Resolved::Severity(class)),
                None => resolved.extend(self.set(set, kind, place).map(Resolved::Set)),
            }
        }
        resolved.into()
    }

    fn severity_class(&self, set: &SetRef) -> Option<u8> {
        let SetRef::Named { name, tag: None } = set else { return None };
        self.scheme.severity_classes.iter().position(|class| class.name == *name).map(|class| class as u8)
    }

    fn kind_of(&mut self, lists: &[CodeList], place: &str) -> Kind {
        let procedures = lists.iter().filter(|list| list.is_procedures()).count();
        if lists.is_empty() || procedures != 0 && procedures != lists.len() {
            self.error(place, "a condition must look at diagnoses or at procedures, and not at both");
        }
        if procedures > 0 { Kind::Procedure } else { Kind::Diagnosis }
    }

    pub(super) fn named(&mut self, name: &str, kind: Kind, place: &str) -> Option<u32> {
        self.set(&SetRef::Named { name: name.to_owned(), tag: None }, kind, place)
    }

    fn set(&mut self, set: &SetRef, kind: Kind, place: &str) -> Option<u32> {
        if let Some(number) = self.known.get(&(kind, set.clone())) {
            return Some(*number);
        }
        let draft = match set {
            SetRef::Here { shape, codes } => self.draft_here(*shape, codes, kind, place)?,
            SetRef::Named { name, tag } => self.draft_named(name, tag.as_deref(), kind, place)?,
        };
        let number = self.drafts.len() as u32;
        self.drafts.push(draft);
        self.known.insert((kind, set.clone()), number);
        Some(number)
    }

    fn draft_here(&mut self, shape: Shape, codes: &[String], kind: Kind, place: &str) -> Option<Draft> {
        let joined;
        let codes = match (shape, codes) {
            (Shape::Range, [first, last]) => {
                joined = [format!("{first}-{last}")];
                &joined[..]
            }
            _ => codes,
        };
        let mut members = Vec::new();
        for code in codes {
            self.enter(kind, shape, code, &mut members, place)?;
        }
        Some(Draft { kind, members, tags: Vec::new() })
    }

    fn enter(&mut self, kind: Kind, shape: Shape, code: &str, members: &mut Vec<u32>, place: &str) -> Option<()> {
        let entered = match kind {
            Kind::Diagnosis => self.diagnoses.enter(shape, code, members),
            Kind::Procedure => self.procedures.enter(shape, code, members),
        };
        entered.map_err(|message| self.error(place, message)).ok()
    }

    fn draft_named(&mut self, name: &str, tag: Option<&str>, kind: Kind, place: &str) -> Option<Draft> {
        let Some(&set) = self.named.get(name) else {
            let alike = self.scheme.sets.iter().find(|set| set.name.eq_ignore_ascii_case(name));
            let hint = alike.map_or(String::new(), |set| format!("; there is one called '{}'", set.name));
            self.error(place, format!("the set '{name}' does not exist{hint}"));
            return None;
        };
        if set.kind != kind {
            let (is, asked) = match kind {
                Kind::Diagnosis => ("procedures", "diagnoses"),
                Kind::Procedure => ("diagnoses", "procedures"),
            };
            self.error(place, format!("the set '{name}' holds {is} but is asked for {asked}"));
            return None;
        }
        let place = format!("set {name}");
        let mut draft = Draft { kind, members: Vec::new(), tags: Vec::new() };
        for member in &set.members {
            let from = draft.members.len();
            self.enter(kind, member.shape, &member.code, &mut draft.members, &place)?;
            if let Some(tag) = &member.tag {
                let tag = self.tag(tag);
                for index in from..draft.members.len() {
                    put_tag(&mut draft.tags, draft.members[index], tag, set.tags);
                }
            }
        }
        if let Some(tag) = tag {
            let number = self.tag(tag);
            draft.members = draft.tags.iter().filter(|(_, own)| *own == number).map(|(code, _)| *code).collect();
            if draft.members.is_empty() {
                self.error(place, format!("no member carries the tag '{tag}', which a condition asks for"));
            }
            draft.tags.clear();
        }
        Some(draft)
    }

    fn tag(&mut self, text: &str) -> u16 {
        let known = self.tags.iter().position(|known| known.text == text);
        known.unwrap_or_else(|| {
            let weighed = text.rsplit_once(':').and_then(|(category, weight)| {
                let weight = weight.parse().ok()?;
                Some((self.category(category), weight))
            });
            self.tags.push(Tag { text: text.to_owned(), value: text.parse().ok(), weighed });
            self.tags.len() - 1
        }) as u16
    }

    fn category(&mut self, name: &str) -> u16 {
        let known = self.categories.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.categories.push(name.to_owned());
            self.categories.len() - 1
        }) as u16
    }

    fn check_tags(&mut self, measure: Measure, number: Option<u32>, set: Option<&SetRef>, place: &str) {
        let (Some(number), Some(set)) = (number, set) else { return };
        let draft = &self.drafts[number as usize];
        let numeric = draft.tags.iter().all(|(_, tag)| self.tags[*tag as usize].value.is_some());
        match measure {
            Measure::Tags if draft.tags.is_empty() => self.error(place, format!("{set} has no tags to count")),
            Measure::HighestTag | Measure::SumOfTags if draft.tags.is_empty() => {
                self.error(place, format!("{set} has no tags to compare"))
            }
            Measure::HighestTag | Measure::SumOfTags if !numeric => {
                let verb = if measure == Measure::HighestTag { "order" } else { "add" };
                let measure = measure.name();
                self.error(place, format!("{set} has tags that are not whole numbers; {measure}() cannot {verb} them"));
            }
            Measure::SumOfHighest => {
                let weighed: Option<BTreeSet<u16>> =
                    draft.tags.iter().map(|(_, tag)| self.tags[*tag as usize].weighed.map(|own| own.0)).collect();
                match weighed.map(|categories| categories.len()) {
                    None => self.error(place, format!("{set} has a tag that is not category:weight, such as heart:1")),
                    Some(0) => self.error(place, format!("{set} has no tags to add; write category:weight")),
                    Some(count) if count > CATEGORIES_MAX => {
                        self.error(place, format!("{set} has more than {CATEGORIES_MAX} categories"))
                    }
                    Some(_) => {}
                }
            }
            _ => {}
        }
    }

    fn cell(&mut self, cell: &ProcedureCell, place: &str) -> Box<[u32]> {
        let mut parts = Vec::new();
        for part in &cell.parts {
            let mut members = Vec::new();
            for term in part {
                let shape = if term.prefix { Shape::Prefix } else { Shape::Code };
                let _entered = self.enter(Kind::Procedure, shape, &term.code, &mut members, place);
            }
            parts.push(self.drafts.len() as u32);
            self.drafts.push(Draft { kind: Kind::Procedure, members, tags: Vec::new() });
        }
        parts.into()
    }

    /// A number or coded field by name.
    pub(super) fn field(&mut self, name: &str, place: &str) -> Option<NeedField> {
        let declared = self.scheme.fields.iter().find(|field| field.name == name).map(|field| field.kind);
        let number = NumberField::named(name).is_some() || declared == Some(FieldKind::Number);
        if number {
            self.number_slot(name, place).map(NeedField::Number)
        } else {
            self.code_slot(name, place).map(NeedField::Code)
        }
    }

    fn number_slot(&mut self, name: &str, place: &str) -> Option<u8> {
        let own = match NumberField::named(name) {
            Some(NumberField::Age) => Some(slot::AGE),
            Some(NumberField::Sex) => Some(slot::SEX),
            Some(NumberField::AgeDays) => Some(slot::AGE_DAYS),
            Some(NumberField::Weight) => Some(slot::WEIGHT),
            Some(NumberField::Days) => Some(slot::DAYS),
            Some(NumberField::IcuHours) => Some(slot::ICU_HOURS),
            Some(NumberField::Fee) => Some(slot::FEE),
            Some(NumberField::Other(_)) | None => {
                self.number_fields.iter().position(|field| field == name).map(|index| slot::OTHERS + index as u8)
            }
        };
        if own.is_none() {
            self.unknown_field(name, "number", place);
        }
        own
    }

    fn code_slot(&mut self, name: &str, place: &str) -> Option<CodeSlot> {
        match CodeField::named(name) {
            Some(CodeField::LeavingType) => return Some(CodeSlot::LeavingType),
            Some(CodeField::Department) => return Some(CodeSlot::Department),
            _ => {}
        }
        let declared = |field: &&crate::scheme::OtherField| field.name == name && field.kind == FieldKind::Code;
        if self.scheme.fields.iter().any(|field| declared(&field)) {
            return Some(CodeSlot::Other(name.into()));
        }
        self.unknown_field(name, "code", place);
        None
    }

    fn unknown_field(&mut self, name: &str, kind: &str, place: &str) {
        let message = format!(
            "the field '{name}' is not known as a {kind}; declare it under [[field]], or use one of NL XB XSRTL XSRTZ ZYTS ICUXS FY (numbers), LYFS KS (codes)"
        );
        self.error(place, message);
    }
}

fn put_tag(tags: &mut Vec<(u32, u16)>, code: u32, tag: u16, policy: TagPolicy) {
    let known = match policy {
        TagPolicy::All => None,
        TagPolicy::First | TagPolicy::Last => tags.iter_mut().find(|(known, _)| *known == code),
    };
    match known {
        None => tags.push((code, tag)),
        Some(known) if policy == TagPolicy::Last => known.1 = tag,
        Some(_) => {}
    }
}
