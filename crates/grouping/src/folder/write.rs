//! Writes a scheme as files.

use super::head::{
    FieldHead, FieldKindHead, Head, LevelHead, OptionsHead, OutcomeHead, RequireHead, RetryHead, SelectHead,
    SeverityHead, SkipHead,
};
use super::{Files, head, nodes, tables};
use crate::condition::{Condition, Shape};
use crate::scheme::{
    FieldKind, NewbornWeight, Node, NodeStatus, Outcome, Requirement, Retry, Scheme, Select, TagPolicy, WhenNoChild,
};

pub(super) fn files(scheme: &Scheme) -> Files {
    let mut files = Files::new();
    let toml = toml::to_string_pretty(&head_of(scheme)).unwrap_or_else(|error| unreachable!("a plain struct: {error}"));
    files.insert(head::FILE.to_owned(), toml);
    let mut rows = vec![header(&nodes::COLUMNS)];
    node_rows(scheme, &scheme.nodes, "", 0, &mut rows);
    files.insert("nodes.csv".to_owned(), table(rows));
    let mut add = |name: &str, rows: Vec<Vec<String>>| {
        if rows.len() > 1 {
            files.insert(name.to_owned(), table(rows));
        }
    };
    add("sets.csv", set_rows(scheme));
    add("severity.csv", severity_rows(scheme));
    add("exclusions.csv", exclusion_rows(scheme));
    add("combinations.csv", combination_rows(scheme));
    add("auxiliary.csv", auxiliary_rows(scheme));
    files
}

fn header(columns: &[(&str, bool)]) -> Vec<String> {
    columns.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// A CSV text; columns in which every row is blank are left out.
fn table(rows: Vec<Vec<String>>) -> String {
    let used: Vec<usize> = (0..rows[0].len())
        .filter(|column| rows[1..].iter().any(|row| !row[*column].is_empty()) || rows[0][*column] == "code")
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = rows.iter().try_for_each(|row| writer.write_record(used.iter().map(|column| &row[*column])));
    let bytes = written
        .map_err(|error| error.to_string())
        .and_then(|()| writer.into_inner().map_err(|error| error.to_string()));
    let text = bytes.map(String::from_utf8);
    match text {
        Ok(Ok(text)) => text,
        _ => unreachable!("texts are written into memory"),
    }
}

fn rule(condition: &Condition) -> String {
    if *condition == Condition::Always(true) { String::new() } else { condition.to_string() }
}

fn node_rows(scheme: &Scheme, siblings: &[Node], parent: &str, depth: usize, rows: &mut Vec<Vec<String>>) {
    for (index, node) in siblings.iter().enumerate() {
        let status = match node.status {
            NodeStatus::Grouped => "",
            NodeStatus::Ambiguous => "ambiguous",
            NodeStatus::Fallback => "fallback",
            NodeStatus::Ungroupable => "ungroupable",
        };
        let when_no_child = match &node.when_no_child {
            WhenNoChild::Continue => String::new(),
            WhenNoChild::Itself => "itself".to_owned(),
            WhenNoChild::Code(code) => format!("code {code}"),
        };
        rows.push(vec![
            String::new(),
            scheme.levels.get(depth).map_or(String::new(), |level| level.name.clone()),
            parent.to_owned(),
            node.code.clone(),
            node.name.clone(),
            rule(&node.condition),
            if node.order == 0 { String::new() } else { node.order.to_string() },
            status.to_owned(),
            node.rank.map_or(String::new(), |rank| rank.to_string()),
            node.mean_fee.map_or(String::new(), |fee| fee.to_string()),
            when_no_child,
        ]);
        let earlier = siblings[..index].iter().filter(|other| other.code == node.code).count();
        let own = if earlier == 0 { node.code.clone() } else { format!("{}~{}", node.code, earlier + 1) };
        let path = if parent.is_empty() { own } else { format!("{parent}/{own}") };
        node_rows(scheme, &node.children, &path, depth + 1, rows);
    }
}

fn set_rows(scheme: &Scheme) -> Vec<Vec<String>> {
    let mut rows = vec![header(&tables::SET_COLUMNS)];
    for set in &scheme.sets {
        let tags = match set.tags {
            TagPolicy::All => "",
            TagPolicy::First => "first",
            TagPolicy::Last => "last",
        };
        let row = |code: &str, shape: &str, tag: &str| {
            vec!["", &set.name, set.kind.code(), code, shape, tag, tags].into_iter().map(str::to_owned).collect()
        };
        if set.members.is_empty() {
            rows.push(row("", "", ""));
        }
        for member in &set.members {
            let shape = match member.shape {
                Shape::Code => "",
                Shape::Prefix => "prefix",
                Shape::Range => "range",
            };
            rows.push(row(&member.code, shape, member.tag.as_deref().unwrap_or("")));
        }
    }
    rows
}

fn severity_rows(scheme: &Scheme) -> Vec<Vec<String>> {
    let mut rows = vec![header(&tables::SEVERITY_COLUMNS)];
    rows.extend(scheme.severity_codes.iter().map(|code| {
        let only_if = code.only_if.as_ref().map_or(String::new(), ToString::to_string);
        vec![String::new(), code.code.clone(), code.class.clone(), code.exclusion.clone().unwrap_or_default(), only_if]
    }));
    rows
}

fn exclusion_rows(scheme: &Scheme) -> Vec<Vec<String>> {
    let mut rows = vec![header(&tables::EXCLUSION_COLUMNS)];
    rows.extend(scheme.exclusions.iter().map(|row| vec![String::new(), row.table.clone(), row.code.clone()]));
    rows
}

fn combination_rows(scheme: &Scheme) -> Vec<Vec<String>> {
    let mut rows = vec![header(&tables::COMBINATION_COLUMNS)];
    for one in &scheme.combinations {
        let mut below = one.hidden_below.join(" ");
        for (part, members) in (1..).zip(&one.parts) {
            for member in members {
                let below = std::mem::take(&mut below);
                rows.push(vec![String::new(), one.code.clone(), i32::to_string(&part), member.clone(), below]);
            }
        }
    }
    rows
}

fn auxiliary_rows(scheme: &Scheme) -> Vec<Vec<String>> {
    let mut rows = vec![header(&tables::AUXILIARY_COLUMNS)];
    rows.extend(scheme.auxiliary.iter().map(|row| {
        vec![String::new(), row.id.clone(), row.name.clone(), row.condition.to_string(), row.groups.join(" ")]
    }));
    rows
}

fn head_of(scheme: &Scheme) -> Head {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Head {
        id: scheme.id.clone(),
        version: scheme.version.clone(),
        title: scheme.title.clone(),
        base: None,
        source: text(&scheme.source),
        valid_from: scheme.valid_from.map(|date| date.to_string()),
        valid_until: scheme.valid_until.map(|date| date.to_string()),
        diagnoses: text(&scheme.code_systems.diagnoses),
        procedures: text(&scheme.code_systems.procedures),
        ungroupable: some(scheme.ungroupable.codes.clone()),
        ungroupable_inside: some(scheme.ungroupable.entered.clone()),
        options: options_of(scheme),
        levels: some(
            scheme
                .levels
                .iter()
                .map(|level| LevelHead { name: level.name.clone(), select: select_of(level.select) })
                .collect(),
        ),
        fields: some(scheme.fields.iter().map(field_of).collect()),
        severity: some(
            scheme
                .severity_classes
                .iter()
                .map(|class| SeverityHead { name: class.name.clone(), title: class.title.clone() })
                .collect(),
        ),
        requirements: some(scheme.requirements.iter().map(require_of).collect()),
    }
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    if items.is_empty() { None } else { Some(items) }
}

fn options_of(scheme: &Scheme) -> Option<OptionsHead> {
    let options = &scheme.options;
    if *options == crate::scheme::Options::default() {
        return None;
    }
    Some(OptionsHead {
        surgical_skips_medical: options
            .surgical_skips_medical
            .as_ref()
            .map(|skip| SkipHead { set: skip.set.clone(), level: skip.level.clone() }),
        not_principal: options.not_principal.clone(),
        ignored_procedures: options.ignored_procedures.clone(),
        retry: options.retry.map(|Retry::EachOtherProcedure| RetryHead::EachOtherProcedure),
        age_days_only_under_one: Some(options.age_days_only_under_one).filter(|on| *on),
        newborn_weight: Some(options.newborn_weight).filter(|weight| *weight != NewbornWeight::default()),
    })
}

fn select_of(select: Select) -> SelectHead {
    match select {
        Select::First => SelectHead::First,
        Select::MinRank => SelectHead::MinRank,
        Select::Best => SelectHead::Best,
    }
}

fn field_of(field: &crate::scheme::OtherField) -> FieldHead {
    let kind = match field.kind {
        FieldKind::Number => FieldKindHead::Number,
        FieldKind::Code => FieldKindHead::Code,
    };
    FieldHead { name: field.name.clone(), title: field.title.clone(), kind }
}

fn require_of(requirement: &Requirement) -> RequireHead {
    RequireHead {
        when: rule(&requirement.when),
        fields: requirement.fields.clone(),
        check: rule(&requirement.check),
        outcome: match requirement.outcome {
            Outcome::NeedsData => OutcomeHead::NeedsData,
            Outcome::Invalid => OutcomeHead::Invalid,
        },
        says: requirement.says.clone(),
    }
}
