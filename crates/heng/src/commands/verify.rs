//! `heng verify`: a receipt, a case bundle or the proof of a fork, verified offline.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use adjudication::explain::Language;
use clap::Args;
use evidence::bundle::{Bundle, Report};
use evidence::witness::{Misbehaviour, Offence};
use evidence::{Note, Policy, TrustedKey};
use serde_json::Value;

use super::Problem;
use crate::receipt::Told;

/// Verifies a receipt (and prints why each fen), a case bundle (and prints its steps) or a
/// witness's proof against a log. Offline; fails when anything is wrong.
#[derive(Args)]
pub struct Verify {
    /// The file.
    file: PathBuf,
    /// A public key that you believe: a line `name+id+base64`, or a file that holds it. Get it from
    /// the centre (or witness) itself, never from the file that is verified.
    #[arg(long)]
    key: Vec<String>,
    /// Whom you believe, as a file: lines `log KEY`, `witness KEY`, `quorum N`.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// A checkpoint that you got elsewhere; what is verified may not be older, nor contradict it.
    #[arg(long)]
    seen: Vec<PathBuf>,
    /// Puts the documents and attachments of a case bundle that verifies into this new folder.
    #[arg(long)]
    unpack: Option<PathBuf>,
    /// zh or en.
    #[arg(long, default_value = "zh")]
    lang: String,
}

impl Verify {
    /// Verifies; fails when any check fails.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let language = Language::of_tag(&self.lang);
        let bytes = std::fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        let policy = self.policy()?;
        if let Some(case) = Misbehaviour::read(&bytes) {
            return Ok(convict(&case, &policy, language));
        }
        if Bundle::is_one(&bytes) {
            let report = evidence::bundle::verify_bundle(&bytes, &policy);
            if let (Some(folder), Some(bundle), true) = (&self.unpack, &report.bundle, report.is_good()) {
                unpack(bundle, folder)?;
            }
            return Ok(tell(&report, language));
        }
        receipt(&bytes, &policy, language)
    }

    fn policy(&self) -> Result<Policy, Problem> {
        let mut policy = match &self.policy {
            Some(path) => {
                let text = read(path)?;
                Policy::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?
            }
            None => Policy::default(),
        };
        for key in &self.key {
            policy.keys.push(trusted(key)?);
        }
        for path in &self.seen {
            let note = Note::parse(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
            policy.keep_seen(note).map_err(|why| format!("{}: {why}", path.display()))?;
        }
        Ok(policy)
    }
}

fn read(path: &Path) -> Result<String, Problem> {
    Ok(std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?)
}

fn chinese(language: Language) -> bool {
    language == Language::Chinese
}

fn receipt(bytes: &[u8], policy: &Policy, language: Language) -> Result<ExitCode, Problem> {
    let verified = match evidence::verify_receipt_by(bytes, policy) {
        Ok(verified) => verified,
        Err(why) if chinese(language) => {
            println!("✗ 核验未通过：{}", why.chinese());
            return Ok(ExitCode::FAILURE);
        }
        Err(why) => {
            println!("✗ not verified: {why}");
            return Ok(ExitCode::FAILURE);
        }
    };
    let told = Told::read(&verified.facts.body)?;
    let broken = told.broken();
    for line in &broken {
        println!("✗ {line}");
    }
    if !broken.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    let (index, size, origin, time) = (verified.index, verified.size, &verified.origin, verified.time);
    let law = &verified.facts.policy;
    let place = format!("{} · {} · {}", told.fixmedins_name, told.med_type, told.setl_time);
    if chinese(language) {
        println!("✓ 内容即日志 {origin} 的第 {} 条（共 {size} 条），检查点签于 {time}", index + 1);
        println!("✓ 签名可信：{}", signers(&verified.signed_by));
        println!("✓ 金额恒等式成立");
        println!("政策版本 {law}\n{place}\n");
    } else {
        println!(
            "✓ the content is entry {} of the log {origin} ({size} entries), checkpoint signed at {time}",
            index + 1
        );
        println!("✓ signed by a trusted key: {}", signers(&verified.signed_by));
        println!("✓ the money identities hold");
        println!("policy version {law}\n{place}\n");
    }
    println!("{}", told.explanation(None, language));
    Ok(ExitCode::SUCCESS)
}

/// What was found of a bundle: what is wrong, what holds, what stays open, then its content.
fn tell(report: &Report, language: Language) -> ExitCode {
    let zh = chinese(language);
    for fault in &report.faults {
        println!("✗ {}", if zh { fault.chinese() } else { fault.to_string() });
    }
    for said in &report.proved {
        println!("✓ {}", if zh { &said.chinese } else { &said.english });
    }
    if !report.is_good() {
        let verdict = "卷宗核验未通过：以上 ✗ 各项不符，内容不足为凭";
        println!("\n{}", if zh { verdict } else { "not verified: see ✗ above; its content proves nothing" });
        return ExitCode::FAILURE;
    }
    println!("\n{}", if zh { "本卷宗不能证明：" } else { "Not proved by this file:" });
    for said in &report.unproved {
        println!("· {}", if zh { &said.chinese } else { &said.english });
    }
    if let Some(bundle) = &report.bundle {
        println!("\n{} {}", if zh { "案件" } else { "case" }, bundle.case);
        content(bundle);
    }
    ExitCode::SUCCESS
}

/// Steps with who, when and why; documents by name.
fn content(bundle: &Bundle) {
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    for step in &bundle.steps {
        let body = &step.facts.body;
        let of = |field| text(body, field);
        println!("{:>3}  {}  {}  {}（{} → {}）", body["number"], of("at"), of("by"), of("name"), of("from"), of("to"));
        println!("     {}", of("why"));
        for named in body["documents"].as_array().into_iter().flatten() {
            let id = text(named, "id");
            let Some(document) = bundle.documents.iter().find(|entry| entry.facts.id == id) else { continue };
            let (body, version) = (&document.facts.body, &document.facts.policy);
            let version = if version.is_empty() { String::new() } else { format!(" @ {version}") };
            println!("     · [{}] {} {}{version}", text(body, "kind"), text(body, "name"), text(body, "title"));
        }
    }
}

/// Each document as a file: an attachment byte for byte, anything else as JSON. The folder is new, and
/// no name of the bundle leads out of it.
fn unpack(bundle: &Bundle, folder: &Path) -> Result<(), Problem> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir(folder).map_err(|error| failed(folder, error))?;
    for (n, entry) in (1..).zip(&bundle.documents) {
        let (name, bytes) = match bundle.attachment(entry) {
            Some((name, bytes)) => (name, bytes.to_vec()),
            None => ("document.json", serde_json::to_vec_pretty(&entry.facts.body)?),
        };
        let safe: String =
            name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
        let path = folder.join(format!("{n:03}-{safe}"));
        std::fs::write(&path, bytes).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}

/// The proof that a log signed two histories, for whoever holds its key.
fn convict(case: &Misbehaviour, policy: &Policy, language: Language) -> ExitCode {
    let zh = chinese(language);
    let log = &case.seen.checkpoint.origin;
    let Some(offence) = policy.keys.iter().find_map(|key| case.proves(key)) else {
        let detail = format!("✗ 该文件不足以证明日志 {log} 失信：两份检查点须由您所信任的该日志的公钥签署，且互相矛盾");
        let english = format!(
            "✗ this file proves nothing against the log {log}: both notes must be signed by its key, as you know it, and contradict each other"
        );
        println!("{}", if zh { detail } else { english });
        return ExitCode::FAILURE;
    };
    let (seen, found) = (&case.seen.checkpoint, &case.found.checkpoint);
    let (what, english) = match offence {
        Offence::SameSize => ("签署了同样条数而树根不同的两棵树", "signed two trees of one size with different roots"),
        Offence::OtherBeginning => {
            ("后签的树改写了先前已签的开头", "signed a tree whose beginning is not what it had signed")
        }
        Offence::WentBack => {
            ("签署在后的树反而更小：已签的条目被撤去", "signed a smaller tree later: entries were taken back")
        }
    };
    if zh {
        println!("✓ 失信成立：日志 {log} {what}");
        println!("  先：{} 条，签于 {}\n  后：{} 条，签于 {}", seen.size, seen.time, found.size, found.time);
    } else {
        println!("✓ proved: the log {log} {english}");
        println!("  first {} entries at {}\n  then {} entries at {}", seen.size, seen.time, found.size, found.time);
    }
    ExitCode::SUCCESS
}

fn signers(signed_by: &[(String, evidence::KeyId)]) -> String {
    signed_by.iter().map(|(name, id)| format!("{name} ({id})")).collect::<Vec<_>>().join(", ")
}

/// A public key as a line, or a file that holds the line.
pub(super) fn trusted(key: &str) -> Result<TrustedKey, Problem> {
    let text = std::fs::read_to_string(key).unwrap_or_else(|_| key.to_owned());
    Ok(TrustedKey::parse(text.trim())?)
}
