//! `heng office`: grouping, quality control and prices over HTTP, alone and without a database.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use office::http::{Access, Limits, Service, router};
use office::load;
use office::shelf::Shelf;

use super::Problem;
use crate::stays::tell;

/// Serves grouping, quality control and prices to programs over HTTP; no database, nothing is kept.
#[derive(Args)]
pub struct Office {
    /// Schemes: folders, neutral tables or the national workbook; may be given several times.
    #[arg(long, required = true)]
    scheme: Vec<PathBuf>,
    /// Payment plans: files or folders; each is put beside the scheme and version that it prices.
    #[arg(long)]
    payment: Vec<PathBuf>,
    /// The region whose quality rules and audit rules are used.
    #[arg(long)]
    region: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Answers other machines too. Nobody is asked who they are: only for a closed network.
    #[arg(long)]
    open_to_network: bool,
    /// Surgical cases pass over medical groups (footnote 17 of CHS-DRG 3.0).
    #[arg(long)]
    surgical_skips_medical: bool,
    /// Cases and lists that one request may hold.
    #[arg(long, default_value_t = Limits::default().batch)]
    batch: usize,
}

impl Office {
    /// Serves until interrupted.
    pub fn run(self) -> Result<ExitCode, Problem> {
        if !self.listen.ip().is_loopback() && !self.open_to_network {
            return Err(format!(
                "{} is reached from other machines, and nobody is asked who they are: add --open-to-network if that is meant",
                self.listen
            )
            .into());
        }
        let access = if self.open_to_network { Access::Network } else { Access::Loopback };
        let limits = Limits { batch: self.batch, ..Limits::default() };
        let routes = router(Arc::new(Service::new(self.shelf()?, access, limits)));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(self.listen).await?;
            println!("heng: the calculators are at http://{}/api/v1/", listener.local_addr()?);
            let service = routes.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).with_graceful_shutdown(async { drop(super::serve::the_end().await) }).await
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn shelf(&self) -> Result<Shelf, Problem> {
        let settings = schemes::workbook::Settings {
            surgical_skips_medical: self.surgical_skips_medical,
            ..schemes::workbook::Settings::default()
        };
        let mut shelf = Shelf::default();
        for path in &self.scheme {
            shelf.schemes.push(load::scheme(path, &settings, tell)?);
        }
        for path in &self.payment {
            for plan in load::plans(path)? {
                let beside =
                    shelf.schemes.iter_mut().find(|one| office::shelf::fits(&plan, one.grouper.scheme()).is_ok());
                match beside {
                    Some(installed) => installed.add(plan)?,
                    None => tell(&format!(
                        "the plan {} prices {}@{}, which is not here: it is left out",
                        plan.id, plan.scheme, plan.scheme_version
                    )),
                }
            }
        }
        shelf.quality = self.region.as_deref().map(load::quality).transpose()?;
        if let Some(region) = &self.region {
            shelf.screening = crate::centre::screener(&crate::wiring::open_region(region)?)?;
        }
        Ok(shelf)
    }
}
