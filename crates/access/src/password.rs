//! 口令: Argon2id with the parameters that the library recommends.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// Why a password could not be hashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the password cannot be hashed: {0}")]
pub struct PasswordError(String);

/// A password in PHC form, with 16 random bytes as salt.
///
/// # Errors
/// [`PasswordError`] for a password that is too long.
pub fn hash_password(password: &str, salt: [u8; 16]) -> Result<String, PasswordError> {
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| PasswordError(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether a password is the one of a hash in PHC form. The parameters are the hash's own. It
/// takes the same time for a hash that cannot be read, so that nobody learns which accounts exist.
#[must_use]
pub fn password_fits(password: &str, hash: &str) -> bool {
    match PasswordHash::new(hash) {
        Ok(hash) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        Err(_) => {
            let _ = hash_password(password, [0; 16]);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let hash = hash_password("衡州-1234", [7; 16]).unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(password_fits("衡州-1234", &hash));
        assert!(!password_fits("衡州-1235", &hash));
        assert!(!password_fits("", ""));
    }
}
