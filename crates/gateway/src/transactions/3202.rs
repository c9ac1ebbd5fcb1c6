//! 3202 医药机构费用结算对明细账: the institution's rows, uploaded with 9101, are held against
//! the centre's; the result is a file for 9102.

use super::exchange;
use super::prelude::*;
use super::t3201::{EQUAL, UNEQUAL};
use claim::StatementRow;
use std::collections::BTreeMap;
use terms::Fen;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let institution = request.message.envelope.institution.clone();
    let dates = (data.date("stmt_begndate")?, data.date("stmt_enddate")?);
    let clr_type = data.text("clr_type").to_owned();
    let number = data.need("file_qury_no")?.to_owned();
    let uploaded = {
        let institution = institution.clone();
        desk.ask(move |_, tx| Ok(claim::file(tx, &institution, &number)?))?
    };
    let Some(uploaded) = uploaded else {
        return Err(data.refusal(Form::NotFound, "file_qury_no", "没有这个文件；请先用 9101 上传").into());
    };
    let unreadable = |words: String| Declined::from(data.refusal(Form::File, "file_qury_no", &words));
    let text = exchange::unzipped(&uploaded.bytes).map_err(unreadable)?;
    let theirs =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(at, line)| read(at + 1, line));
    let theirs = theirs.collect::<Result<Vec<Theirs>, String>>().map_err(unreadable)?;
    desk.record(request, move |_, tx, operation, reply| {
        let ours = journeys::reconcile_rows(tx, &institution, dates, &clr_type)?;
        let number = operation.new_id("file");
        let text = compared(&theirs, &ours);
        let outcome = claim::Reconciliation {
            reconciliation_id: operation.new_id("reconciliation"),
            fixmedins_code: institution.clone(),
            infno: operation.infno.clone(),
            begndate: dates.0,
            enddate: dates.1,
            clr_type: clr_type.clone(),
            insutype: String::new(),
            differences: differences(&text),
            made_at: operation.received_at,
        };
        claim::note_reconciliation(tx, &outcome)?;
        let file = claim::File {
            file_qury_no: number.clone(),
            fixmedins_code: institution.clone(),
            filename: format!("{number}.txt.zip"),
            bytes: exchange::zipped("result.txt", &text),
            kept_until: exchange::kept_until(operation.received_at),
        };
        claim::put_file(tx, &file)?;
        reply
            .row("fileinfo")
            .text("file_qury_no", &file.file_qury_no)
            .text("filename", &file.filename)
            .time("dld_endtime", file.kept_until);
        Ok(number)
    })
}

/// A row that the institution uploaded.
#[derive(Debug, Clone)]
struct Theirs {
    setl_id: String,
    mdtrt_id: String,
    psn_no: String,
    amounts: [Fen; 3],
    refund: bool,
}

fn read(number: usize, line: &str) -> Result<Theirs, String> {
    let cells: Vec<&str> = line.trim_end_matches('\r').split('\t').collect();
    let [setl_id, mdtrt_id, psn_no, total, fund, account, refund] = cells.as_slice() else {
        return Err(format!("文件第 {number} 行有 {} 列，应有 7 列，以 TAB 分隔", cells.len()));
    };
    let money = |text: &str| -> Result<Fen, String> {
        let text = text.trim();
        let text = if text.is_empty() || text == "null" { "0" } else { text };
        text.parse().map_err(|_| format!("文件第 {number} 行的“{}”不是金额", crate::refusal::shown(text, 20)))
    };
    Ok(Theirs {
        setl_id: (*setl_id).to_owned(),
        mdtrt_id: (*mdtrt_id).to_owned(),
        psn_no: (*psn_no).to_owned(),
        amounts: [money(total)?, money(fund)?, money(account)?],
        refund: refund.trim() == "1",
    })
}

/// Every row of either side, equal or not, with the centre's amounts where it has the row.
fn compared(theirs: &[Theirs], ours: &[StatementRow]) -> String {
    let mut left: BTreeMap<&str, &StatementRow> = ours.iter().map(|row| (row.setl_id.as_str(), row)).collect();
    let mut text = String::new();
    for row in theirs {
        match left.remove(row.setl_id.as_str()) {
            Some(own) => {
                let differing = differing(row, own);
                let result = if differing.is_empty() { EQUAL } else { UNEQUAL };
                text.push_str(&result_row(own, result, &differing, true));
            }
            None => {
                let memo = "中心没有此笔结算";
                let refund = if row.refund { "1" } else { "0" };
                let [total, fund, account] = row.amounts;
                let (setl_id, mdtrt_id, psn_no) = (&row.setl_id, &row.mdtrt_id, &row.psn_no);
                text.push_str(&format!(
                    "{psn_no}\t{mdtrt_id}\t{setl_id}\tnull\t{UNEQUAL}\t{refund}\t{memo}\t{total}\t{fund}\t{account}\r\n"
                ));
            }
        }
    }
    for own in ours.iter().filter(|own| left.contains_key(own.setl_id.as_str())) {
        text.push_str(&result_row(own, UNEQUAL, "机构没有此笔结算", false));
    }
    text
}

/// The rows that are not equal, in words; a settlement is named by its number where there is one.
fn differences(compared: &str) -> Vec<String> {
    let rows = compared.lines().map(|row| row.split('\t').collect::<Vec<&str>>());
    let unequal = rows.filter(|cells| cells.get(4) == Some(&UNEQUAL));
    unequal
        .map(|cells| {
            let named =
                if cells[2] == "null" { format!("报文 {}", cells[3]) } else { format!("结算 {}", cells[2]) };
            format!("{named}：{}", cells[6])
        })
        .collect()
}

fn differing(row: &Theirs, own: &StatementRow) -> String {
    let [total, fund, account] = row.amounts;
    let mut differing = Vec::new();
    for (name, institution, centre) in [
        ("医疗费总额", total, own.medfee_sumamt),
        ("基金支付总额", fund, own.fund_pay_sumamt),
        ("个人账户支出", account, own.acct_pay),
    ] {
        if institution != centre {
            differing.push(format!("{name}：中心 {centre}，机构 {institution}"));
        }
    }
    for (name, same) in [
        ("就诊ID", row.mdtrt_id == own.mdtrt_id.as_str()),
        ("人员编号", row.psn_no == own.psn_no.as_str()),
        ("退费结算标志", row.refund == own.refund),
    ] {
        if !same {
            differing.push(format!("{name}不同"));
        }
    }
    differing.join("；")
}

/// A row of the result file; of a row that the institution lacks, only person and message.
fn result_row(own: &StatementRow, result: &str, memo: &str, ids: bool) -> String {
    let (mdtrt_id, setl_id) = if ids { (own.mdtrt_id.as_str(), own.setl_id.as_str()) } else { ("null", "null") };
    let refund = if own.refund { "1" } else { "0" };
    let memo = if memo.is_empty() { "null" } else { memo };
    format!(
        "{}\t{mdtrt_id}\t{setl_id}\t{}\t{result}\t{refund}\t{memo}\t{}\t{}\t{}\r\n",
        own.psn_no, own.msgid, own.medfee_sumamt, own.fund_pay_sumamt, own.acct_pay
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(setl_id: &str, total: i64) -> StatementRow {
        StatementRow {
            psn_no: "P".into(),
            mdtrt_id: "M".into(),
            setl_id: setl_id.into(),
            msgid: "X".into(),
            refund: false,
            setl_time: terms::DateTime::constant(2026, 3, 9, 0, 0, 0, 0),
            medfee_sumamt: Fen(total),
            fund_pay_sumamt: Fen(60),
            acct_pay: Fen(0),
            psn_cash_pay: Fen(total - 60),
        }
    }

    #[test]
    fn equal_differing_and_missing_rows_are_told_apart() {
        let theirs = ["S1\tM\tP\t1.00\t0.60\tnull\t0\r", "S2\tM\tP\t1.01\t0.60\t0\t0", "S9\tM\tP\t5\t0\t0\t1"];
        let theirs: Vec<_> = (1..).zip(theirs).map(|(n, line)| read(n, line).unwrap()).collect();
        let text = compared(&theirs, &[own("S1", 100), own("S2", 100), own("S3", 100)]);
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows[0], "P\tM\tS1\tX\t0\t0\tnull\t1.00\t0.60\t0.00");
        assert_eq!(rows[1], "P\tM\tS2\tX\t1\t0\t医疗费总额：中心 1.00，机构 1.01\t1.00\t0.60\t0.00");
        assert_eq!(rows[2], "P\tM\tS9\tnull\t1\t1\t中心没有此笔结算\t5.00\t0.00\t0.00");
        assert_eq!(
            differences(&text),
            ["结算 S2：医疗费总额：中心 1.00，机构 1.01", "结算 S9：中心没有此笔结算", "报文 X：机构没有此笔结算"]
        );
        assert_eq!(rows[3], "P\tnull\tnull\tX\t1\t0\t机构没有此笔结算\t1.00\t0.60\t0.00");
    }

    #[test]
    fn a_row_that_cannot_be_read_is_named() {
        assert!(read(7, "S1\tM").unwrap_err().contains("第 7 行有 2 列"));
        assert!(read(8, "S1\tM\tP\tmuch\t0\t0\t0").unwrap_err().contains("第 8 行的“much”不是金额"));
    }
}
