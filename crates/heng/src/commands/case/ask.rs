//! What `heng case` is asked, and how it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use casework::{Actor, Document};
use clap::Args;
use inquiry::rules::opinion::{Say, Says};
use inquiry::{Amount, Clue, ClueLine};
use journeys::{Casebook, FineAsked, FrameAsked, Move, Objection, Responsible, SuspicionTold};
use serde::Deserialize;
use terms::Fen;

use super::Problem;

/// Findings and suspicions.
#[derive(Args)]
pub struct ClueFrom {
    /// 疑点: the key of a finding in force.
    #[arg(long)]
    pub finding: Vec<String>,
    /// 可疑线索: a file of `heng detect --out X.jsonl`; FILE#N takes its Nth line only.
    #[arg(long)]
    pub suspicion: Vec<String>,
}

/// A case about to be opened.
#[derive(Args)]
pub struct Open {
    #[command(flatten)]
    pub from: ClueFrom,
    /// 线索编号 of clues that are registered.
    #[arg(long)]
    pub clue: Vec<String>,
    /// 就诊: PERSON/VISIT, PERSON/VISIT/LINE, or PERSON/VISIT/LINE=YUAN.
    #[arg(long)]
    visit: Vec<String>,
    /// 批量: every open clue of this rule at --institution.
    #[arg(long, requires = "institution")]
    pub rule: Option<String>,
    /// With --rule or --sample: the institution.
    #[arg(long)]
    pub institution: Option<String>,
    /// With --rule: how many clues at most.
    #[arg(long, default_value_t = 1000)]
    pub at_most: usize,
    /// 抽样: 险种类型/清算类别 of the institution's settled visits, such as 310/21.
    #[arg(long, requires_all = ["institution", "first", "last", "seed", "size"])]
    sample: Option<String>,
    /// With --sample: visits settled from this day.
    #[arg(long)]
    first: Option<String>,
    /// With --sample: to this day.
    #[arg(long)]
    last: Option<String>,
    /// With --sample: chosen before anybody has seen the frame.
    #[arg(long)]
    seed: Option<String>,
    /// With --sample: how many visits.
    #[arg(long)]
    size: Option<usize>,
    /// Which procedure of the region.
    #[arg(long, default_value = "audit")]
    pub procedure: String,
    /// What it is about, in a line.
    #[arg(long)]
    subject: Option<String>,
    /// Who opens it: a number of casework/staff.toml.
    #[arg(long)]
    pub by: String,
    /// Why.
    #[arg(long)]
    pub why: String,
    /// A file that is filed with the first step: KIND=FILE.
    #[arg(long)]
    pub exhibit: Vec<String>,
}

/// A step of a case.
#[derive(Args)]
pub struct Step {
    /// 案件编号.
    case: String,
    /// Which step: `heng case show` tells what may be done.
    step: String,
    /// Who: a number of casework/staff.toml, or INSTITUTION/name for the institution's own.
    #[arg(long)]
    pub by: String,
    /// Why.
    #[arg(long)]
    why: String,
    /// To whom the case is assigned.
    #[arg(long)]
    assign: Option<String>,
    /// What the step brings: KIND=FILE.
    #[arg(long)]
    document: Vec<String>,
    /// 意见 on every line that is not named: upheld under this article.
    #[arg(long)]
    uphold: Option<String>,
    /// 意见 on every line that is not named: not upheld.
    #[arg(long, conflicts_with = "uphold")]
    dismiss: bool,
    /// 意见 on a line: N=YUAN, or N=YUAN:ARTICLE; 0 does not uphold it.
    #[arg(long)]
    line: Vec<String>,
    /// 申诉: GROUNDS of all lines, or N:GROUNDS of one.
    #[arg(long)]
    object: Vec<String>,
    /// 证据 of an objection: N:SLOT=FILE; the file is filed with the step.
    #[arg(long)]
    evidence: Vec<String>,
    /// 撤销: the lines, when not all of them.
    #[arg(long)]
    overturn: Vec<i64>,
    /// 罚款: ARTICLE=3x is three times the loss, ARTICLE=20000 a sum in yuan.
    #[arg(long)]
    fine: Option<String>,
    /// 相关责任人员: PRACTITIONER=EVENT of the score-card.
    #[arg(long)]
    responsible: Vec<String>,
    /// 推断: extends a sample to its frame.
    #[arg(long)]
    extrapolate: bool,
}

/// Somebody of the staff, or of an institution.
pub fn actor(book: &Casebook, id: &str) -> Result<Actor, Problem> {
    if let Some((party, name)) = id.split_once('/') {
        if party.is_empty() || name.is_empty() {
            return Err(format!("--by {id}: write INSTITUTION/name").into());
        }
        return Ok(Actor::of_party(id, party));
    }
    let known =
        || book.staff.iter().map(|person| format!("{} {}", person.id, person.name)).collect::<Vec<_>>().join("、");
    let found = book.staff.find(id).cloned();
    found.ok_or_else(|| format!("{id} 不在 casework/staff.toml：{} nobody has that number", known()).into())
}

impl ClueFrom {
    /// The suspicions that are named, each with its own line.
    pub fn suspicions(&self) -> Result<Vec<(SuspicionTold, String)>, Problem> {
        let mut all = Vec::new();
        for named in &self.suspicion {
            let (file, wanted) = match named.rsplit_once('#') {
                Some((file, number)) => {
                    let number: usize =
                        number.parse().map_err(|_| format!("{named}: after # stands the number of a line, from 1"))?;
                    (file, Some(number))
                }
                None => (named.as_str(), None),
            };
            let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
            let before = all.len();
            for (n, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
                if wanted.is_none_or(|wanted| wanted == n) {
                    let told = suspicion(line).map_err(|error| format!("{file}:{n}: {error}"))?;
                    all.push((told, line.to_owned()));
                }
            }
            if all.len() == before {
                return Err(format!("{named}: there is no such suspicion").into());
            }
        }
        Ok(all)
    }
}

fn suspicion(line: &str) -> Result<SuspicionTold, serde_json::Error> {
    #[derive(Deserialize)]
    struct Told {
        model: String,
        version: u32,
        group: String,
        score: i64,
        members: Members,
        why: String,
    }
    #[derive(Deserialize)]
    struct Members {
        persons: BTreeSet<String>,
        visits: BTreeSet<String>,
        lines: BTreeSet<String>,
    }
    let told: Told = serde_json::from_str(line)?;
    let Members { persons, visits, lines } = told.members;
    Ok(SuspicionTold {
        model: told.model,
        version: told.version.to_string(),
        group: told.group,
        score: told.score,
        persons,
        visits,
        lines,
        why: told.why,
    })
}

impl Open {
    /// The visits and lines that are named by hand.
    pub fn targets(&self) -> Result<Vec<ClueLine>, Problem> {
        let read = |text: &String| -> Result<ClueLine, Problem> {
            let (place, amount) = match text.split_once('=') {
                Some((place, yuan)) => (place, Some(yuan.parse::<Fen>().map_err(|error| format!("{text}: {error}"))?)),
                None => (text.as_str(), None),
            };
            let parts: Vec<&str> = place.split('/').collect();
            let (psn_no, mdtrt_id, feedetl_sn) = match (parts.as_slice(), amount) {
                ([person, visit], None) => (*person, *visit, None),
                ([person, visit, line], _) => (*person, *visit, Some((*line).into())),
                _ => {
                    return Err(format!(
                        "--visit {text}: write PERSON/VISIT, PERSON/VISIT/LINE or PERSON/VISIT/LINE=YUAN"
                    )
                    .into());
                }
            };
            Ok(ClueLine { psn_no: psn_no.into(), mdtrt_id: mdtrt_id.into(), feedetl_sn, amount })
        };
        self.visit.iter().map(read).collect()
    }

    /// The sample that is asked for.
    pub fn frame(&self) -> Result<Option<FrameAsked>, Problem> {
        let (Some(sample), Some(institution)) = (&self.sample, &self.institution) else { return Ok(None) };
        let (insutype, clr_type) = sample
            .split_once('/')
            .ok_or_else(|| format!("--sample {sample}: write 险种类型/清算类别, such as 310/21"))?;
        let day = |name: &str, text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default();
            terms::parse_date(text).ok_or_else(|| format!("--{name} {text}: not a date; write it as 2026-02-05"))
        };
        Ok(Some(FrameAsked {
            fixmedins_code: institution.as_str().into(),
            insutype: insutype.to_owned(),
            clr_type: clr_type.to_owned(),
            from: day("first", &self.first)?,
            to: day("last", &self.last)?,
            seed: self.seed.clone().unwrap_or_default(),
            size: self.size.unwrap_or_default(),
        }))
    }

    /// What the case is about, in a line.
    pub fn subject(&self, clues: &[Clue]) -> String {
        match (&self.subject, clues) {
            (Some(subject), _) => subject.clone(),
            (None, [one]) => one.summary.clone(),
            (None, []) => self.why.clone(),
            (None, many) => format!("{} 条线索", many.len()),
        }
    }
}

/// What is filed with the first step: files that are named, and the text of each rule.
pub fn exhibits(
    region: &Path,
    clues: &[Clue],
    rule: Option<&str>,
    from: &ClueFrom,
    files: &[String],
) -> Result<Vec<Document>, Problem> {
    let mut documents = files.iter().map(|named| file(named)).collect::<Result<Vec<_>, _>>()?;
    for (told, line) in from.suspicions()? {
        let name = format!("{} {}.json", told.model, told.group);
        documents.push(Document::of("explanation", &name, "application/json", line.into_bytes()));
    }
    let rules: BTreeSet<&str> = clues.iter().map(|clue| clue.rule.as_str()).chain(rule).collect();
    let folder = region.join("screening/rules");
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(documents) };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let id =
            toml::from_str::<toml::Table>(&text).ok().and_then(|table| Some(table.get("id")?.as_str()?.to_owned()));
        if let Some(id) = id.filter(|id| rules.contains(id.as_str())) {
            documents.push(Document::of("rule", &id, "application/toml", text.into_bytes()));
        }
    }
    Ok(documents)
}

/// KIND=FILE, or a file whose name's beginning is its kind.
fn file(named: &str) -> Result<Document, Problem> {
    let (kind, path) =
        named.split_once('=').ok_or_else(|| format!("{named}: write KIND=FILE, such as 决定书=decision.pdf"))?;
    let content = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let path = Path::new(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let media = match path.extension().and_then(|ending| ending.to_str()) {
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("txt" | "md" | "csv") => "text/plain",
        _ => "application/octet-stream",
    };
    Ok(Document::of(kind, &name, media, content))
}

impl Step {
    /// The step as the journeys take it.
    pub fn to_move(&self, book: &Casebook) -> Result<Move, Problem> {
        let mut documents = self.document.iter().map(|named| file(named)).collect::<Result<Vec<_>, _>>()?;
        let objections = self.objections(&mut documents)?;
        Ok(Move {
            assign_to: self.assign.as_deref().map(|id| actor(book, id)).transpose()?,
            documents,
            says: self.says()?,
            objections,
            lines: self.overturn.clone(),
            fine: self.fine.as_deref().map(fine).transpose()?,
            responsible: self.responsible.iter().map(|text| responsible(text)).collect::<Result<_, _>>()?,
            extrapolate: self.extrapolate,
            ..Move::new(&self.case, &self.step, actor(book, &self.by)?, &self.why)
        })
    }

    fn says(&self) -> Result<Says, Problem> {
        let say = |amount, article: &str| Say { amount, article: article.to_owned(), reason: self.why.clone() };
        let article = self.uphold.as_deref().unwrap_or_default();
        let all = match (&self.uphold, self.dismiss) {
            (Some(article), _) => Some(say(None, article)),
            (None, true) => Some(say(Some(Fen::ZERO), "")),
            (None, false) => None,
        };
        let mut lines = BTreeMap::new();
        for text in &self.line {
            let bad = || format!("--line {text}: write N=YUAN or N=YUAN:ARTICLE");
            let (no, rest) = text.split_once('=').ok_or_else(bad)?;
            let (yuan, own) = rest.split_once(':').unwrap_or((rest, article));
            let amount: Fen = yuan.parse().map_err(|error| format!("{}: {error}", bad()))?;
            lines.insert(no.parse().map_err(|_| bad())?, say(Some(amount), own));
        }
        Ok(Says { all, lines })
    }

    /// Objections with their evidence, whose files are filed with the step.
    fn objections(&self, documents: &mut Vec<Document>) -> Result<Vec<Objection>, Problem> {
        let numbered = |text: &str| match text.split_once(':') {
            Some((no, rest)) => no.parse::<i64>().map_or((None, text.to_owned()), |no| (Some(no), rest.to_owned())),
            None => (None, text.to_owned()),
        };
        let mut objections: Vec<Objection> = self
            .object
            .iter()
            .map(|text| {
                let (no, grounds) = numbered(text);
                Objection { no, grounds, evidence: Vec::new() }
            })
            .collect();
        for text in &self.evidence {
            let (no, rest) = numbered(text);
            let document = file(&rest)?;
            let objection = objections.iter_mut().find(|objection| objection.no == no);
            let objection = objection.ok_or_else(|| format!("--evidence {text}: there is no --object for it"))?;
            objection.evidence.push((document.kind.clone(), document.name.clone()));
            documents.push(document);
        }
        Ok(objections)
    }
}

fn fine(text: &str) -> Result<FineAsked, Problem> {
    let bad = || format!("--fine {text}: write ARTICLE=3x (times the loss) or ARTICLE=20000 (yuan)");
    let (article, amount) = text.split_once('=').ok_or_else(bad)?;
    let amount = match amount.strip_suffix(['x', '倍']) {
        Some(times) => Amount::Times(times.parse().map_err(|_| bad())?),
        None => Amount::Sum(amount.parse().map_err(|_| bad())?),
    };
    Ok(FineAsked { article: article.to_owned(), amount })
}

fn responsible(text: &str) -> Result<Responsible, Problem> {
    let (practitioner, event) =
        text.split_once('=').ok_or_else(|| format!("--responsible {text}: write PRACTITIONER=EVENT"))?;
    Ok(Responsible { practitioner: practitioner.to_owned(), event: event.to_owned() })
}
