//! 版式: the sheets of the workbook and the headings of their columns, in the order in which
//! they were published on 2026-09-09. Columns are found by heading alone; the order only serves
//! to say which ones moved.

/// A column: what we call it, and the headings under which it was seen.
pub(super) struct Column {
    pub(super) field: &'static str,
    pub(super) headings: &'static [&'static str],
}

/// A sheet.
pub(super) struct Layout {
    pub(super) sheet: &'static str,
    pub(super) columns: &'static [Column],
}

const fn column(field: &'static str, headings: &'static [&'static str]) -> Column {
    Column { field, headings }
}

pub(super) const MDC: Layout = Layout {
    sheet: "MDC",
    columns: &[
        column("code", &["MDC编码"]),
        column("name", &["MDC名称"]),
        column("rule", &["MDC规则"]),
        column("order", &["排序"]),
    ],
};

pub(super) const ADRG: Layout = Layout {
    sheet: "ADRG",
    columns: &[
        column("code", &["ADRG编码"]),
        column("name", &["ADRG名称"]),
        column("rule", &["ADRG规则"]),
        column("mdc", &["所属MDC编码"]),
        column("order", &["MDC内排序", "排序"]),
    ],
};

pub(super) const DRG: Layout = Layout {
    sheet: "DRG",
    columns: &[
        column("code", &["DRG", "DRG编码"]),
        column("name", &["DRG名称"]),
        column("rule", &["DRG规则"]),
        column("adrg", &["所属ADRG编码"]),
        column("mdc", &["所属MDC编码"]),
        column("order", &["排序"]),
    ],
};

pub(super) const SETS: Layout = Layout {
    sheet: "集合",
    columns: &[
        column("set", &["集合编号"]),
        column("code", &["ICD编码"]),
        column("name", &["ICD名称"]),
        column("kind", &["类型编号", "类型"]),
    ],
};

pub(super) const SEVERITY: Layout = Layout {
    sheet: "CC",
    columns: &[
        column("code", &["疾病编码", "ICD编码"]),
        column("name", &["疾病名称", "ICD名称"]),
        column("table", &["排除表"]),
        column("kind", &["类型", "类型编号"]),
    ],
};

pub(super) const EXCLUSIONS: Layout = Layout {
    sheet: "排除表",
    columns: &[column("set", &["集合编号"]), column("code", &["ICD编码"]), column("name", &["ICD名称"])],
};

/// All of them, in the order of the book.
pub(super) const ALL: [&Layout; 6] = [&MDC, &ADRG, &DRG, &SETS, &SEVERITY, &EXCLUSIONS];
