//! 办案依据: `casework/` (procedures, working days, people) and `inquiry/` (fines, credit,
//! samples) of a region.

use std::path::Path;

use casework::{Calendar, Problem, Procedure, Procedures, Staff};
use inquiry::Law;
use journeys::Casebook;
use policy::Severity;

use crate::folder::{files, read};
use crate::{RegionError, Report};

/// Reads one file of the law of an inquiry.
type Reader = fn(&mut Law, &str, &str) -> Result<(), Vec<Problem>>;

/// What the folder says, and every slip in it. A file with a slip is left out.
fn gather(folder: &Path) -> Result<(Casebook, Vec<Problem>), RegionError> {
    let mut book = Casebook::default();
    let mut problems = Vec::new();
    let mut procedures: Vec<Procedure> = Vec::new();
    for path in files(&folder.join("casework"), "toml")? {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        let text = read(&path)?;
        match path.file_stem().and_then(|stem| stem.to_str()) {
            Some("calendar") => keep(Calendar::parse(&name, &text), &mut problems, |read| book.calendar = read),
            Some("staff") => keep(Staff::parse(&name, &text), &mut problems, |read| book.staff = read),
            _ => keep(Procedure::parse(&name, &text), &mut problems, |read| {
                procedures.push(read);
            }),
        }
        if let Some(last) = procedures.last().filter(|last| last.text == text) {
            problems.extend(journeys::unknown_effects(&name, last));
            let same = procedures.iter().filter(|one| (&one.id, &one.version) == (&last.id, &last.version)).count();
            if same > 1 {
                let message =
                    format!("procedure {} {} is there twice; give one another version", last.id, last.version);
                problems.push(Problem { file: name, line: 1, message });
            }
        }
    }
    book.procedures = Procedures::new(procedures);
    let inquiry = folder.join("inquiry");
    let readers: [(&str, Reader); 3] = [
        ("penalties.toml", Law::read_penalties),
        ("credit.toml", Law::read_credit),
        ("sampling.toml", Law::read_sampling),
    ];
    for (file, reader) in readers {
        let path = inquiry.join(file);
        if path.is_file() {
            keep(reader(&mut book.law, &format!("inquiry/{file}"), &read(&path)?), &mut problems, drop);
        }
    }
    Ok((book, problems))
}

fn keep<T>(read: Result<T, Vec<Problem>>, problems: &mut Vec<Problem>, put: impl FnOnce(T)) {
    match read {
        Ok(read) => put(read),
        Err(slips) => problems.extend(slips),
    }
}

/// 办案依据 of a region's folder; empty without the two folders.
///
/// # Errors
/// A file that cannot be read, or every slip in them.
pub fn casebook(folder: &Path) -> Result<Casebook, RegionError> {
    let (book, problems) = gather(folder)?;
    if problems.is_empty() {
        return Ok(book);
    }
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Err(RegionError::Written(told.join("\n")))
}

/// Checks them for `heng check`.
pub(crate) fn check(folder: &Path, report: &mut Report) -> Result<(), RegionError> {
    let (book, problems) = gather(folder)?;
    for slip in problems {
        report.add(Severity::Error, &slip.file, slip.line, slip.message);
    }
    report.tally("procedures", book.procedures.iter().count());
    let roles: Vec<&str> = book.staff.iter().flat_map(|person| &person.roles).map(String::as_str).collect();
    for procedure in book.procedures.iter() {
        let needed = procedure.steps.iter().flat_map(|step| step.roles.iter().chain(&step.assigns));
        for role in needed.chain(&procedure.opens) {
            let themselves = [casework::PARTY, casework::CLOCK, casework::AUTOMATIC];
            let known = themselves.contains(&role.as_str()) || roles.contains(&role.as_str());
            if !known {
                let message =
                    format!("procedure {}: nobody in casework/staff.toml has the role “{role}”", procedure.id);
                report.add(Severity::Warning, "casework/staff.toml", 1, message);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    fn hengzhou() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")
    }

    #[test]
    fn the_city_has_its_procedures_and_its_law_of_inquiries() {
        let book = super::casebook(&hengzhou()).expect("no slips");
        let day = terms::parse_date("2026-03-09").expect("a date");
        for procedure in ["audit", "administrative"] {
            assert!(book.procedures.on(procedure, day).is_some(), "{procedure}");
        }
        assert!(book.calendar.knows(2026) && book.staff.find("S001").is_some());
        assert!(book.law.penalty("40", day).is_some() && book.law.sampling.is_some() && book.law.card.full == 100);
        let mut report = crate::Report::default();
        super::check(&hengzhou(), &mut report).expect("checked");
        assert!(report.problems.is_empty(), "{:?}", report.problems);
    }

    #[test]
    fn an_effect_that_nobody_knows_is_told_with_its_line() {
        let kept = tempfile::tempdir().expect("a folder");
        let folder = kept.path();
        std::fs::create_dir_all(folder.join("casework")).expect("a folder");
        let text = std::fs::read_to_string(hengzhou().join("casework/audit.toml")).expect("a file");
        let text = text.replacen("effect = \"tally\"", "effect = \"count\"", 1);
        std::fs::write(folder.join("casework/audit.toml"), text).expect("written");
        let problem = super::casebook(folder).expect_err("a slip").to_string();
        assert!(problem.starts_with("casework/audit.toml:") && problem.contains("“count”"), "{problem}");
    }
}
