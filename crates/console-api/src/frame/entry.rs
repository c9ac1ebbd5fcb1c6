//! 入口: what guards the console's door beside accounts: the key that seals secrets, how fast
//! requests may come, and an identity provider if there is one.

use access::SealKey;

use super::limits::{Limits, Paces};
use super::oidc::Provider;

/// What guards the door.
pub struct Entry {
    /// Seals second factors at rest and what goes through a browser.
    pub seal: SealKey,
    /// How fast requests may come.
    pub limits: Limits,
    /// 统一身份认证, if staff may sign in there.
    pub provider: Option<Provider>,
}

impl Entry {
    /// A door with a key, the usual paces and no identity provider.
    #[must_use]
    pub fn new(seal: SealKey) -> Entry {
        Entry { seal, limits: Limits::new(Paces::default()), provider: None }
    }
}
