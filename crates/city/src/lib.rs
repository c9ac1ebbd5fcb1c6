//! # city 合成城市
//!
//! A deterministic synthetic city: households with lives (ages, jobs, schemes, chronic
//! diseases, pregnancies), the visits they make over some weeks, and the hospital systems
//! (HIS) that report those visits to a centre **through the national interface over HTTP**,
//! check every answer's identities, and reconcile at day end. The same seed gives the same
//! city, whatever the number of threads.
//!
//! Beside ordinary life it plants fraud of known schemes, bills that break national rules, and
//! innocent lives that look guilty, at the rates of `data/plots.csv`. The same visits can be had
//! as claims without a centre ([`City::claims`], [`write_claims`]), with the truth apart from them.
//!
//! Called by the binary (`heng demo`, `heng city`) and by benchmarks. It reads a region
//! folder's catalogue and provider files and writes the opening files of a bring-in.
//!
//! Never: a rule of the law, a ratio or a ceiling of a fund (the centre decides; the city
//! only checks that amounts add up), another room's code, a real person's data.

mod bill;
mod breach;
mod chart;
mod city;
mod claims;
mod credential;
mod disease;
mod error;
pub mod his;
mod household;
mod names;
mod opening;
mod person;
mod plan;
mod plot;
mod random;
mod region;
mod stay;
mod story;
mod visit;

pub use chart::{Chart, IcuStay, Mistake, Newborn};
pub use city::{City, CityOptions, Persons, Visits};
pub use claims::{Beside, Breach, Claims, FolderCounts, Label, Labels, Member, Truth, write_claims};
pub use error::CityError;
pub use names::certificate_is_valid;
pub use opening::{OpeningCounts, write_opening};
pub use person::{
    Chronic, Coverage, Death, Filing, FilingKind, Identity, MutualAid, Person, Pregnancy, Total, TotalAmount,
};
pub use plan::Kind;
pub use region::{ChronicDisease, Department, Doctor, Institution, Item, Pack, RegionFiles, Term};
pub use visit::{Course, Line, Referral, Signs, Trauma, Visit, VisitDiagnosis, VisitProcedure};
