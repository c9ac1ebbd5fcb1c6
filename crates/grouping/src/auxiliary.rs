//! 辅助目录: compiled auxiliary rows, and which of them a grouped case meets.

use std::collections::HashMap;

use crate::answer::Answer;
use crate::case::Case;
use crate::compile::Resolver;
use crate::grouper::{GroupNode, Grouper, Spread};
use crate::scheme::{Auxiliary, Scheme};
use crate::scratch::Scratch;
use crate::test::Test;

/// The auxiliary rows of a scheme.
#[derive(Debug, Clone, Default)]
pub(crate) struct Auxiliaries {
    /// The test of each row, in the scheme's order.
    tests: Vec<Test>,
    /// Rows of every group.
    everywhere: Vec<u32>,
    /// Rows of some group, or of all below it, by the text number of its code.
    limited: Spread<u32>,
}

impl Auxiliary {
    /// 维度: the part of the id before its colon (`age` of `age:66+`).
    #[must_use]
    pub fn dimension(&self) -> &str {
        self.id.split_once(':').map_or(self.id.as_str(), |(dimension, _)| dimension)
    }
}

impl Auxiliaries {
    pub(crate) fn compile(
        scheme: &Scheme,
        nodes: &[GroupNode],
        texts: &[String],
        resolver: &mut Resolver<'_>,
    ) -> Auxiliaries {
        let mut compiled = Auxiliaries::default();
        if scheme.auxiliary.is_empty() {
            return compiled;
        }
        let codes = nodes.iter().flat_map(|node| [Some(node.code), node.otherwise]).flatten();
        let codes: HashMap<&str, u32> = codes.map(|code| (texts[code as usize].as_str(), code)).collect();
        let mut first: HashMap<&str, usize> = HashMap::new();
        let mut pairs = Vec::new();
        for (index, row) in scheme.auxiliary.iter().enumerate() {
            let place = format!("auxiliary {}", row.id);
            if row.id.split_once(':').is_none_or(|(dimension, level)| dimension.is_empty() || level.is_empty()) {
                resolver.error(&place, "is not dimension:level; write an id such as age:66+ or severity:III");
            }
            if first.insert(&row.id, index).is_some() {
                resolver.error(&place, "two auxiliary rows have this id; join their rules with 'or', or rename one");
            }
            compiled.tests.push(resolver.condition(&row.condition, &place));
            if row.groups.is_empty() {
                compiled.everywhere.push(index as u32);
            }
            for group in &row.groups {
                match codes.get(group.as_str()) {
                    Some(code) => pairs.push((*code, index as u32)),
                    None => resolver.error(&place, format!("is limited to '{group}', but no group has this code")),
                }
            }
        }
        compiled.limited = Spread::new(pairs, texts.len() as u32);
        compiled
    }
}

impl Grouper {
    /// 辅助目录: the auxiliary rows that a grouped case meets, in the scheme's order: those whose
    /// rule holds, of those for every group and those for the answer's group or a group above it.
    /// None for a case without a group. Which of them counts is a matter of payment.
    pub fn auxiliary(&self, case: &Case, scratch: &mut Scratch, answer: &Answer) -> Vec<&Auxiliary> {
        let mut rows = self.auxiliary_asked(answer);
        if !rows.is_empty() {
            scratch.load(self, case);
            rows.retain(|row| self.holds(self.auxiliary_test(*row), case, scratch));
        }
        rows.into_iter().map(|row| &self.scheme.auxiliary[row as usize]).collect()
    }

    /// The rows that are asked about a case with this answer, in the scheme's order.
    pub(crate) fn auxiliary_asked(&self, answer: &Answer) -> Vec<u32> {
        if self.auxiliaries.tests.is_empty() || !answer.status.has_group() {
            return Vec::new();
        }
        let mut rows = self.auxiliaries.everywhere.clone();
        rows.extend(self.auxiliaries.limited.of(answer.group));
        let mut next = answer.node;
        while let Some(number) = next {
            let node = &self.nodes[number as usize];
            rows.extend(self.auxiliaries.limited.of(node.code));
            next = node.parent;
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    pub(crate) fn auxiliary_test(&self, row: u32) -> &Test {
        &self.auxiliaries.tests[row as usize]
    }
}
