//! The console (`console/`): built by npm, checked, and looked at in a real browser.

use crate::contract;
use crate::files;
use crate::shell::{self, Outcome, cargo, code, output};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

/// The demo city of the browser tests: small, and the same every time.
const CITY: [&str; 4] = ["--people", "2000", "--days", "10"];

/// How long the city may take to live its days with a build that is not optimised.
const LIVED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// What `heng demo` prints once every desk has its data.
const LIVED: &str = "The page stays at";

/// `cargo xtask console`: checks and builds the console, then tests every desk (or those of the
/// named specs) in Chromium against a demo city.
///
/// # Errors
/// npm, Chromium or Heng is missing or did not start, or the console's checks failed.
pub fn run(root: &Path, specs: &[String]) -> Outcome {
    check(root)?;
    build(root)?;
    browse(root, specs)
}

/// `cargo xtask build`: the console, then one release binary that holds it.
///
/// # Errors
/// npm or cargo did not start, or the console does not build.
pub fn release(root: &Path) -> Outcome {
    build(root)?;
    let mut heng = cargo(root);
    // The macro that takes the files in does not see that they changed; this does.
    heng.env("HENG_CONSOLE_BUILD", stamp(root)).args(["build", "--release", "--package", "heng"]);
    let done = code(&mut heng)?;
    if done == 0 {
        println!("built: {}", files::shown(root, &files::target(root).join("release/heng")));
    }
    Ok(done)
}

/// Builds `console/dist` when a source is newer than it.
///
/// # Errors
/// npm is missing, or the console does not build.
pub fn build_if_stale(root: &Path) -> Result<(), String> {
    if stale(&root.join("console")) { build(root) } else { Ok(()) }
}

fn build(root: &Path) -> Result<(), String> {
    install(root)?;
    println!("building the console …");
    output(npm(root).args(["run", "--silent", "build"])).map(|_| ())
}

/// Types, lint and unit tests.
fn check(root: &Path) -> Result<(), String> {
    install(root)?;
    println!("checking the console …");
    match code(npm(root).args(["run", "--silent", "check"]))? {
        0 => Ok(()),
        _ => Err("the console's own checks failed: see above".to_owned()),
    }
}

/// `npm ci`, unless what is installed is what the lock file says.
fn install(root: &Path) -> Result<(), String> {
    if !shell::exists("npm") {
        return Err("npm is not installed, and the console is built with it: install Node 20 or newer".to_owned());
    }
    let console = root.join("console");
    let installed = changed(&console.join("node_modules/.package-lock.json"));
    if installed.is_some_and(|at| Some(at) >= changed(&console.join("package-lock.json"))) {
        return Ok(());
    }
    println!("installing what the console is built with …");
    output(npm(root).args(["ci", "--no-audit", "--no-fund"])).map(|_| ())
}

fn npm(root: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(root.join("console"));
    npm
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// Whether a source of the console is newer than what was built from it, or nothing was built.
fn stale(console: &Path) -> bool {
    let Some(built) = changed(&console.join("dist/index.html")) else { return true };
    let sources = [".ts", ".tsx", ".css", ".json", ".html", ".svg", ".js"];
    files::ending_in(console, &sources).iter().any(|source| changed(source).is_some_and(|at| at > built))
}

/// A word that changes with every build of the console.
fn stamp(root: &Path) -> String {
    let built = changed(&root.join("console/dist/index.html")).unwrap_or(SystemTime::UNIX_EPOCH);
    let since = built.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_millis().to_string()
}

fn browse(root: &Path, specs: &[String]) -> Outcome {
    let chromium = chromium()?;
    // The whole workspace, so that the tests' build of the libraries is the one that is used.
    if code(cargo(root).args(["build", "--workspace", "--bin", "heng"]))? != 0 {
        return Err("heng does not build".to_owned());
    }
    let place = files::target(root).join("browser");
    let city = City::live(root, &place)?;
    println!("looking at the desks in {} …", chromium.display());
    let mut playwright = npm(root);
    playwright.args(["run", "--silent", "e2e", "--"]).args(specs);
    playwright.env("HENG_URL", &city.url).env("HENG_ACCOUNTS", place.join("data/accounts.json"));
    playwright.env("HENG_CHROMIUM", chromium).env("HENG_DATA", place.join("data")).env("HENG_BIN", heng(root));
    let browsed = code(&mut playwright)?;
    // After the browser: it asks at random, and the city is not the same after it.
    let held = if specs.is_empty() { contract::run(root, &city.url, &place.join("data/accounts.json"))? } else { 0 };
    Ok(browsed.max(held))
}

/// The binary that the tests have built.
fn heng(root: &Path) -> PathBuf {
    files::target(root).join("debug/heng")
}

/// Chromium of this machine; installed when we may.
fn chromium() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("HENG_CHROMIUM") {
        return Ok(PathBuf::from(named));
    }
    let found = || {
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
        folders.iter().flat_map(|folder| names.map(|name| folder.join(name))).find(|path| path.is_file())
    };
    if let Some(path) = found() {
        return Ok(path);
    }
    let by_hand = "install it with `apt-get install -y chromium fonts-noto-cjk`, or name one in HENG_CHROMIUM";
    if !shell::exists("apt-get") {
        return Err(format!("the desks are tested in Chromium, and there is none: {by_hand}"));
    }
    println!("installing Chromium …");
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-y", "-qq", "chromium", "fonts-noto-cjk"]);
    output(&mut apt).map_err(|why| format!("Chromium could not be installed; {by_hand}\n{why}"))?;
    found().ok_or_else(|| format!("Chromium was installed and is not on the path; {by_hand}"))
}

/// A demo that has lived its days; ends when dropped.
struct City {
    url: String,
    demo: Child,
}

impl City {
    fn live(root: &Path, place: &Path) -> Result<City, String> {
        std::fs::create_dir_all(place).map_err(|error| format!("{}: {error}", place.display()))?;
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let address = free.map_err(|error| format!("no free port: {error}"))?;
        println!("a city lives its days at http://{address}/ …");
        let mut heng = Command::new(heng(root));
        heng.current_dir(root).arg("demo").args(CITY).args(["--listen", &address.to_string(), "--data"]);
        heng.arg(place.join("data")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut demo = heng.spawn().map_err(|error| format!("heng demo did not start: {error}"))?;
        let said = follow(&mut demo);
        let mut told = String::new();
        loop {
            match said.recv_timeout(LIVED_WITHIN) {
                Ok(line) if line.contains(LIVED) => return Ok(City { url: format!("http://{address}"), demo }),
                Ok(line) => told.push_str(&format!("{line}\n")),
                Err(_) => {
                    let _ = demo.kill();
                    let _ = demo.wait();
                    return Err(format!("heng demo ended or stood still before its city had lived:\n{told}"));
                }
            }
        }
    }
}

/// What a program says on both its outputs, line by line; it is read to the end, so that the
/// program never waits for its reader.
fn follow(program: &mut Child) -> mpsc::Receiver<String> {
    let (say, said) = mpsc::channel();
    let outputs: [Option<Box<dyn std::io::Read + Send>>; 2] = [
        program.stdout.take().map(|out| Box::new(out) as Box<dyn std::io::Read + Send>),
        program.stderr.take().map(|out| Box::new(out) as Box<dyn std::io::Read + Send>),
    ];
    for output in outputs.into_iter().flatten() {
        let say = say.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = say.send(line);
            }
        });
    }
    said
}

impl Drop for City {
    fn drop(&mut self) {
        let _ = self.demo.kill();
        let _ = self.demo.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(path: &Path, seconds: u64) {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let file = std::fs::File::create(path).expect("a file");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("a time");
    }

    #[test]
    fn the_console_is_built_again_when_a_source_is_newer() {
        let console = std::env::temp_dir().join(format!("heng-stale-{}", std::process::id()));
        touch(&console.join("src/main.tsx"), 100);
        assert!(stale(&console), "nothing was built yet");
        touch(&console.join("dist/index.html"), 200);
        touch(&console.join("node_modules/other/index.js"), 300);
        assert!(!stale(&console), "what is installed is no source");
        touch(&console.join("src/locales/en/frame.json"), 300);
        assert!(stale(&console));
        std::fs::remove_dir_all(&console).expect("the folder goes");
    }
}
