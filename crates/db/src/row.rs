//! Values in and rows out: integers, text, bytes, nothing else. Money is an integer of 分,
//! dates and times are ISO text.

use crate::{DbError, Sql};

/// A value bound to a statement or read from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// `BIGINT`.
    Int(i64),
    /// `TEXT`.
    Text(String),
    /// `BLOB` / `BYTEA`.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Text(value)
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Value {
        Value::Blob(value)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// A row of an answer; columns are read by position, in the order of the `SELECT`.
#[derive(Debug, Clone)]
pub struct Row {
    /// The statement that made it, for messages.
    pub statement: &'static str,
    /// The values in order.
    pub values: Vec<Value>,
}

impl Row {
    /// A row of `sql`.
    #[must_use]
    pub fn new(sql: &'static Sql, values: Vec<Value>) -> Row {
        Row { statement: sql.name, values }
    }

    /// Reads column `column`.
    ///
    /// # Errors
    /// [`DbError::Column`] when it holds another type.
    pub fn get<T: FromValue>(&self, column: usize) -> Result<T, DbError> {
        self.values.get(column).and_then(T::from_value).ok_or_else(|| DbError::Column {
            statement: self.statement.to_owned(),
            column,
            expected: std::any::type_name::<T>(),
        })
    }
}

/// Types a column can be read as.
pub trait FromValue: Sized {
    /// The value as this type, or `None`.
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<i64> {
        if let Value::Int(v) = value { Some(*v) } else { None }
    }
}
impl FromValue for String {
    fn from_value(value: &Value) -> Option<String> {
        if let Value::Text(v) = value { Some(v.clone()) } else { None }
    }
}
impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Vec<u8>> {
        if let Value::Blob(v) = value { Some(v.clone()) } else { None }
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Option<T>> {
        if *value == Value::Null { Some(None) } else { T::from_value(value).map(Some) }
    }
}
