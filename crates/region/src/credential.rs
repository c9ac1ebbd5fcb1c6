//! 医保电子凭证: the settings of a region's `credential.toml`.

use credential::Settings;

use crate::{Region, RegionError};

const FILE: &str = "credential.toml";

impl Region {
    /// How long things of electronic credentials live here; `None` in a region without them.
    ///
    /// # Errors
    /// [`RegionError`] naming the file and what is wrong with it.
    pub fn credential_settings(&self) -> Result<Option<Settings>, RegionError> {
        let path = self.folder.join(FILE);
        if !path.is_file() {
            return Ok(None);
        }
        let file = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|source| RegionError::File { file: file.clone(), source })?;
        let settings: Settings =
            toml::from_str(&text).map_err(|error| RegionError::Written(format!("{file}: {error}")))?;
        let positive = [
            ("code_seconds", settings.code_seconds),
            ("typed_seconds", settings.typed_seconds),
            ("token_minutes", settings.token_minutes),
            ("activation_days", settings.activation_days),
            ("activation_tries", settings.activation_tries),
            ("devices", i64::try_from(settings.devices).unwrap_or(0)),
            ("clock_seconds", settings.clock_seconds),
            ("adult_age", i64::from(settings.adult_age)),
        ];
        match positive.into_iter().find(|(_, value)| *value <= 0) {
            Some((name, value)) => Err(RegionError::Written(format!("{file}: {name} is {value}; it must be above 0"))),
            None => Ok(Some(settings)),
        }
    }
}
