//! Reads a condition written in the rule language.
//!
//! ```text
//! expr  := all ( 'or' all )*            words in any case
//! all   := no ( 'and' no )*
//! no    := 'not' no | atom
//! atom  := '(' expr ')' | NUMBER
//!        | lists ['not'] 'in' sets [ 'except' sets ]
//!        | NUMBERFIELD op NUMBER
//!        | CODEFIELD ( '=' | '<>' ) value | CODEFIELD ['not'] 'in' values
//!        | 'length' '(' set '∩' lists ')' op INTEGER      also tags( ), highest( ), sum( ),
//!                                                       sum_of_highest( )
//!        | 'count' '(' [ set '∩' ] lists ')' op INTEGER | 'outside' '(' set ',' lists ')' op INTEGER
//!        | 'known' '(' FIELD ')' | 'procedures' '(' 'A/B+C' ')'
//! set   := NAME [ '#' TAG ] | codes('…', …) | prefix('…', …) | range('A00', 'B99')
//! ```
//! Names that are not plain words, and texts, stand in quotes, `'…'` or `"…"`.

use terms::Quantity;

use super::tokens::{Token, What, is_word, tokens};
use super::{
    CodeField, CodeList, Comparison, Condition, Measure, NumberField, ProcedureCell, ProcedureTerm, SetRef, Shape,
};

const DEPTH_MAX: usize = 64;
/// A rule that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("character {column}: {message}")]
pub struct RuleError {
    /// Where, counted in characters from 1.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl Condition {
    /// Reads a rule. A blank text is a rule that always holds.
    ///
    /// # Errors
    /// Where the text stops making sense, and what was expected there.
    pub fn parse(text: &str) -> Result<Condition, RuleError> {
        let tokens = tokens(text)?;
        if let [Token { what: What::End, .. }] = tokens.as_slice() {
            return Ok(Condition::Always(true));
        }
        let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
        let condition = reader.expression()?;
        match &reader.next().what {
            What::End => Ok(condition),
            other => Err(reader
                .wrong(format!("{} after a complete condition; join conditions with 'and' or 'or'", other.show()))),
        }
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&self) -> &'a Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn take(&mut self) -> &'a What {
        let token = self.next();
        self.at += 1;
        &token.what
    }

    fn wrong(&self, message: impl Into<String>) -> RuleError {
        RuleError { column: self.next().column, message: message.into() }
    }

    fn word(&self, expected: &str) -> bool {
        matches!(&self.next().what, What::Word(word) if word.eq_ignore_ascii_case(expected))
    }

    fn take_word(&mut self, expected: &str) -> bool {
        let here = self.word(expected);
        self.at += usize::from(here);
        here
    }

    fn take_sign(&mut self, expected: char) -> bool {
        let here = self.next().what == What::Sign(expected);
        self.at += usize::from(here);
        here
    }

    fn sign(&mut self, expected: char) -> Result<(), RuleError> {
        if self.take_sign(expected) {
            return Ok(());
        }
        Err(self.wrong(format!("expected '{expected}', found {}", self.next().what.show())))
    }

    fn expression(&mut self) -> Result<Condition, RuleError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.wrong(format!("more than {DEPTH_MAX} brackets inside one another")));
        }
        let mut parts = vec![self.every()?];
        while self.take_word("or") {
            parts.push(self.every()?);
        }
        self.depth -= 1;
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn every(&mut self) -> Result<Condition, RuleError> {
        let mut parts = vec![self.negation()?];
        while self.take_word("and") {
            parts.push(self.negation()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn negation(&mut self) -> Result<Condition, RuleError> {
        let mut negations = 0;
        while self.take_word("not") {
            negations += 1;
            if negations > DEPTH_MAX {
                return Err(self.wrong(format!("more than {DEPTH_MAX} 'not' in a row")));
            }
        }
        let mut condition = self.atom()?;
        for _ in 0..negations {
            condition = Condition::Not(Box::new(condition));
        }
        Ok(condition)
    }

    fn atom(&mut self) -> Result<Condition, RuleError> {
        match &self.next().what {
            What::Sign('(') => {
                self.at += 1;
                let inside = self.expression()?;
                self.sign(')')?;
                Ok(inside)
            }
            What::Number(number) => {
                let value: Quantity = number.parse().map_err(|_| self.wrong(format!("'{number}' is not a number")))?;
                self.at += 1;
                Ok(Condition::Always(value.0 != 0))
            }
            What::Sign('{') => self.membership(),
            What::Word(word) => self.atom_of_word(word),
            other => Err(self.wrong(format!(
                "expected a condition such as ZYZD in DI_B00, NL >= 70 or a bracket, found {}",
                other.show()
            ))),
        }
    }

    fn atom_of_word(&mut self, word: &str) -> Result<Condition, RuleError> {
        if CodeList::named(word).is_some() {
            return self.membership();
        }
        match word.to_ascii_lowercase().as_str() {
            "length" => return self.measured(Measure::Codes),
            "outside" => return self.measured(Measure::Outside),
            "tags" => return self.measured(Measure::Tags),
            "highest" => return self.measured(Measure::HighestTag),
            "sum_of_highest" => return self.measured(Measure::SumOfHighest),
            "sum" => return self.measured(Measure::SumOfTags),
            "count" => return self.measured(Measure::Entered),
            "known" => return self.known(),
            "procedures" => return self.procedures(),
            "true" | "false" => {
                return Err(
                    self.wrong(format!("write {} instead of '{word}'", u8::from(word.eq_ignore_ascii_case("true"))))
                );
            }
            "and" | "or" | "in" | "except" | "codes" | "prefix" | "range" => {
                return Err(self.wrong(format!("'{word}' cannot stand here; expected a condition")));
            }
            _ => {}
        }
        self.at += 1;
        self.field(word)
    }

    /// What follows the name of a number or coded field.
    fn field(&mut self, word: &str) -> Result<Condition, RuleError> {
        let negated = self.take_word("not");
        if self.take_word("in") {
            if NumberField::named(word).is_some() {
                return Err(self.wrong(format!("{word} is a number; compare it: {word} = 1 or {word} = 2")));
            }
            let values = self.braced(Reader::value)?;
            let is = Condition::Is { field: code_field(word), values };
            return Ok(if negated { Condition::Not(Box::new(is)) } else { is });
        }
        let What::Compare(comparison) = self.next().what else {
            return Err(self.wrong(format!(
                "'{word}' is followed by {}; expected a comparison (NL >= 70) or 'in'",
                self.next().what.show()
            )));
        };
        self.at += 1;
        let is_code = CodeField::named(word).is_some() || matches!(self.next().what, What::Text(_));
        if !is_code {
            let field = NumberField::named(word).unwrap_or_else(|| NumberField::Other(word.to_owned()));
            return Ok(Condition::Compare { field, comparison, value: self.number()? });
        }
        let is = Condition::Is { field: code_field(word), values: vec![self.value()?] };
        match comparison {
            Comparison::Equal => Ok(is),
            Comparison::NotEqual => Ok(Condition::Not(Box::new(is))),
            _ => Err(self.wrong(format!("{word} is a code; only '=', '<>' and 'in' make sense for it"))),
        }
    }

    fn number(&mut self) -> Result<Quantity, RuleError> {
        let What::Number(text) = &self.next().what else {
            return Err(self.wrong(format!("expected a number, found {}", self.next().what.show())));
        };
        let number = text.parse().map_err(|_| self.wrong(format!("'{text}' is not a number with up to 4 decimals")))?;
        self.at += 1;
        Ok(number)
    }

    fn value(&mut self) -> Result<String, RuleError> {
        match &self.next().what {
            What::Number(text) | What::Text(text) => {
                self.at += 1;
                Ok(text.clone())
            }
            other => Err(self.wrong(format!("expected a value in quotes or a number, found {}", other.show()))),
        }
    }

    fn membership(&mut self) -> Result<Condition, RuleError> {
        let lists = self.lists()?;
        let negated = self.take_word("not");
        if !self.take_word("in") {
            return Err(self.wrong(format!("expected 'in' or 'not in', found {}", self.next().what.show())));
        }
        let sets = self.braced(Reader::set)?;
        let inside = if self.take_word("except") {
            Condition::InExcept { lists, sets, except: self.braced(Reader::set)? }
        } else {
            Condition::In { lists, sets }
        };
        Ok(if negated { Condition::Not(Box::new(inside)) } else { inside })
    }

    /// `ZYZD` or `{ZYZD, QTZD}`.
    fn lists(&mut self) -> Result<Vec<CodeList>, RuleError> {
        let lists = self.braced(|reader| {
            let list = match &reader.next().what {
                What::Word(word) => CodeList::named(word),
                _ => None,
            };
            let found = reader.next().what.show();
            let list = list.ok_or_else(|| reader.wrong(format!("expected ZYZD, QTZD, ZYSS or QTSS, found {found}")))?;
            reader.at += 1;
            Ok(list)
        })?;
        if lists.iter().any(|list| list.is_procedures() != lists[0].is_procedures()) {
            return Err(
                self.wrong("diagnoses and procedures cannot be looked up together; join two conditions with 'or'")
            );
        }
        Ok(lists)
    }

    fn braced<T>(&mut self, item: impl Fn(&mut Self) -> Result<T, RuleError>) -> Result<Vec<T>, RuleError> {
        if !self.take_sign('{') {
            return Ok(vec![item(self)?]);
        }
        let mut items = vec![item(self)?];
        while self.take_sign(',') {
            items.push(item(self)?);
        }
        self.sign('}')?;
        Ok(items)
    }

    fn set(&mut self) -> Result<SetRef, RuleError> {
        let name = match &self.next().what {
            What::Text(name) => name.clone(),
            What::Word(word) if is_word(word) => word.clone(),
            What::Word(word) if word.eq_ignore_ascii_case("codes") => return self.set_here(Shape::Code),
            What::Word(word) if word.eq_ignore_ascii_case("prefix") => return self.set_here(Shape::Prefix),
            What::Word(word) if word.eq_ignore_ascii_case("range") => return self.set_here(Shape::Range),
            other => return Err(self.wrong(format!("expected the name of a set, found {}", other.show()))),
        };
        if CodeList::named(&name).is_some() {
            return Err(self.wrong(format!("{name} is a list of the case, not a set")));
        }
        self.at += 1;
        let tag = if self.take_sign('#') { Some(self.tag()?) } else { None };
        Ok(SetRef::Named { name, tag })
    }

    fn tag(&mut self) -> Result<String, RuleError> {
        match &self.next().what {
            What::Text(tag) | What::Word(tag) | What::Number(tag) => {
                self.at += 1;
                Ok(tag.clone())
            }
            other => Err(self.wrong(format!("expected a tag after '#', found {}", other.show()))),
        }
    }

    fn set_here(&mut self, shape: Shape) -> Result<SetRef, RuleError> {
        self.at += 1;
        self.sign('(')?;
        let mut codes = vec![self.value()?];
        while self.take_sign(',') {
            codes.push(self.value()?);
        }
        if shape == Shape::Range && codes.len() != 2 {
            return Err(self.wrong("a range names its first and its last category: range('A00', 'B99')"));
        }
        self.sign(')')?;
        Ok(SetRef::Here { shape, codes })
    }

    fn measured(&mut self, measure: Measure) -> Result<Condition, RuleError> {
        self.at += 1;
        self.sign('(')?;
        let lists_next = match &self.next().what {
            What::Sign('{') => true,
            What::Word(word) => CodeList::named(word).is_some(),
            _ => false,
        };
        let set = if measure == Measure::Entered && lists_next {
            None
        } else {
            let set = self.set()?;
            self.sign(if measure == Measure::Outside { ',' } else { '∩' })?;
            Some(set)
        };
        let lists = self.lists()?;
        self.sign(')')?;
        let What::Compare(comparison) = self.next().what else {
            return Err(self.wrong(format!("expected a comparison (>= 2), found {}", self.next().what.show())));
        };
        self.at += 1;
        let What::Number(text) = &self.next().what else {
            return Err(self.wrong(format!("expected a whole number, found {}", self.next().what.show())));
        };
        let value = text.parse().map_err(|_| self.wrong(format!("'{text}' is not a whole number")))?;
        self.at += 1;
        Ok(Condition::Measured { measure, set, lists, comparison, value })
    }

    fn known(&mut self) -> Result<Condition, RuleError> {
        self.at += 1;
        self.sign('(')?;
        let What::Word(word) = &self.next().what else {
            return Err(self.wrong(format!("expected the name of a field, found {}", self.next().what.show())));
        };
        if CodeList::named(word).is_some() {
            return Err(self.wrong(format!("write count({word}) >= 1 to ask whether {word} was entered")));
        }
        self.at += 1;
        let name = match (NumberField::named(word), CodeField::named(word)) {
            (Some(field), _) => field.name().to_owned(),
            (_, Some(field)) => field.name().to_owned(),
            _ => word.clone(),
        };
        self.sign(')')?;
        Ok(Condition::Known(name))
    }

    fn procedures(&mut self) -> Result<Condition, RuleError> {
        self.at += 1;
        self.sign('(')?;
        let cell = match &self.next().what {
            What::Text(text) => ProcedureCell::parse(text).map_err(|message| self.wrong(message))?,
            other => return Err(self.wrong(format!("expected procedures in quotes ('A/B+C'), found {}", other.show()))),
        };
        self.take();
        self.sign(')')?;
        Ok(Condition::Procedures(cell))
    }
}

fn code_field(word: &str) -> CodeField {
    CodeField::named(word).unwrap_or_else(|| CodeField::Other(word.to_owned()))
}

impl ProcedureCell {
    /// Reads `A/B+C`. Spaces around codes do not count.
    ///
    /// # Errors
    /// Says what is missing when a part or a code is empty.
    pub fn parse(text: &str) -> Result<ProcedureCell, String> {
        let term = |code: &str| {
            let code = code.trim();
            let (code, prefix) = match code.strip_suffix('*') {
                Some(beginning) => (beginning, true),
                None => (code, false),
            };
            if code.is_empty() {
                return Err(format!(
                    "a code is missing in the procedures '{text}'; write A/B for either, A+B for both"
                ));
            }
            Ok(ProcedureTerm { code: code.to_owned(), prefix })
        };
        let parts = text.split('+').map(|part| part.split('/').map(term).collect::<Result<_, _>>());
        Ok(ProcedureCell { parts: parts.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_national_workbooks_rules_are_read() {
        for (rule, plain) in [
            ("", "1"),
            ("1", "1"),
            (" 0 ", "0"),
            ("ZYZD in DI_B00", "ZYZD in DI_B00"),
            ("{ZYZD,QTZD} in {DI_Z01,DI_Z02}", "{ZYZD, QTZD} in {DI_Z01, DI_Z02}"),
            ("ZYZD in DI_OBD OR QTZD in MCC", "ZYZD in DI_OBD or QTZD in MCC"),
            ("ZYSS not in OP_ALL", "ZYSS not in OP_ALL"),
            (
                "length(OP_IC2 ∩ {ZYSS, QTSS})>=2 and ZYSS in OP_IC2",
                "length(OP_IC2 ∩ {ZYSS, QTSS}) >= 2 and ZYSS in OP_IC2",
            ),
            ("((NL=0) and (XSRTL>=29)) or ((NL=0) and (XSRTL<29))", "NL = 0 and XSRTL >= 29 or NL = 0 and XSRTL < 29"),
            ("not (XB=1 or XB=2) and NL>=70", "not (XB = 1 or XB = 2) and NL >= 70"),
            ("not not NL=0", "not not NL = 0"),
        ] {
            assert_eq!(Condition::parse(rule).map(|read| read.to_string()), Ok(plain.to_owned()), "{rule}");
        }
    }

    #[test]
    fn not_binds_tighter_than_and_and_and_tighter_than_or() {
        let shape = |rule: &str| Condition::parse(rule).map(|read| format!("{read:?}").replace("Always", ""));
        assert_eq!(shape("not 1 and 0 or 1").as_deref(), Ok("Any([All([Not((true)), (false)]), (true)])"));
        assert_eq!(shape("1 or 0 and not 1").as_deref(), Ok("Any([(true), All([(false), Not((true))])])"));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place_and_a_way_out() {
        for (rule, column, message) in [
            ("ZYZD DI_B00", 6, "expected 'in' or 'not in', found 'DI_B00'"),
            ("ZYZD in", 8, "expected the name of a set, found the end of the rule"),
            ("NL >= ", 7, "expected a number, found the end of the rule"),
            ("NL >= 70 XB = 1", 10, "'XB' after a complete condition; join conditions with 'and' or 'or'"),
            ("(NL = 0", 8, "expected ')', found the end of the rule"),
            ("NL ＞ 3", 4, "'＞' is a full-width sign; write its plain form"),
            ("NL in {1, 2}", 7, "NL is a number; compare it: NL = 1 or NL = 2"),
            (
                "{ZYZD, ZYSS} in A",
                14,
                "diagnoses and procedures cannot be looked up together; join two conditions with 'or'",
            ),
            ("LYFS > 3", 9, "LYFS is a code; only '=', '<>' and 'in' make sense for it"),
            ("ZYZD in QTZD", 9, "QTZD is a list of the case, not a set"),
            ("known(ZYZD)", 7, "write count(ZYZD) >= 1 to ask whether ZYZD was entered"),
            ("ZYSS in 'OP", 9, "the text that begins here has no closing '"),
            ("true", 1, "write 1 instead of 'true'"),
            ("NL = 1.23456", 6, "'1.23456' is not a number with up to 4 decimals"),
            (
                "procedures('A/+B')",
                12,
                "a code is missing in the procedures 'A/+B'; write A/B for either, A+B for both",
            ),
        ] {
            let refused = Condition::parse(rule).map_err(|error| (error.column, error.message));
            assert_eq!(refused, Err((column, message.to_owned())), "{rule}");
        }
        assert!(Condition::parse(&"(".repeat(100_000)).is_err());
        assert!(Condition::parse(&"not ".repeat(100_000)).is_err());
    }
}
