//! 对账: what was read, what became of it, and what the books say.

use journeys::OpeningSums;
use terms::Fen;

use super::person::Sums;
use super::rules::Accumulator;
use super::sheet::FILES;

/// What became of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// 导入.
    Loaded,
    /// 已在册: registered before, left as it is.
    Known,
    /// 未导入.
    LeftOut,
}

const FATES: usize = 3;

/// Counts and sums by fate.
#[derive(Debug, Default)]
pub struct Tally {
    /// Rows read by file.
    read: [u64; FILES.len()],
    rows: [[u64; FATES]; FILES.len()],
    read_sums: Sums,
    sums: [Sums; FATES],
    /// Persons brought in.
    pub loaded: i64,
}

fn add(to: &mut Sums, more: &Sums) {
    to.balance += more.balance;
    to.totals.resize(to.totals.len().max(more.totals.len()), 0);
    for (sum, amount) in to.totals.iter_mut().zip(&more.totals) {
        *sum += amount;
    }
}

impl Tally {
    /// So many rows stand in a file.
    pub fn read(&mut self, file: usize, rows: u64) {
        self.read[file] = rows;
    }

    /// A row that is nobody's, or that cannot be read.
    pub fn stray(&mut self, file: usize) {
        self.rows[file][Fate::LeftOut as usize] += 1;
    }

    /// The sums of a person whose rows were read.
    pub fn sums(&mut self, sums: &Sums) {
        add(&mut self.read_sums, sums);
    }

    /// A person's fate, and that of their rows.
    pub fn person(&mut self, fate: Fate, rows: &[u64; FILES.len()], sums: &Sums) {
        for (of_file, rows) in self.rows.iter_mut().zip(rows) {
            of_file[fate as usize] += rows;
        }
        add(&mut self.sums[fate as usize], sums);
        self.loaded += i64::from(fate == Fate::Loaded);
    }

    /// Prints the table and says what does not agree; nothing when all does.
    pub fn print(&self, accumulators: &[Accumulator], before: &OpeningSums, after: &OpeningSums) -> Vec<String> {
        let mut wrong = Vec::new();
        println!("{:<24}{:>16}{:>16}{:>16}{:>16}", "rows", "read", "loaded", "there already", "left out");
        for (n, (name, _)) in FILES.iter().enumerate() {
            let [loaded, known, out] = self.rows[n];
            println!("{name:<24}{:>16}{loaded:>16}{known:>16}{out:>16}", self.read[n]);
            if self.read[n] != loaded + known + out {
                wrong.push(format!("{name}: {} rows read, {} accounted for", self.read[n], loaded + known + out));
            }
        }
        println!(
            "\n{:<24}{:>16}{:>16}{:>16}{:>16}{:>16}",
            "sums", "read", "loaded", "there already", "left out", "booked"
        );
        let balance = |sums: &Sums| sums.balance.0;
        let booked = (after.balances - before.balances).0;
        self.sum("balances", balance, booked, |amount| Fen(amount).to_string(), &mut wrong);
        let posted = (after.posted - before.posted).0;
        self.sum("balances, in the ledger", balance, posted, |amount| Fen(amount).to_string(), &mut wrong);
        for (n, accumulator) in accumulators.iter().enumerate() {
            let booked = after.totals[n] - before.totals[n];
            let of = |sums: &Sums| sums.totals.get(n).copied().unwrap_or(0);
            if of(&self.read_sums) != 0 || booked != 0 {
                self.sum(&accumulator.id, of, booked, |amount| accumulator.shown(amount), &mut wrong);
            }
        }
        if after.persons - before.persons != self.loaded {
            let found = after.persons - before.persons;
            wrong.push(format!("{} persons were loaded, {found} more are registered", self.loaded));
        }
        wrong
    }

    fn sum(
        &self,
        name: &str,
        of: impl Fn(&Sums) -> i64,
        booked: i64,
        shown: impl Fn(i64) -> String,
        wrong: &mut Vec<String>,
    ) {
        let read = of(&self.read_sums);
        let [loaded, known, out] = [of(&self.sums[0]), of(&self.sums[1]), of(&self.sums[2])];
        let [a, b, c, d, e] = [read, loaded, known, out, booked].map(&shown);
        println!("{name:<24}{a:>16}{b:>16}{c:>16}{d:>16}{e:>16}");
        if read != loaded + known + out {
            wrong.push(format!("{name}: {a} read, {} accounted for", shown(loaded + known + out)));
        }
        if booked != loaded {
            wrong.push(format!("{name}: {b} loaded, {e} booked"));
        }
    }
}
