//! 字符编码: turns the bytes of a file into UTF-8 while they pass. Exports are in UTF-8 or
//! GB18030 (GBK); which one is decided at the first bytes that are not ASCII, and said.

use encoding_rs::{CoderResult, Decoder, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::fmt;
use std::io::{self, Read};

/// 字符编码.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// GB18030, which GBK and GB2312 are part of.
    Gb18030,
    /// UTF-16 as spreadsheets write “Unicode text”, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Gb18030 => "GB18030",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
        })
    }
}

impl Encoding {
    fn decoder(self) -> Decoder {
        match self {
            Encoding::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            Encoding::Gb18030 => GB18030.new_decoder_without_bom_handling(),
            Encoding::Utf16Le => UTF_16LE.new_decoder_with_bom_removal(),
            Encoding::Utf16Be => UTF_16BE.new_decoder_with_bom_removal(),
        }
    }
}

const CHUNK: usize = 64 * 1024;

/// A reader whose bytes come out as UTF-8. What cannot be decoded comes out as U+FFFD, which
/// the reader of rows reports by row and column.
pub(super) struct Utf8Reader {
    inner: Box<dyn Read>,
    decoder: Option<Decoder>,
    found: Option<Encoding>,
    raw: Vec<u8>,
    raw_used: usize,
    out: Vec<u8>,
    out_used: usize,
    ended: bool,
}

impl Utf8Reader {
    /// Reads a first chunk, so that a mark at its beginning is seen.
    pub(super) fn new(mut inner: Box<dyn Read>, said: Option<Encoding>) -> io::Result<Utf8Reader> {
        let mut raw = Vec::with_capacity(CHUNK);
        inner.by_ref().take(CHUNK as u64).read_to_end(&mut raw)?;
        let found = said.or_else(|| mark(&raw));
        let decoder = found.map(Encoding::decoder);
        let out = Vec::with_capacity(CHUNK * 3);
        Ok(Utf8Reader { inner, decoder, found, raw, raw_used: 0, out, out_used: 0, ended: false })
    }

    /// The encoding, once it is decided; a file of plain ASCII never needs to be.
    pub(super) fn found(&self) -> Option<Encoding> {
        self.found
    }

    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.out_used = 0;
        if self.raw_used == self.raw.len() {
            self.raw.clear();
            self.raw_used = 0;
            self.inner.by_ref().take(CHUNK as u64).read_to_end(&mut self.raw)?;
            self.ended = self.raw.is_empty();
        }
        let rest = &self.raw[self.raw_used..];
        if self.decoder.is_none() {
            let plain = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
            if plain > 0 || rest.is_empty() {
                self.out.extend_from_slice(&rest[..plain]);
                self.raw_used += plain;
                return Ok(());
            }
            let encoding = if looks_like_utf8(rest) { Encoding::Utf8 } else { Encoding::Gb18030 };
            self.found = Some(encoding);
            self.decoder = Some(encoding.decoder());
        }
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        self.out.resize(self.out.capacity(), 0);
        let (result, read, written, _) = decoder.decode_to_utf8(rest, &mut self.out, self.ended);
        self.out.truncate(written);
        self.raw_used += read;
        debug_assert!(result == CoderResult::InputEmpty || written > 0, "room for at least one character");
        Ok(())
    }
}

fn mark(raw: &[u8]) -> Option<Encoding> {
    match raw {
        [0xef, 0xbb, 0xbf, ..] => Some(Encoding::Utf8),
        [0xff, 0xfe, ..] => Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// Whether bytes are UTF-8, but for a character that the end of the chunk may have cut.
fn looks_like_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

impl Read for Utf8Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.out_used == self.out.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let count = buffer.len().min(self.out.len() - self.out_used);
        buffer[..count].copy_from_slice(&self.out[self.out_used..self.out_used + count]);
        self.out_used += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: Vec<u8>, said: Option<Encoding>) -> (String, Option<Encoding>) {
        let mut reader = Utf8Reader::new(Box::new(io::Cursor::new(bytes)), said).expect("opens");
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("reads");
        (text, reader.found())
    }

    #[test]
    fn the_encoding_is_found_at_the_first_characters_that_are_not_ascii() {
        let text = format!("{}\n性别,诊断\n女,高血压㐂\n", "id,sex\n".repeat(20_000));
        let (gb, _, _) = GB18030.encode(&text);
        assert_eq!(read(text.clone().into_bytes(), None), (text.clone(), Some(Encoding::Utf8)));
        assert_eq!(read(gb.into_owned(), None), (text, Some(Encoding::Gb18030)));
        assert_eq!(read(b"a,b\n".to_vec(), None), ("a,b\n".to_owned(), None));
        assert_eq!(read(Vec::new(), None), (String::new(), None));
    }

    #[test]
    fn characters_cut_by_the_end_of_a_chunk_are_whole_again() {
        let text = "衡".repeat(100_000);
        for shift in 0..4 {
            let text = format!("{}{text}", "a".repeat(shift));
            let (gb, _, _) = GB18030.encode(&text);
            assert!(read(gb.into_owned(), None).0 == text);
            assert!(read(text.clone().into_bytes(), None).0 == text);
        }
    }

    #[test]
    fn a_mark_at_the_beginning_is_obeyed_and_removed() {
        assert_eq!(read("\u{feff}性别".into(), None), ("性别".to_owned(), Some(Encoding::Utf8)));
        let utf16: Vec<u8> = "\u{feff}性别\t1".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(utf16, None), ("性别\t1".to_owned(), Some(Encoding::Utf16Le)));
    }
}
