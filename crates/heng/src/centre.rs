//! 经办中心, running: gateway and page on one loopback or network address, the evidence log's
//! sequencer beside it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use console_api::Named;
use db::Database;
use evidence::Signer;
use gateway::{Config, Gateway, KeyRing, Server};
use office::http::{self, Access, Limits, Service};
use office::load;
use office::shelf::Shelf;
use tokio::sync::oneshot;

use crate::commands::Problem;
use crate::wiring::{Place, interface_of, open_gateway, open_region, origin};

/// How often the log is numbered and signed: a checkpoint is at most a second after its leaf.
const SEQUENCE_EVERY: Duration = Duration::from_millis(200);

/// What a centre is opened with.
pub struct Setting {
    /// Region, data folder, database.
    pub place: Place,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the evidence log alone is shown too, to witnesses of other machines.
    pub log_listen: Option<SocketAddr>,
    /// Changes the gateway's defaults (sign-in, clock window).
    pub config: Box<dyn FnOnce(Config) -> Config>,
    /// Who may speak.
    pub keys: Box<dyn KeyRing>,
    /// What the page says is going on.
    pub progress: Arc<dyn Fn() -> Option<String> + Send + Sync>,
    /// Whether the evidence log is numbered and signed here.
    pub sequencing: bool,
    /// The region's time: the clock's, or that of a synthetic city.
    pub now: Arc<dyn Fn() -> terms::DateTime + Send + Sync>,
    /// Whether browsers come over TLS (a proxy in front), so that the session's cookie insists on it.
    pub tls: bool,
}

/// A running centre; dropping it finishes what was accepted and signs the log a last time.
pub struct RunningCentre {
    /// Where it answers.
    pub address: SocketAddr,
    /// Its database.
    pub database: Database,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    _sequencer: Option<evidence::Running>,
    _following: overview::Following,
}

impl RunningCentre {
    /// Opens a centre and serves it.
    pub fn start(setting: Setting) -> Result<RunningCentre, Problem> {
        let Setting { place, listen, log_listen, config, keys, progress, sequencing, now, tls } = setting;
        let region = open_region(&place.region)?;
        let interface = interface_of(&region)?;
        let area = region.manifest.area.clone();
        let names = Names::of(&region.manifest);
        let config = config(Config::for_region(&area));
        let database = place.open_database()?;
        fill_registers(&database, &region)?;
        let key = Arc::new(place.log_key(&origin(&area))?);
        let log_key = key.public().clone();
        place.publish_key(&log_key)?;
        let supervision = region.supervision()?;
        let screener = screener(&region)?;
        let counter = region.counter()?;
        let access = access_policy(&place.region)?;
        let credentials = place.credential_office(&region)?;
        let centre = journeys::Centre { supervision, credentials, ..region.into_centre(config.limits.lines) };
        let centre = on_register(centre, &database)?;
        let (gateway, desk) = open_gateway(centre, database.clone(), interface, config, keys, place.answer_keys()?)?;
        let sequencer = sequencing.then(|| sequence(&place, &area, &database, key)).transpose()?;
        let following = overview::follow(database.clone(), FOLLOW_EVERY)?;
        let log = console_api::log_router(console_api::LogWindow {
            database: database.clone(),
            key: log_key.clone(),
            witnesses: Arc::new(place.witnesses()?),
        });
        let shelf = shelf_of(&place.region, screener);
        let world = console_api::frame::World {
            database: database.clone(),
            centre: desk.centre(),
            folder: place.region.clone(),
            region: names.region.clone(),
            funds: names.funds.clone(),
            schemes: names.schemes.clone(),
            trusted: log_key.clone(),
            progress: Arc::clone(&progress),
            access,
            casebook: counter.book,
            services: counter.services,
            shelf: Arc::clone(&shelf),
            payment: Arc::new(shelf.group_payment()?),
            now,
            secure: tls,
        };
        let console = console_api::frame::Console::behind(world, place.entry()?);
        let page = console_api::api(console).merge(log.clone()).merge(http::router(Arc::new(Service::new(
            shelf,
            Access::Loopback,
            Limits::default(),
        ))));
        let witnessed = log_listen.map(|listen| (listen, log));
        let (stop, stopped) = oneshot::channel();
        let (told, address) = std::sync::mpsc::channel();
        let serving = std::thread::Builder::new()
            .name("heng-serve".to_owned())
            .spawn(move || serve(listen, witnessed, gateway, page, &told, stopped))?;
        let address = address.recv()??;
        Ok(RunningCentre {
            address,
            database,
            stop: Some(stop),
            serving: Some(serving),
            _sequencer: sequencer,
            _following: following,
        })
    }

    /// The address of the one path that takes all transactions.
    pub fn interface(&self) -> String {
        format!("http://{}/fsi/api/rsfComIfsService/callService", self.address)
    }
}

impl Drop for RunningCentre {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            let _ = serving.join();
        }
    }
}

/// 角色权限 of a region: its `access.toml`, without which nobody could sign in.
fn access_policy(region: &std::path::Path) -> Result<access::RolePolicy, Problem> {
    let file = region.join("access.toml");
    let text = std::fs::read_to_string(&file)
        .map_err(|error| format!("{}: {error}; the console needs the region's roles", file.display()))?;
    Ok(access::RolePolicy::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?)
}

/// The region's audit rules with its institutions and practitioners around them, if it has any.
pub fn screener(region: &region::Region) -> Result<Option<screening::Screener>, Problem> {
    let library = region.screening()?.library;
    let around = region::surroundings(&region.providers.institutions, &region.providers.practitioners);
    Ok((!library.headers().is_empty()).then(|| library.around(&around)))
}

/// The region's schemes, plans and quality rules for programs of this machine. A slip in them does
/// not keep the window from settling: it is told, and what cannot be read is left out.
fn shelf_of(region: &std::path::Path, screener: Option<screening::Screener>) -> Arc<Shelf> {
    let warn = |what: &str, problem: Problem| tracing::warn!(%problem, "{what} not served");
    let mut shelf = Shelf { screening: screener, ..Shelf::default() };
    match load::region_schemes(region, |told| tracing::info!("{told}")) {
        Ok((schemes, left)) => {
            shelf.schemes = schemes;
            left.into_iter().for_each(|plan| warn("a payment plan is", plan.into()));
        }
        Err(problem) => warn("grouping and prices are", problem),
    }
    shelf.quality = load::quality(region).map_err(|problem| warn("quality control is", problem)).ok();
    Arc::new(shelf)
}

/// Puts the folder's catalogue and institutions into a register that has none yet.
fn fill_registers(database: &Database, region: &region::Region) -> Result<(), Problem> {
    let (items, providers) = (region.catalogue.clone(), region.providers.clone());
    database.deed(move |tx| -> Result<(), db::DbError> {
        if catalogue::version(tx)? == 0 {
            catalogue::replace(tx, &items)?;
        }
        if provider::version(tx)? == 0 {
            provider::replace(tx, &providers)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The centre with the catalogue and institutions of the registers, which imports and the
/// bureau's decisions change.
pub fn on_register(centre: journeys::Centre, database: &Database) -> Result<journeys::Centre, Problem> {
    let (items, providers) =
        database.read(|tx| -> Result<_, db::DbError> { Ok((catalogue::load(tx)?, provider::load(tx)?)) })?;
    let institutions = journeys::Institutions::of_register(Arc::new(providers));
    Ok(centre.with(Arc::new(journeys::Catalogue::of_register(&items)), Arc::new(institutions)))
}

/// Numbers and signs the evidence log until dropped.
pub fn sequence(
    place: &Place,
    area: &str,
    database: &Database,
    key: Arc<evidence::Sm2Key>,
) -> Result<evidence::Running, Problem> {
    let holder = format!("{}@{}", area, place.data.display());
    let sequencer = evidence::Sequencer::new(&origin(area), &holder, evidence::HighWater::at(place.high_water()));
    let signer: Arc<dyn Signer> = key;
    let running = sequencer.spawn(database.clone(), signer, SEQUENCE_EVERY, move |round| {
        if let Err(error) = round {
            tracing::error!(%error, "the evidence log was not signed");
        }
    })?;
    Ok(running)
}

/// How often lists and sums follow the change feed.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);

/// What the page calls the region, its funds and its schemes.
struct Names {
    region: Named,
    funds: BTreeMap<String, Named>,
    schemes: BTreeMap<String, Named>,
}

impl Names {
    fn of(manifest: &region::Manifest) -> Names {
        let named = |name: &str, english: &str| Named { name: name.to_owned(), english: english.to_owned() };
        Names {
            region: named(&manifest.name, &manifest.english),
            funds: manifest.fund.iter().map(|fund| (fund.code.clone(), named(&fund.name, &fund.english))).collect(),
            schemes: manifest
                .scheme
                .iter()
                .map(|scheme| (scheme.code.clone(), named(&scheme.name, &scheme.english)))
                .collect(),
        }
    }
}

fn serve(
    listen: SocketAddr,
    log: Option<(SocketAddr, axum::Router)>,
    gateway: Arc<Gateway>,
    page: axum::Router,
    told: &std::sync::mpsc::Sender<std::io::Result<SocketAddr>>,
    stopped: oneshot::Receiver<()>,
) {
    let served = tokio::runtime::Builder::new_multi_thread().enable_all().build().and_then(|runtime| {
        runtime.block_on(async {
            if let Some((listen, log)) = log {
                let listener = tokio::net::TcpListener::bind(listen).await?;
                tokio::spawn(async move { axum::serve(listener, log).await });
            }
            let listener = tokio::net::TcpListener::bind(listen).await?;
            let _ = told.send(listener.local_addr());
            let front = |interface| console_api::console(page.fallback_service(interface));
            gateway::serve_behind(listener, gateway, Server::default(), front, async {
                let _ = stopped.await;
            })
            .await
        })
    });
    if let Err(error) = served {
        let _ = told.send(Err(error));
    }
}
