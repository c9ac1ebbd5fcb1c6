//! Rules: values in, values out.

mod code;
mod device;
mod state;

pub use code::{Claims, read_code, sign_code};
pub use device::{digest, fresh, public_key, signed_by_device, words_of};
pub use state::{holds, spendable, usable};
