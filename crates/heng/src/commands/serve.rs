//! `heng serve`: a centre on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use gateway::{Config, KeyRing, Keys, SignInRule};

use super::Problem;
use crate::centre::{RunningCentre, Setting};
use crate::wiring::Place;

/// Runs a centre: the national interface and the plain page on one address.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where to listen. Unsigned messages and the page are for loopback only.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the evidence log alone is shown to witnesses of other machines; nothing personal is in it.
    #[arg(long)]
    log_listen: Option<SocketAddr>,
    /// The file of registered keys (x-tif, CSB, SM2).
    #[arg(long)]
    keys: Option<PathBuf>,
    /// Whether transactions need a sign-in (9001).
    #[arg(long, value_enum, default_value = "when-given")]
    sign_in: SignIn,
    /// Minutes that a message's inf_time may differ from the clock; 0 takes any time.
    #[arg(long, default_value_t = 15)]
    clock_window: u64,
    /// Browsers come over TLS, ended by a proxy in front: the session's cookie then insists on it.
    #[arg(long)]
    behind_tls: bool,
}

/// Whether transactions need a sign-in.
#[derive(Clone, Copy, ValueEnum)]
enum SignIn {
    /// Every transaction but 9001.
    Required,
    /// A number that is given must be valid.
    WhenGiven,
}

impl Serve {
    /// Serves until interrupted.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let keys = keys_of(self.keys.as_deref())?;
        let log_listen = self.log_listen;
        let (sign_in, minutes) = (self.sign_in, self.clock_window);
        let config = move |config: Config| Config {
            sign_in: match sign_in {
                SignIn::Required => SignInRule::Required,
                SignIn::WhenGiven => SignInRule::WhenGiven,
            },
            clock_window: (minutes > 0).then(|| std::time::Duration::from_secs(minutes * 60)),
            ..config
        };
        let setting = Setting {
            place: self.place,
            listen: self.listen,
            log_listen,
            config: Box::new(config),
            keys,
            progress: Arc::new(|| None),
            sequencing: true,
            now: Arc::new(|| jiff::Zoned::now().datetime()),
            tls: self.behind_tls,
        };
        let centre = RunningCentre::start(setting)?;
        println!("heng: the interface is at {}", centre.interface());
        println!("heng: the page is at http://{}/", centre.address);
        if let Some(address) = log_listen {
            println!("heng: the evidence log alone is at http://{address}/log/checkpoint");
        }
        wait_for_the_end()?;
        println!("heng: finishing what was accepted");
        drop(centre);
        Ok(ExitCode::SUCCESS)
    }
}

/// The registered keys of a file; none without one (then only unsigned messages of this
/// machine are served).
pub fn keys_of(file: Option<&std::path::Path>) -> Result<Box<dyn KeyRing>, Problem> {
    let Some(file) = file else { return Ok(Box::new(Keys::default())) };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Box::new(Keys::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?))
}

/// Waits for ctrl-c or TERM.
pub fn wait_for_the_end() -> Result<(), Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(the_end())?)
}

/// Resolves at ctrl-c or TERM.
pub async fn the_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = term.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
