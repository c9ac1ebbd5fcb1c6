//! Two cases in one real log, witnessed by two; made once for all tests.

use db::Database;
use evidence::bundle::{Bundle, Content, Document, Entry, Step, build, file_step};
use evidence::cosign::cosign;
use evidence::merkle::{Hash, leaf_hash};
use evidence::{
    Cosigned, EvidenceError, HighWater, Note, Policy, Round, Salt, Sequencer, Signer, Sm2Key, TrustedKey,
    add_cosignature, append_many,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use sm3::Sm3;
use std::sync::OnceLock;

pub const ORIGIN: &str = "heng.example/999900";
pub const CASE: &str = "JC-2026-0001";
pub const OTHER: &str = "JC-2026-0002";
pub const ATTACHMENT: &str = "病历扫描件.pdf";

pub struct House {
    pub log: TrustedKey,
    pub witnesses: Vec<TrustedKey>,
    /// The case as it stands.
    pub bundle: Bundle,
    /// The same a step earlier.
    pub earlier: Bundle,
    /// Another case of the same log.
    pub other: Bundle,
    /// The same case in another tree of the same size, signed by the log too.
    pub fork: Bundle,
    /// A checkpoint from before the last step.
    pub older: Note,
}

pub fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(House::build)
}

pub fn policy(quorum: usize) -> Policy {
    let house = house();
    let keys = std::iter::once(&house.log).chain(&house.witnesses).cloned().collect();
    Policy { keys, quorum, seen: Vec::new() }
}

pub fn leaf_of(entry: &Entry) -> Hash {
    leaf_hash::<Sm3>(&entry.facts.seal(entry.salt).unwrap().content)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn plain(name: &str, kind: &str, content: Value) -> Document {
    Document {
        name: name.into(),
        kind: kind.into(),
        title: format!("{name} 文书"),
        version: "library 9f3c".into(),
        content: Content::Plain(content),
    }
}

fn scan() -> Vec<u8> {
    (0..5000_u32).map(|n| (n * n % 251) as u8).collect()
}

/// 4 steps, 6 documents, 1 file.
pub fn story(case: &str) -> Vec<(Step, Vec<Document>)> {
    let step = |number: u64, name: &str, by: &str, from: &str, to: &str, why: &str| Step {
        case: case.into(),
        number,
        procedure: "稽核 2026-01".into(),
        name: name.into(),
        by: by.into(),
        at: format!("2026-11-{:02} 09:00:00", 10 + number),
        why: why.into(),
        from: from.into(),
        to: to.into(),
        more: json!({"loss": 1200 + number}),
    };
    let attached = Document {
        name: "appeal-scan".into(),
        kind: "attachment".into(),
        title: "申诉材料".into(),
        version: String::new(),
        content: Content::file(ATTACHMENT, "application/pdf", &scan()),
    };
    vec![
        (
            step(1, "立案", "张某", "", "初审", "同一日内重复收取床位费"),
            vec![
                plain("case", "case", json!({"institution": "H99990000001", "loss": 1200})),
                plain("lines", "lines", json!([{"feedetl_sn": "L1", "det_item_fee_sumamt": 600}])),
                plain("rule-53", "rule", json!("超限定频次")),
            ],
        ),
        (step(2, "初审", "李某", "初审", "申诉", "两条明细均无依据"), vec![]),
        (
            step(3, "申诉", "医院", "申诉", "复审", "其中一条为跨日"),
            vec![plain("appeal", "appeal", json!({"lines": ["L1"]})), attached],
        ),
        (
            step(4, "复审", "王某", "复审", "决定", "跨日成立，扣除一条"),
            vec![plain("finding", "explanation", json!("维持一条"))],
        ),
    ]
}

struct Log {
    db: Database,
    key: Sm2Key,
    folder: tempfile::TempDir,
}

impl Log {
    fn new(key: Sm2Key) -> Log {
        let db = db_sqlite::Sqlite::temporary().unwrap().into_database();
        db.migrate(evidence::MIGRATIONS).unwrap();
        Log { db, key, folder: tempfile::tempdir().unwrap() }
    }

    fn noise(&self, prefix: &str, count: usize) {
        let leaf = |n: usize| {
            let id = format!("{prefix}{n}");
            let body = json!({"n": n});
            evidence::Facts { id, kind: "settlement".into(), subject: "S".into(), policy: String::new(), body }
        };
        let leaves: Vec<_> = (0..count).map(|n| leaf(n).seal(Salt::draw()).unwrap()).collect();
        self.db.deed(move |tx| append_many(tx, &leaves)).unwrap();
    }

    fn file(&self, story: &[(Step, Vec<Document>)]) {
        for (step, documents) in story {
            let (step, documents, salt) = (step.clone(), documents.clone(), Salt::draw());
            self.db.deed(move |tx| file_step(tx, &step, &documents, salt)).unwrap();
        }
    }

    fn sign(&self, second: i64) -> Note {
        let sequencer = Sequencer::new(ORIGIN, "one", HighWater::at(self.folder.path().join("seen")));
        match sequencer.run_once(&self.db, &self.key, at(second)).unwrap() {
            Round::Signed { note, .. } => note,
            other => panic!("a checkpoint was expected, not {other:?}"),
        }
    }

    fn bundle(&self, story: Vec<(Step, Vec<Document>)>) -> Result<Bundle, EvidenceError> {
        self.db.read(move |tx| build(tx, &story, &[b"another".to_vec(), scan()]))
    }
}

impl House {
    fn build() -> House {
        // One key for two databases: the log that forks.
        let pem = tempfile::tempdir().unwrap();
        let path = pem.path().join("log.pem");
        let key = Sm2Key::create(ORIGIN, &path).unwrap();
        let (log_key, same_key) = (key.public().clone(), Sm2Key::load(ORIGIN, &path).unwrap());
        let witnesses = ["witness-a", "witness-b"].map(|name| Sm2Key::generate(name).unwrap().as_witness());

        let log = Log::new(key);
        log.noise("before-", 301);
        log.file(&story(OTHER)[..2]);
        log.file(&story(CASE)[..3]);
        let older = log.sign(1);
        let earlier = log.bundle(story(CASE)[..3].to_vec()).unwrap();
        log.noise("between-", 40);
        log.file(&story(CASE)[3..]);
        log.noise("after-", 5);
        let note = log.sign(2);
        for witness in &witnesses {
            let line = cosign(witness, &note.checkpoint, at(3)).unwrap();
            let (size, key) = (note.checkpoint.size, witness.public().clone());
            let kept = log.db.deed(move |tx| add_cosignature(tx, size, &key, &line)).unwrap();
            assert_eq!(kept, Cosigned::Kept);
        }
        // A later checkpoint that no witness has signed yet is not preferred to this one.
        log.noise("later-", 3);
        log.sign(4);
        let bundle = log.bundle(story(CASE)).unwrap();
        assert_eq!(bundle.checkpoint.checkpoint, note.checkpoint);
        let other = log.bundle(story(OTHER)[..2].to_vec()).unwrap();

        let elsewhere = Log::new(same_key);
        elsewhere.noise("other-", 346);
        elsewhere.file(&story(OTHER)[..2]);
        elsewhere.file(&story(CASE));
        elsewhere.sign(2);
        let fork = elsewhere.bundle(story(CASE)).unwrap();
        let witnesses = witnesses.iter().map(|key| key.public().clone()).collect();
        House { log: log_key, witnesses, bundle, earlier, other, fork, older }
    }
}

/// What [`build`] refuses.
pub struct Case;

impl Case {
    pub fn pending_changed_and_unknown() {
        let log = Log::new(Sm2Key::generate(ORIGIN).unwrap());
        log.file(&story(CASE)[..3]);
        assert!(matches!(log.bundle(story(CASE)[..3].to_vec()), Err(EvidenceError::Pending { .. })));
        log.sign(1);
        assert!(log.bundle(story(CASE)[..3].to_vec()).is_ok());
        assert!(matches!(log.bundle(story(CASE)), Err(EvidenceError::UnknownLeaf { .. })));
        let mut changed = story(CASE)[..3].to_vec();
        changed[0].0.why = "另一个理由".into();
        assert!(matches!(log.bundle(changed), Err(EvidenceError::FactsDiffer { .. })));
        let mut lost = story(CASE)[..3].to_vec();
        lost[2].1[1].content = Content::file(ATTACHMENT, "application/pdf", b"another scan");
        assert!(matches!(log.bundle(lost), Err(EvidenceError::FileMissing { .. } | EvidenceError::FactsDiffer { .. })));
        let no_files = log.db.read(|tx| build(tx, &story(CASE)[..3], &[]));
        assert!(matches!(no_files, Err(EvidenceError::FileMissing { name }) if name == ATTACHMENT));
        // A step without the one before it, and a document's name twice.
        let (late, salt) = (story("JC-9").remove(1), Salt::draw());
        let refused = log.db.deed(move |tx| file_step(tx, &late.0, &[], salt));
        assert!(matches!(refused, Err(EvidenceError::UnknownLeaf { .. })));
        let (mut again, salt) = (story(CASE).remove(3), Salt::draw());
        again.1 = story(CASE).remove(0).1;
        let refused = log.db.deed(move |tx| file_step(tx, &again.0, &again.1, salt));
        assert!(matches!(refused, Err(EvidenceError::Db(db::DbError::Duplicate { .. }))), "{refused:?}");
    }
}
