//! 见证方, tried with real processes: a centre, its witnesses, a kill, a fork.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use db::Database;
use evidence::bundle::{Bundle, Content, Document, Step, build, file_step};
use evidence::witness::{Misbehaviour, Offence};
use evidence::{EvidenceError, Facts, Note, Salt, Signed, TrustedKey, append_many};
use serde_json::json;

fn heng(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heng"));
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    command.args(arguments).current_dir(house).env_remove("HENG_DATABASE");
    command
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of a test is UTF-8")
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A centre's folder.
struct Centre {
    folder: tempfile::TempDir,
}

/// A centre's process; ends with its test.
struct Serving {
    process: Child,
    address: String,
    _words: Lines<BufReader<ChildStdout>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

impl Centre {
    fn new() -> Centre {
        Centre { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn data(&self) -> &Path {
        self.folder.path()
    }

    fn serve(&self) -> Serving {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", text(self.data())];
        let mut process = heng(&arguments).stdout(Stdio::piped()).spawn().expect("heng serves");
        let mut lines = BufReader::new(process.stdout.take().expect("its words")).lines();
        let page = lines.by_ref().find_map(|line| Some(line.ok()?.split_once("the page is at ")?.1.to_owned()));
        Serving { address: page.expect("it says where").trim_end_matches('/').to_owned(), process, _words: lines }
    }

    fn database(&self) -> Database {
        let options = db_sqlite::SqliteOptions::new(self.data().join("heng.db"));
        db_sqlite::Sqlite::open(&options).expect("the database opens").into_database()
    }

    /// Deeds, as far as the log sees them.
    fn deeds(&self, prefix: &str, count: usize) {
        let leaf = |n: usize| {
            let body = json!({"n": n});
            let id = format!("{prefix}{n:05}");
            let facts = Facts { id, kind: "settlement".into(), subject: "S".into(), policy: String::new(), body };
            facts.seal(Salt::draw()).expect("whole numbers")
        };
        let leaves: Vec<_> = (0..count).map(leaf).collect();
        self.database().deed(move |tx| append_many(tx, &leaves)).expect("a deed");
    }

    /// How many leaves there are; the centre files some of its own.
    fn leaves(&self) -> u64 {
        static COUNT: db::Sql = db::Sql::new("test.count", "SELECT count(*) FROM evidence_leaf");
        let count: Result<i64, db::DbError> = self.database().read(|tx| tx.query(&COUNT, &[])?[0].get(0));
        count.expect("the leaves are counted").cast_unsigned()
    }

    fn key_file(&self) -> PathBuf {
        self.data().join("evidence.pub")
    }

    fn copy_to(&self, folder: &Path) {
        db_sqlite::backup(&self.data().join("heng.db"), &folder.join("heng.db"), Duration::from_secs(5))
            .expect("a copy");
        std::fs::copy(self.data().join("evidence.mark"), folder.join("evidence.mark")).expect("a copy");
    }

    /// What an operator must never do: an old database with the mark of its day.
    fn go_back_to(&self, folder: &Path) {
        for rest in ["heng.db-wal", "heng.db-shm"] {
            let _ = std::fs::remove_file(self.data().join(rest));
        }
        for file in ["heng.db", "evidence.mark"] {
            std::fs::copy(folder.join(file), self.data().join(file)).expect("a copy");
        }
    }
}

impl Serving {
    fn checkpoint(&self) -> Option<Note> {
        let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).http_status_as_error(false).build().into();
        let mut answer = agent.get(format!("{}/log/checkpoint", self.address)).call().expect("the log answers");
        let text = answer.body_mut().read_to_string().expect("text");
        (answer.status() == 200).then(|| Note::parse(&text).expect("a note"))
    }

    /// The checkpoint over all that the centre has filed.
    fn wait_for_all_of(&self, centre: &Centre) -> Note {
        self.wait_for_witnesses(centre, 0)
    }

    fn wait_for_witnesses(&self, centre: &Centre, count: usize) -> Note {
        until("a checkpoint and its co-signatures", || {
            let size = centre.leaves();
            self.checkpoint().filter(|note| note.checkpoint.size == size && note.signatures.len() > count)
        })
    }
}

/// A witness's process; killed (-9) when it is dropped.
struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Watcher {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl Watcher {
    fn new(name: &'static str) -> Watcher {
        Watcher { folder: tempfile::tempdir().expect("a temporary folder"), name }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, address: &str, key: &Path) -> Command {
        let mut command = heng(&["witness", "--log", address, "--log-key", text(key), "--name", self.name]);
        command.arg("--key").arg(self.file("key.pem")).arg("--data").arg(self.folder.path()).args(["--every", "50"]);
        command
    }

    fn once(&self, address: &str, key: &Path) -> Output {
        self.command(address, key).arg("--once").output().expect("heng witnesses")
    }

    fn start(&self, address: &str, key: &Path) -> Watching {
        Watching(self.command(address, key).stdout(Stdio::null()).spawn().expect("heng witnesses"))
    }

    /// The first start makes the key; there need be no centre yet.
    fn public(&self, key: &Path) -> TrustedKey {
        self.once("http://127.0.0.1:9", key);
        let line = std::fs::read_to_string(self.file("witness.pub")).expect("its public key");
        TrustedKey::parse(&line).expect("a key")
    }

    fn convicted(&self, log: &TrustedKey) -> Option<Offence> {
        let bytes = std::fs::read(self.file("misbehaviour.json")).ok()?;
        Misbehaviour::read(&bytes)?.proves(log)
    }
}

fn policy(folder: &Path, log: &TrustedKey, witnesses: &[TrustedKey], quorum: usize) -> PathBuf {
    let path = folder.join(format!("policy-{quorum}"));
    let mut file = std::fs::File::create(&path).expect("a file");
    writeln!(file, "# whom this court believes\nlog {log}").expect("written");
    witnesses.iter().for_each(|key| writeln!(file, "witness {key}").expect("written"));
    writeln!(file, "quorum {quorum}").expect("written");
    path
}

const SCAN: &[u8] = b"%PDF a scan";

fn story() -> Vec<(Step, Vec<Document>)> {
    let step = |number, name: &str, from: &str, to: &str| Step {
        case: "JC-1".into(),
        number,
        procedure: "稽核 2026-01".into(),
        name: name.into(),
        by: "张某".into(),
        at: "2026-11-21 09:00:00".into(),
        why: "同日重复收费".into(),
        from: from.into(),
        to: to.into(),
        more: json!({"loss": 1200}),
    };
    let rule = Document {
        name: "rule-53".into(),
        kind: "rule".into(),
        title: "超限定频次".into(),
        version: "library 9f3c".into(),
        content: Content::Plain(json!("rule text")),
    };
    let scan = Document {
        name: "scan".into(),
        kind: "attachment".into(),
        title: "病历".into(),
        version: String::new(),
        content: Content::file("/../../../../.._病历.pdf", "application/pdf", SCAN),
    };
    vec![(step(1, "立案", "", "初审"), vec![rule, scan]), (step(2, "初审", "初审", "决定"), vec![])]
}

fn bundle(database: &Database) -> Bundle {
    until("the case to be covered", || match database.read(|tx| build(tx, &story(), &[SCAN.to_vec()])) {
        Ok(bundle) => Some(bundle),
        Err(EvidenceError::Pending { .. }) => None,
        Err(error) => panic!("{error}"),
    })
}

fn file_case(database: &Database) {
    for (step, documents) in story() {
        let salt = Salt::draw();
        database.deed(move |tx| file_step(tx, &step, &documents, salt)).expect("a step");
    }
}

#[test]
fn witnesses_co_sign_a_case_and_one_that_was_killed_goes_on_where_it_stood() {
    let centre = Centre::new();
    drop(centre.serve());
    let key = centre.key_file();
    let log = TrustedKey::parse(&std::fs::read_to_string(&key).unwrap()).unwrap();
    let (one, two) = (Watcher::new("audit-office.example"), Watcher::new("university.example"));
    let keys = [one.public(&key), two.public(&key)];
    let accepted = policy(centre.data(), &log, &keys, 2);
    std::fs::copy(&accepted, centre.data().join("evidence.witnesses")).unwrap();

    let serving = centre.serve();
    let first = one.start(&serving.address, &key);
    let second = two.start(&serving.address, &key);
    centre.deeds("a", 300);
    serving.wait_for_witnesses(&centre, 2);
    file_case(&centre.database());
    let note = serving.wait_for_witnesses(&centre, 2);
    assert!(keys.iter().all(|key| note.signed_by(key) == Signed::Yes));

    let file = centre.data().join("case.json");
    std::fs::write(&file, bundle(&centre.database()).to_json()).unwrap();
    let verify = |file: &Path, more: &[&str]| {
        let arguments = [&["verify", text(file), "--policy", text(&accepted)], more].concat();
        heng(&arguments).output().expect("heng verifies")
    };
    let verified = verify(&file, &[]);
    assert!(verified.status.success(), "{}", words(&verified));
    for wanted in ["2 个见证方联署", "2 个步骤一个不少", "张某", "同日重复收费", "rule-53", "本卷宗不能证明"]
    {
        assert!(words(&verified).contains(wanted), "{wanted}: {}", words(&verified));
    }
    let unpacked = centre.data().join("unpacked");
    assert!(verify(&file, &["--unpack", text(&unpacked)]).status.success());
    assert_eq!(
        std::fs::read(unpacked.join("002-_.._.._.._.._.._病历.pdf")).unwrap(),
        SCAN,
        "no name leads out of the folder"
    );
    assert!(std::fs::read_to_string(unpacked.join("001-document.json")).unwrap().contains("rule text"));
    let english = verify(&file, &["--lang", "en"]);
    assert!(english.status.success() && words(&english).contains("Not proved by this file"), "{}", words(&english));

    let forged = centre.data().join("forged.json");
    std::fs::write(&forged, std::fs::read_to_string(&file).unwrap().replace("同日重复收费", "一切正常")).unwrap();
    let refused = verify(&forged, &[]);
    assert!(!refused.status.success() && words(&refused).contains("被改动"), "{}", words(&refused));

    // kill -9, deeds go on, the witness comes back and continues from its memory.
    drop(first);
    centre.deeds("b", 20);
    serving.wait_for_witnesses(&centre, 1);
    let first = one.start(&serving.address, &key);
    let note = serving.wait_for_witnesses(&centre, 2);
    assert_eq!(note.signed_by(&keys[0]), Signed::Yes);

    // A reader who holds this newer checkpoint is told that the file is older.
    let newer = centre.data().join("newer.note");
    std::fs::write(&newer, note.text()).unwrap();
    let refused = verify(&file, &["--seen", text(&newer)]);
    assert!(!refused.status.success() && words(&refused).contains("较早的状态"), "{}", words(&refused));

    // A stranger's signature is not kept.
    let stranger = Watcher::new("stranger.example");
    let refused = stranger.once(&serving.address, &key);
    assert!(!refused.status.success() && words(&refused).contains("403"), "{}", words(&refused));

    // A key without its memory does not sign.
    drop(first);
    std::fs::rename(one.file("memory"), one.file("memory-away")).unwrap();
    let refused = one.once(&serving.address, &key);
    assert!(!refused.status.success() && words(&refused).contains("belong together"), "{}", words(&refused));
    drop(second);
}

#[test]
fn a_centre_that_forks_is_refused_for_ever_by_every_witness_and_convicted_by_its_own_signatures() {
    let centre = Centre::new();
    drop(centre.serve());
    let key = centre.key_file();
    let log = TrustedKey::parse(&std::fs::read_to_string(&key).unwrap()).unwrap();
    let watchers = ["one", "two", "three"].map(Watcher::new);
    let keys: Vec<TrustedKey> = watchers.iter().map(|watcher| watcher.public(&key)).collect();
    let wanted = policy(centre.data(), &log, &keys, 1);
    std::fs::copy(&wanted, centre.data().join("evidence.witnesses")).unwrap();

    let serving = centre.serve();
    centre.deeds("a", 300);
    serving.wait_for_all_of(&centre);
    drop(serving);
    let old = tempfile::tempdir().unwrap();
    centre.copy_to(old.path());
    let serving = centre.serve();
    centre.deeds("b", 50);
    let whole = serving.wait_for_all_of(&centre).checkpoint.size;
    for watcher in &watchers {
        let looked = watcher.once(&serving.address, &key);
        let told = format!("co-signed {whole} entries");
        assert!(looked.status.success() && words(&looked).contains(&told), "{}", words(&looked));
    }
    drop(serving);

    // The old database is put back together with the mark of its day, and the centre goes on.
    centre.go_back_to(old.path());
    let serving = centre.serve();
    serving.wait_for_all_of(&centre);
    let stale = watchers[0].once(&serving.address, &key);
    let told = format!("older than the {whole}");
    assert!(!stale.status.success() && words(&stale).contains(&told), "{}", words(&stale));
    assert_eq!(watchers[0].convicted(&log), None, "an old note shown again convicts nobody");

    let grow = [(10, Offence::WentBack), (40, Offence::SameSize), (33, Offence::OtherBeginning)];
    for (watcher, (more, offence)) in watchers.iter().zip(grow) {
        centre.deeds(&format!("c{more}-"), more);
        serving.wait_for_all_of(&centre);
        let mut process = watcher.start(&serving.address, &key);
        let ended = until("the witness to give up", || process.0.try_wait().expect("its state"));
        assert!(!ended.success());
        assert_eq!(watcher.convicted(&log), Some(offence));
        let again = watcher.once(&serving.address, &key);
        assert!(!again.status.success() && words(&again).contains("永不再联署"), "{}", words(&again));

        let proof = watcher.file("misbehaviour.json");
        let proved = heng(&["verify", text(&proof), "--key", text(&key)]).output().unwrap();
        assert!(proved.status.success() && words(&proved).contains("失信成立"), "{}", words(&proved));
        let unknown = heng(&["verify", text(&proof)]).output().unwrap();
        assert!(!unknown.status.success(), "without the log's key nothing is proved");
    }
    assert_eq!(serving.checkpoint().unwrap().signatures.len(), 1, "nobody co-signed the fork");

    // Nor does a case of the forked centre convince anyone who wants a witness.
    file_case(&centre.database());
    let file = centre.data().join("case.json");
    serving.wait_for_all_of(&centre);
    std::fs::write(&file, bundle(&centre.database()).to_json()).unwrap();
    let refused = heng(&["verify", text(&file), "--policy", text(&wanted)]).output().unwrap();
    assert!(!refused.status.success() && words(&refused).contains("见证"), "{}", words(&refused));
}
