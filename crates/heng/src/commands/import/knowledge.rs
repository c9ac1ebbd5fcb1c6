//! 知识点: what the national bureau publishes for its audit rules becomes dated tables.

use std::path::PathBuf;

use clap::Args;
use region::knowledge::{Imported, NotUsed, import, write_tables};

use crate::commands::Problem;

/// Rows that are not used, shown on the screen.
const SHOWN: usize = 10;

/// Published knowledge points.
#[derive(Args)]
pub struct Knowledge {
    /// Files with the official columns (.csv, .tsv, .xlsx), in any order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The folder of tables, such as regions/999900/screening/knowledge; tables that are there
    /// get the new rows, and older rows of the same item end. Without it the files are only read.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where to write every row that no table holds, as CSV; a new file.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Days without use after which a course begins anew, where the sentence names no stay.
    #[arg(long, default_value_t = 30)]
    episode: u32,
}

impl Knowledge {
    /// Imports; not clean when a row is in no table.
    pub fn run(self) -> Result<bool, Problem> {
        let imported = import(&self.files, self.episode)?;
        tell(&imported);
        if let Some(path) = &self.report {
            report(path, &imported.not_used)?;
        }
        if let Some(folder) = &self.out {
            write_tables(folder, &imported.tables)?;
            println!("{} table(s) written to {}", imported.tables.len(), folder.display());
        }
        Ok(imported.not_used.is_empty())
    }
}

fn tell(imported: &Imported) {
    for (rule, rows) in &imported.rows {
        let codes = imported.codes.get(rule).map_or(0, std::collections::BTreeSet::len);
        let understood = imported.understood.get(rule).copied().unwrap_or(0);
        println!("rule {rule}: {rows} row(s), {codes} code(s), {understood} understood");
    }
    for row in imported.not_used.iter().take(SHOWN) {
        eprintln!("{}:{} {} {}: {}", row.file, row.row, row.rule, row.item, row.why);
    }
    if imported.not_used.len() > SHOWN {
        eprintln!("… {} rows in all are in no table; --report FILE keeps them", imported.not_used.len());
    }
}

fn report(path: &std::path::Path, rows: &[NotUsed]) -> Result<(), Problem> {
    let cannot = |error: std::io::Error| format!("--report {}: {error}; name a new file", path.display());
    let mut file = csv::Writer::from_writer(std::fs::File::create_new(path).map_err(cannot)?);
    file.write_record(["file", "row", "rule", "item", "why", "sentence", "codes"])?;
    for row in rows {
        let number = row.row.to_string();
        file.write_record([&row.file, &number, &row.rule, &row.item, &row.why, &row.sentence, &row.codes])?;
    }
    file.flush()?;
    Ok(())
}
