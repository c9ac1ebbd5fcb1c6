//! The floors: which room may lean on which.
//!
//! `ARCHITECTURE.md` is the law: its floor table is read here, and cargo says what the
//! manifests really hold. Normal dependencies count; tests may use anything.

use crate::files;
use crate::shell::{cargo, output};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Crates that reach the world. None may be anywhere under a calculator.
const WORLDLY: &[&str] = &[
    "async-std",
    "axum",
    "chacha20poly1305",
    "fastrand",
    "getrandom",
    "hyper",
    "mio",
    "notify",
    "postgres",
    "quinn",
    "rand",
    "rayon",
    "reqwest",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "sqlx",
    "tempfile",
    "tokio",
    "tokio-postgres",
    "tracing-subscriber",
    "ureq",
    "walkdir",
];

/// What a calculator's own source may not name, whatever its manifest says.
const WORLDLY_PATHS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "SystemTime",
    "Instant::now",
    "Zoned::now",
    "Timestamp::now",
    "async fn",
];

/// One line of the floor table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Name of the room, the crate and its folder.
    pub name: String,
    /// 0 at the bottom, 5 at the top.
    pub floor: u8,
    /// Pure functions on plain data: no I/O anywhere below.
    pub calculator: bool,
    /// On the plan, not built yet.
    pub planned: bool,
    /// Rooms of the same floor that it may lean on.
    pub neighbours: BTreeSet<String>,
    /// Line of the table in `ARCHITECTURE.md`.
    pub line: usize,
}

/// Reads the floor table: rows `| floor | room | stands | neighbours | what for |`, whose
/// first cell begins with a digit and whose second is a name in backticks.
///
/// # Errors
/// No such row at all, or a room listed twice.
pub fn plan(architecture: &str) -> Result<BTreeMap<String, Room>, String> {
    let mut rooms = BTreeMap::new();
    for (number, line) in architecture.lines().enumerate() {
        let Some(room) = row(number + 1, line) else { continue };
        let (name, line) = (room.name.clone(), room.line);
        if rooms.insert(name.clone(), room).is_some() {
            return Err(format!("ARCHITECTURE.md:{line}: `{name}` stands twice in the floor table"));
        }
    }
    if rooms.is_empty() { Err("ARCHITECTURE.md holds no floor table".to_owned()) } else { Ok(rooms) }
}

fn row(line_number: usize, line: &str) -> Option<Room> {
    let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let [floor, name, stands, neighbours, ..] = cells.as_slice() else { return None };
    let digit = floor.chars().next()?.to_digit(10)?;
    Some(Room {
        name: names(name).into_iter().next()?,
        floor: u8::try_from(digit).ok()?,
        calculator: floor.contains("calculator"),
        planned: *stands == "planned",
        neighbours: names(neighbours).into_iter().collect(),
        line: line_number,
    })
}

/// The words in backticks.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What cargo says of the house: for each crate the crates it leans on.
#[derive(Debug, Default)]
pub struct House {
    /// Direct dependencies, by name.
    pub leans_on: BTreeMap<String, BTreeSet<String>>,
    /// The workspace's own crates.
    pub members: BTreeSet<String>,
}

impl House {
    /// Reads `cargo tree --prefix depth --format '{p}'`, where a crate that was shown
    /// before is not unfolded again.
    #[must_use]
    pub fn from_tree(tree: &str) -> House {
        let mut house = House::default();
        let mut above: Vec<String> = Vec::new();
        for line in tree.lines() {
            let digits = line.chars().take_while(char::is_ascii_digit).count();
            let (Ok(depth), Some(name)) = (line[..digits].parse::<usize>(), line[digits..].split(' ').next()) else {
                continue;
            };
            above.truncate(depth);
            match above.last() {
                Some(parent) => {
                    house.leans_on.entry(parent.clone()).or_default().insert(name.to_owned());
                }
                None => {
                    house.members.insert(name.to_owned());
                }
            }
            above.push(name.to_owned());
        }
        house
    }

    fn direct(&self, name: &str) -> impl Iterator<Item = &String> {
        self.leans_on.get(name).into_iter().flatten()
    }

    /// Everything under a crate.
    #[must_use]
    pub fn closure(&self, name: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&String> = self.direct(name).collect();
        while let Some(next) = waiting.pop() {
            if seen.insert(next.clone()) {
                waiting.extend(self.direct(next));
            }
        }
        seen
    }
}

/// Holds the house against the plan: one message for each thing that is not as planned.
#[must_use]
pub fn judge(plan: &BTreeMap<String, Room>, house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for member in house.members.iter().filter(|member| *member != "xtask") {
        let Some(room) = plan.get(member) else {
            found.push(format!("the room `{member}` has no line in the floor table of ARCHITECTURE.md: add one"));
            continue;
        };
        if room.planned {
            found
                .push(format!("ARCHITECTURE.md:{}: `{member}` is built: write `yes` in place of `planned`", room.line));
        }
        found.extend(house.direct(member).filter_map(|below| arrow(plan, room, below)));
    }
    let missing = plan.values().filter(|room| !room.planned && !house.members.contains(&room.name));
    found.extend(missing.map(|room| {
        format!(
            "ARCHITECTURE.md:{}: the room `{}` does not exist: write `planned`, or remove the line",
            room.line, room.name
        )
    }));
    found
}

/// The worldly crates anywhere under a calculator. `alone` is the tree of this crate by
/// itself: beside others, cargo would give its libraries the features that they ask for.
#[must_use]
pub fn worldly(calculator: &str, alone: &House) -> Vec<String> {
    let below = alone.closure(calculator).into_iter().filter(|name| WORLDLY.contains(&name.as_str()));
    below.map(|name| format!("the calculator `{calculator}` reaches the world through `{name}`")).collect()
}

/// Why an arrow must not be, if it must not.
fn arrow(plan: &BTreeMap<String, Room>, room: &Room, below: &str) -> Option<String> {
    if below == "xtask" {
        return Some(format!("`{}` leans on `xtask`, which is not a room", room.name));
    }
    let target = plan.get(below)?;
    let allowed = target.floor < room.floor || (target.floor == room.floor && room.neighbours.contains(below));
    let direction = if target.floor > room.floor { "up" } else { "sideways" };
    (!allowed).then(|| {
        let (from, to) = (room.floor, target.floor);
        format!(
            "`{}` (floor {from}) leans {direction} on `{below}` (floor {to}): ARCHITECTURE.md:{} does not allow it",
            room.name, room.line
        )
    })
}

/// The whole check on the repository at `root`.
///
/// # Errors
/// `ARCHITECTURE.md` cannot be read, or cargo cannot read the manifests.
pub fn check(root: &Path) -> Result<Vec<String>, String> {
    let plan = plan(&files::read(&root.join("ARCHITECTURE.md"))?)?;
    let house = House::from_tree(&tree(root, &["--workspace", "--edges", "normal", "--depth", "1"])?);
    let mut found = judge(&plan, &house);
    for room in plan.values().filter(|room| room.calculator && house.members.contains(&room.name)) {
        found.extend(worldly(
            &room.name,
            &House::from_tree(&tree(root, &["--package", &room.name, "--edges", "normal"])?),
        ));
        for path in files::ending_in(&root.join("crates").join(&room.name).join("src"), &[".rs"]) {
            found.extend(worldly_lines(&files::read(&path)?, &files::shown(root, &path)));
        }
    }
    Ok(found)
}

/// Lines of a calculator's source, before its tests, that name the world.
fn worldly_lines(text: &str, shown: &str) -> Vec<String> {
    let code = text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
    code.filter(|(_, line)| !line.trim_start().starts_with("//"))
        .flat_map(|(number, line)| {
            WORLDLY_PATHS.iter().filter(move |path| line.contains(**path)).map(move |path| (number, path))
        })
        .map(|(number, path)| format!("{shown}:{}: a calculator names `{path}`; take it as an argument", number + 1))
        .collect()
}

/// `cargo tree` in the form that [`House::from_tree`] reads.
///
/// # Errors
/// Cargo cannot read the manifests.
pub fn tree(root: &Path, more: &[&str]) -> Result<String, String> {
    output(cargo(root).args(["tree", "--all-features", "--prefix", "depth", "--format", "{p}"]).args(more))
}
