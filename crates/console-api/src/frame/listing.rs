//! 列表: a page of rows, where the next begins, and the same rows as a file.

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::frame::export::{self, Exported, Form};
use crate::frame::{Fault, Problem};

/// Rows of a page unless asked otherwise, at most, and of a file.
const PAGE: usize = 50;
const PAGE_AT_MOST: usize = 200;
const FILE_AT_MOST: usize = 100_000;

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Rows of a page: 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
    /// By what it is sorted; a leading `-` puts the largest first.
    sort: Option<String>,
    /// `csv` or `xlsx`: every row that matches, as a file.
    #[param(inline)]
    format: Option<Form>,
}

/// 排序.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order<F> {
    /// By what.
    pub field: F,
    /// Largest first.
    pub descending: bool,
}

impl Paging {
    /// How many rows to fetch: of the page, or of the file.
    ///
    /// # Errors
    /// [`Problem`] for a limit that no page has.
    pub fn limit(&self) -> Result<usize, Problem> {
        if self.format.is_some() {
            return Ok(FILE_AT_MOST);
        }
        let limit = self.limit.unwrap_or(PAGE);
        if (1..=PAGE_AT_MOST).contains(&limit) {
            return Ok(limit);
        }
        let told = [
            format!("每页 1 至 {PAGE_AT_MOST} 行，不能是 {limit}"),
            format!("a page has 1 to {PAGE_AT_MOST} rows, not {limit}"),
        ];
        Err(Problem::invalid("limit", told))
    }

    /// Whether the rows go into a file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.format.is_some()
    }

    /// Where the page begins.
    ///
    /// # Errors
    /// [`Problem`] for a text that is no cursor of this list.
    pub fn cursor<T: DeserializeOwned>(&self) -> Result<Option<T>, Problem> {
        if self.is_file() {
            return Ok(None);
        }
        self.cursor.as_deref().map(Cursor::read).transpose()
    }

    /// By what the list is sorted, out of what it can be sorted by: the field's name in the
    /// address and what it stands for. The first, as given here, unless asked otherwise.
    ///
    /// # Errors
    /// [`Problem`] names what the list can be sorted by.
    pub fn order<F: Copy>(&self, known: &[(&str, F)], default: Order<F>) -> Result<Order<F>, Problem> {
        let Some(asked) = self.sort.as_deref().filter(|text| !text.is_empty()) else { return Ok(default) };
        let (name, descending) = asked.strip_prefix('-').map_or((asked, false), |name| (name, true));
        if let Some((_, field)) = known.iter().find(|(known, _)| *known == name) {
            return Ok(Order { field: *field, descending });
        }
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        Err(Problem::invalid(
            "sort",
            [format!("不能按 {name} 排序，可用：{names}"), format!("cannot be sorted by {name}; by {names}")],
        ))
    }
}

/// 游标: where a page begins, opaque to the reader.
pub struct Cursor;

impl Cursor {
    /// A cursor that holds a value.
    ///
    /// # Panics
    /// For a value that JSON does not hold; cursors are texts and numbers.
    pub fn write(value: &impl Serialize) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).expect("a cursor is plain data"))
    }

    /// The value of a cursor.
    ///
    /// # Errors
    /// [`Problem`] for a text that was no cursor of this list.
    pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
        let read = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.ok_or_else(|| {
            let message =
                "游标不是本列表给出的；请从第一页开始 / the cursor is not one of this list; begin at the first page";
            Problem::faults(vec![Fault { field: "cursor".to_owned(), row: None, message: message.to_owned() }])
        })
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listing<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
    /// How many rows match in all, where they are counted.
    pub total: Option<u64>,
}

/// A page, or a file of the same rows.
pub enum Listed<T> {
    /// A page.
    Page(Listing<T>),
    /// A file.
    File(Vec<T>, Form),
}

impl<T> Listed<T> {
    /// The answer to a paging: rows that were fetched with one more than [`Paging::limit`], so
    /// that the end is known; `cursor` makes a row's place.
    ///
    /// # Errors
    /// As [`Paging::limit`].
    pub fn of(
        paging: &Paging,
        mut rows: Vec<T>,
        total: Option<u64>,
        cursor: impl Fn(&T) -> String,
    ) -> Result<Listed<T>, Problem> {
        let limit = paging.limit()?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        if let Some(form) = paging.format {
            if more {
                let told = [
                    format!("符合条件的超过 {FILE_AT_MOST} 行；请缩小范围后再导出"),
                    format!("more than {FILE_AT_MOST} rows match; narrow the filter before exporting"),
                ];
                return Err(Problem::invalid("format", told));
            }
            return Ok(Listed::File(rows, form));
        }
        let next = if more { rows.last().map(cursor) } else { None };
        Ok(Listed::Page(Listing { items: rows, next, total }))
    }
}

impl<T> Listed<T> {
    /// The answer to a paging out of rows that are all at hand, in their order; `key` is what no
    /// two rows share.
    ///
    /// # Errors
    /// As [`Paging::limit`] and [`Paging::cursor`].
    pub fn of_all(paging: &Paging, rows: Vec<T>, key: impl Fn(&T) -> String) -> Result<Listed<T>, Problem> {
        let total = u64::try_from(rows.len()).ok();
        let after = paging.cursor::<String>()?;
        let begin = match &after {
            None => 0,
            // A row that has gone since leaves its page empty rather than repeating the first.
            Some(after) => rows.iter().position(|row| key(row) == *after).map_or(rows.len(), |at| at + 1),
        };
        let page = rows.into_iter().skip(begin).take(paging.limit()? + 1).collect();
        Listed::of(paging, page, total, |row| Cursor::write(&key(row)))
    }
}

impl<T: Serialize + Exported> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        match self {
            Listed::Page(listing) => Json(listing).into_response(),
            Listed::File(rows, form) => export::file(&rows, form).unwrap_or_else(IntoResponse::into_response),
        }
    }
}
