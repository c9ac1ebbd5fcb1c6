//! 地区数据: ranges of fines, the score-card, how samples are drawn. Read from text.

use casework::Problem;
use serde::Deserialize;
use terms::{Date, Exact, Fen, parse_date};

use crate::Holder;

/// 罚款幅度, 记分表, 抽样规则 of a region.
#[derive(Debug, Clone, Default)]
pub struct Law {
    /// 罚款幅度.
    pub penalties: Vec<Penalty>,
    /// 记分表.
    pub card: ScoreCard,
    /// 抽样规则; `None` when the region draws no samples.
    pub sampling: Option<SamplingRule>,
}

/// 幅度.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// 损失的倍数.
    Times(Exact, Exact),
    /// 定额.
    Sum(Fen, Fen),
}

/// How high a fine is asked to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// 损失的倍数.
    Times(Exact),
    /// 定额.
    Sum(Fen),
}

/// 罚款条款.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Penalty {
    /// By which cases name it.
    pub id: String,
    /// 违法行为.
    pub name: String,
    /// 条款.
    pub article: String,
    /// In force from.
    pub from: Date,
    /// 幅度.
    pub range: Range,
}

/// 信用等级.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// 等级.
    pub name: String,
    /// From so many points.
    pub least: i64,
}

/// 记分项目.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRule {
    /// By which decisions name it.
    pub id: String,
    /// 名称.
    pub name: String,
    /// Of whom.
    pub of: Holder,
    /// 分值.
    pub points: i64,
    /// Which outcomes bring it by themselves: `decide` (lines upheld), `penalise/ARTICLE`. Empty:
    /// a decision names it.
    pub when: Vec<String>,
    /// At most, with what the money adds.
    pub most_points: i64,
    /// One more point for each so much; `None` adds none.
    pub every: Option<Fen>,
    /// 依据.
    pub article: String,
}

/// 记分表.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScoreCard {
    /// 满分 of an institution in a year.
    pub full: i64,
    /// 等级, the highest first.
    pub grades: Vec<Grade>,
    /// 记满 of a practitioner.
    pub limit: i64,
    /// Years without eligibility after the limit at once.
    pub lost_years_at_once: i16,
    /// Years without eligibility after the limit within a year.
    pub lost_years_in_year: i16,
    /// 记分项目.
    pub events: Vec<EventRule>,
}

/// 抽样规则.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplingRule {
    /// 单侧置信度, for people.
    pub confidence: String,
    /// The normal quantile of it.
    pub normal: Exact,
    /// Of every stratum at least so many, or all.
    pub least_in_stratum: usize,
    /// 依据.
    pub article: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Text(String),
}

impl Number {
    fn exact(&self) -> Option<Exact> {
        match self {
            Number::Whole(whole) => Some(Exact::whole(*whole)),
            Number::Text(text) => text.parse().ok(),
        }
    }

    fn fen(&self) -> Option<Fen> {
        match self {
            Number::Whole(yuan) => yuan.checked_mul(100).map(Fen),
            Number::Text(text) => text.parse().ok(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PenaltyFile {
    #[serde(default)]
    article: Vec<PenaltyRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PenaltyRow {
    id: String,
    name: String,
    article: String,
    from: toml::value::Datetime,
    least_times: Option<Number>,
    most_times: Option<Number>,
    least_yuan: Option<Number>,
    most_yuan: Option<Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardFile {
    institution: InstitutionCard,
    practitioner: PractitionerCard,
    #[serde(default)]
    event: Vec<EventRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstitutionCard {
    full: i64,
    #[allow(dead_code)]
    article: String,
    grade: Vec<Grade>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PractitionerCard {
    limit: i64,
    #[allow(dead_code)]
    article: String,
    lost_years_at_once: i16,
    lost_years_in_year: i16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventRow {
    id: String,
    name: String,
    of: Holder,
    points: i64,
    #[serde(default)]
    when: Vec<String>,
    most_points: Option<i64>,
    every_yuan: Option<Number>,
    article: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SamplingFile {
    confidence: String,
    normal: Number,
    least_in_stratum: usize,
    article: String,
}

impl Law {
    /// Reads 罚款幅度.
    ///
    /// # Errors
    /// Every slip.
    pub fn read_penalties(&mut self, file: &str, text: &str) -> Result<(), Vec<Problem>> {
        let read: PenaltyFile = toml::from_str(text).map_err(|error| vec![Problem::of_toml(file, text, &error)])?;
        let mut problems = Vec::new();
        for row in read.article {
            match row.penalty() {
                Ok(penalty) if self.penalties.iter().any(|old| (&old.id, old.from) == (&penalty.id, penalty.from)) => {
                    problems.push(slip(file, text, &penalty.id, "is there twice with the same date"));
                }
                Ok(penalty) => self.penalties.push(penalty),
                Err((id, message)) => problems.push(slip(file, text, &id, message)),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Reads 记分表.
    ///
    /// # Errors
    /// Every slip.
    pub fn read_credit(&mut self, file: &str, text: &str) -> Result<(), Vec<Problem>> {
        let read: CardFile = toml::from_str(text).map_err(|error| vec![Problem::of_toml(file, text, &error)])?;
        let mut problems = Vec::new();
        let mut grades = read.institution.grade;
        grades.sort_by_key(|grade| std::cmp::Reverse(grade.least));
        if grades.last().is_none_or(|lowest| lowest.least > 0) {
            problems.push(Problem::at(file, 1, "no grade begins at 0; every score must have one".to_owned()));
        }
        let mut events: Vec<EventRule> = Vec::new();
        for row in read.event {
            let every = row.every_yuan.as_ref().map(Number::fen);
            if row.points < 0 || matches!(every, Some(None | Some(Fen(..=0)))) {
                problems.push(slip(file, text, &row.id, "needs points of 0 or more and a positive every_yuan"));
                continue;
            }
            if events.iter().any(|old| old.id == row.id) {
                problems.push(slip(file, text, &row.id, "is there twice"));
                continue;
            }
            events.push(EventRule {
                most_points: row.most_points.unwrap_or(if every.is_some() { i64::MAX } else { row.points }),
                id: row.id,
                name: row.name,
                of: row.of,
                when: row.when,
                points: row.points,
                every: every.flatten(),
                article: row.article,
            });
        }
        self.card = ScoreCard {
            full: read.institution.full,
            grades,
            limit: read.practitioner.limit,
            lost_years_at_once: read.practitioner.lost_years_at_once,
            lost_years_in_year: read.practitioner.lost_years_in_year,
            events,
        };
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Reads 抽样规则.
    ///
    /// # Errors
    /// Every slip.
    pub fn read_sampling(&mut self, file: &str, text: &str) -> Result<(), Vec<Problem>> {
        let read: SamplingFile = toml::from_str(text).map_err(|error| vec![Problem::of_toml(file, text, &error)])?;
        let Some(normal) = read.normal.exact().filter(|normal| *normal > Exact::ZERO) else {
            return Err(vec![slip(file, text, "normal", "must be a positive decimal, such as \"1.282\"")]);
        };
        if read.least_in_stratum < 2 {
            return Err(vec![slip(file, text, "least_in_stratum", "must be 2 or more: one unit shows no spread")]);
        }
        let SamplingFile { confidence, least_in_stratum, article, .. } = read;
        self.sampling = Some(SamplingRule { confidence, normal, least_in_stratum, article });
        Ok(())
    }

    /// The range of an article that is in force on a day.
    #[must_use]
    pub fn penalty(&self, id: &str, day: Date) -> Option<&Penalty> {
        self.penalties.iter().filter(|one| one.id == id && one.from <= day).max_by_key(|one| one.from)
    }
}

fn slip(file: &str, text: &str, id: &str, message: impl std::fmt::Display) -> Problem {
    let line = text.lines().position(|line| line.contains(id)).map_or(1, |at| at + 1);
    Problem::at(file, line, format!("“{id}” {message}"))
}

impl PenaltyRow {
    fn penalty(self) -> Result<Penalty, (String, &'static str)> {
        let bad = |message| (self.id.clone(), message);
        let from = parse_date(&self.from.to_string()).ok_or_else(|| bad("needs a day in `from`"))?;
        let times = (&self.least_times, &self.most_times);
        let yuan = (&self.least_yuan, &self.most_yuan);
        let range = match (times, yuan) {
            ((Some(least), Some(most)), (None, None)) => {
                let (Some(least), Some(most)) = (least.exact(), most.exact()) else {
                    return Err(bad("has a multiple that is no number"));
                };
                if least > most || least < Exact::ZERO {
                    return Err(bad("has a least that is above its most"));
                }
                Range::Times(least, most)
            }
            ((None, None), (Some(least), Some(most))) => {
                let (Some(least), Some(most)) = (least.fen(), most.fen()) else {
                    return Err(bad("has a sum that is no amount"));
                };
                if least > most || least < Fen::ZERO {
                    return Err(bad("has a least that is above its most"));
                }
                Range::Sum(least, most)
            }
            _ => return Err(bad("needs either least_times and most_times, or least_yuan and most_yuan")),
        };
        Ok(Penalty { id: self.id, name: self.name, article: self.article, from, range })
    }
}
