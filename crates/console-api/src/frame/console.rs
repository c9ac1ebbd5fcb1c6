//! 接口背后的世界.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use access::RolePolicy;
use db::{Database, Tx};
use evidence::TrustedKey;
use journeys::{Casebook, Centre, GroupPayment, JourneyError, Services};
use office::shelf::Shelf;
use operation::Operation;
use terms::DateTime;

use crate::frame::{Caller, Entry, Problem};
use crate::{Named, Progress};

/// What the routes are made from.
pub struct World {
    /// Where everything is remembered; its tables must exist.
    pub database: Database,
    /// The centre: its law, catalogue, institutions, rules.
    pub centre: Centre,
    /// The region's folder, which the policy desk shows.
    pub folder: PathBuf,
    /// 地区.
    pub region: Named,
    /// 基金支付类型 to name.
    pub funds: BTreeMap<String, Named>,
    /// 险种 to name.
    pub schemes: BTreeMap<String, Named>,
    /// The public key of the evidence log.
    pub trusted: TrustedKey,
    /// What is being done now.
    pub progress: Progress,
    /// 角色权限.
    pub access: RolePolicy,
    /// 办案程序, 工作日历, 办案人员.
    pub casebook: Arc<Casebook>,
    /// 方案架: grouping schemes, payment plans, quality rules.
    pub shelf: Arc<Shelf>,
    /// 按病组付费: the same plans, as months are cleared by them.
    pub payment: Arc<GroupPayment>,
    /// 服务事项.
    pub services: Arc<Services>,
    /// The region's time: the clock's, or that of a synthetic city.
    pub now: Arc<dyn Fn() -> DateTime + Send + Sync>,
    /// Whether browsers come over TLS, so that the cookie may insist on it.
    pub secure: bool,
}

/// A cheap handle to the world and its door.
#[derive(Clone)]
pub struct Console(Arc<(World, Entry)>);

impl Deref for Console {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0.0
    }
}

impl Console {
    /// A console over a world. What it seals nobody opens after it: for tests and looking around.
    #[must_use]
    pub fn new(world: World) -> Console {
        Console::behind(world, Entry::new(access::SealKey::new(drawn())))
    }

    /// A console over a world, behind a door.
    #[must_use]
    pub fn behind(world: World, entry: Entry) -> Console {
        Console(Arc::new((world, entry)))
    }

    /// What guards the door.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.0.1
    }

    /// Asks the registers, off the server's own threads.
    ///
    /// # Errors
    /// What the question refuses, as a [`Problem`].
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl Fn(&mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, Problem> {
        let database = self.database.clone();
        self.work(move || Ok(database.read(question)?)).await
    }

    /// Does a deed in one durable transaction, off the server's own threads. Time and chance are
    /// in the operation ([`Console::operation`]), so a retry is exact.
    ///
    /// # Errors
    /// What the deed refuses, as a [`Problem`].
    pub async fn deed<T: Send + 'static>(
        &self,
        deed: impl Fn(&mut dyn Tx) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, Problem> {
        let database = self.database.clone();
        self.work(move || Ok(database.deed(deed)?)).await
    }

    /// Work that blocks or computes long.
    ///
    /// # Errors
    /// The work's own.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| Err(Problem::internal(&error)))
    }

    /// The deed of somebody at a desk, at the region's time. `label` says what kind of deed.
    #[must_use]
    pub fn operation(&self, caller: &Caller, label: &str) -> Operation {
        Operation::of_bureau(label, &caller.actor(), (self.now)(), drawn())
    }
}

/// 32 bytes of true randomness.
///
/// # Panics
/// When the operating system has none: nothing may be begun without it.
pub(crate) fn drawn() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
