//! 9101 文件上传: kept for the institution, to be named by a later transaction.

use super::exchange;
use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let row = request.message.row("fsUploadIn");
    let institution = sender(request, row)?;
    let (bytes, filename) = (row.bytes("in"), row.need("filename")?.to_owned());
    if bytes.is_empty() {
        return Err(row.refusal(Form::FieldMissing, "in", "文件是空的；请放入 Base64 或字节数组").into());
    }
    desk.record(request, move |_, tx, operation, reply| {
        let file = claim::File {
            file_qury_no: operation.new_id("file"),
            fixmedins_code: institution.as_str().into(),
            filename: filename.clone(),
            bytes: bytes.clone(),
            kept_until: exchange::kept_until(operation.received_at),
        };
        claim::put_file(tx, &file)?;
        reply
            .row("")
            .text("file_qury_no", &file.file_qury_no)
            .text("filename", &file.filename)
            .text("fixmedins_code", file.fixmedins_code.as_str())
            .text("dld_endtime", terms::show_time(file.kept_until));
        Ok(file.file_qury_no)
    })
}

/// The institution of a file is the sender's.
pub(super) fn sender(request: &Request<'_>, row: &Row) -> Result<String, Refused> {
    let named = row.need("fixmedins_code")?;
    if named == request.message.envelope.institution.as_str() {
        return Ok(named.to_owned());
    }
    Err(row.refusal(Form::WrongInstitution, "fixmedins_code", "与报文头的机构不符；文件只为本机构收发"))
}
