//! The two halves of a sign-in at the provider. They wait for the network: call them off the
//! server's own threads.

use std::time::Duration;

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, TokenResponse,
};

use super::{Begun, OidcError, OidcSettings, Provider};

/// How long the provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const ANSWER: u64 = 1 << 20;
/// Where the provider sends browsers back to.
const CALLBACK: &str = "/session/oidc/callback";

impl Provider {
    /// A provider; it is asked for its addresses and keys at each sign-in.
    ///
    /// # Errors
    /// [`OidcError::Settings`] for settings that cannot be used.
    pub fn new(settings: OidcSettings) -> Result<Provider, OidcError> {
        let wrong = |field: &'static str, value: &str, problem: &str| OidcError::Settings {
            field,
            value: value.to_owned(),
            problem: problem.to_owned(),
        };
        for (field, address) in [("issuer", &settings.issuer), ("console", &settings.console)] {
            let local = ["http://127.0.0.1", "http://localhost"].iter().any(|local| address.starts_with(local));
            if !address.starts_with("https://") && !local {
                return Err(wrong(field, address, "must begin with https:// unless it is on this machine"));
            }
        }
        RedirectUrl::new(callback(&settings))
            .map_err(|error| wrong("console", &settings.console, &error.to_string()))?;
        let mut tls = ureq::tls::TlsConfig::builder();
        if let Some(path) = &settings.ca {
            let named = path.display().to_string();
            let text = std::fs::read(path).map_err(|error| wrong("ca", &named, &error.to_string()))?;
            let certificates: Vec<_> = ureq::tls::parse_pem(&text)
                .filter_map(|item| match item {
                    Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect();
            if certificates.is_empty() {
                return Err(wrong("ca", &named, "holds no certificate in PEM"));
            }
            tls = tls.root_certs(ureq::tls::RootCerts::from(certificates));
        }
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(tls.build())
            .build()
            .into();
        Ok(Provider { settings, agent })
    }

    /// Where to send the browser, and what to keep until it comes back.
    ///
    /// # Errors
    /// [`OidcError::Provider`] when it does not answer.
    pub(crate) fn begin(&self, next: &str, until: i64) -> Result<(String, Begun), OidcError> {
        let client = self.client()?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let asked =
            client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
        let (address, state, nonce) = asked.set_pkce_challenge(challenge).url();
        let begun = Begun {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            next: next.to_owned(),
            until,
        };
        Ok((address.to_string(), begun))
    }

    /// Whom the provider's code names: `issuer|subject`, from a token that it signed for us and for
    /// this very sign-in.
    ///
    /// # Errors
    /// [`OidcError`].
    pub(crate) fn finish(&self, begun: &Begun, code: &str) -> Result<String, OidcError> {
        let client = self.client()?;
        let asked = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(provider)?;
        let asked = asked.set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()));
        let token = asked.request(&|request| self.send(request)).map_err(refused)?;
        let token = token.id_token().ok_or_else(|| OidcError::Answer("it holds no identity token".to_owned()))?;
        let nonce = Nonce::new(begun.nonce.clone());
        let claims = token.claims(&client.id_token_verifier(), &nonce).map_err(refused)?;
        Ok(format!("{}|{}", claims.issuer().as_str(), claims.subject().as_str()))
    }

    fn send(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (parts, body) = request.into_parts();
        let answer = if body.is_empty() {
            self.agent.run(ureq::http::Request::from_parts(parts, ()))?
        } else {
            self.agent.run(ureq::http::Request::from_parts(parts, body))?
        };
        let (parts, mut body) = answer.into_parts();
        let bytes = body.with_config().limit(ANSWER).read_to_vec()?;
        Ok(ureq::http::Response::from_parts(parts, bytes))
    }
}

fn callback(settings: &OidcSettings) -> String {
    format!("{}{}{CALLBACK}", settings.console.trim_end_matches('/'), crate::PREFIX)
}

fn provider(error: impl std::error::Error) -> OidcError {
    OidcError::Provider(told(&error))
}

fn refused(error: impl std::error::Error) -> OidcError {
    OidcError::Answer(told(&error))
}

/// An error with what it came from.
fn told(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        told = format!("{told}: {error}");
        source = error.source();
    }
    told
}

/// The client's type says which of the provider's addresses are known.
type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

impl Provider {
    fn client(&self) -> Result<Client, OidcError> {
        let settings = &self.settings;
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(provider)?;
        let found = CoreProviderMetadata::discover(&issuer, &|request| self.send(request)).map_err(provider)?;
        let secret = ClientSecret::new(settings.client_secret.clone());
        let client = CoreClient::from_provider_metadata(found, ClientId::new(settings.client_id.clone()), Some(secret));
        Ok(client.set_redirect_uri(RedirectUrl::new(callback(settings)).map_err(provider)?))
    }
}
