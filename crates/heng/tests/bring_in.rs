//! 期初导入: a city's opening files through the built binary, good and broken, on both databases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use city::{City, CityOptions, OpeningCounts, RegionFiles, TotalAmount};
use db::{Database, DbError};
use terms::{Fen, PersonId};

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn heng(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heng"));
    command.args(arguments).current_dir(house()).env_remove("HENG_DATABASE");
    command
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of a test is UTF-8")
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Where one test has its database.
struct Here {
    folder: tempfile::TempDir,
    address: String,
    server: Option<db_postgres::testing::FreshDatabase>,
}

impl Here {
    fn embedded() -> Here {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = format!("sqlite:{}", folder.path().join("heng.db").display());
        Here { folder, address, server: None }
    }

    fn each() -> Vec<Here> {
        let server = db_postgres::testing::fresh_database();
        let on_server =
            server.map(|server| Here { address: server.url.clone(), server: Some(server), ..Here::embedded() });
        std::iter::once(Here::embedded()).chain(on_server).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn import(&self, folder: &Path, more: &[&str]) -> Command {
        let mut command = heng(&["import", "opening", text(folder), "--on", "2026-07-01"]);
        command.args(["--data", text(self.folder.path()), "--database", &self.address]).args(more);
        command
    }

    fn open(&self) -> Database {
        match &self.server {
            Some(server) => server.open(),
            None => {
                let options = db_sqlite::SqliteOptions::new(self.path("heng.db"));
                db_sqlite::Sqlite::open(&options).expect("the database opens").into_database()
            }
        }
    }
}

fn city(people: u32) -> City {
    let region = RegionFiles::read(&house().join("regions/999900")).expect("the region is read");
    City::new(CityOptions { people, seed: 7, ..CityOptions::default() }, &region).expect("the city is made")
}

fn write(city: &City, folder: &Path) -> OpeningCounts {
    std::fs::create_dir_all(folder).expect("a folder");
    city::write_opening(city, folder).expect("the files are written")
}

/// Persons, balances in register and ledger, and the whole of the books.
fn books(database: &Database) -> (i64, Fen, Fen) {
    database
        .read(|tx| {
            assert_eq!(ledger::sum_of_all(tx)?, Fen::ZERO, "the books balance");
            let personal = ledger::balances(tx, &ledger::Account::Personal("".into()))?;
            let posted = personal.into_iter().map(|(_, amount)| amount).sum();
            Ok::<_, DbError>((enrolment::count_persons(tx)?, enrolment::balances_total(tx)?.0, posted))
        })
        .expect("the books are read")
}

#[test]
fn a_city_comes_in_once_and_as_it_was() {
    let city = city(2_000);
    for here in Here::each() {
        let folder = here.path("opening");
        let counts = write(&city, &folder);
        let first = here.import(&folder, &[]).output().expect("heng runs");
        assert!(first.status.success(), "{}", words(&first));
        let database = here.open();
        let persons = i64::try_from(counts.persons).expect("a count");
        assert_eq!(books(&database), (persons, counts.balance, counts.balance));
        let credentials = |database: &Database| database.read(credential::count).expect("they are counted");
        assert_eq!(u64::try_from(credentials(&database)).ok(), Some(counts.credentials));
        everyone_is_as_the_city_says(&city, &database);

        let again = here.import(&folder, &[]).output().expect("heng runs");
        assert!(again.status.success(), "{}", words(&again));
        let said = words(&again);
        assert!(said.contains(&format!("0 of {persons} persons brought in")), "{said}");
        assert_eq!(books(&database), (persons, counts.balance, counts.balance), "nothing is loaded twice");
    }
}

fn everyone_is_as_the_city_says(city: &City, database: &Database) {
    for person in city.persons() {
        let psn_no = PersonId::from(person.number.as_str());
        let (standing, totals) = database
            .read(move |tx| Ok::<_, DbError>((enrolment::standing(tx, &psn_no)?, claim::history(tx, &psn_no)?.totals)))
            .expect("the person is read");
        let standing = standing.unwrap_or_else(|| panic!("{} is registered", person.number));
        let periods: Vec<_> = standing.coverage.iter().map(|row| (row.insutype.as_str(), row.period)).collect();
        let told: Vec<_> = person.coverage.iter().map(|row| (row.scheme, row.period)).collect();
        assert_eq!(periods, told, "coverage of {}", person.number);
        let filings: Vec<_> =
            standing.filings.iter().map(|row| (row.filing_id.0.as_str(), row.kind.as_str())).collect();
        let told: Vec<_> = person.filings.iter().map(|row| (row.number.as_str(), row.kind.code())).collect();
        assert_eq!(filings, told, "filings of {}", person.number);
        let givers: Vec<_> = standing.givers.iter().map(|row| (row.giver.0.as_str(), row.year_lmt)).collect();
        let told: Vec<_> = person.mutual_aid.iter().map(|row| (row.giver.as_str(), row.year_limit)).collect();
        assert_eq!(givers, told, "givers of {}", person.number);
        assert_eq!(standing.identities.len(), person.identities.len());
        assert_eq!(standing.balance, person.account.unwrap_or(Fen::ZERO));
        let told = person.totals.iter().map(|total| match total.amount {
            TotalAmount::Money(fen) => (total.key.clone(), fen.0),
            TotalAmount::Count(count) => (total.key.clone(), i64::from(count)),
        });
        let told: BTreeMap<String, i64> = told.filter(|(_, amount)| *amount != 0).collect();
        assert_eq!(totals.into_iter().collect::<BTreeMap<_, _>>(), told, "totals of {}", person.number);
    }
}

#[test]
fn an_import_that_was_killed_goes_on_where_it_stood() {
    let city = city(2_000);
    for here in Here::each() {
        let folder = here.path("opening");
        let counts = write(&city, &folder);
        let mut import = here.import(&folder, &["--batch", "20"]);
        let mut child = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("heng runs");
        let since = Instant::now();
        while some_are_in(&here) == 0 && child.try_wait().expect("it can be asked").is_none() {
            assert!(since.elapsed() < Duration::from_secs(120), "nobody came in");
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        let rest = here.import(&folder, &[]).output().expect("heng runs");
        assert!(rest.status.success(), "{}", words(&rest));
        let database = here.open();
        assert_eq!(books(&database), (i64::try_from(counts.persons).expect("a count"), counts.balance, counts.balance));
        everyone_is_as_the_city_says(&city, &database);
    }
}

/// How many are registered while the import works; none before there are tables.
fn some_are_in(here: &Here) -> i64 {
    if here.server.is_none() && !here.path("heng.db").exists() {
        return 0;
    }
    here.open().read(|tx| enrolment::count_persons(tx)).unwrap_or(0)
}

#[test]
fn the_command_writes_the_same_city() {
    let here = Here::embedded();
    let (ours, theirs) = (here.path("ours"), here.path("theirs"));
    write(&city(1_000), &ours);
    let made =
        heng(&["city", "opening", text(&theirs), "--people", "1000", "--seed", "7"]).output().expect("heng runs");
    assert!(made.status.success(), "{}", words(&made));
    for name in ["persons.csv", "coverage.csv", "totals.csv", "mutual_aid.csv"] {
        let read = |folder: &Path| std::fs::read(folder.join(name)).expect("the file is there");
        assert_eq!(read(&ours), read(&theirs), "{name}");
    }
}

#[test]
fn a_broken_row_is_named_and_its_person_left_out_whole() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/opening");
    let mut tried = 0;
    for entry in std::fs::read_dir(&cases).expect("the cases are there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "csv") {
            check(&path, &cases.join("base"));
            tried += 1;
        }
    }
    assert!(tried >= 10, "only {tried} cases");
}

fn check(case: &Path, base: &Path) {
    let name = case.file_stem().and_then(|name| name.to_str()).expect("a name");
    let file = format!("{}.csv", name.split("--").next().expect("a file's name"));
    let here = Here::embedded();
    let folder = here.path("opening");
    std::fs::create_dir(&folder).expect("a folder");
    for entry in std::fs::read_dir(base).expect("the good folder is there") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("a copy");
    }
    std::fs::copy(case, folder.join(&file)).expect("a copy");
    let errors = here.path("errors.csv");
    let output = here.import(&folder, &["--errors", text(&errors)]).output().expect("heng runs");
    assert_eq!(output.status.code(), Some(1), "{name}: {}", words(&output));
    assert!(!words(&output).contains("does not agree"), "{name}: {}", words(&output));

    let mut expected = BTreeSet::new();
    let mut out = BTreeSet::new();
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_path(case).expect("the case is CSV");
    for row in rows.records() {
        let row = row.expect("a row");
        let said = row.iter().next_back().unwrap_or_default();
        if let Some((column, problem)) = said.split_once(": ") {
            let line = row.position().expect("a place").line();
            expected.insert((file.clone(), line, column.to_owned(), problem.to_owned()));
            out.insert(row[0].to_owned());
        }
    }
    let mut found = BTreeSet::new();
    for row in csv::Reader::from_path(&errors).expect("the report is CSV").records() {
        let row = row.expect("a row");
        assert!(!row[5].is_empty(), "{name}: the way out is told");
        found.insert((row[0].to_owned(), row[1].parse().expect("a line"), row[2].to_owned(), row[4].to_owned()));
    }
    assert_eq!(found, expected, "{name}");
    let database = here.open();
    for psn_no in ["1001", "1002", "1003"] {
        let person = PersonId::from(psn_no);
        let standing = database.read(move |tx| enrolment::standing(tx, &person)).expect("the person is asked for");
        assert_eq!(
            standing.is_none_or(|standing| standing.person.psn_name.is_empty()),
            out.contains(psn_no),
            "{name}: {psn_no}"
        );
    }
    books(&database);
}

#[test]
fn a_certificate_that_somebody_else_holds_is_refused() {
    let here = Here::embedded();
    let folder = here.path("opening");
    std::fs::create_dir(&folder).expect("a folder");
    let persons = |number: &str| {
        let head = "psn_no,psn_cert_type,certno,psn_name,gend,brdy";
        std::fs::write(folder.join("persons.csv"), format!("{head}\n{number},01,C1,甲,1,1980-01-01\n"))
            .expect("a file");
        here.import(&folder, &[]).output().expect("heng runs")
    };
    assert!(persons("1").status.success());
    let other = persons("2");
    assert_eq!(other.status.code(), Some(1));
    assert!(words(&other).contains("1, who is registered, holds this certificate"), "{}", words(&other));
    assert_eq!(books(&here.open()).0, 1);
}

#[test]
fn catalogue_and_institutions_come_in_as_the_region_has_them() {
    for here in Here::each() {
        let place = ["--data", text(here.folder.path()), "--database", &here.address];
        for what in ["catalogue", "providers"] {
            for _ in 0..2 {
                let folder = house().join("regions/999900").join(what);
                let output = heng(&["import", what, text(&folder)]).args(place).output().expect("heng runs");
                assert!(output.status.success(), "{}", words(&output));
            }
        }
        let region = region::Region::open(house().join("regions/999900")).expect("the region is read");
        let database = here.open();
        let (items, institutions) = database
            .read(|tx| {
                Ok::<_, DbError>((catalogue::load(tx)?.items().count(), provider::load(tx)?.institutions().count()))
            })
            .expect("the registers are read");
        assert_eq!((items, institutions), (region.catalogue.items.len(), region.providers.institutions.len()));

        let broken = here.path("broken");
        std::fs::create_dir(&broken).expect("a folder");
        std::fs::write(broken.join("institutions.csv"), "fixmedins_code,name\nH1,医院\n").expect("a file");
        let refused = heng(&["import", "providers", text(&broken)]).args(place).output().expect("heng runs");
        assert_eq!(refused.status.code(), Some(1), "{}", words(&refused));
        let kept = database.read(|tx| Ok::<_, DbError>(provider::load(tx)?.institutions().count())).expect("read");
        assert_eq!(kept, institutions, "a wrong folder closes nobody");
    }
}
