//! 上传: a file that somebody hands over in one piece, read as settlement lists by its headings,
//! like a file of a run.

use std::io::Write;

use intake::{ColumnMap, SourceOptions};
use listing::SettlementList;

use crate::Problem;
use crate::source::Inputs;

/// What a file held.
#[derive(Debug, Default)]
pub struct Uploaded {
    /// Rows that can be used, with their line.
    pub lists: Vec<(u64, SettlementList)>,
    /// Rows that cannot, with their line and why.
    pub errors: Vec<(u64, String)>,
    /// Rows in all, those beyond `at_most` too.
    pub rows: u64,
}

/// Reads a file of stays: CSV (plain or gzipped), XLSX or Parquet by the ending of its name. Rows
/// beyond `at_most` are counted and left out.
///
/// # Errors
/// It is none of these, or its columns are not understood.
pub fn read(name: &str, bytes: &[u8], at_most: usize) -> Result<Uploaded, Problem> {
    let ending: String =
        name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let ending = ending.split_once('.').map_or("csv", |(_, ending)| ending);
    let mut file = tempfile::Builder::new().suffix(&format!(".{ending}")).tempfile()?;
    file.write_all(bytes)?;
    file.flush()?;
    let inputs = Inputs {
        files: vec![file.path().to_owned()],
        options: SourceOptions::default(),
        map: ColumnMap::builtin()?,
        own_map: false,
        clean_codes: false,
        tell: |_| {},
    };
    let mut found = Uploaded::default();
    let read = inputs.each_list(&["diagnoses.code"], &mut None, |place, list| {
        found.rows += 1;
        match list {
            Ok(list) if found.lists.len() < at_most => found.lists.push((place.row, list.clone())),
            Err(error) if found.errors.len() < at_most => {
                let told: Vec<String> = error
                    .cells
                    .iter()
                    .map(|cell| format!("“{}” {}：{}。{}", cell.heading, cell.value, cell.problem, cell.way_out))
                    .collect();
                found.errors.push((place.row, told.join("；")));
            }
            _ => {}
        }
        Ok(())
    });
    // The file has another name where it was read.
    let own = file.path().display().to_string();
    read.map_err(|problem| problem.to_string().replace(&own, name))?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_file_of_neutral_columns_is_read_and_a_wrong_row_is_told_by_its_line() {
        let text = "id,sex,age,los,dx,proc\nA,1,50,7,I63.9|E11.9,38.1200x001\nB,1,old,7,I63.9,\n";
        let found = read("cases.csv", text.as_bytes(), 10).unwrap();
        assert_eq!((found.rows, found.lists.len(), found.errors.len()), (2, 1, 1));
        assert_eq!(found.lists[0].1.diagnoses[1].code.as_deref(), Some("E11.9"));
        assert_eq!(found.errors[0].0, 3);
        assert!(found.errors[0].1.contains("old"), "{:?}", found.errors);
        let beyond = read("cases.csv", text.as_bytes(), 0).unwrap();
        assert_eq!((beyond.rows, beyond.lists.len()), (2, 0));
    }

    #[test]
    fn a_file_that_is_no_table_is_refused_under_its_own_name() {
        let error = read("病例.xlsx", b"not a workbook", 10).unwrap_err().to_string();
        assert!(error.contains("病例.xlsx") && !error.contains("/tmp"), "{error}");
    }
}
