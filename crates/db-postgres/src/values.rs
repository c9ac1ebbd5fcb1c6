//! Our three kinds of value on PostgreSQL's wire.

use bytes::BytesMut;
use db::Value;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use std::error::Error;

type Wire<T> = Result<T, Box<dyn Error + Sync + Send>>;

/// A value on its way to the server.
#[derive(Debug)]
pub(crate) struct Bound<'v>(pub(crate) &'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Wire<IsNull> {
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Value::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Value::Text(text), ty) if <&str as ToSql>::accepts(ty) => text.as_str().to_sql(ty, out),
            (Value::Blob(bytes), &Type::BYTEA) => bytes.as_slice().to_sql(ty, out),
            (Value::Int(_), _) => Err(format!("an integer was given where {ty} is expected").into()),
            (Value::Text(_), _) => Err(format!("text was given where {ty} is expected").into()),
            (Value::Blob(_), _) => Err(format!("bytes were given where {ty} is expected").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value that came from the server.
pub(crate) struct Received(pub(crate) Value);

impl<'a> FromSql<'a> for Received {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Wire<Self> {
        Ok(Received(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Int(bool::from_sql(ty, raw)?.into()),
            Type::NUMERIC => Value::Int(whole(raw)?),
            Type::BYTEA => Value::Blob(raw.to_vec()),
            _ => Value::Text(String::from_sql(ty, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Wire<Self> {
        Ok(Received(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::INT2 | Type::BOOL | Type::NUMERIC | Type::BYTEA)
            || <String as FromSql>::accepts(ty)
    }
}

/// A `NUMERIC` that is a whole number: what `SUM` of `BIGINT` gives here, where SQLite gives
/// an integer. On the wire: count of base-10000 digits, weight of the first, sign, scale,
/// the digits; all 16-bit.
fn whole(raw: &[u8]) -> Wire<i64> {
    let words: Vec<i16> = raw.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect();
    let [_, weight, sign, _, digits @ ..] = words.as_slice() else {
        return Err("a NUMERIC too short".into());
    };
    let places = usize::try_from(*weight + 1).unwrap_or(0);
    if digits.iter().skip(places).any(|digit| *digit != 0) {
        return Err("a NUMERIC with a fraction; cast it to BIGINT".into());
    }
    let mut number: i128 = 0;
    for place in 0..places {
        let digit = digits.get(place).copied().unwrap_or(0);
        number = number.checked_mul(10_000).ok_or("a NUMERIC past BIGINT")? + i128::from(digit);
    }
    match *sign {
        0 => Ok(i64::try_from(number)?),
        0x4000 => Ok(i64::try_from(-number)?),
        _ => Err("a NUMERIC that is no number".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::whole;

    fn wire(words: &[i16]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn whole_numerics_are_read_and_fractions_refused() {
        assert_eq!(whole(&wire(&[0, 0, 0, 0])).unwrap(), 0);
        assert_eq!(whole(&wire(&[2, 1, 0, 0, 12, 3456])).unwrap(), 123_456);
        assert_eq!(whole(&wire(&[1, 1, 0x4000, 0, 12])).unwrap(), -120_000);
        assert_eq!(whole(&wire(&[2, 0, 0, 2, 5, 0])).unwrap(), 5);
        assert!(whole(&wire(&[1, -1, 0, 2, 5000])).is_err());
        assert!(whole(&wire(&[1, 20, 0, 0, 1])).is_err());
    }
}
