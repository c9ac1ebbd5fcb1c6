//! 编码: texts as numbers, sets of codes and families, and which rule a code touches.

use std::sync::Arc;

/// A text's number.
pub(crate) type Sym = u32;
/// No text: unknown.
pub(crate) const NONE: u32 = u32::MAX;
/// A text that nobody names: in no table, equal to nothing that is named.
pub(crate) const UNNAMED: u32 = u32::MAX - 1;

type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// The texts a library names.
#[derive(Debug, Default, Clone)]
pub(crate) struct Symbols {
    texts: Vec<Arc<str>>,
    map: Map<Arc<str>, Sym>,
}

impl Symbols {
    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(sym) = self.map.get(text) {
            return *sym;
        }
        let sym = u32::try_from(self.texts.len()).unwrap_or(NONE);
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.map.insert(text, sym);
        sym
    }

    pub fn len(&self) -> u32 {
        u32::try_from(self.texts.len()).unwrap_or(NONE)
    }

    pub fn text(&self, sym: Sym) -> &str {
        &self.texts[sym as usize]
    }

    pub fn find(&self, text: &str) -> Option<Sym> {
        self.map.get(text).copied()
    }
}

/// The texts of one run: the library's and those the data bring along.
pub(crate) struct Names<'a> {
    pub base: &'a Symbols,
    extra: Vec<&'a str>,
    map: Map<&'a str, Sym>,
}

impl<'a> Names<'a> {
    pub fn new(base: &'a Symbols) -> Names<'a> {
        Names { base, extra: Vec::new(), map: Map::default() }
    }

    /// A blank text is unknown.
    pub fn intern(&mut self, text: &'a str) -> Sym {
        if text.is_empty() {
            return NONE;
        }
        if let Some(sym) = self.base.find(text) {
            return sym;
        }
        if let Some(sym) = self.map.get(text) {
            return *sym;
        }
        let sym = self.base.len() + u32::try_from(self.extra.len()).unwrap_or(NONE);
        self.extra.push(text);
        self.map.insert(text, sym);
        sym
    }

    /// A text's number, if the library or the data name it.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.base.find(text).or_else(|| self.map.get(text).copied())
    }

    pub fn text(&self, sym: Sym) -> &str {
        if sym >= UNNAMED {
            return "";
        }
        if sym < self.base.len() { self.base.text(sym) } else { self.extra[(sym - self.base.len()) as usize] }
    }
}

/// One word of a set as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    Exact(String),
    Prefix(String),
    Range(String, String),
}

impl Word {
    /// `M80*`, `I20-I25`, `M80` (three characters: a category), anything else exactly.
    pub fn read(text: &str) -> Word {
        let text = text.trim();
        if let Some(prefix) = text.strip_suffix('*') {
            return Word::Prefix(prefix.to_owned());
        }
        if let Some((low, high)) = text.split_once('-')
            && low.len() == high.len()
            && family_begins(low)
            && family_begins(high)
        {
            return Word::Range(low.to_owned(), high.to_owned());
        }
        if category(text) { Word::Prefix(text.to_owned()) } else { Word::Exact(text.to_owned()) }
    }
}

/// A category of ICD: a letter and two digits (or a digit and a letter).
fn category(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() == 3
        && bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && bytes.next().is_some_and(|b| b.is_ascii_digit())
        && bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
}

/// Whether a range may begin or end so: a category of diagnoses, a chapter of operations (`81`).
fn family_begins(text: &str) -> bool {
    text.get(..3).is_some_and(category)
        || (text.len() <= 5 && text.len() >= 2 && text.bytes().take(2).all(|b| b.is_ascii_digit()))
}

/// 编码集.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeSet {
    pub exact: Vec<Sym>,
    pub prefixes: Vec<Box<str>>,
    pub ranges: Vec<(Box<str>, Box<str>)>,
}

impl CodeSet {
    pub fn read<'t>(words: impl IntoIterator<Item = &'t str>, symbols: &mut Symbols) -> CodeSet {
        let mut set = CodeSet::default();
        for word in words.into_iter().map(str::trim).filter(|word| !word.is_empty()) {
            match Word::read(word) {
                Word::Exact(text) => set.exact.push(symbols.intern(&text)),
                Word::Prefix(text) => set.prefixes.push(text.into()),
                Word::Range(low, high) => set.ranges.push((low.into(), high.into())),
            }
        }
        set.exact.sort_unstable();
        set.exact.dedup();
        set
    }

    pub fn has(&self, sym: Sym, names: &Names) -> bool {
        sym != NONE
            && (self.exact.binary_search(&sym).is_ok()
                || (!(self.prefixes.is_empty() && self.ranges.is_empty()) && self.has_family(names.text(sym))))
    }

    fn has_family(&self, text: &str) -> bool {
        self.prefixes.iter().any(|prefix| text.starts_with(&**prefix))
            || self.ranges.iter().any(|(low, high)| within(text, low, high))
    }
}

fn within(text: &str, low: &str, high: &str) -> bool {
    let head = |length: usize| text.get(..length).unwrap_or(text);
    head(low.len()) >= low && head(high.len()) <= high
}

/// What a code touches: a side of a rule, with the row that names the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Touch {
    pub rule: u16,
    pub side: u8,
    pub row: u32,
}

/// Which rules the codes of one table touch.
#[derive(Debug, Default)]
pub(crate) struct Dispatch {
    exact: Map<Sym, Vec<Touch>>,
    prefixes: Map<Box<str>, Vec<Touch>>,
    lengths: Vec<usize>,
    ranges: Vec<(Box<str>, Box<str>, Touch)>,
    /// Of the library's own symbols, ranges of `list`.
    spans: Vec<(u32, u32)>,
    list: Vec<Touch>,
}

impl Dispatch {
    pub fn add(&mut self, set: &CodeSet, touch: Touch) {
        for sym in &set.exact {
            self.exact.entry(*sym).or_default().push(touch);
        }
        for prefix in &set.prefixes {
            self.prefixes.entry(prefix.clone()).or_default().push(touch);
        }
        for (low, high) in &set.ranges {
            self.ranges.push((low.clone(), high.clone(), touch));
        }
    }

    /// Lays the lists out, once all sets are in.
    pub fn close(&mut self, symbols: &Symbols) {
        self.lengths = self.prefixes.keys().map(|prefix| prefix.len()).collect();
        self.lengths.sort_unstable();
        self.lengths.dedup();
        for sym in 0..symbols.len() {
            let begin = self.list.len();
            let mut found = self.exact.remove(&sym).unwrap_or_default();
            self.families(symbols.text(sym), &mut found);
            found.sort_unstable();
            found.dedup();
            self.list.extend(found);
            self.spans.push((index(begin), index(self.list.len())));
        }
    }

    /// What the families say of a code.
    pub fn families(&self, text: &str, found: &mut Vec<Touch>) {
        for length in &self.lengths {
            if let Some(prefix) = text.get(..*length)
                && let Some(touches) = self.prefixes.get(prefix)
            {
                found.extend(touches);
            }
        }
        found.extend(self.ranges.iter().filter(|(low, high, _)| within(text, low, high)).map(|(_, _, touch)| *touch));
    }

    /// Whether any family is named at all.
    pub fn has_families(&self) -> bool {
        !(self.prefixes.is_empty() && self.ranges.is_empty())
    }

    /// What a symbol of the library touches.
    #[inline]
    pub fn of(&self, sym: Sym) -> &[Touch] {
        self.spans.get(sym as usize).map_or(&[], |(from, to)| &self.list[*from as usize..*to as usize])
    }
}

fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_ranges_and_categories_hold_what_is_below_them() {
        let mut symbols = Symbols::default();
        let set = CodeSet::read(["M80", "I20-I25", "Z51.1*", "K35.900"], &mut symbols);
        let mut names = Names::new(&symbols);
        let mut has = |code: &'static str| {
            let sym = names.intern(code);
            set.has(sym, &names)
        };
        for code in ["M80.000", "M80", "I20.000", "I25.9", "I22", "Z51.100", "K35.900"] {
            assert!(has(code), "{code}");
        }
        for code in ["M81.000", "I26.000", "I19.9", "Z51.000", "K35.901", ""] {
            assert!(!has(code), "{code}");
        }
    }
}
