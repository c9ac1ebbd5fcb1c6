//! 经办窗口: `services/` (items that people apply for, kinds of work orders) beside `casework/`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use casework::{AUTOMATIC, Problem};
use catalogue::{Term, TermKind};
use journeys::{Counter, Item, ListedCode, Services};
use policy::Severity;

use crate::folder::{files, read};
use crate::{Region, RegionError, Report, casebook};

/// Items, each with its file, and slips.
type Gathered = (Vec<(String, Item)>, Vec<Problem>);

/// What the folder says, each item with its file, and every slip in it. A file with a slip is left out.
fn gather(folder: &Path) -> Result<Gathered, RegionError> {
    let (mut items, mut problems): Gathered = (Vec::new(), Vec::new());
    for path in files(&folder.join("services"), "toml")? {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        match Item::parse(&name, &read(&path)?) {
            Err(slips) => problems.extend(slips),
            Ok(item) if items.iter().any(|(_, one)| (&one.id, &one.version) == (&item.id, &item.version)) => {
                let message = format!("item {} {} is there twice; give one another version", item.id, item.version);
                problems.push(Problem { file: name, line: 1, message });
            }
            Ok(item) => items.push((name, item)),
        }
    }
    Ok((items, problems))
}

fn lists(terms: &[Term]) -> BTreeMap<String, Vec<ListedCode>> {
    let name = |kind: TermKind| kind.code().to_owned();
    let kinds = [TermKind::Chronic, TermKind::Diagnosis, TermKind::Procedure];
    let mut lists: BTreeMap<String, Vec<ListedCode>> = kinds.into_iter().map(|kind| (name(kind), Vec::new())).collect();
    for term in terms {
        let code = ListedCode { code: term.code.clone(), name: term.name.clone(), period: term.period };
        lists.entry(name(term.kind)).or_default().push(code);
    }
    lists
}

impl Region {
    /// 经办窗口 of the region: procedures, working days, people and items; empty without the folders.
    ///
    /// # Errors
    /// A file that cannot be read, or every slip in them.
    pub fn counter(&self) -> Result<Counter, RegionError> {
        let (items, problems) = gather(&self.folder)?;
        if !problems.is_empty() {
            let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return Err(RegionError::Written(told.join("\n")));
        }
        let items = items.into_iter().map(|(_, item)| item).collect();
        let services = Services::new(items, lists(&self.catalogue.terms));
        Ok(Counter { book: Arc::new(casebook(&self.folder)?), services: Arc::new(services) })
    }
}

/// Checks them for `heng check`, and runs the examples in the files.
pub(crate) fn check(folder: &Path, report: &mut Report) -> Result<(), RegionError> {
    let (items, problems) = gather(folder)?;
    let sound = problems.is_empty();
    for slip in problems {
        report.add(Severity::Error, &slip.file, slip.line, slip.message);
    }
    report.tally("service items", items.len());
    if items.is_empty() || !sound {
        return Ok(());
    }
    let region = Region::open(folder)?;
    let Ok(counter) = region.counter() else { return Ok(()) };
    let centre = region.into_centre(100);
    for (file, item) in &items {
        let known = lists(&[]);
        for field in item.fields.iter().flat_map(|field| std::iter::once(field).chain(&field.columns)) {
            let suggested = field.kind == casework::form::FieldKind::Text && field.list == "items";
            if !field.list.is_empty() && !suggested && !known.contains_key(&field.list) {
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                let words =
                    format!("the field “{}” chooses from “{}”; lists are {}", field.id, field.list, names.join(", "));
                let line = casework::line_of(&item.text, &format!("id = \"{}\"", field.id));
                report.add(Severity::Error, file, line, words);
            }
        }
        let line = casework::line_of(&item.text, "procedure");
        match counter.book.procedures.on(&item.procedure, item.from) {
            None => {
                let words = format!(
                    "no procedure {} is in force on {}; write casework/{}.toml",
                    item.procedure, item.from, item.procedure
                );
                report.add(Severity::Error, file, line, words);
            }
            Some(procedure) => {
                let takes = |role: &str| procedure.steps.iter().any(|step| step.roles.iter().any(|one| one == role));
                if item.automatic_when().is_some() && !takes(AUTOMATIC) {
                    let words =
                        format!("the rule may decide, but procedure {} has no step for “{AUTOMATIC}”", procedure.id);
                    report.add(Severity::Error, file, line, words);
                }
                let carries = procedure.steps.iter().any(|step| step.effect.as_deref() == Some("carry_out"));
                if !item.effect_word().is_empty() && !carries {
                    let words = format!(
                        "no step of procedure {} has the effect “carry_out”, so nothing is ever done",
                        procedure.id
                    );
                    report.add(Severity::Error, file, line, words);
                }
            }
        }
        if item.examples() == 0 {
            report.add(
                Severity::Warning,
                file,
                1,
                "no [[case]] shows how it is decided; add one that is accepted and one that is refused",
            );
        }
        report.examples += item.examples();
        report.steps += item.examples();
        for failure in item.run_examples(&centre, &counter) {
            report.add(Severity::Error, file, failure.line, failure.message);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    fn hengzhou() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")
    }

    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).expect("a folder");
        for entry in std::fs::read_dir(from).expect("a folder") {
            let path = entry.expect("an entry").path();
            let target = to.join(path.file_name().expect("a name"));
            if path.is_dir() {
                copy(&path, &target);
            } else {
                std::fs::copy(&path, &target).expect("copied");
            }
        }
    }

    /// The city with one file of its services changed, and what a check says of that file.
    fn changed(file: &str, from: &str, to: &str) -> Vec<String> {
        let kept = tempfile::tempdir().expect("a folder");
        for part in ["casework", "services", "policy", "catalogue", "providers"] {
            copy(&hengzhou().join(part), &kept.path().join(part));
        }
        std::fs::copy(hengzhou().join("region.toml"), kept.path().join("region.toml")).expect("copied");
        let path = kept.path().join(file);
        let text = std::fs::read_to_string(&path).expect("a file");
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("written");
        let mut report = crate::Report::default();
        super::check(kept.path(), &mut report).expect("checked");
        report.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_items_of_the_city_decide_as_their_files_say() {
        let mut report = crate::Report::default();
        super::check(&hengzhou(), &mut report).expect("checked");
        let told: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
        assert!(report.examples >= 30, "{}", report.examples);
    }

    #[test]
    fn a_name_that_nobody_knows_is_told_with_its_line() {
        let told = changed("services/20-residence-filing.toml", "form.area != home_area", "form.aria != home_area");
        let [slip] = told.as_slice() else { panic!("{told:?}") };
        assert!(
            slip.contains("services/20-residence-filing.toml:7") && slip.contains("“form.aria” is not known"),
            "{slip}"
        );
    }

    #[test]
    fn a_condition_that_changes_fails_the_example_that_shows_it() {
        let told =
            changed("services/22-temporary-filing.toml", "add_months(form.begin, 6)", "add_months(form.begin, 7)");
        let [slip] = told.as_slice() else { panic!("{told:?}") };
        assert!(slip.contains("超过六个月") && slip.contains("expected refused, got automatic"), "{slip}");
    }

    #[test]
    fn effects_and_procedures_that_do_not_exist_are_told() {
        let word = changed("services/41-family-unbind.toml", "word = \"unbind\"", "word = \"untie\"");
        assert!(word.len() == 1 && word[0].contains("no effect is called “untie”"), "{word:?}");
        let procedure = changed("services/30-referral.toml", "procedure = \"service\"", "procedure = \"servce\"");
        assert!(procedure.iter().any(|slip| slip.contains("no procedure servce is in force")), "{procedure:?}");
    }
}
