//! Compiled combinations: procedures that count together.

use crate::compile::Resolver;
use crate::grouper::Spread;
use crate::scheme::Scheme;

/// Scopes are bits of one number.
const SCOPES_MAX: usize = 64;

/// A compiled combination.
#[derive(Debug, Clone)]
struct Made {
    code: Box<str>,
    number: u32,
    parts: u32,
    /// The scopes in which its members are hidden.
    hides: u64,
}

/// All combinations of a scheme.
#[derive(Debug, Clone, Default)]
pub(crate) struct Combinations {
    made: Vec<Made>,
    pairs: Vec<(u32, (u32, u32))>,
    /// (combination, part), sorted, by procedure number.
    members: Spread<(u32, u32)>,
}

/// The codes of nodes below which some combination hides its members, each once.
pub(crate) fn scopes(scheme: &Scheme) -> Vec<&str> {
    let mut names: Vec<&str> =
        scheme.combinations.iter().flat_map(|one| &one.hidden_below).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl Combinations {
    pub(crate) fn compile(scheme: &Scheme, resolver: &mut Resolver<'_>) -> Combinations {
        let scopes = scopes(scheme);
        if scopes.len() > SCOPES_MAX {
            let message = format!("procedures are hidden below more than {SCOPES_MAX} different nodes");
            resolver.error("combinations", message);
        }
        let mut compiled = Combinations::default();
        for (index, one) in scheme.combinations.iter().enumerate() {
            if one.parts.len() < 2 || one.parts.iter().any(Vec::is_empty) {
                let place = format!("combination {}", one.code);
                resolver.error(place, "needs at least two parts, and each part at least one procedure");
            }
            for (part, codes) in one.parts.iter().enumerate() {
                for code in codes {
                    compiled.pairs.push((resolver.procedure(code), (index as u32, part as u32)));
                }
            }
            let bit = |name: &String| scopes.binary_search(&name.as_str()).unwrap_or_default() % SCOPES_MAX;
            compiled.made.push(Made {
                code: one.code.as_str().into(),
                number: resolver.procedure(&one.code),
                parts: one.parts.len() as u32,
                hides: one.hidden_below.iter().fold(0, |scopes, name| scopes | 1 << bit(name)),
            });
        }
        compiled
    }

    /// Once it is known how many procedures there are.
    pub(crate) fn spread(mut self, procedures: u32) -> Combinations {
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.sort_unstable();
        self.members = Spread::new(pairs, procedures);
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// The combinations and parts that a procedure is a member of.
    pub(crate) fn parts_with(&self, procedure: u32) -> &[(u32, u32)] {
        self.members.of(procedure)
    }

    /// Of (combination, part), sorted: leaves only those of combinations whose every part is there.
    pub(crate) fn keep_complete(&self, parts: &mut Vec<(u32, u32)>) {
        let mut kept = 0;
        let mut from = 0;
        while from < parts.len() {
            let combination = parts[from].0;
            let to = from + parts[from..].iter().take_while(|part| part.0 == combination).count();
            if to - from == self.made[combination as usize].parts as usize {
                parts.copy_within(from..to, kept);
                kept += to - from;
            }
            from = to;
        }
        parts.truncate(kept);
    }

    pub(crate) fn number(&self, combination: u32) -> u32 {
        self.made[combination as usize].number
    }

    pub(crate) fn hides(&self, combination: u32) -> u64 {
        self.made[combination as usize].hides
    }

    pub(crate) fn code(&self, combination: usize) -> &str {
        &self.made[combination].code
    }
}
