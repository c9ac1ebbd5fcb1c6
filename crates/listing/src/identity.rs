//! 居民身份证号码: what the number of a resident identity card says (GB 11643).

use jiff::civil::Date;

/// What a well-formed number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// 出生日期.
    pub birth: Date,
    /// 性别: `true` is male.
    pub male: bool,
    /// Whether the last character is the checksum of the others.
    pub checksum_right: bool,
}

/// Reads eighteen characters; `None` if they cannot be such a number at all.
#[must_use]
pub fn read(number: &str) -> Option<Identity> {
    let bytes = number.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let birth =
        Date::new(number[6..10].parse().ok()?, number[10..12].parse().ok()?, number[12..14].parse().ok()?).ok()?;
    Some(Identity {
        birth,
        male: (bytes[16] - b'0') % 2 == 1,
        checksum_right: bytes[17].to_ascii_uppercase() == checksum(&bytes[..17]),
    })
}

/// ISO 7064 MOD 11-2 of seventeen digits.
fn checksum(digits: &[u8]) -> u8 {
    let sum = digits.iter().fold(0_u32, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    match (12 - sum) % 11 {
        10 => b'X',
        digit => b"0123456789"[digit as usize],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_gives_birth_sex_and_its_own_checksum() {
        // The example of GB 11643.
        let identity = read("11010519491231002X").expect("well formed");
        assert_eq!(identity.birth, jiff::civil::date(1949, 12, 31));
        assert!(!identity.male && identity.checksum_right);
        assert!(!read("110105194912310021").expect("well formed").checksum_right);
        for bad in ["", "11010519491331002X", "1101051949123100", "１10105194912310021"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
