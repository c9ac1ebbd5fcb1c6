//! 9102 文件下载: the bytes themselves.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let row = request.message.row("fsDownloadIn");
    let institution = super::t9101::sender(request, row)?;
    let (number, filename) = (row.need("file_qury_no")?.to_owned(), row.need("filename")?.to_owned());
    let file = desk.ask(move |_, tx| Ok(claim::file(tx, &institution.as_str().into(), &number)?))?;
    match file.filter(|file| file.filename == filename && file.kept_until >= request.received) {
        Some(file) => Ok(Answer::File { name: file.filename, bytes: file.bytes }),
        None => Err(row.refusal(Form::NotFound, "file_qury_no", "没有这个文件，或已过下载截止时间").into()),
    }
}
