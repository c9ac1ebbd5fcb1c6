//! 医院医保办: the commands over a hospital's files, through the built binary.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn heng(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heng"));
    command.args(arguments).current_dir(house()).env_remove("HENG_DATABASE");
    command
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn run(arguments: &[&str]) -> (bool, String) {
    let output = heng(arguments).output().expect("heng runs");
    (output.status.success(), words(&output))
}

const SCHEME: &str = "crates/office/tests/office/small/scheme";
const PAYMENT: &str = "crates/office/tests/office/small/payment";
const STAYS: &str = "crates/office/tests/office/stays.csv";

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of a test is UTF-8")
}

#[test]
fn grouping_tells_the_columns_the_summary_and_where_the_errors_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("groups.csv");
    let (fine, told) = run(&["group", STAYS, "--scheme", SCHEME, "--out", text(&out)]);
    assert!(!fine, "rows in error make the command fail: {told}");
    for part in [
        "出院主要诊断编码  →  diagnoses.code[1]",
        "入组 4，歧义 1",
        "缺数据 1",
        "NL 1",
        "2 行有错",
        "groups.errors.csv",
    ] {
        assert!(told.contains(part), "{part} is told: {told}");
    }
    let found = std::fs::read_to_string(&out).expect("the result");
    assert!(
        found.starts_with("row,id,status,mdc,adrg,group,name,severity,fields\n2,M1,grouped,B,BR2,BR21,"),
        "{found}"
    );
    let (_, printed) = run(&["group", STAYS, "--scheme", SCHEME]);
    assert!(printed.contains("2,M1,grouped,B,BR2,BR21,"), "without --out the rows are printed: {printed}");
}

#[test]
fn what_is_asked_wrongly_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("none.csv");
    let odd = folder.path().join("result.doc");
    for (arguments, part) in [
        (vec!["group", text(&missing), "--scheme", SCHEME], "none.csv"),
        (vec!["group", STAYS, "--scheme", "no/such/scheme"], "no such file or folder"),
        (vec!["group", STAYS, "--scheme", SCHEME, "--out", text(&odd)], ".csv, .xlsx, .parquet, .jsonl"),
        (vec!["group", STAYS, "--scheme", SCHEME, "--resume"], "--resume needs --out"),
        (vec!["group", STAYS, "--scheme", SCHEME, "--code-system", "clinical"], "--code-tables"),
        (vec!["group", STAYS, "--scheme", SCHEME, "--code-system", "ours"], "clinical"),
        (vec!["price", STAYS, "--scheme", SCHEME, "--payment", "regions/999900/payment"], "no plan prices small@1"),
        (vec!["office", "--scheme", SCHEME, "--listen", "0.0.0.0:0"], "--open-to-network"),
    ] {
        let (fine, told) = run(&arguments);
        assert!(!fine && told.contains(part), "{arguments:?} is refused with “{part}”: {told}");
    }
}

/// Many stays of the neutral columns.
fn many(path: &Path, rows: u32) {
    let mut text = String::from("id,kind,sex,age,age_days,weight,dept,los,leaving_type,icu_hours,dx,proc\n");
    for n in 0..rows {
        let dx = ["I63.900|J96.000", "I63.900", "I10.x00", "G40.900"][n as usize % 4];
        text.push_str(&format!("c{n},x,{},{},,,,7,1,,{dx},\n", n % 3, n % 90));
    }
    std::fs::write(path, text).expect("written");
}

#[test]
fn a_run_that_is_killed_goes_on_where_it_was_and_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (cases, whole, cut) =
        (folder.path().join("cases.csv"), folder.path().join("whole.csv"), folder.path().join("cut.csv"));
    many(&cases, 60_000);
    let arguments =
        |out: &Path| ["group", text(&cases), "--scheme", SCHEME, "--explain", "--out", text(out)].map(str::to_owned);
    let command = |out: &Path, more: &[&str]| {
        let arguments = arguments(out);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        heng(&arguments)
    };
    assert!(command(&whole, &[]).output().expect("heng runs").status.success());
    let journal = folder.path().join("cut.csv.unfinished-journal");
    let mut killed = command(&cut, &[]).stderr(Stdio::null()).spawn().expect("heng runs");
    let begun = Instant::now();
    while !journal.exists() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().expect("killed");
    killed.wait().expect("gone");
    assert!(journal.exists() && !cut.exists(), "it was killed half way");
    let other = heng(&["group", text(&cases), "--scheme", SCHEME, "--out", text(&cut), "--resume"])
        .output()
        .expect("heng runs");
    assert!(!other.status.success() && words(&other).contains("other options"), "{}", words(&other));
    let resumed = command(&cut, &["--resume"]).output().expect("heng runs");
    assert!(resumed.status.success() && words(&resumed).contains("going on after row"), "{}", words(&resumed));
    assert!(words(&resumed).contains("病例 60000"), "the summary is of all rows: {}", words(&resumed));
    let read = |path: &Path| std::fs::read(path).expect("read");
    assert!(read(&whole) == read(&cut), "the same bytes");
    assert!(!journal.exists(), "nothing unfinished is left");
}

#[test]
fn prices_reports_weights_and_quality_control_come_from_the_same_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let hospital = ["--institution", "H1", "--level", "3"];
    let with = |first: &[&str], more: &[&str]| {
        run(&[first, &["--scheme", SCHEME, "--payment", PAYMENT], &hospital, more].concat())
    };
    let book = folder.path().join("priced.xlsx");
    let (_, told) = with(&["price", STAYS], &["--out", text(&book)]);
    assert!(told.contains("合计 病例 5（亏损 2），费用 66000.00，支付 67000.00，结余 1000.00"), "{told}");
    assert!(told.contains("no_route 2") && book.exists(), "{told}");
    let (_, told) = with(&["report", STAYS], &[]);
    assert!(told.contains("\"cmi\": \"1.475\""), "{told}");
    let (_, told) = with(&["weigh", STAYS], &[]);
    assert!(told.contains("BR21,脑缺血性疾患，伴MCC,1.1429,1,16000.00"), "{told}");
    let (_, told) =
        run(&["qc", STAYS, "--region", "regions/999900", "--out", text(&folder.path().join("findings.xlsx"))]);
    assert!(told.contains("清单 7：") && told.contains("未检查"), "{told}");
}

#[test]
fn a_gb18030_export_with_headings_lower_down_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("export.csv");
    // “诊断,性别,年龄” cannot be written by hand: bytes of GB18030.
    let heading: &[u8] = b"\xd0\xd4\xb1\xf0,\xc4\xea\xc1\xe4,\xd6\xf7\xd2\xaa\xd5\xef\xb6\xcf\xb1\xe0\xc2\xeb\n";
    let rows: &[u8] = b"\xc4\xd0,60,I63.900\n\xc5\xae,61,I10.x00\n";
    std::fs::write(&path, [b"\xb5\xbc\xb3\xf6,,\n".as_slice(), heading, rows].concat()).expect("written");
    let (fine, told) = run(&["group", text(&path), "--scheme", SCHEME, "--heading-row", "2", "--encoding", "gb18030"]);
    assert!(fine && told.contains("3,,grouped,B,BR2,BR25,") && told.contains("4,,grouped,F,FR1,FR15,"), "{told}");
}

/// A server of ours, stopped when dropped.
struct Served(std::process::Child, String);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Served {
    /// Starts it; its first line of output names its address.
    fn start(arguments: &[&str]) -> Served {
        let mut child = heng(arguments).stdout(Stdio::piped()).spawn().expect("heng runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
        Served(child, address.to_owned())
    }

    fn ask(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.1).expect("connected");
        let length = body.len();
        write!(
            stream,
            "{head} HTTP/1.1\r\nhost: office\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

#[test]
fn the_calculators_answer_over_http_without_a_database() {
    let office = Served::start(&["office", "--scheme", SCHEME, "--payment", PAYMENT, "--listen", "127.0.0.1:0"]);
    let body = r#"{"cases":[{"diagnoses":["I63.900","J96.000"],"sex":"2","age":66}]}"#;
    let answer = office.ask("POST /api/v1/group", body);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"group\":\"BR21\""), "{answer}");
}

#[test]
fn a_centre_has_the_calculators_beside_its_page_with_the_regions_schemes() {
    let folder = tempfile::tempdir().expect("a folder");
    let centre = Served::start(&["serve", "--data", text(folder.path()), "--listen", "127.0.0.1:0"]);
    let answer = centre.ask("GET /api/v1/schemes", "");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"quality\":true"), "{answer}");
    assert!(answer.contains("\"id\":\"hengzhou-drg\"") && answer.contains("\"id\":\"hengzhou-drg-2026\""), "{answer}");
    assert!(centre.ask("GET /", "").contains("<!doctype html>"), "the console is beside them");
    assert!(centre.ask("POST /fsi/api/rsfComIfsService/callService", "{}").contains("infcode"), "and the interface");
}
