//! A trace as a Chinese text that a doctor can read. Groups that were asked in vain, several in
//! a row, are told in one line; `{:#}` tells each of them.

use std::fmt;

use crate::answer::Status;
use crate::condition::{CodeList, Measure};
use crate::scheme::Outcome;
use crate::trace::{Explained, Fact, Finding, Place, Standing, Step, Trace};

/// So many groups asked in vain are told one by one.
const TOLD_ONE_BY_ONE: usize = 2;

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.trace, f)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "病例 {}，分组方案：{}", self.case, self.scheme)?;
        let mut at = 0;
        while at < self.steps.len() {
            let run = if f.alternate() { 0 } else { self.vain(at) };
            if run > TOLD_ONE_BY_ONE {
                write_vain(&self.steps[at..at + run], f)?;
                at += run;
            } else {
                write_step(&self.steps[at], f)?;
                at += 1;
            }
        }
        Ok(())
    }
}

impl Trace {
    /// How many steps from here on are groups of one depth that did not hold.
    fn vain(&self, at: usize) -> usize {
        let depth = |step: &Step| match step {
            Step::Asked { place, held: false, .. }
            | Step::Auxiliary { place, held: false, .. }
            | Step::PassedOver { place } => Some(place.depth),
            _ => None,
        };
        let first = depth(&self.steps[at]);
        if first.is_none() {
            return 0;
        }
        self.steps[at..].iter().take_while(|step| depth(step) == first).count()
    }
}

fn write_vain(steps: &[Step], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let place = |step: &Step| match step {
        Step::Asked { place, .. } | Step::Auxiliary { place, .. } | Step::PassedOver { place } => Some(place.clone()),
        _ => None,
    };
    let places: Vec<Place> = steps.iter().filter_map(place).collect();
    let (Some(first), Some(last)) = (places.first(), places.last()) else { return Ok(()) };
    let codes = format!("{} 至 {}", first.code, last.code);
    writeln!(f, "{}✗ {} 等 {} 个{}条件不符", indent(first.depth), codes, places.len(), first.level)
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth + 1)
}

fn write_step(step: &Step, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match step {
        Step::Required { fields, says, outcome } => {
            let what = match outcome {
                Outcome::NeedsData => "需要补充",
                Outcome::Invalid => "缺失或无效",
            };
            writeln!(
                f,
                "  {what}：{}。{says}",
                fields.iter().map(|field| field_name(field)).collect::<Vec<_>>().join("、")
            )
        }
        Step::Dropped { code } => writeln!(f, "  手术操作 {code} 不参与分组"),
        Step::Combined { code, members } => {
            writeln!(f, "  手术操作 {} 合计为 {code}", members.join("、"))
        }
        Step::NotPrincipal { code } => writeln!(f, "  {code} 不能作为主要诊断分组"),
        Step::Complication { code, class, standing } => match standing {
            Standing::Counts => writeln!(f, "  其他诊断 {code} 属 {class}，计入"),
            Standing::Excluded { principal, table } => {
                writeln!(f, "  其他诊断 {code} 属 {class}，被主要诊断 {principal} 排除（排除表 {table}），不计")
            }
            Standing::NotUnderThisCondition { rule } => {
                writeln!(f, "  其他诊断 {code} 属 {class}，但只在 {rule} 时计入，不计")
            }
        },
        Step::Retried { code } => writeln!(f, "  未入组，改以其他手术 {code} 单独再试"),
        Step::Asked { place, held, findings, .. } | Step::Auxiliary { place, held, findings, .. } => {
            let sign = if *held { "✓" } else { "✗" };
            let what = if matches!(step, Step::Auxiliary { .. }) { "辅助目录 " } else { "" };
            write!(f, "{}{sign} {what}{}", indent(place.depth), place.code)?;
            if !place.name.is_empty() {
                write!(f, " {}", place.name)?;
            }
            for (index, finding) in findings.iter().enumerate() {
                f.write_str(if index == 0 { "：" } else { "；" })?;
                write_finding(finding, f)?;
            }
            writeln!(f)
        }
        Step::PassedOver { place } => {
            writeln!(f, "{}－ {} {}：手术病例不入内科组", indent(place.depth), place.code, place.name)
        }
        Step::Compared { rivals } => {
            let depth = rivals.first().map_or(0, |rival| rival.place.depth);
            writeln!(f, "{}以上 {} 个符合，按组合项数、匹配手术数、费用距离择优：", indent(depth), rivals.len())?;
            for (index, rival) in rivals.iter().enumerate() {
                let (sign, code) = (if index == 0 { "★" } else { "·" }, &rival.place.code);
                write!(
                    f,
                    "{}{sign} {code}：组合 {} 项，匹配手术 {} 个",
                    indent(depth + 1),
                    rival.parts,
                    rival.procedures
                )?;
                match rival.distance {
                    Some(distance) => writeln!(f, "，与次均费用相差 {distance} 元")?,
                    None => writeln!(f)?,
                }
            }
            Ok(())
        }
        Step::CameBack { place } => {
            writeln!(f, "{}↩ {} 之下没有符合的组，继续", indent(place.depth), place.code)
        }
        Step::Ended { status, codes, name, auxiliary } => {
            write!(f, "结果：{}，{}", status_name(*status), codes.join(" → "))?;
            if !name.is_empty() {
                write!(f, " {name}")?;
            }
            if auxiliary.is_empty() { writeln!(f) } else { writeln!(f, "；辅助目录 {}", auxiliary.join("、")) }
        }
    }
}

fn write_finding(finding: &Finding, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match &finding.fact {
        Fact::Fixed if finding.held => f.write_str("不设条件"),
        Fact::Fixed => f.write_str("永不入组"),
        Fact::Codes { lists, entered, sets, within } => {
            let lists = lists.iter().map(|list| list_name(*list)).collect::<Vec<_>>().join("或");
            let sets = sets.join("、");
            match (entered.as_slice(), within.as_slice()) {
                ([], _) => write!(f, "没有{lists}（要求 {}）", finding.rule),
                (_, []) => write!(f, "{lists}不在 {sets} 中"),
                (_, within) => write!(f, "{lists} {} 在 {sets} 中", within.join("、")),
            }
        }
        Fact::Procedures { entered, .. } if entered.is_empty() => write!(f, "没有手术操作（要求 {}）", finding.rule),
        Fact::Procedures { missing, .. } if !missing.is_empty() => {
            write!(f, "缺少手术操作 {}（要求 {}）", missing.join("、"), finding.rule)
        }
        Fact::Procedures { met, .. } => write!(f, "手术操作具备 {}", met.join("、")),
        Fact::Severity { classes, codes } if codes.is_empty() => write!(f, "没有计入的 {}", classes.join("、")),
        Fact::Severity { classes, codes } => write!(f, "{} 计为 {}", codes.join("、"), classes.join("、")),
        Fact::Counted { measure, value } => {
            let what = match measure {
                Measure::Entered => "填写的编码数",
                Measure::Codes => "集合内不同编码数",
                Measure::Outside => "集合以外的编码数",
                Measure::Tags => "涉及的类别（部位）数",
                Measure::HighestTag => "最高类别",
                Measure::SumOfTags => "类别值合计",
                Measure::SumOfHighest => "各类最高分值合计",
            };
            write!(f, "{what}为 {value}（{} {}）", finding.rule, met(finding.held))
        }
        Fact::Number { field, value: None } | Fact::Code { field, value: None } => {
            write!(f, "{}不详（{} {}）", field_name(field), finding.rule, met(finding.held))
        }
        Fact::Number { field, value: Some(value) } => {
            write!(f, "{} {value}（{} {}）", field_name(field), finding.rule, met(finding.held))
        }
        Fact::Code { field, value: Some(value) } => {
            write!(f, "{} {value}（{} {}）", field_name(field), finding.rule, met(finding.held))
        }
    }
}

fn met(held: bool) -> &'static str {
    if held { "符合" } else { "不符" }
}

fn list_name(list: CodeList) -> &'static str {
    match list {
        CodeList::PrincipalDiagnosis => "主要诊断",
        CodeList::OtherDiagnoses => "其他诊断",
        CodeList::MainProcedure => "主要手术",
        CodeList::OtherProcedures => "其他手术",
    }
}

fn field_name(field: &str) -> &str {
    match field {
        "ZYZD" => "主要诊断",
        "ZYSS" => "主要手术",
        "NL" => "年龄",
        "XB" => "性别",
        "XSRTL" => "新生儿天龄",
        "XSRTZ" => "新生儿体重",
        "ZYTS" => "住院天数",
        "ICUXS" => "重症监护小时数",
        "FY" => "总费用",
        "LYFS" => "离院方式",
        "KS" => "科室",
        other => other,
    }
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Grouped => "入组",
        Status::Ambiguous => "歧义",
        Status::Fallback => "归入余组",
        Status::Ungroupable => "未入组",
        Status::NeedsData => "需补充数据",
        Status::Invalid => "数据无效",
    }
}
