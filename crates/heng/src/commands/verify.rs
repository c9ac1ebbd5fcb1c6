//! `heng verify`: a receipt, verified offline.

use std::path::PathBuf;
use std::process::ExitCode;

use adjudication::explain::Language;
use clap::Args;
use evidence::TrustedKey;

use super::Problem;
use crate::receipt::Told;

/// Verifies a receipt offline and prints why each fen.
#[derive(Args)]
pub struct Verify {
    /// The receipt file.
    receipt: PathBuf,
    /// The log's public key: a line `name+id+base64`, or a file that holds it. Get it from the
    /// centre itself, never from the receipt.
    #[arg(long)]
    key: Vec<String>,
    /// zh or en.
    #[arg(long, default_value = "zh")]
    lang: String,
}

impl Verify {
    /// Verifies; fails when any check fails.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let language = Language::of_tag(&self.lang);
        let chinese = language == Language::Chinese;
        let bytes = std::fs::read(&self.receipt).map_err(|error| format!("{}: {error}", self.receipt.display()))?;
        let trusted = self.key.iter().map(|key| trusted(key)).collect::<Result<Vec<_>, _>>()?;
        let verified = match evidence::verify_receipt(&bytes, &trusted) {
            Ok(verified) => verified,
            Err(why) => {
                println!(
                    "{}",
                    if chinese {
                        format!("✗ 核验未通过：{}", why.chinese())
                    } else {
                        format!("✗ not verified: {why}")
                    }
                );
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
        let policy = &verified.facts.policy;
        let place = format!("{} · {} · {}", told.fixmedins_name, told.med_type, told.setl_time);
        if chinese {
            println!("✓ 内容即日志 {origin} 的第 {} 条（共 {size} 条），检查点签于 {time}", index + 1);
            println!("✓ 签名可信：{}", signers(&verified.signed_by));
            println!("✓ 金额恒等式成立");
            println!("政策版本 {policy}\n{place}\n");
        } else {
            println!(
                "✓ the content is entry {} of the log {origin} ({size} entries), checkpoint signed at {time}",
                index + 1
            );
            println!("✓ signed by a trusted key: {}", signers(&verified.signed_by));
            println!("✓ the money identities hold");
            println!("policy version {policy}\n{place}\n");
        }
        println!("{}", told.explanation(None, language));
        Ok(ExitCode::SUCCESS)
    }
}

fn signers(signed_by: &[(String, evidence::KeyId)]) -> String {
    signed_by.iter().map(|(name, id)| format!("{name} ({id})")).collect::<Vec<_>>().join(", ")
}

fn trusted(key: &str) -> Result<TrustedKey, Problem> {
    let text = std::fs::read_to_string(key).unwrap_or_else(|_| key.to_owned());
    Ok(TrustedKey::parse(text.trim())?)
}
