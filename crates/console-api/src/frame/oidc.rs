//! 统一身份认证: staff sign in at an identity provider that the bureau already has (OpenID Connect:
//! authorization code with PKCE). Which account somebody is, the register says: `issuer|subject`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[cfg(feature = "oidc")]
mod flow;

/// `oidc.toml` of a centre's own folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSettings {
    /// What people call the provider, on the sign-in page.
    pub name: String,
    /// Its issuer address; `/.well-known/openid-configuration` stands under it.
    pub issuer: String,
    /// The console's name there.
    pub client_id: String,
    /// The console's secret there.
    pub client_secret: String,
    /// Where the console is for browsers: `https://console.example`, without a path.
    pub console: String,
    /// Certificates (PEM) that sign the provider's, when the public ones do not.
    #[serde(default)]
    pub ca: Option<PathBuf>,
}

/// Why nobody could be signed in at the provider.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The settings are not usable.
    #[error("{field} “{value}”: {problem}")]
    Settings {
        /// Which one.
        field: &'static str,
        /// What it says.
        value: String,
        /// What is wrong, and the way out.
        problem: String,
    },
    /// This binary has no OpenID Connect.
    #[error("this heng was built without OpenID Connect; build it with the feature `oidc`, or remove oidc.toml")]
    LeftOut,
    /// The provider cannot be reached or does not answer as it should.
    #[error("the identity provider: {0}")]
    Provider(String),
    /// The answer was not meant for this browser, or is too old, or its proof is wrong.
    #[error("the identity provider's answer is not accepted: {0}")]
    Answer(String),
}

/// What one browser's sign-in keeps from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Repeated by the provider.
    pub state: String,
    /// Repeated inside the signed token.
    pub nonce: String,
    /// The secret half of the proof that whoever brings the code asked for it.
    pub verifier: String,
    /// The page to go to then.
    pub next: String,
    /// Until when, in seconds of Unix time.
    pub until: i64,
}

/// An identity provider.
pub struct Provider {
    settings: OidcSettings,
    #[cfg(feature = "oidc")]
    agent: ureq::Agent,
}

impl OidcSettings {
    /// Reads `oidc.toml`.
    ///
    /// # Errors
    /// [`OidcError::Settings`] names the line.
    pub fn parse(text: &str) -> Result<OidcSettings, OidcError> {
        toml::from_str(text).map_err(|error| OidcError::Settings {
            field: "oidc.toml",
            value: String::new(),
            problem: error.to_string(),
        })
    }
}

impl Provider {
    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }
}

#[cfg(not(feature = "oidc"))]
impl Provider {
    /// Refused: this build has no OpenID Connect.
    ///
    /// # Errors
    /// [`OidcError::LeftOut`].
    pub fn new(_: OidcSettings) -> Result<Provider, OidcError> {
        Err(OidcError::LeftOut)
    }

    pub(crate) fn begin(&self, _: &str, _: i64) -> Result<(String, Begun), OidcError> {
        Err(OidcError::LeftOut)
    }

    pub(crate) fn finish(&self, _: &Begun, _: &str) -> Result<String, OidcError> {
        Err(OidcError::LeftOut)
    }
}
