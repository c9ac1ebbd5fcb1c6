//! 意见与认定: what is said of each line, and what a panel's votes come to.

use std::collections::BTreeMap;

use terms::Fen;

use crate::{DisputedLine, LineState, Opinion, Refusal};

/// What somebody says of a line, or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    /// 认定金额; `None` is all that is in dispute.
    pub amount: Option<Fen>,
    /// 依据.
    pub article: String,
    /// 理由.
    pub reason: String,
}

/// 批量意见 with its exceptions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Says {
    /// Of every line that is not named.
    pub all: Option<Say>,
    /// Of single lines.
    pub lines: BTreeMap<i64, Say>,
}

impl Says {
    /// The same of every line.
    #[must_use]
    pub fn all(amount: Option<Fen>, article: &str, reason: &str) -> Says {
        let say = Say { amount, article: article.to_owned(), reason: reason.to_owned() };
        Says { all: Some(say), lines: BTreeMap::new() }
    }

    /// Nothing said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.lines.is_empty()
    }
}

/// One opinion for each line that is open.
///
/// # Errors
/// [`Refusal::NoSuchLine`], [`Refusal::NoOpinion`], [`Refusal::OpinionTooMuch`],
/// [`Refusal::NoArticle`].
pub fn of_each(lines: &[DisputedLine], says: &Says) -> Result<Vec<Opinion>, Refusal> {
    if let Some(no) = says.lines.keys().find(|no| !lines.iter().any(|line| line.no == **no)) {
        return Err(Refusal::NoSuchLine { no: *no });
    }
    let open = lines.iter().filter(|line| line.state == LineState::Open);
    open.map(|line| {
        let no = line.no;
        let say = says.lines.get(&no).or(says.all.as_ref()).ok_or(Refusal::NoOpinion { no })?;
        let amount = say.amount.unwrap_or(line.disputed);
        if amount < Fen::ZERO || amount > line.disputed {
            return Err(Refusal::OpinionTooMuch { no, amount, disputed: line.disputed });
        }
        if !amount.is_zero() && say.article.trim().is_empty() {
            return Err(Refusal::NoArticle { no });
        }
        Ok(Opinion { no, amount, article: say.article.clone(), reason: say.reason.clone() })
    })
    .collect()
}

/// 合议: of each line the middle one of the votes, which a majority supports as at least so
/// much and a majority as at most so much; of an even number the lower one.
#[must_use]
pub fn majority(votes: &[Opinion]) -> Vec<Opinion> {
    let mut by_line: BTreeMap<i64, Vec<&Opinion>> = BTreeMap::new();
    for vote in votes {
        by_line.entry(vote.no).or_default().push(vote);
    }
    let middle = |mut votes: Vec<&Opinion>| {
        votes.sort_by(|a, b| (a.amount, &a.article, &a.reason).cmp(&(b.amount, &b.article, &b.reason)));
        votes[(votes.len() - 1) / 2].clone()
    };
    by_line.into_values().map(middle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(no: i64, amount: i64) -> Opinion {
        Opinion { no, amount: Fen(amount), article: format!("第{amount}条"), reason: String::new() }
    }

    #[test]
    fn the_middle_vote_decides_and_of_two_the_lower() {
        let outcome = majority(&[vote(1, 100), vote(2, 5), vote(1, 0), vote(2, 9), vote(1, 60)]);
        let amounts: Vec<(i64, Fen)> = outcome.iter().map(|opinion| (opinion.no, opinion.amount)).collect();
        assert_eq!(amounts, [(1, Fen(60)), (2, Fen(5))]);
        assert_eq!(outcome[0].article, "第60条");
    }
}
