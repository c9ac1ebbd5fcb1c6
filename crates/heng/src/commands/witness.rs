//! `heng witness`: watches a centre's evidence log and co-signs what continues what it has seen.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use evidence::witness::{Continuation, Refusal, Witness};
use evidence::{Note, Signer, Sm2Key, TrustedKey, Verifier};
use jiff::Timestamp;

use super::Problem;
use super::verify::trusted;

/// The longest answer that is read; a proof has a few dozen hashes.
const LONGEST_ANSWER: u64 = 256 * 1024;

/// Watches a centre's evidence log: remembers the largest tree, co-signs what continues it,
/// refuses a fork for ever and keeps the proof. One process, key and folder for one log.
#[derive(Args)]
pub struct WitnessCommand {
    /// The centre's address, as `http://host:port`.
    #[arg(long)]
    log: String,
    /// The log's public key: a line `name+id+base64`, or a file that holds it. Get it from the
    /// centre itself, not over this connection.
    #[arg(long)]
    log_key: String,
    /// This witness's name, as readers will know it: a host name is good.
    #[arg(long)]
    name: String,
    /// This witness's private key; made at the first start.
    #[arg(long)]
    key: PathBuf,
    /// The folder that remembers what was seen. Never restore it from an older copy.
    #[arg(long)]
    data: PathBuf,
    /// Milliseconds between two looks.
    #[arg(long, default_value_t = 1000)]
    every: u64,
    /// Looks once and ends.
    #[arg(long)]
    once: bool,
}

impl WitnessCommand {
    /// Watches until interrupted, or until the log is convicted.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let log = trusted(&self.log_key)?;
        std::fs::create_dir_all(&self.data).map_err(|error| format!("{}: {error}", self.data.display()))?;
        let (mut witness, key) = match self.open(log) {
            Ok(opened) => opened,
            Err(problem) => return self.convicted_or(problem),
        };
        let public = self.data.join("witness.pub");
        std::fs::write(&public, format!("{}\n", key.public()))?;
        println!("heng witness: the public key is {}", key.public());
        println!("heng witness: fingerprint {}", key.public().fingerprint());
        if let Some(seen) = witness.seen() {
            println!("heng witness: {} entries were seen before", seen.checkpoint.size);
        }
        let centre = Centre::at(&self.log);
        let mut last_told = String::new();
        loop {
            match look(&centre, &mut witness, &key) {
                Ok(Looked::Signed(size)) => {
                    println!("heng witness: co-signed {size} entries");
                    last_told.clear();
                }
                Ok(Looked::Nothing) => last_told.clear(),
                Err(Trouble::Refused(refusal @ Refusal::Misbehaved { .. })) => {
                    return self.convicted_or(refusal.into());
                }
                // What goes on is told once, not every second.
                Err(trouble) => {
                    let told = trouble.to_string();
                    if told != last_told {
                        eprintln!("heng witness: {told}");
                        last_told = told;
                    }
                    if self.once {
                        return Ok(ExitCode::FAILURE);
                    }
                }
            }
            if self.once {
                return Ok(ExitCode::SUCCESS);
            }
            std::thread::sleep(Duration::from_millis(self.every.max(10)));
        }
    }

    /// The memory and the key belong together: both are new, or both are there. A key without
    /// its memory could be made to sign a fork.
    fn open(&self, log: TrustedKey) -> Result<(Witness, Sm2Key), Problem> {
        let (has_key, has_memory) = (self.key.exists(), Witness::has_memory(&self.data));
        if has_key != has_memory && !(has_memory && self.never_signed(&log)?) {
            return Err(format!(
                "{} and {} belong together, and only one of them is there: put the other back. If it is lost, begin with a new key, a new name and a new folder, and tell everybody who lists the old key",
                self.key.display(),
                self.data.display()
            )
            .into());
        }
        let witness = if has_memory { Witness::open(&self.data, log)? } else { Witness::begin(&self.data, log)? };
        let key = Sm2Key::load_or_create(&self.name, &self.key)?.as_witness();
        Ok((witness, key))
    }

    /// A first start that was cut off before the key was made.
    fn never_signed(&self, log: &TrustedKey) -> Result<bool, Refusal> {
        Ok(Witness::open(&self.data, log.clone())?.seen().is_none())
    }

    fn convicted_or(&self, problem: Problem) -> Result<ExitCode, Problem> {
        match problem.downcast_ref::<Refusal>() {
            Some(Refusal::Misbehaved { log, offence, proof }) => {
                eprintln!(
                    "heng witness: ✗✗✗ 日志 {log} 签署了两种历史（{offence:?}），本见证方永不再联署。证据：{}",
                    proof.display()
                );
                eprintln!("heng witness: ✗✗✗ {problem}");
                Ok(ExitCode::FAILURE)
            }
            _ => Err(problem),
        }
    }
}

enum Looked {
    Signed(u64),
    Nothing,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}; it is asked again")]
    Away(String),
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// One look: fetch, compare, remember, co-sign, send.
fn look(centre: &Centre, witness: &mut Witness, key: &Sm2Key) -> Result<Looked, Trouble> {
    let Some(text) = centre.get("/log/checkpoint")? else { return Ok(Looked::Nothing) };
    let note = Note::parse(&text).map_err(|error| Trouble::Away(format!("{}: {error}", centre.address)))?;
    let size = note.checkpoint.size;
    let own = key.public();
    let seen = witness.seen().map(|seen| seen.checkpoint.clone());
    let is_known = seen.as_ref().is_some_and(|seen| seen.size == size && seen.root == note.checkpoint.root);
    if is_known && note.signatures.iter().any(|line| line.name == own.name() && line.id == own.id()) {
        return Ok(Looked::Nothing);
    }
    let continuation = match seen {
        Some(seen) if seen.size < size => {
            centre.get(&format!("/log/consistency/{}/{size}", seen.size))?.and_then(|text| Continuation::parse(&text))
        }
        _ => None,
    };
    let line = witness.consider(&note, continuation.as_ref(), key, Timestamp::now())?;
    let cosigned = Note { signatures: vec![line], ..note };
    centre.post("/log/cosignature", &cosigned.text())?;
    Ok(Looked::Signed(size))
}

/// The centre over HTTP. What it says is believed only as far as it is signed and proved.
struct Centre {
    address: String,
    agent: ureq::Agent,
}

impl Centre {
    fn at(address: &str) -> Centre {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(10)))
            .build();
        Centre { address: address.trim_end_matches('/').to_owned(), agent: config.into() }
    }

    fn away(&self, path: &str, detail: impl std::fmt::Display) -> Trouble {
        Trouble::Away(format!("{}{path}: {detail}", self.address))
    }

    /// The text; `None` where there is none.
    fn get(&self, path: &str) -> Result<Option<String>, Trouble> {
        let mut answer =
            self.agent.get(format!("{}{path}", self.address)).call().map_err(|error| self.away(path, error))?;
        let text = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string();
        let text = text.map_err(|error| self.away(path, error))?;
        match answer.status().as_u16() {
            200 => Ok(Some(text)),
            404 => Ok(None),
            status => Err(self.away(path, format!("{status} {}", text.trim()))),
        }
    }

    fn post(&self, path: &str, body: &str) -> Result<(), Trouble> {
        let sent = self.agent.post(format!("{}{path}", self.address)).send(body);
        let mut answer = sent.map_err(|error| self.away(path, error))?;
        if answer.status().as_u16() == 200 {
            return Ok(());
        }
        let text = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string().unwrap_or_default();
        Err(self.away(path, format!("{} {}", answer.status().as_u16(), text.trim())))
    }
}
