//! 签名密钥: who signs checkpoints. A [`Signer`] may be a key in a file ([`Sm2Key`]) or
//! a 密码机 behind the same trait; a [`Verifier`] needs only the public half.

use crate::cosign::cosigned;
use base64::{Engine, engine::general_purpose::STANDARD};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Generate;
use sm2::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use sm2::{PublicKey, SecretKey};
use sm3::{Digest, Sm3};
use std::fmt;
use std::path::{Path, PathBuf};

/// The user id that GB/T 35276 prescribes where none is agreed.
pub const USER_ID: &str = "1234567812345678";
/// The signature type of a C2SP signed note that has no number of its own: 0xff, a name.
const SIGNATURE_TYPE: &[u8] = b"\xffsm2-sm3";
/// The type of a witness's co-signature, so that neither key can stand in for the other.
const COSIGNATURE_TYPE: &[u8] = b"\xffsm2-sm3-cosignature";

/// 密钥用途: what a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// 日志: checkpoints of the log that has the key's name.
    Log,
    /// 见证: that a checkpoint continues all that the witness has seen, at a time.
    Witness,
}

impl Role {
    fn signature_type(self) -> &'static [u8] {
        match self {
            Role::Log => SIGNATURE_TYPE,
            Role::Witness => COSIGNATURE_TYPE,
        }
    }
}

/// Makes signatures.
pub trait Signer: Send + Sync {
    /// The public half.
    fn public(&self) -> &TrustedKey;

    /// Signs.
    ///
    /// # Errors
    /// [`KeyError::Refused`] when the device or library does not sign.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError>;
}

/// Checks signatures.
pub trait Verifier {
    /// The key's name: for a log's own key, the log's origin.
    fn name(&self) -> &str;

    /// The key's id, as signature lines carry it.
    fn id(&self) -> KeyId;

    /// Whether `signature` over `message` is this key's.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// 密钥标识: the first four bytes of a hash of name, type and public key (C2SP signed
/// note). It finds the key; it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read or written.
    #[error("key file {path}: {detail}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        detail: String,
    },
    /// Others than the owner may read the key.
    #[error("key file {path} is open to others (mode {mode:o}): chmod 600 it, and replace the key if it was seen", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode bits.
        mode: u32,
    },
    /// The file or line is not a key.
    #[error("{what} is not {wanted}")]
    NotAKey {
        /// What was read.
        what: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// The signing device or library refused.
    #[error("the key {name} did not sign: {detail}")]
    Refused {
        /// The key's name.
        name: String,
        /// Its words.
        detail: String,
    },
}

/// 公钥: a named SM2 public key, written as one line `name+id+base64`, which is what
/// those who verify keep.
#[derive(Clone)]
pub struct TrustedKey {
    name: String,
    id: KeyId,
    key: VerifyingKey,
    role: Role,
}

impl TrustedKey {
    fn new(name: &str, key: VerifyingKey, role: Role) -> Result<TrustedKey, KeyError> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
            return Err(KeyError::NotAKey { what: format!("{name:?}"), wanted: "a key name (no blank, no +)" });
        }
        let digest = Sm3::new()
            .chain_update(name)
            .chain_update(b"\n")
            .chain_update(role.signature_type())
            .chain_update(key.to_sec1_bytes())
            .finalize();
        let id = KeyId([digest[0], digest[1], digest[2], digest[3]]);
        Ok(TrustedKey { name: name.to_owned(), id, key, role })
    }

    /// What the key may sign.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether it is the same key, whatever its name and role.
    pub(crate) fn same_point(&self, other: &TrustedKey) -> bool {
        self.key.to_sec1_bytes() == other.key.to_sec1_bytes()
    }

    /// 指纹: SM3 of the key's line, in hex. To be compared with a printed one, by eye or
    /// over the telephone; the short id proves nothing.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        Sm3::digest(self.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads the line that [`TrustedKey`] prints.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] when it is none, or its id is not its key's.
    pub fn parse(line: &str) -> Result<TrustedKey, KeyError> {
        let line = line.trim();
        let bad = || KeyError::NotAKey { what: format!("{line:?}"), wanted: "a public key line name+id+base64" };
        let mut parts = line.splitn(3, '+');
        let (name, id, key) = match (parts.next(), parts.next(), parts.next()) {
            (Some(name), Some(id), Some(key)) => (name, id, key),
            _ => return Err(bad()),
        };
        let bytes = STANDARD.decode(key).map_err(|_| bad())?;
        // The longer type first: it begins with the shorter one.
        let typed = [Role::Witness, Role::Log].map(|role| (role, bytes.strip_prefix(role.signature_type())));
        let (role, point) = typed.into_iter().find_map(|(role, point)| Some((role, point?))).ok_or_else(bad)?;
        let key = VerifyingKey::from_sec1_bytes(USER_ID, point).map_err(|_| bad())?;
        let trusted = TrustedKey::new(name, key, role)?;
        if trusted.id.to_string() == id { Ok(trusted) } else { Err(bad()) }
    }

    /// A named key from the 65 bytes `04 ‖ x ‖ y`.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] when they are not a point of the curve.
    pub fn from_point(name: &str, point: &[u8]) -> Result<TrustedKey, KeyError> {
        let key = VerifyingKey::from_sec1_bytes(USER_ID, point).map_err(|_| KeyError::NotAKey {
            what: format!("the point of {name}"),
            wanted: "a point of the SM2 curve",
        })?;
        TrustedKey::new(name, key, Role::Log)
    }
}

impl fmt::Display for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.role.signature_type(), &self.key.to_sec1_bytes()].concat();
        write!(f, "{}+{}+{}", self.name, self.id, STANDARD.encode(bytes))
    }
}

impl fmt::Debug for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Verifier for TrustedKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> KeyId {
        self.id
    }

    /// Takes the 64 bytes `r ‖ s` of GB/T 32918.2; of a witness, its time before them.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let by_key = |message: &[u8], signature: &[u8]| {
            Signature::from_slice(signature).is_ok_and(|signature| self.key.verify(message, &signature).is_ok())
        };
        match self.role {
            Role::Log => by_key(message, signature),
            Role::Witness => cosigned(message, signature).is_some_and(|(message, rest)| by_key(&message, rest)),
        }
    }
}

/// A software SM2 key (GB/T 32918.2, curve of GB/T 32918.5), for development and for
/// centres without a 密码机.
pub struct Sm2Key {
    secret: SecretKey,
    signing: SigningKey,
    public: TrustedKey,
}

impl Sm2Key {
    /// A fresh key from the operating system's randomness, kept nowhere.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] when `name` cannot name a key.
    pub fn generate(name: &str) -> Result<Sm2Key, KeyError> {
        Sm2Key::from_secret(name, SecretKey::generate())
    }

    fn from_secret(name: &str, secret: SecretKey) -> Result<Sm2Key, KeyError> {
        let refused = |e: sm2::dsa::signature::Error| KeyError::Refused { name: name.into(), detail: e.to_string() };
        let signing = SigningKey::new(USER_ID, &secret).map_err(refused)?;
        let public: PublicKey = secret.public_key();
        let public = TrustedKey::new(name, VerifyingKey::new(USER_ID, public).map_err(refused)?, Role::Log)?;
        Ok(Sm2Key { secret, signing, public })
    }

    /// The same key in the role of a witness. It signs through
    /// [`crate::cosign::cosign`] and can sign for no log.
    #[must_use]
    pub fn as_witness(mut self) -> Sm2Key {
        let TrustedKey { name, key, .. } = &self.public;
        self.public = TrustedKey::new(name, key.clone(), Role::Witness).expect("the name was good before");
        self
    }

    /// Loads a key from a PKCS#8 PEM file that only its owner may read (mode 0600 or
    /// narrower).
    ///
    /// # Errors
    /// [`KeyError`] names the file and what is wrong with it.
    pub fn load(name: &str, path: &Path) -> Result<Sm2Key, KeyError> {
        refuse_open(path)?;
        let pem = std::fs::read_to_string(path).map_err(|e| file_error(path, &e))?;
        let secret = SecretKey::from_pkcs8_pem(&pem).map_err(|_| KeyError::NotAKey {
            what: format!("key file {}", path.display()),
            wanted: "an SM2 private key in PKCS#8 PEM",
        })?;
        Sm2Key::from_secret(name, secret)
    }

    /// Generates a key into a new file with mode 0600; an existing file is never replaced.
    ///
    /// # Errors
    /// [`KeyError::File`] when it exists or cannot be written.
    pub fn create(name: &str, path: &Path) -> Result<Sm2Key, KeyError> {
        use std::io::Write;
        let key = Sm2Key::generate(name)?;
        let pem = key.secret.to_pkcs8_pem(LineEnding::LF).map_err(|e| file_error(path, &e))?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|e| file_error(path, &e))?;
        file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| file_error(path, &e))?;
        Ok(key)
    }

    /// Loads the key, or creates it when the file is absent. For first starts that were
    /// asked for; a running centre calls [`Sm2Key::load`].
    ///
    /// # Errors
    /// Those of [`Sm2Key::load`] and [`Sm2Key::create`].
    pub fn load_or_create(name: &str, path: &Path) -> Result<Sm2Key, KeyError> {
        if path.exists() { Sm2Key::load(name, path) } else { Sm2Key::create(name, path) }
    }
}

impl Signer for Sm2Key {
    fn public(&self) -> &TrustedKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature: Signature = self
            .signing
            .try_sign(message)
            .map_err(|e| KeyError::Refused { name: self.public.name.clone(), detail: e.to_string() })?;
        Ok(signature.to_vec())
    }
}

fn file_error(path: &Path, error: &dyn fmt::Display) -> KeyError {
    KeyError::File { path: path.to_owned(), detail: error.to_string() }
}

#[cfg(unix)]
fn refuse_open(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_err(|e| file_error(path, &e))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Open { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_open(path: &Path) -> Result<(), KeyError> {
    Err(file_error(path, &"this system cannot say who may read it; use a key device"))
}
