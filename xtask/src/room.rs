//! `cargo xtask room new NAME --floor N`: a new room, laid out like all the others.

use crate::check::floors::plan;
use crate::files;
use crate::shell::Outcome;
use std::path::Path;

const USAGE: &str = "usage: cargo xtask room new NAME --floor N
  --floor 1   a calculator: pure functions on plain data
  --floor 2   a register: its own tables, facts and operations
  --floor 4   a room of the rim: a protocol, a file format, a runtime";

const HEAD: &str = include_str!("../templates/room/Cargo.toml.txt");

/// A template: where the file goes, and what is in it.
type Template = (&'static str, &'static str);

const CALCULATOR: &[Template] = &[
    ("src/lib.rs", include_str!("../templates/room/calculator.rs.txt")),
    ("src/facts.rs", include_str!("../templates/room/facts.rs.txt")),
    ("src/refusal.rs", include_str!("../templates/room/refusal.rs.txt")),
    ("src/rules/mod.rs", include_str!("../templates/room/rules.rs.txt")),
    ("cases/README.md", include_str!("../templates/room/cases.md.txt")),
];

const REGISTER: &[Template] = &[
    ("src/lib.rs", include_str!("../templates/room/register.rs.txt")),
    ("src/facts.rs", include_str!("../templates/room/facts.rs.txt")),
    ("src/refusal.rs", include_str!("../templates/room/refusal.rs.txt")),
    ("src/rules/mod.rs", include_str!("../templates/room/rules.rs.txt")),
    ("src/store.rs", include_str!("../templates/room/store.rs.txt")),
    ("src/operations/mod.rs", include_str!("../templates/room/operations.rs.txt")),
    ("migrations/README.md", include_str!("../templates/room/migrations.md.txt")),
    ("cases/README.md", include_str!("../templates/room/cases.md.txt")),
];

const RIM: &[Template] = &[
    ("src/lib.rs", include_str!("../templates/room/rim.rs.txt")),
    ("cases/README.md", include_str!("../templates/room/cases.md.txt")),
];

/// Reads `new NAME --floor N` and adds the room.
///
/// # Errors
/// Wrong arguments, a name that is taken, or a file that cannot be written.
pub fn run(root: &Path, args: &[String]) -> Outcome {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let ["new", name, "--floor", floor] = words.as_slice() else { return Err(USAGE.to_owned()) };
    add(root, name, floor.parse().map_err(|_| format!("`{floor}` is not a floor\n{USAGE}"))?)?;
    println!("crates/{name} stands on floor {floor}. Next: say in its lib.rs and in ARCHITECTURE.md what it is for.");
    Ok(0)
}

/// Adds the room's folder, its line in the floor table and its line in `Cargo.toml`.
///
/// # Errors
/// As [`run`]; nothing is written when the name or the floor is refused.
pub fn add(root: &Path, name: &str, floor: u8) -> Result<(), String> {
    let templates = match floor {
        1 => CALCULATOR,
        2 => REGISTER,
        4 => RIM,
        _ => {
            return Err(format!(
                "rooms are added on floors 1, 2 and 4, not on floor {floor}: see ARCHITECTURE.md\n{USAGE}"
            ));
        }
    };
    let well_formed =
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    if !well_formed {
        return Err(format!("`{name}` is not a room's name: one plain English word, lower case, hyphens allowed"));
    }
    let folder = root.join("crates").join(name);
    if folder.exists() {
        return Err(format!("crates/{name} stands already"));
    }
    let architecture = with_table_row(&files::read(&root.join("ARCHITECTURE.md"))?, name, floor)?;
    let manifest = with_dependency(&files::read(&root.join("Cargo.toml"))?, name)?;
    write(&folder.join("Cargo.toml"), &fill(HEAD, name, floor))?;
    for (path, text) in templates {
        write(&folder.join(path), &fill(text, name, floor))?;
    }
    write(&root.join("ARCHITECTURE.md"), &architecture)?;
    write(&root.join("Cargo.toml"), &manifest)
}

fn fill(template: &str, name: &str, floor: u8) -> String {
    let dependencies = if floor == 2 { "db.workspace = true\nterms.workspace = true\n" } else { "" };
    template.replace("{{name}}", name).replace("{{dependencies}}", dependencies)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, text)).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// The floor table with a row for the room after the last row of its floor; a planned room
/// keeps its row and is marked as built.
fn with_table_row(architecture: &str, name: &str, floor: u8) -> Result<String, String> {
    let rooms = plan(architecture)?;
    let mut lines: Vec<String> = architecture.lines().map(str::to_owned).collect();
    if let Some(room) = rooms.get(name) {
        if !room.planned || room.floor != floor {
            return Err(format!(
                "ARCHITECTURE.md:{}: `{name}` is on the plan already, on floor {}",
                room.line, room.floor
            ));
        }
        let row = &mut lines[room.line - 1];
        *row = row.replacen("| planned |", "| yes |", 1);
    } else {
        let same_floor = rooms.values().filter(|room| room.floor == floor && (floor != 1 || room.calculator));
        let after =
            same_floor.map(|room| room.line).max().ok_or_else(|| format!("ARCHITECTURE.md has no floor {floor}"))?;
        let label = if floor == 1 { "1 calculator".to_owned() } else { floor.to_string() };
        lines.insert(after, format!("| {label} | `{name}` | yes | | say here what it is for |"));
    }
    Ok(lines.join("\n") + "\n")
}

/// The manifest with a line for the room under `# rooms`, in alphabetical order.
fn with_dependency(manifest: &str, name: &str) -> Result<String, String> {
    let line = format!("{name} = {{ path = \"crates/{name}\" }}");
    let mut lines: Vec<&str> = manifest.lines().collect();
    if lines.contains(&line.as_str()) {
        return Ok(manifest.to_owned());
    }
    let first =
        lines.iter().position(|line| *line == "# rooms").ok_or("the root Cargo.toml has no `# rooms` list")? + 1;
    let rooms = lines[first..].iter().take_while(|line| line.contains("path = \"crates/"));
    let at = first + rooms.take_while(|other| **other < line.as_str()).count();
    lines.insert(at, &line);
    Ok(lines.join("\n") + "\n")
}
