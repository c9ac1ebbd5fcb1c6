//! 登记的密钥, read from a file: for embedded centres, tests and the demo.
//!
//! ```toml
//! [[key]]
//! channel = "x-tif"              # x-tif, csb or sm2
//! id = "hospital-1"              # paasid or access key; of sm2: nothing
//! secret = "…"                   # the shared secret; of sm2: the public point, hexadecimal
//! institution = "H99990000001"   # or: any_institution = true
//! ```

use super::{Credential, KeyRing, SpeaksFor, unhex};
use serde::Deserialize;
use std::collections::HashMap;
use terms::InstitutionId;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not TOML of the documented shape.
    #[error("the key file: {0}")]
    Toml(#[from] toml::de::Error),
    /// A key that contradicts itself; its secret is not shown.
    #[error("key {number} of the key file ({channel} {id}): {why}")]
    Key {
        /// Which key, from 1.
        number: usize,
        /// Its channel.
        channel: String,
        /// Its id.
        id: String,
        /// What is wrong and what would be right.
        why: &'static str,
    },
}

/// A fixed set of keys.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    tif: HashMap<String, Credential>,
    csb: HashMap<String, Credential>,
    sm2: HashMap<InstitutionId, Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    #[serde(default)]
    key: Vec<KeyText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyText {
    channel: String,
    #[serde(default)]
    id: String,
    secret: String,
    institution: Option<String>,
    #[serde(default)]
    any_institution: bool,
}

impl Keys {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError`] naming the key, never its secret.
    pub fn parse(text: &str) -> Result<Keys, KeyError> {
        let file: KeyFile = toml::from_str(text)?;
        let mut keys = Keys::default();
        for (at, key) in file.key.into_iter().enumerate() {
            let (channel, id) = (key.channel.clone(), key.id.clone());
            keys.add(key).map_err(|why| KeyError::Key { number: at + 1, channel, id, why })?;
        }
        Ok(keys)
    }

    fn add(&mut self, key: KeyText) -> Result<(), &'static str> {
        let speaks_for = match (key.institution, key.any_institution) {
            (Some(institution), false) => SpeaksFor::Institution(InstitutionId(institution)),
            (None, true) => SpeaksFor::Any,
            _ => return Err("give either institution = \"…\" or any_institution = true"),
        };
        if key.secret.is_empty() {
            return Err("the secret is empty");
        }
        match key.channel.as_str() {
            "x-tif" | "csb" => {
                let ring = if key.channel == "csb" { &mut self.csb } else { &mut self.tif };
                let taken = ring.insert(key.id, Credential { secret: key.secret, speaks_for });
                taken.map_or(Ok(()), |_| Err("the id is given twice"))
            }
            "sm2" => match (speaks_for, unhex(&key.secret)) {
                (SpeaksFor::Institution(institution), Some(point)) if point.len() == 65 => {
                    self.sm2.insert(institution, point);
                    Ok(())
                }
                _ => Err("an sm2 key is an institution's public point: 130 hexadecimal digits beginning with 04"),
            },
            _ => Err("the channel is none of x-tif, csb, sm2"),
        }
    }
}

impl KeyRing for Keys {
    fn tif(&self, paasid: &str) -> Option<Credential> {
        self.tif.get(paasid).cloned()
    }

    fn csb(&self, access_key: &str) -> Option<Credential> {
        self.csb.get(access_key).cloned()
    }

    fn sm2(&self, institution: &InstitutionId) -> Option<Vec<u8>> {
        self.sm2.get(institution).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_speaks_for_one_institution_or_explicitly_for_any() {
        let keys = Keys::parse(
            "[[key]]\nchannel = \"x-tif\"\nid = \"h1\"\nsecret = \"s\"\ninstitution = \"H1\"\n\
             [[key]]\nchannel = \"csb\"\nid = \"suite\"\nsecret = \"s\"\nany_institution = true",
        )
        .unwrap();
        assert_eq!(keys.tif("h1").unwrap().speaks_for, SpeaksFor::Institution("H1".into()));
        assert_eq!(keys.csb("suite").unwrap().speaks_for, SpeaksFor::Any);
        assert!(keys.tif("suite").is_none());
    }

    #[test]
    fn a_contradictory_key_is_an_error_without_its_secret() {
        let text = "[[key]]\nchannel = \"x-tif\"\nid = \"h1\"\nsecret = \"hunter2\"";
        let error = Keys::parse(text).unwrap_err().to_string();
        assert!(error.contains("key 1") && error.contains("any_institution") && !error.contains("hunter2"), "{error}");
    }
}
