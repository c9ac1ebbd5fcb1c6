//! # credential 医保电子凭证
//!
//! Who holds an electronic credential, which other persons their entry may show (a child, family
//! that agreed), which devices are bound to it, and the one-time codes those devices draw: each
//! signed by the centre, short-lived, for one person and one purpose, used at most once; then the
//! token that stands for the person in later messages of the institution that scanned it.
//!
//! Called by `journeys`, which brings ids, clock and chance, and holds the persons' locks. Never:
//! another register's tables, a name or certificate, a clock, randomness, a protocol. A private key
//! of a device is never seen here, and the centre's own stays behind [`evidence::Signer`].

mod facts;
mod operations;
mod queries;
mod refusal;
mod rules;
mod store;

pub use facts::*;
pub use operations::{
    bind_device, bind_identity, draw, end_identity, issue, open_activation, revoke_device, set_state, spend, take,
    take_nonce, try_activation,
};
pub use queries::{
    Known, activation_open, by_number, code, code_of_token, code_of_typed, count, device, devices_of, holders_of,
    identities_of, identity, of_person, of_persons, uses_of,
};
pub use refusal::Refusal;
pub use rules::{
    Claims, digest, fresh, holds, public_key, read_code, sign_code, signed_by_device, spendable, usable, words_of,
};
pub use store::{MIGRATIONS, STATEMENTS};
