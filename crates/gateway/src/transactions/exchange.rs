//! 文件: the zips that 9101 and 9102 move, each with one TAB-separated text.

use std::io::{Cursor, Read as _, Write as _};
use terms::DateTime;
use zip::write::SimpleFileOptions;

/// How many days a file can be fetched.
const KEPT_DAYS: i64 = 30;
/// The most bytes that a text may unpack to: a small zip must not fill the memory.
const MOST_BYTES: u64 = 64_000_000;

pub(super) fn kept_until(received: DateTime) -> DateTime {
    received.saturating_add(jiff::Span::new().days(KEPT_DAYS))
}

/// A zip of one text.
pub(super) fn zipped(name: &str, text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let written = zip
        .start_file(name, SimpleFileOptions::default())
        .and_then(|()| Ok(zip.write_all(text.as_bytes())?))
        .and_then(|()| zip.finish());
    written.expect("a zip is written to memory").into_inner()
}

/// The text in a zip's first file; a file that is no zip is taken as the text itself.
pub(super) fn unzipped(bytes: &[u8]) -> Result<String, String> {
    let mut content = Vec::new();
    if bytes.starts_with(b"PK") {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| "文件不是完整的 zip".to_owned())?;
        let file = zip.by_index(0).map_err(|_| "zip 里没有可读的文件".to_owned())?;
        let read = file.take(MOST_BYTES + 1).read_to_end(&mut content);
        read.map_err(|_| "zip 里的文件已损坏".to_owned())?;
        if content.len() as u64 > MOST_BYTES {
            return Err(format!("文件解压后超过 {MOST_BYTES} 字节，请分批对账"));
        }
    } else {
        content.extend_from_slice(bytes);
    }
    String::from_utf8(content).map_err(|_| "文件不是 UTF-8 文本".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_through_its_zip_and_plain_text_passes() {
        assert_eq!(unzipped(&zipped("a.txt", "甲\t1\r\n")).as_deref(), Ok("甲\t1\r\n"));
        assert_eq!(unzipped("甲\t1".as_bytes()).as_deref(), Ok("甲\t1"));
        assert_eq!(unzipped(b"PK nonsense").unwrap_err(), "文件不是完整的 zip");
    }
}
