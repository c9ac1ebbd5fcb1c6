//! 审核报告: a workbook for people (summary, by rule, by department, by doctor, findings, what was
//! not checked, rows with problems), or the findings alone as CSV, Parquet or JSON lines.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use intake::{Cell, Column, ColumnKind, Format, Source, SourceOptions, TableWriter};
use screening::{Coverage, Finding, Header, ItemType, LineKey, Reconciled, Skipped};
use terms::Fen;

use crate::screen::Found;
use crate::{LakeError, Seen};

/// Everything a report tells.
pub struct Report<'a> {
    /// The rules' attributes, in the order of the coverage.
    pub headers: &'a [Arc<Header>],
    /// 规则库版本.
    pub version: &'a str,
    /// What was found before it was reconciled: counts and coverage. Its findings may be gone.
    pub found: &'a Found,
    /// Each line's money once.
    pub reconciled: &'a Reconciled,
    /// What stands behind.
    pub seen: &'a Seen,
    /// Rows left out, rows kept with a problem.
    pub problems: (u64, u64),
    /// The list of them, if there is one.
    pub problem_file: Option<&'a Path>,
    /// Further lines of the summary: (what, text).
    pub about: Vec<(String, String)>,
}

/// A sum over findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    principals: i64,
    supporting: i64,
    amount: Fen,
}

/// How a row of a finding stands in the reconciliation.
const PRINCIPAL: &str = "主疑点";
const SUPPORTING: &str = "佐证";
const EXCLUDED: &str = "互斥";
const SUPPRESSED: &str = "豁免";

impl Report<'_> {
    /// Writes the report by the ending of the name.
    ///
    /// # Errors
    /// The file cannot be written, or the ending is not known.
    pub fn write(&self, out: &Path) -> Result<(), LakeError> {
        if Format::of(out)? != Format::Xlsx {
            let mut table = TableWriter::create(out, "疑点", finding_columns())?;
            self.findings(&mut table)?;
            return Ok(table.finish()?);
        }
        let mut book = TableWriter::create(out, "汇总", columns(&[("项目", Text), ("内容", Text)]))?;
        for (what, text) in self.summary() {
            book.write(&[Cell::Text(&what), text_cell(&text)])?;
        }
        book.next_sheet("按规则", columns(&RULES))?;
        self.rules(&mut book)?;
        book.next_sheet("按科室", columns(&[("机构", Text), ("科室", Text), FOUND[0], FOUND[1], FOUND[2]]))?;
        self.people(&mut book, false)?;
        book.next_sheet(
            "按医师",
            columns(&[("机构", Text), ("科室", Text), ("医师", Text), FOUND[0], FOUND[1], FOUND[2]]),
        )?;
        self.people(&mut book, true)?;
        book.next_sheet("疑点明细", finding_columns())?;
        self.findings(&mut book)?;
        book.next_sheet("未检查", columns(&NOT_CHECKED))?;
        self.not_checked(&mut book)?;
        book.next_sheet("问题行", columns(&PROBLEMS))?;
        self.problems(&mut book)?;
        Ok(book.finish()?)
    }

    /// The summary, one line a fact: what a person reads first.
    #[must_use]
    pub fn summary(&self) -> Vec<(String, String)> {
        let of = |what: &str, text: String| (what.to_owned(), text);
        let coverage = &self.found.screened.coverage;
        let skipped = coverage.iter().filter(|rule| rule.skipped.is_some()).count();
        let supporting: usize = self.reconciled.principals.iter().map(|one| one.supporting.len()).sum();
        let not_checked: u64 = coverage.iter().flat_map(|rule| rule.not_checked.values()).sum();
        let mut told = self.about.clone();
        told.extend([
            of("规则库版本 library", self.version.to_owned()),
            of("人员 persons", self.found.persons.to_string()),
            of("就诊 visits", self.found.visits.to_string()),
            of("费用明细 lines", self.found.lines.to_string()),
            of("规则 rules", format!("{} 条运行 run，{skipped} 条未运行 not run", coverage.len() - skipped)),
            of("主疑点 principal findings", self.reconciled.principals.len().to_string()),
            of("佐证 supporting views", supporting.to_string()),
            of("豁免 suppressed", self.reconciled.suppressed.len().to_string()),
            of("互斥 excluded", self.reconciled.excluded.len().to_string()),
            of("计入金额（每条明细只计一次） amount, each line once", self.reconciled.amount.to_string()),
            of("未检查 records not checked", not_checked.to_string()),
            of("未采用的行 rows left out", self.problems.0.to_string()),
            of("保留但有问题的行 rows kept with a problem", self.problems.1.to_string()),
            of("说明", "“未检查”不是“无问题”：缺少的事实见“未检查”表 not checked is not clean".to_owned()),
        ]);
        told
    }

    fn rules(&self, book: &mut TableWriter) -> Result<(), LakeError> {
        let mut sums: BTreeMap<(&str, &str), Sum> = BTreeMap::new();
        for principal in &self.reconciled.principals {
            let sum = sums.entry((&principal.finding.rule, &principal.finding.version)).or_default();
            sum.principals += 1;
            sum.amount += principal.amount;
            for support in &principal.supporting {
                sums.entry((&support.finding.rule, &support.finding.version)).or_default().supporting += 1;
            }
        }
        for (header, coverage) in self.headers.iter().zip(&self.found.screened.coverage) {
            let sum = sums.get(&(header.id.as_str(), header.version.as_str())).copied().unwrap_or_default();
            let number = header.national.as_ref().map(|national| national.number.to_string()).unwrap_or_default();
            let basis = header.basis.join("；");
            book.write(&[
                Cell::Text(&header.id),
                Cell::Text(&header.version),
                text_cell(&number),
                Cell::Text(&header.name),
                Cell::Text(header.result.word()),
                Cell::Whole(sum.principals),
                Cell::Whole(sum.supporting),
                Cell::Money(sum.amount),
                Cell::Whole(whole(coverage.checked)),
                Cell::Whole(whole(coverage.not_checked.values().sum())),
                text_cell(coverage.skipped.map_or("", why)),
                text_cell(&basis),
            ])?;
        }
        Ok(())
    }

    /// Sums by department, and by doctor where that is wanted: a line's money where it was ordered.
    fn people(&self, book: &mut TableWriter, doctors: bool) -> Result<(), LakeError> {
        let mut sums: BTreeMap<[String; 3], Sum> = BTreeMap::new();
        for principal in &self.reconciled.principals {
            let mut places: Vec<([String; 3], Fen)> = principal
                .lines
                .iter()
                .map(|(line, amount)| (self.place(Some(line), &line.mdtrt_id), *amount))
                .collect();
            if let Some(visit) = principal.finding.encounters.first()
                && (places.is_empty() || !principal.visit_amount.is_zero())
            {
                places.push((self.place(None, visit), principal.visit_amount));
            }
            let mut counted: Vec<[String; 3]> = Vec::new();
            for (mut place, amount) in places {
                if !doctors {
                    place[2].clear();
                }
                let sum = sums.entry(place.clone()).or_default();
                sum.amount += amount;
                if !counted.contains(&place) {
                    sum.principals += 1;
                    sum.supporting += whole(principal.supporting.len() as u64);
                    counted.push(place);
                }
            }
        }
        for (place, sum) in &sums {
            let mut cells: Vec<Cell<'_>> =
                place[..if doctors { 3 } else { 2 }].iter().map(|text| text_cell(text)).collect();
            cells.extend([Cell::Whole(sum.principals), Cell::Whole(sum.supporting), Cell::Money(sum.amount)]);
            book.write(&cells)?;
        }
        Ok(())
    }

    /// Institution, department and doctor of a line, else of its visit.
    fn place(&self, line: Option<&LineKey>, visit: &str) -> [String; 3] {
        let visit = self.seen.visits.get(visit).cloned().unwrap_or_default();
        let line = line.and_then(|line| self.seen.lines.get(line)).cloned().unwrap_or_default();
        let or = |one: String, other: String| if one.is_empty() { other } else { one };
        [visit.institution, or(line.department, visit.department), or(line.doctor, visit.doctor)]
    }

    fn findings(&self, table: &mut TableWriter) -> Result<(), LakeError> {
        for principal in &self.reconciled.principals {
            let finding = &principal.finding;
            let counted: BTreeMap<&LineKey, Fen> =
                principal.lines.iter().map(|(line, amount)| (line, *amount)).collect();
            self.finding(table, finding, PRINCIPAL, &finding.key, &|line| match line {
                Some(line) => counted.get(line).copied().unwrap_or_default(),
                None => principal.visit_amount,
            })?;
            for support in &principal.supporting {
                self.finding(table, &support.finding, SUPPORTING, &finding.key, &|_| Fen::ZERO)?;
            }
        }
        for (asides, how) in [(&self.reconciled.excluded, EXCLUDED), (&self.reconciled.suppressed, SUPPRESSED)] {
            for aside in asides {
                self.finding(table, &aside.finding, how, &aside.by, &|_| Fen::ZERO)?;
            }
        }
        Ok(())
    }

    /// A row a line; one row for a finding without lines.
    fn finding(
        &self,
        table: &mut TableWriter,
        finding: &Finding,
        how: &str,
        by: &str,
        counted: &dyn Fn(Option<&LineKey>) -> Fen,
    ) -> Result<(), LakeError> {
        let severity = finding.severity.0.to_string();
        let persons = finding.persons.join("|");
        let evidence: Vec<String> = finding.evidence.iter().map(|one| format!("{}={}", one.fact, one.value)).collect();
        let evidence = evidence.join("; ");
        let mut write = |visit: &str, line: Option<(&screening::FoundLine, LineKey)>| -> Result<(), LakeError> {
            let [institution, department, doctor] = self.place(line.as_ref().map(|(_, key)| key), visit);
            let own = line.as_ref().and_then(|(_, key)| self.seen.lines.get(key));
            let item =
                line.as_ref().map(|(line, _)| if line.item == ItemType::Violating { "违规项" } else { "涉及项" });
            table.write(&[
                Cell::Text(&finding.key),
                Cell::Text(how),
                Cell::Text(by),
                Cell::Text(&finding.rule),
                Cell::Text(&finding.version),
                Cell::Text(&finding.name),
                Cell::Text(finding.result.word()),
                Cell::Text(&severity),
                text_cell(&persons),
                text_cell(visit),
                text_cell(&institution),
                text_cell(&department),
                text_cell(&doctor),
                text_cell(line.as_ref().map_or("", |(line, _)| &line.feedetl_sn)),
                text_cell(line.as_ref().map_or("", |(line, _)| &line.med_list_codg)),
                text_cell(own.map_or("", |own| &own.name)),
                text_cell(item.unwrap_or_default()),
                own.and_then(|own| own.amount).map_or(Cell::Empty, Cell::Money),
                Cell::Money(line.as_ref().map_or(finding.amount, |(line, _)| line.amount)),
                Cell::Money(counted(line.as_ref().map(|(_, key)| key))),
                text_cell(&finding.auditor),
                text_cell(&evidence),
            ])?;
            Ok(())
        };
        if finding.lines.is_empty() {
            return write(finding.encounters.first().map_or("", String::as_str), None);
        }
        for line in &finding.lines {
            let key = LineKey::new(&line.mdtrt_id, &line.feedetl_sn, &line.med_list_codg);
            write(&line.mdtrt_id, Some((line, key)))?;
        }
        Ok(())
    }

    fn not_checked(&self, book: &mut TableWriter) -> Result<(), LakeError> {
        for (header, coverage) in self.headers.iter().zip(&self.found.screened.coverage) {
            let Coverage { skipped, not_checked, examples, .. } = coverage;
            let examples = examples.join("|");
            let mut write = |fact: &str, times: u64, why: &str, examples: &str| {
                book.write(&[
                    Cell::Text(&header.id),
                    Cell::Text(&header.name),
                    text_cell(why),
                    text_cell(fact),
                    Cell::Whole(whole(times)),
                    text_cell(examples),
                ])
            };
            if let Some(skipped) = skipped {
                write("", 0, why(*skipped), "")?;
            }
            for (fact, times) in not_checked {
                write(fact, *times, "缺少事实 a fact is missing", &examples)?;
            }
        }
        Ok(())
    }

    /// The list of problems again, so that one file tells everything.
    fn problems(&self, book: &mut TableWriter) -> Result<(), LakeError> {
        let Some(path) = self.problem_file else { return Ok(()) };
        let mut source = Source::open(path, SourceOptions::default())?;
        let mut rows = source.table()?;
        let mut row = intake::Row::new();
        let mut written = 0;
        while rows.next(&mut row)? && written < PROBLEM_ROWS {
            let cells: Vec<Cell<'_>> = (0..PROBLEMS.len()).map(|at| text_cell(row.cell(at))).collect();
            book.write(&cells)?;
            written += 1;
        }
        Ok(())
    }
}

use ColumnKind::{Money, Text, Whole};

/// A sheet holds about a million rows; the file of problems has them all.
const PROBLEM_ROWS: usize = 500_000;

const FOUND: [(&str, ColumnKind); 3] = [("主疑点", Whole), ("佐证", Whole), ("计入金额", Money)];
const RULES: [(&str, ColumnKind); 12] = [
    ("规则", Text),
    ("版本", Text),
    ("国家序号", Text),
    ("名称", Text),
    ("结果类型", Text),
    ("主疑点", Whole),
    ("佐证", Whole),
    ("计入金额", Money),
    ("已检查", Whole),
    ("未检查", Whole),
    ("未运行原因", Text),
    ("依据", Text),
];
const NOT_CHECKED: [(&str, ColumnKind); 6] =
    [("规则", Text), ("名称", Text), ("原因", Text), ("缺少", Text), ("次数", Whole), ("就诊例", Text)];
const PROBLEMS: [(&str, ColumnKind); 7] =
    [("文件", Text), ("行", Text), ("列", Text), ("表头", Text), ("值", Text), ("问题", Text), ("处理", Text)];

fn finding_columns() -> Vec<Column> {
    columns(&[
        ("疑点编号", Text),
        ("归并", Text),
        ("归于", Text),
        ("规则", Text),
        ("版本", Text),
        ("规则名称", Text),
        ("结果类型", Text),
        ("严重程度", Text),
        ("人员编号", Text),
        ("就诊ID", Text),
        ("机构", Text),
        ("科室", Text),
        ("医师", Text),
        ("费用明细流水号", Text),
        ("目录编码", Text),
        ("目录名称", Text),
        ("违规或涉及", Text),
        ("明细金额", Money),
        ("疑点金额", Money),
        ("计入金额", Money),
        ("说明", Text),
        ("证据", Text),
    ])
}

fn columns(of: &[(&str, ColumnKind)]) -> Vec<Column> {
    of.iter().map(|(name, kind)| Column::new(name, *kind)).collect()
}

fn text_cell(text: &str) -> Cell<'_> {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn why(skipped: Skipped) -> &'static str {
    match skipped {
        Skipped::Stage => "不属于此环节 not for this stage",
        Skipped::NeedsPopulation => "需要全体人员的数据 needs everybody's data",
        Skipped::NoKnowledge => "知识表没有可用的行 its knowledge table has no usable row",
        Skipped::LeftOut => "本次未选 left out of this run",
        Skipped::OutOfTime => "时间用完 the time allowed was over",
    }
}
