//! 分组方案. A scheme as plain data: what an importer fills and [`crate::Grouper::compile`] reads.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use terms::Fen;

use crate::condition::{Condition, Shape};

/// 分组方案. Everything that decides where a case goes, and nothing else (no weights, no rates).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scheme {
    /// Its name for programs and payment files, e.g. `chs-drg`.
    pub id: String,
    /// Its version, e.g. `3.0`. A payment file names id and version.
    pub version: String,
    /// Its name for people.
    pub title: String,
    /// Where it was published: document number, page, date.
    pub source: String,
    /// First day on which it may be used, if stated.
    pub valid_from: Option<Date>,
    /// Last day on which it may be used, if stated.
    pub valid_until: Option<Date>,
    /// The code systems that its codes belong to.
    pub code_systems: CodeSystems,
    /// The levels of its tree, top first (MDC, ADRG, DRG). Never empty.
    pub levels: Vec<Level>,
    /// Fields that it needs beyond those every case has.
    pub fields: Vec<OtherField>,
    /// Named code sets.
    pub sets: Vec<CodeSet>,
    /// Severity classes, in the order of their weight (MCC, CC).
    pub severity_classes: Vec<SeverityClass>,
    /// Which diagnoses are of which class.
    pub severity_codes: Vec<SeverityCode>,
    /// Which principal diagnoses belong to which exclusion table.
    pub exclusions: Vec<Exclusion>,
    /// Procedures that count together.
    pub combinations: Vec<Combination>,
    /// What must be known before grouping, in order.
    pub requirements: Vec<Requirement>,
    /// Switches.
    pub options: Options,
    /// The codes of a case without a group.
    pub ungroupable: Ungroupable,
    /// The tree: nodes of the first level.
    pub nodes: Vec<Node>,
    /// 辅助目录, asked about a case once it has its group.
    pub auxiliary: Vec<Auxiliary>,
}

/// 编码版本. Names of the code systems; whoever reads cases checks them, they are never guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeSystems {
    /// Of diagnoses, e.g. `医保版ICD-10 2.0`.
    pub diagnoses: String,
    /// Of procedures, e.g. `医保版ICD-9-CM-3 2.0`.
    pub procedures: String,
}

/// One level of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Its name: `MDC`, `ADRG`, `DRG`, `核心病种`.
    pub name: String,
    /// How a node of this level is chosen among its siblings.
    pub select: Select,
}

/// 选择方式. How one of several siblings is chosen. Nodes marked [`NodeStatus::Fallback`] or
/// [`NodeStatus::Ungroupable`] always come last. Siblings are asked in the resulting order, and
/// the first one that holds and leads to an answer wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Select {
    /// By [`Node::order`], then as listed.
    #[default]
    First,
    /// By [`Node::rank`], smallest first, nodes without a rank last; then as `First`.
    /// This is the surgical hierarchy of MS-DRG.
    MinRank,
    /// Only siblings that hold are compared: most all-of parts in the procedure cell, then most
    /// procedures of the case that it names, then the smallest distance of the case's fee from
    /// [`Node::mean_fee`], then as `MinRank`. This is how DIP chooses among core groups.
    Best,
}

/// A field that a scheme declares itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherField {
    /// Its name in conditions and in [`crate::Case::other_numbers`] or [`crate::Case::other_codes`].
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Number or code.
    pub kind: FieldKind,
}

/// Number or code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Compared with numbers.
    Number,
    /// Compared with texts.
    Code,
}

/// 集合. A named set of codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSet {
    /// Its name in conditions: `DI_B00`.
    pub name: String,
    /// Diagnoses or procedures.
    pub kind: Kind,
    /// When a code is listed twice with different tags.
    pub tags: TagPolicy,
    /// Its members, in order.
    pub members: Vec<Member>,
}

/// 类型. What a set holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 诊断 (DI).
    #[default]
    Diagnosis,
    /// 手术操作 (OP).
    Procedure,
}

/// Which tag a code has that is listed more than once in one set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TagPolicy {
    /// The one listed first.
    First,
    /// The one listed last.
    Last,
    /// All of them.
    #[default]
    All,
}

/// A member of a set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// The code, or its beginning, or `A00-B99`, as `shape` says.
    pub code: String,
    /// What the text stands for.
    pub shape: Shape,
    /// 标签: body part, treatment class, procedure rule number.
    pub tag: Option<String>,
}

/// 并发症程度. A severity class such as MCC or CC; its name is used in conditions like a set's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityClass {
    /// `MCC`.
    pub name: String,
    /// 严重并发症或合并症.
    pub title: String,
}

/// 并发症. A diagnosis that counts as a complication when it is not the principal one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityCode {
    /// The diagnosis.
    pub code: String,
    /// Its class, by name.
    pub class: String,
    /// 排除表: it does not count when the principal diagnosis is in this table.
    pub exclusion: Option<String>,
    /// It counts only when this holds (MS-DRG: some count only for patients who left alive).
    pub only_if: Option<Condition>,
}

/// 排除表. A principal diagnosis and a table that it belongs to. CHS-DRG gives each principal
/// diagnosis one table; MS-DRG gives it many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The table.
    pub table: String,
    /// The principal diagnosis.
    pub code: String,
}

/// 组合操作. Procedures that count together, such as both halves of a pacemaker. A case that has
/// one procedure of each part also has the combination's own code, as one more other procedure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Combination {
    /// Its own code, for sets to list.
    pub code: String,
    /// All of these parts; each is met by any one of its codes. At least two.
    pub parts: Vec<Vec<String>>,
    /// Codes of nodes below which the member procedures no longer count alone: there `in` passes
    /// over them. What counts is the nearest node above that any combination names here.
    pub hidden_below: Vec<String>,
}

/// 辅助目录. A level within groups: it changes what is paid for a case, never where the case goes.
/// All rows that hold are told; a payment plan takes the largest factor among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auxiliary {
    /// 维度:级别, such as `age:66+`; unique. Payment tables name the row so. Levels of one
    /// dimension should not hold together: a calculation of factors counts a case once a dimension.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// When a case meets it.
    pub condition: Condition,
    /// 适用病种: codes of groups, or of levels above groups; empty: every group.
    pub groups: Vec<String>,
}

/// 必填规则. What must be known, and hold, before a case is grouped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Cases it is about.
    pub when: Condition,
    /// Fields that must be known, by their names in conditions (`XB`, `NL`, `ZYZD`, …).
    pub fields: Vec<String>,
    /// What must hold besides (`XB = 1 or XB = 2`); if it does not, `fields` are blamed.
    pub check: Condition,
    /// What the answer is otherwise.
    pub outcome: Outcome,
    /// For people: what is missing and why it matters.
    pub says: String,
}

/// What an unmet [`Requirement`] leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// [`crate::Status::NeedsData`].
    NeedsData,
    /// [`crate::Status::Invalid`].
    Invalid,
}

/// 选项. Switches of a scheme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// 手术病例不入内科组: such a case passes over medical groups.
    pub surgical_skips_medical: Option<SkipMedical>,
    /// 不得作为主要诊断的编码: set of diagnoses; a case with one as principal is ungroupable.
    pub not_principal: Option<String>,
    /// 不参与分组的手术操作: set of procedures that are dropped before grouping.
    pub ignored_procedures: Option<String>,
    /// When the first run finds no group.
    pub retry: Option<Retry>,
    /// The age in days is taken as unknown when the age in years is one or more (adults often carry a 0).
    pub age_days_only_under_one: bool,
    /// Which weight of a newborn the scheme means. The engine compares the one it is given; whoever
    /// makes cases out of lists that have both asks here.
    pub newborn_weight: NewbornWeight,
}

/// 新生儿体重. Which one a scheme groups by, where a list has both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewbornWeight {
    /// 入院体重, as CHS-DRG 3.0; the birth weight where it is not stated.
    #[default]
    Admission,
    /// 出生体重, as CHS-DRG up to 2.0; the admission weight where it is not stated.
    Birth,
}

/// See [`Options::surgical_skips_medical`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkipMedical {
    /// A case is surgical when its main procedure is in this set (`OP_ALL`).
    pub set: String,
    /// The level on which groups are passed over (`ADRG`): those where neither the group's own
    /// condition nor any below it names a procedure list. Groups below a node of status
    /// [`NodeStatus::Ungroupable`] are never passed over.
    pub level: String,
}

/// 重新分组. A second try for cases without a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Each other procedure in turn as the only one; the first try that finds a group is the answer.
    EachOtherProcedure,
}

/// 未入组编码. The codes of a case without a group, level by level, top first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ungroupable {
    /// When no node of the first level held, and in every other case that has no own codes.
    pub codes: Vec<String>,
    /// When some node of the first level held but nothing below it did; empty: as `codes`.
    pub entered: Vec<String>,
}

/// 分组节点. A node of the tree: an MDC, an ADRG, a DRG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its code; unique among its siblings.
    pub code: String,
    /// Its name.
    pub name: String,
    /// When a case may enter.
    pub condition: Condition,
    /// 排序 among its siblings; equal numbers keep the order of the list.
    pub order: i64,
    /// 优先级 where the level chooses by rank, or the order of types under `best`.
    pub rank: Option<i64>,
    /// 次均费用 under `best`.
    pub mean_fee: Option<Fen>,
    /// What an answer that ends here or below is called.
    pub status: NodeStatus,
    /// When it has children and none of them leads to an answer.
    pub when_no_child: WhenNoChild,
    /// The nodes below; none: the node is itself a group.
    pub children: Vec<Node>,
}

impl Node {
    /// A node with these three, ordinary in every other way: status grouped, no rank, no children,
    /// order 0, and on to the next sibling when no child leads to an answer.
    #[must_use]
    pub fn new(code: impl Into<String>, name: impl Into<String>, condition: Condition) -> Node {
        Node {
            code: code.into(),
            name: name.into(),
            condition,
            order: 0,
            rank: None,
            mean_fee: None,
            status: NodeStatus::Grouped,
            when_no_child: WhenNoChild::Continue,
            children: Vec::new(),
        }
    }
}

/// What an answer that ends at a node, or below it, is called. The deepest node that is not
/// `Grouped` decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeStatus {
    /// An ordinary group.
    #[default]
    Grouped,
    /// 歧义组 (`BQY`): stands where its order puts it, usually between operations and medical groups.
    Ambiguous,
    /// A rest group (`X000`): asked last in its scope.
    Fallback,
    /// 未入组 (`0000`): asked last in its scope.
    Ungroupable,
}

/// What happens when a node holds and has children, and none of them leads to an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WhenNoChild {
    /// The next sibling is asked.
    #[default]
    Continue,
    /// The node itself is the answer.
    Itself,
    /// The answer is this code.
    Code(String),
}
