//! 事实: cases, steps, clocks, documents and the people who act.

use sm3::{Digest, Sm3};
use terms::{Date, DateTime};

/// The role of whoever acts for the party that the case is about.
pub const PARTY: &str = "party";
/// The role, and the name, of time itself.
pub const CLOCK: &str = "clock";
/// The role, and the name, of the centre's own rules, where they handle a case without a person.
pub const AUTOMATIC: &str = "automatic";
/// The first step of every case.
pub const OPEN: &str = "open";

/// 办案人: who takes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// As the record names them.
    pub id: String,
    /// 姓名.
    pub name: String,
    /// Roles among the staff.
    pub roles: Vec<String>,
    /// 利害关系: parties with whom they have to do; they touch no case of theirs.
    pub interests: Vec<String>,
    /// The party for which they act; `None` of the staff.
    pub party: Option<String>,
}

impl Actor {
    /// Time itself.
    #[must_use]
    pub fn clock() -> Actor {
        Actor {
            id: CLOCK.to_owned(),
            name: "逾期".to_owned(),
            roles: vec![CLOCK.to_owned()],
            interests: Vec::new(),
            party: None,
        }
    }

    /// 自动办理: the centre's own rules.
    #[must_use]
    pub fn automatic() -> Actor {
        Actor {
            id: AUTOMATIC.to_owned(),
            name: "自动办理".to_owned(),
            roles: vec![AUTOMATIC.to_owned()],
            ..Actor::clock()
        }
    }

    /// Somebody who acts for a party.
    #[must_use]
    pub fn of_party(id: &str, party: &str) -> Actor {
        Actor {
            id: id.to_owned(),
            name: id.to_owned(),
            roles: Vec::new(),
            interests: Vec::new(),
            party: Some(party.to_owned()),
        }
    }
}

/// 文书, 证据材料.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is, in the procedure's words: `决定书`, `病程记录` …
    pub kind: String,
    /// Name of the file, or title.
    pub name: String,
    /// Media type of the content: `application/pdf`; [`Document::PLAIN`] for JSON that is part of
    /// the record itself.
    pub media: String,
    /// The version of what it comes from (a library's hash); empty when it has none.
    pub version: String,
    /// SM3 of the content in hexadecimal.
    pub digest: String,
    /// The content; `None` when it is kept elsewhere.
    pub content: Option<Vec<u8>>,
    /// Where it is kept, if not here.
    pub reference: String,
}

impl Document {
    /// The media type of what is data of the record itself.
    pub const PLAIN: &str = "application/vnd.heng.record+json";

    /// A file that is kept with the case.
    #[must_use]
    pub fn of(kind: &str, name: &str, media: &str, content: Vec<u8>) -> Document {
        Document {
            kind: kind.to_owned(),
            name: name.to_owned(),
            media: media.to_owned(),
            version: String::new(),
            digest: digest(&content),
            content: Some(content),
            reference: String::new(),
        }
    }

    /// Data that is kept with the case as JSON.
    #[must_use]
    pub fn plain(kind: &str, title: &str, version: &str, json: &str) -> Document {
        let document = Document::of(kind, title, Document::PLAIN, json.as_bytes().to_vec());
        Document { version: version.to_owned(), ..document }
    }

    /// A document that is kept elsewhere, known by its digest.
    #[must_use]
    pub fn elsewhere(kind: &str, name: &str, media: &str, digest: &str, reference: &str) -> Document {
        Document {
            kind: kind.to_owned(),
            name: name.to_owned(),
            media: media.to_owned(),
            version: String::new(),
            digest: digest.to_owned(),
            content: None,
            reference: reference.to_owned(),
        }
    }
}

/// SM3 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sm3::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 期限 of a case, running or stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Which clock of the procedure.
    pub id: String,
    /// When it started.
    pub started_at: DateTime,
    /// The last day in time.
    pub due: Date,
    /// When it stopped; `None` while it runs.
    pub stopped_at: Option<DateTime>,
}

/// 办理记录: a step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// From 1, without gaps.
    pub seq: i64,
    /// Unique in the case; the same key again is the same step.
    pub key: String,
    /// Which step.
    pub step: String,
    /// Who.
    pub by: String,
    /// In which role.
    pub role: String,
    /// When.
    pub at: DateTime,
    /// Why.
    pub why: String,
    /// State before; empty of the first.
    pub from: String,
    /// State after.
    pub to: String,
    /// To whom it assigned the case.
    pub assigned: Option<String>,
    /// What is sealed with the step besides, in the caller's own form.
    pub sealed: String,
}

/// 案件.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// 案件编号.
    pub case_id: String,
    /// The procedure that it follows.
    pub procedure: String,
    /// The version of it.
    pub version: String,
    /// The hash of that version.
    pub hash: String,
    /// What it is about, in a line.
    pub subject: String,
    /// 当事人: the party it is about; empty when there is none.
    pub party: String,
    /// 状态.
    pub state: String,
    /// 承办人.
    pub assignee: Option<String>,
    /// Whether it is closed.
    pub closed: bool,
    /// When it was opened.
    pub opened_at: DateTime,
    /// Its steps in order.
    pub steps: Vec<Taken>,
    /// Its clocks in order of their start.
    pub clocks: Vec<Clock>,
}

impl Case {
    /// Running clocks.
    pub fn running(&self) -> impl Iterator<Item = &Clock> {
        self.clocks.iter().filter(|clock| clock.stopped_at.is_none())
    }

    /// The steps since the present state was entered.
    #[must_use]
    pub fn round(&self) -> &[Taken] {
        let entered = self.steps.iter().rposition(|taken| taken.from != taken.to).map_or(0, |at| at + 1);
        &self.steps[entered..]
    }
}

/// A case about to be opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// 案件编号, drawn before.
    pub case_id: String,
    /// Unique; the same key again is the same step.
    pub key: String,
    /// What it is about, in a line.
    pub subject: String,
    /// 当事人.
    pub party: String,
    /// When.
    pub at: DateTime,
    /// Who opens it.
    pub by: Actor,
    /// Why.
    pub why: String,
}

/// A step about to be taken.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Unique in the case; the same key again is the same step.
    pub key: String,
    /// Which step.
    pub step: String,
    /// When.
    pub at: DateTime,
    /// Who.
    pub by: Actor,
    /// Why.
    pub why: String,
    /// To whom the case is assigned, if the step assigns.
    pub assign_to: Option<Actor>,
    /// What it brings.
    pub documents: Vec<Document>,
}
