//! 分组结果. What the engine answers, small enough to copy.

/// 分组状态.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 入组: a group of the scheme.
    Grouped,
    /// 歧义 (QY): principal diagnosis and operation do not belong together; there is a group code.
    Ambiguous,
    /// A rest group of the scheme that good coding never reaches (`X000`).
    Fallback,
    /// 未入组: no group. The codes are those that the scheme gives to such cases (`0000`).
    Ungroupable,
    /// A field that the scheme needs is unknown: [`Answer::fields`] names it.
    NeedsData,
    /// A field holds something that the scheme refuses: [`Answer::fields`] names it.
    Invalid,
}

impl Status {
    /// Whether the case got a group code of its own.
    #[must_use]
    pub fn has_group(self) -> bool {
        matches!(self, Status::Grouped | Status::Ambiguous | Status::Fallback)
    }
}

/// The fields that an answer complains of. Names: [`crate::Grouper::field_names`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(pub(crate) u64);

impl FieldSet {
    /// No field.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The severity classes (MCC, CC) that stand after exclusion. Names: [`crate::Grouper::severity_names`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SeveritySet(pub(crate) u32);

impl SeveritySet {
    /// No complication counts.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// 分组结果. Codes and names are read with [`crate::Grouper::groups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Answer {
    /// Status.
    pub status: Status,
    /// With [`Status::NeedsData`] or [`Status::Invalid`]: which fields. Otherwise empty.
    pub fields: FieldSet,
    /// The severity classes among the other diagnoses, after exclusion. Only worked out when
    /// the scheme has severity tables and the case was fit to be grouped.
    pub severity: SeveritySet,
    /// The deepest node reached, if any.
    pub(crate) node: Option<u32>,
    /// The group's code in the grouper's table of texts.
    pub(crate) group: u32,
}

/// 分组编码. An answer's codes, level by level; empty text where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Groups<'a> {
    /// 主要诊断大类: code on the first level. Of schemes with one level only: the group itself.
    pub mdc: &'a str,
    /// 核心疾病诊断相关组: code on the second level.
    pub adrg: &'a str,
    /// 病组: the final group.
    pub group: &'a str,
    /// The final group's name.
    pub name: &'a str,
}
