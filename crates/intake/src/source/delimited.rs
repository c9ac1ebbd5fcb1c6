//! CSV and its kin.

use super::decode::Utf8Reader;
use super::{Row, SourceOptions};
use crate::error::IntakeError;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longer than any honest row; a quote that is never closed would swallow the file.
const LONGEST_ROW: usize = 4 * 1024 * 1024;

pub(super) struct Delimited {
    path: PathBuf,
    reader: csv::Reader<Replayed>,
    record: csv::StringRecord,
    delimiter: u8,
}

/// The bytes read to find the delimiter, then the rest.
struct Replayed {
    head: std::io::Cursor<Vec<u8>>,
    rest: Utf8Reader,
}

impl Read for Replayed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.head.read(buffer)? {
            0 => self.rest.read(buffer),
            count => Ok(count),
        }
    }
}

impl Delimited {
    pub(super) fn open(path: &Path, options: &SourceOptions) -> Result<Delimited, IntakeError> {
        let file_error = |source| IntakeError::file(path, source);
        let file = File::open(path).map_err(file_error)?;
        let zipped = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
        let bytes: Box<dyn Read> =
            if zipped { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut rest = Utf8Reader::new(bytes, options.encoding).map_err(file_error)?;
        let mut head = Vec::new();
        rest.by_ref().take(64 * 1024).read_to_end(&mut head).map_err(file_error)?;
        let heading_row = usize::try_from(options.heading_row.unwrap_or(1)).unwrap_or(1);
        let delimiter = options.delimiter.unwrap_or_else(|| guess_delimiter(&head, heading_row));
        let replayed = Replayed { head: std::io::Cursor::new(head), rest };
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(256 * 1024)
            .from_reader(replayed);
        Ok(Delimited { path: path.to_owned(), reader, record: csv::StringRecord::new(), delimiter })
    }

    pub(super) fn how(&self) -> String {
        let delimiter = match self.delimiter {
            b'\t' => "制表符 tab".to_owned(),
            other => format!("“{}”", char::from(other)),
        };
        let encoding = self.reader.get_ref().rest.found().map_or("ASCII".to_owned(), |found| found.to_string());
        format!("CSV，编码 {encoding}，分隔符 {delimiter}")
    }

    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, IntakeError> {
        let read = self.reader.read_record(&mut self.record);
        if !read.map_err(|error| IntakeError::content(&self.path, error))? {
            return Ok(false);
        }
        row.clear(self.record.position().map_or(0, csv::Position::line));
        if self.record.as_slice().len() > LONGEST_ROW {
            let problem = format!("the row that begins in line {} never ends: close its quote", row.number());
            return Err(IntakeError::content(&self.path, problem));
        }
        for cell in &self.record {
            row.push(cell, false);
        }
        Ok(true)
    }
}

/// The delimiter that cuts the headings into most columns, quotes respected; a comma if none does.
fn guess_delimiter(head: &[u8], heading_row: usize) -> u8 {
    let mut counts = [(b',', 0_usize), (b'\t', 0), (b';', 0), (b'|', 0)];
    let (mut quoted, mut line) = (false, 1);
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => line += 1,
            _ if quoted || line != heading_row => {}
            other => counts.iter_mut().filter(|(mark, _)| mark == other).for_each(|(_, count)| *count += 1),
        }
        if line > heading_row {
            break;
        }
    }
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    best.filter(|(_, count)| *count > 0).map_or(b',', |(mark, _)| *mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_cuts_the_headings() {
        assert_eq!(guess_delimiter(b"id,dx\n1,a|b|c|d|e\n", 1), b',');
        assert_eq!(guess_delimiter(b"id\tsex\tage\n", 1), b'\t');
        assert_eq!(guess_delimiter(b"\"a,b,c\";d;e\n", 1), b';');
        assert_eq!(guess_delimiter(b"id\n1,2\n", 1), b',');
        assert_eq!(guess_delimiter(b"title, with, commas\nid;sex\n", 2), b';');
    }
}
