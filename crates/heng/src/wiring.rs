//! Wiring: which database, which keys, which region; the centre that every command opens the
//! same way.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use console_api::frame::{Entry, OidcSettings, Provider};
use db::Database;
use evidence::{Sm2Key, TrustedKey};
use operation::{AnswerKey, AnswerKeys};
use region::Region;

use crate::commands::Problem;

/// Where a centre's region, database and keys are.
#[derive(Args, Clone)]
pub struct Place {
    /// The region folder.
    #[arg(long, default_value = "regions/999900")]
    pub region: PathBuf,
    /// The folder of this centre's own files: the embedded database and the keys.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// The database: `sqlite:PATH` or a `postgres://` address; an SQLite file in the data folder unless given.
    #[arg(long, env = "HENG_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
}

impl Place {
    /// The address of the database.
    pub fn address(&self) -> String {
        self.database.clone().unwrap_or_else(|| format!("sqlite:{}", self.data.join("heng.db").display()))
    }

    /// Makes the data folder, closed to other users.
    pub fn prepare(&self) -> Result<(), Problem> {
        std::fs::create_dir_all(&self.data)
            .map_err(|error| format!("{}: cannot be made: {error}", self.data.display()))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&self.data, std::fs::Permissions::from_mode(0o700))?;
        }
        Ok(())
    }

    /// Opens the database and gives it every table it lacks.
    pub fn open_database(&self) -> Result<Database, Problem> {
        self.prepare()?;
        let database = open_database(&self.address())?;
        database.migrate(&migrations())?;
        Ok(database)
    }

    /// The key that seals kept answers; drawn on first use.
    pub fn answer_keys(&self) -> Result<AnswerKeys, Problem> {
        let text = secret_file(&self.data.join("answers.key"), hex_key)?;
        Ok(AnswerKeys::new(AnswerKey::from_hex(text.trim())?, Vec::new()))
    }

    /// The key that signs the evidence log of a region; made on first use.
    pub fn log_key(&self, origin: &str) -> Result<Sm2Key, Problem> {
        Ok(Sm2Key::load_or_create(origin, &self.data.join("evidence.pem"))?)
    }

    /// The office of electronic credentials, where the region has them; the key that signs codes is made
    /// on first use, and is not the evidence log's.
    pub fn credential_office(&self, region: &Region) -> Result<Option<Arc<journeys::CredentialOffice>>, Problem> {
        let Some(settings) = region.credential_settings()? else { return Ok(None) };
        let name = format!("{}/credential", origin(&region.manifest.area));
        let signer = Arc::new(Sm2Key::load_or_create(&name, &self.data.join("credential.pem"))?);
        Ok(Some(Arc::new(journeys::CredentialOffice { settings, signer })))
    }

    /// The key that seals second factors of accounts; drawn on first use.
    pub fn seal_key(&self) -> Result<access::SealKey, Problem> {
        let path = self.data.join("access.key");
        let text = secret_file(&path, hex_key)?;
        let wrong = || format!("{}: must hold 64 hexadecimal digits", path.display());
        Ok(access::SealKey::from_hex(&text).ok_or_else(wrong)?)
    }

    /// What guards the console's door; with an identity provider when the data folder names one in
    /// `oidc.toml`.
    pub fn entry(&self) -> Result<Entry, Problem> {
        let entry = Entry::new(self.seal_key()?);
        let path = self.data.join("oidc.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(entry),
            Err(error) => return Err(format!("{}: {error}", path.display()).into()),
        };
        let provider = OidcSettings::parse(&text).and_then(Provider::new);
        let provider = provider.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Entry { provider: Some(provider), ..entry })
    }

    /// Where the largest tree ever signed is remembered, beside the key and outside backups.
    pub fn high_water(&self) -> PathBuf {
        self.data.join("evidence.mark")
    }

    /// 见证方 whose co-signatures the centre keeps: lines `witness KEY` in a file of the data folder;
    /// without the file, none.
    pub fn witnesses(&self) -> Result<Vec<TrustedKey>, Problem> {
        let path = self.data.join("evidence.witnesses");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(format!("{}: {error}", path.display()).into()),
        };
        let policy = evidence::Policy::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(policy.witnesses().cloned().collect())
    }

    /// Writes the log's public key where people can copy it.
    pub fn publish_key(&self, key: &TrustedKey) -> Result<PathBuf, Problem> {
        let path = self.data.join("evidence.pub");
        std::fs::write(&path, format!("{key}\n"))?;
        Ok(path)
    }
}

/// The name of a region's evidence log.
pub fn origin(area: &str) -> String {
    format!("heng/{area}")
}

/// Every migration of every room that the centre's deeds touch, and of the projections.
pub fn migrations() -> Vec<db::Migration> {
    let own = [catalogue::MIGRATIONS, provider::MIGRATIONS, overview::MIGRATIONS].concat();
    [journeys::migrations(), own].concat()
}

/// Opens `sqlite:PATH` or `postgres://…`.
pub fn open_database(address: &str) -> Result<Database, Problem> {
    if let Some(path) = address.strip_prefix("sqlite:") {
        return Ok(db_sqlite::Sqlite::open(&db_sqlite::SqliteOptions::new(path))?.into_database());
    }
    if address.starts_with("postgres://") || address.starts_with("postgresql://") {
        return Ok(db_postgres::Postgres::open(&db_postgres::PostgresOptions::new(address))?.into_database());
    }
    Err("a database is written sqlite:PATH or postgres://user@host:port/name".into())
}

/// Reads a region folder and says how many of its rows could not be used.
pub fn open_region(folder: &Path) -> Result<Region, Problem> {
    let region = Region::open(folder).map_err(|error| format!("the region {}:\n{error}", folder.display()))?;
    Ok(region)
}

/// The text of a region's `interface.toml`; empty bends nothing.
pub fn interface_of(region: &Region) -> Result<String, Problem> {
    Ok(region.interface.as_ref().map_or_else(|| Ok(String::new()), std::fs::read_to_string)?)
}

/// A gateway in front of a centre over a database.
pub fn open_gateway(
    centre: journeys::Centre,
    database: Database,
    interface: String,
    config: gateway::Config,
    keys: Box<dyn gateway::KeyRing>,
    answers: AnswerKeys,
) -> Result<(Arc<gateway::Gateway>, gateway::Desk), Problem> {
    let opening = gateway::Opening { centre, database, interface, config, keys, answers };
    let (gateway, desk) = gateway::open(opening)?;
    Ok((Arc::new(gateway), desk))
}

/// A new key of 32 bytes, in hexadecimal.
fn hex_key() -> Result<String, Problem> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The text of a secret file, made with `make` when it is missing; readable by its owner only.
fn secret_file(path: &Path, make: impl FnOnce() -> Result<String, Problem>) -> Result<String, Problem> {
    if let Ok(text) = std::fs::read_to_string(path) {
        return Ok(text);
    }
    let text = make()?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| format!("{}: cannot be made: {error}", path.display()))?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    Ok(text)
}
