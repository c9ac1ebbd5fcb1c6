//! Explains an answer: the same walk, watched.

use crate::answer::{Answer, FieldSet};
use crate::case::Case;
use crate::condition::{CodeList, Condition, ProcedureCell, SetRef};
use crate::grouper::{Grouper, SeverityEntry};
use crate::scratch::{Rival, Scratch};
use crate::test::{Lists, Resolved, Test};
use crate::trace::{Compared, Explained, Fact, Finding, Place, Standing, Step, Trace, WhatIf};
use crate::walk::Watch;
use terms::{Fen, Quantity};

impl Grouper {
    /// Groups a case and says why.
    #[must_use]
    pub fn explain(&self, case: &Case) -> Explained {
        let mut scratch = Scratch::new();
        scratch.load(self, case);
        let mut steps = Vec::new();
        self.tell_dropped(case, &scratch, &mut steps);
        self.tell_combined(case, &scratch, &mut steps);
        self.tell_complications(case, &mut scratch, &mut steps);
        let mut recorder = Recorder { grouper: self, case, steps };
        let answer = self.group_watched(case, &mut scratch, &mut recorder);
        let mut steps = recorder.steps;
        let auxiliary = self.tell_auxiliary(case, &mut scratch, &answer, &mut steps);
        steps.push(self.ended(&answer, auxiliary));
        let scheme = format!("{} {}", self.scheme.title, self.scheme.version);
        Explained { answer, trace: Trace { case: case.id.clone(), scheme, steps } }
    }

    /// 换主诊: what each diagnosis would lead to as the principal one, in the order given; the first
    /// is the case as it is. To be shown, never ranked: the principal diagnosis is chosen by the
    /// rules of coding, not by the group.
    #[must_use]
    pub fn what_if(&self, case: &Case) -> Vec<WhatIf> {
        let mut scratch = Scratch::new();
        let mut other = case.clone();
        let tries = 0..case.diagnoses.len();
        tries
            .map(|diagnosis| {
                other.diagnoses.clone_from(&case.diagnoses);
                other.diagnoses[..=diagnosis].rotate_right(1);
                WhatIf { diagnosis, answer: self.group(&other, &mut scratch) }
            })
            .collect()
    }

    /// Tells each auxiliary row that was asked; answers the ids of those that hold.
    fn tell_auxiliary(
        &self,
        case: &Case,
        scratch: &mut Scratch,
        answer: &Answer,
        steps: &mut Vec<Step>,
    ) -> Vec<String> {
        let rows = self.auxiliary_asked(answer);
        if rows.is_empty() {
            return Vec::new();
        }
        scratch.load(self, case);
        let because = Because { grouper: self, case };
        let mut met = Vec::new();
        for number in rows {
            let (row, test) = (&self.scheme.auxiliary[number as usize], self.auxiliary_test(number));
            let held = self.holds(test, case, scratch);
            let mut findings = Vec::new();
            because.tell(&row.condition, test, held, scratch, &mut findings);
            let (level, code, name) = ("辅助目录".to_owned(), row.id.clone(), row.name.clone());
            let place = Place { depth: self.scheme.levels.len(), level, code, name };
            steps.push(Step::Auxiliary { place, rule: row.condition.to_string(), held, findings });
            if held {
                met.push(row.id.clone());
            }
        }
        met
    }

    fn ended(&self, answer: &Answer, auxiliary: Vec<String>) -> Step {
        let path = self.path(answer);
        let groups = self.groups(answer);
        let mut codes: Vec<String> = path.iter().map(|(_, code, _)| (*code).to_owned()).collect();
        if codes.last().is_none_or(|last| last != groups.group) {
            codes.push(groups.group.to_owned());
        }
        Step::Ended { status: answer.status, codes, name: groups.name.to_owned(), auxiliary }
    }

    fn tell_dropped(&self, case: &Case, scratch: &Scratch, steps: &mut Vec<Step>) {
        let kept = &scratch.procedures.origin;
        let dropped = case.procedures.iter().enumerate().filter(|(index, _)| !kept.contains(&(*index as u32)));
        steps.extend(dropped.map(|(_, code)| Step::Dropped { code: code.clone() }));
    }

    fn tell_combined(&self, case: &Case, scratch: &Scratch, steps: &mut Vec<Step>) {
        let procedures = &scratch.procedures;
        for made in procedures.own_count()..procedures.len() {
            let combination = procedures.origin[made] - case.procedures.len() as u32;
            let within = |code: &usize| {
                self.combinations.parts_with(procedures.own(*code)).iter().any(|(own, _)| *own == combination)
            };
            let members = (0..procedures.own_count()).filter(within);
            let members = members.map(|code| case.procedures[procedures.origin[code] as usize].clone()).collect();
            steps.push(Step::Combined { code: self.combinations.code(combination as usize).to_owned(), members });
        }
    }

    fn tell_complications(&self, case: &Case, scratch: &mut Scratch, steps: &mut Vec<Step>) {
        for index in 1..scratch.diagnoses.len() {
            for entry in self.severity.entries.of(scratch.diagnoses.own(index)) {
                let standing = self.standing(*entry, case, scratch);
                let class = self.scheme.severity_classes[entry.class as usize].name.clone();
                steps.push(Step::Complication { code: case.diagnoses[index].clone(), class, standing });
            }
        }
    }

    fn standing(&self, entry: SeverityEntry, case: &Case, scratch: &mut Scratch) -> Standing {
        if let Some(table) = entry.table
            && self.excludes(entry, scratch.diagnoses.own(0))
        {
            let table = self.severity.table_names[table as usize].clone();
            return Standing::Excluded { principal: case.diagnoses[0].clone(), table };
        }
        let condition = entry.condition.map(|condition| condition as usize);
        match condition.filter(|index| !self.holds(&self.severity.conditions[*index], case, scratch)) {
            None => Standing::Counts,
            Some(index) => Standing::NotUnderThisCondition { rule: self.severity_rules[index].to_string() },
        }
    }

    fn place(&self, number: u32) -> Place {
        let node = &self.nodes[number as usize];
        let level = usize::from(node.level);
        Place {
            depth: level,
            level: self.scheme.levels[level].name.clone(),
            code: self.text(node.code).to_owned(),
            name: self.text(node.name).to_owned(),
        }
    }
}

struct Recorder<'a> {
    grouper: &'a Grouper,
    case: &'a Case,
    steps: Vec<Step>,
}

impl Watch for Recorder<'_> {
    const ASKS_ALL: bool = true;

    fn required(&mut self, requirement: usize, fields: FieldSet) {
        let requirement = &self.grouper.requirements[requirement];
        let fields = self.grouper.field_names(fields).into_iter().map(str::to_owned).collect();
        self.steps.push(Step::Required { fields, says: requirement.says.clone(), outcome: requirement.outcome });
    }

    fn not_principal(&mut self) {
        self.steps.push(Step::NotPrincipal { code: self.case.diagnoses[0].clone() });
    }

    fn retried(&mut self, scratch: &Scratch) {
        let origin = scratch.main.map_or(0, |main| scratch.procedures.origin[main] as usize);
        self.steps.push(Step::Retried { code: self.case.procedures[origin].clone() });
    }

    fn asked(&mut self, node: u32, held: bool, case: &Case, scratch: &mut Scratch) {
        let rule = &self.grouper.rules[node as usize];
        let mut findings = Vec::new();
        let because = Because { grouper: self.grouper, case };
        because.tell(rule, &self.grouper.nodes[node as usize].test, held, scratch, &mut findings);
        let place = self.grouper.place(node);
        self.steps.push(Step::Asked { place, rule: rule.to_string(), held, findings });
    }

    fn passed_over(&mut self, node: u32) {
        self.steps.push(Step::PassedOver { place: self.grouper.place(node) });
    }

    fn compared(&mut self, rivals: &[Rival]) {
        if rivals.len() < 2 {
            return;
        }
        let compared = |rival: &Rival| Compared {
            place: self.grouper.place(rival.node),
            parts: rival.parts.0,
            procedures: rival.procedures.0,
            distance: i64::try_from(rival.distance).ok().map(Fen),
        };
        self.steps.push(Step::Compared { rivals: rivals.iter().map(compared).collect() });
    }

    fn came_back(&mut self, node: u32) {
        self.steps.push(Step::CameBack { place: self.grouper.place(node) });
    }
}

/// Finds the parts of a rule that decided it.
struct Because<'a> {
    grouper: &'a Grouper,
    case: &'a Case,
}

impl Because<'_> {
    /// Of "and": all parts when it held, else the first that failed. Of "or": the first that held, else all.
    fn tell(&self, rule: &Condition, test: &Test, held: bool, scratch: &mut Scratch, findings: &mut Vec<Finding>) {
        match (rule, test) {
            (Condition::All(rules), Test::All(tests)) | (Condition::Any(rules), Test::Any(tests)) => {
                let every = matches!(test, Test::All(_)) == held;
                for (rule, test) in rules.iter().zip(tests) {
                    let own = self.grouper.holds(test, self.case, scratch);
                    if every || own == held {
                        self.tell(rule, test, own, scratch, findings);
                        if !every {
                            return;
                        }
                    }
                }
            }
            (Condition::Not(rule), Test::Not(test))
                if !matches!(**rule, Condition::In { .. } | Condition::InExcept { .. }) =>
            {
                self.tell(rule, test, !held, scratch, findings);
            }
            (Condition::Not(inner), Test::Not(test)) => {
                let fact = self.fact(inner, test, scratch);
                findings.push(Finding { rule: rule.to_string(), held, fact });
            }
            _ => {
                let fact = self.fact(rule, test, scratch);
                findings.push(Finding { rule: rule.to_string(), held, fact });
            }
        }
    }

    fn fact(&self, rule: &Condition, test: &Test, scratch: &Scratch) -> Fact {
        match (rule, test) {
            (Condition::In { lists, sets }, Test::In { lists: resolved, sets: numbers }) => {
                self.membership(lists, sets, *resolved, numbers, &[], scratch)
            }
            (Condition::InExcept { lists, sets, .. }, Test::InExcept { lists: resolved, sets: numbers, except }) => {
                self.membership(lists, sets, *resolved, numbers, except, scratch)
            }
            (Condition::Measured { .. }, Test::Measured { measure, set, lists, .. }) => Fact::Counted {
                measure: *measure,
                value: self.grouper.measured(*measure, *set, *lists, self.case, scratch),
            },
            (Condition::Compare { field, .. }, Test::Compare { slot, .. }) => {
                Fact::Number { field: field.name().to_owned(), value: scratch.number(*slot).map(Quantity) }
            }
            (Condition::Known(field), Test::KnownNumber(slot)) => {
                Fact::Number { field: field.clone(), value: scratch.number(*slot).map(Quantity) }
            }
            (Condition::Known(name), Test::KnownCode(field)) => {
                Fact::Code { field: name.clone(), value: self.case.code(field).map(str::to_owned) }
            }
            (Condition::Is { field: name, .. }, Test::Is { field, .. }) => {
                Fact::Code { field: name.name().to_owned(), value: self.case.code(field).map(str::to_owned) }
            }
            (Condition::Procedures(cell), Test::Procedures(parts)) => {
                let lists = Lists { procedures: true, first: true, others: true };
                let (mut met, mut missing) = (Vec::new(), Vec::new());
                for (terms, part) in cell.parts.iter().zip(parts) {
                    let (_, within) = self.codes(lists, &[Resolved::Set(*part)], &[], scratch);
                    let text = ProcedureCell { parts: vec![terms.clone()] }.to_string();
                    if within.is_empty() { missing.push(text) } else { met.push(text) }
                }
                Fact::Procedures { entered: self.codes(lists, &[], &[], scratch).0, met, missing }
            }
            _ => Fact::Fixed,
        }
    }

    fn membership(
        &self,
        lists: &[CodeList],
        sets: &[SetRef],
        resolved: Lists,
        numbers: &[Resolved],
        except: &[u32],
        scratch: &Scratch,
    ) -> Fact {
        let (entered, within) = self.codes(resolved, numbers, except, scratch);
        let sets = sets.iter().map(SetRef::to_string).collect();
        if numbers.iter().all(|set| matches!(set, Resolved::Severity(_))) {
            return Fact::Severity { classes: sets, codes: within };
        }
        Fact::Codes { lists: lists.to_vec(), entered, sets, within }
    }

    /// The codes entered in the lists, and those of them in some of the sets and in no exception.
    fn codes(&self, lists: Lists, sets: &[Resolved], except: &[u32], scratch: &Scratch) -> (Vec<String>, Vec<String>) {
        let (first, others) = scratch.listed(lists);
        let entered = scratch.entered(lists.procedures);
        let texts = if lists.procedures { &self.case.procedures } else { &self.case.diagnoses };
        let text = |code: usize| self.grouper.code_text(texts, entered.origin[code]).to_owned();
        let codes: Vec<usize> = first.chain(others).collect();
        let inside = |code: usize, set: u32| {
            let set = self.grouper.numbers_of(set);
            entered.of(code..code + 1).iter().any(|number| set.contains(*number))
        };
        let within = |code: &usize| {
            let passed_over = lists.procedures && scratch.is_hidden(*code);
            !passed_over
                && !except.iter().any(|set| inside(*code, *set))
                && sets.iter().any(|set| match set {
                    Resolved::Set(set) => inside(*code, *set),
                    Resolved::Severity(class) => self.counts_as(entered.own(*code), *class, scratch),
                })
        };
        let inside = codes.iter().copied().filter(|code| within(code)).map(text).collect();
        (codes.into_iter().map(text).collect(), inside)
    }

    fn counts_as(&self, number: u32, class: u8, scratch: &Scratch) -> bool {
        let grouper = self.grouper;
        let own = grouper.severity.entries.of(number).iter().filter(|entry| entry.class == class);
        let mut copy = scratch.clone();
        copy.scope = 0;
        own.copied().any(|entry| grouper.standing(entry, self.case, &mut copy) == Standing::Counts)
    }
}
