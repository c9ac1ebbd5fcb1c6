//! A file in `cases/` is a test. Under `priced/` each is a plan whose examples must hold;
//! under `refused/` each says in its first lines what is wrong with it and where:
//! `# refused: LINE: part of the message`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use payment::{PaymentFile, Severity};

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(folder);
    let mut found: Vec<PathBuf> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    assert!(!found.is_empty());
    found.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

fn parse(text: &str) -> Result<PaymentFile, payment::Problems> {
    PaymentFile::parse("plan.toml", &BTreeMap::from([("plan.toml".to_owned(), text.to_owned())]))
}

#[test]
fn every_worked_example_comes_to_the_fen_that_it_says() {
    for (path, text) in files("priced") {
        let examples = text.matches("[[example]]").count() + text.matches("[[year_example]]").count();
        assert!(examples > 0, "{} has no example", path.display());
        let expectations = text.matches("\nexpect = ").count()
            + text.matches("\nrefused = ").count()
            + text.matches("[year_example.expect]").count();
        assert_eq!(examples, expectations, "{} has an example that expects nothing", path.display());
        parse(&text).unwrap_or_else(|problems| panic!("{}:\n{problems}", path.display()));
    }
}

#[test]
fn a_wrong_figure_in_an_example_is_found_with_its_line() {
    let (_, text) = files("priced").into_iter().find(|(path, _)| path.ends_with("dip.toml")).unwrap();
    let wrong = text.replace("fund = 7276.00", "fund = 7276.01");
    let line = wrong.lines().position(|line| line.contains("7276.01")).unwrap() + 1;
    let problems = parse(&wrong).unwrap_err();
    assert_eq!(problems.0.len(), 1, "{problems}");
    assert_eq!(problems.0[0].line, line);
    assert!(problems.0[0].message.contains("fund is 7276.00"), "{problems}");
}

#[test]
fn every_slip_is_told_with_its_line_and_nothing_else_is() {
    for (path, text) in files("refused") {
        let wanted: Vec<(usize, &str)> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# refused: "))
            .map(|line| line.split_once(": ").unwrap())
            .map(|(number, message)| (number.parse().unwrap(), message))
            .collect();
        assert!(!wanted.is_empty(), "{} says not what is wrong", path.display());
        let problems = match parse(&text) {
            Ok(_) => panic!("{} is accepted", path.display()),
            Err(problems) => problems,
        };
        let errors: Vec<_> = problems.0.iter().filter(|problem| problem.severity == Severity::Error).collect();
        for (line, message) in &wanted {
            let told = errors.iter().any(|problem| problem.line == *line && problem.message.contains(message));
            assert!(told, "{} line {line}: “{message}” is not told:\n{problems}", path.display());
        }
        assert_eq!(errors.len(), wanted.len(), "{}:\n{problems}", path.display());
    }
}
