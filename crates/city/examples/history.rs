//! Writes the stays of some years of a fictional city as one CSV file: the neutral columns of
//! grouping cases, then institution, level, discharge and fee under their national names. `heng
//! group`, `heng price` and `heng weigh` read it as it is. Nobody in it exists.
//!
//! `cargo run -p city --example history -- REGION PEOPLE FIRST_YEAR YEARS > history.csv`

use std::io::Write as _;
use std::path::Path;

use city::{City, CityOptions, RegionFiles, Visit};
use terms::Date;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| arguments.next().ok_or(format!("{name} is missing: REGION PEOPLE FIRST_YEAR YEARS"));
    let region = RegionFiles::read(Path::new(&next("REGION")?))?;
    let people: u32 = next("PEOPLE")?.parse()?;
    let first: i16 = next("FIRST_YEAR")?.parse()?;
    let years: i16 = next("YEARS")?.parse()?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(
        out,
        "id,sex,age,age_days,weight,dept,los,leaving_type,icu_hours,dx,proc,fixmedins_code,hi_setl_lv,dscg_time,medfee_sumamt"
    )?;
    // Each month is a city of its own, so that each has its newborns.
    for (year, month) in (first..first + years).flat_map(|year| (1..=12).map(move |month| (year, month))) {
        let from = jiff::civil::date(year, month, 1);
        let options = CityOptions {
            seed: u64::try_from(i32::from(year) * 100 + i32::from(month))?,
            people,
            from,
            days: u16::try_from(from.days_in_month())?,
            ..CityOptions::default()
        };
        // Whoever is still in bed at the year's end belongs to the next.
        for visit in City::new(options, &region)?.stays().filter(|visit| visit.end.year() == year) {
            row(&mut out, from, &visit)?;
        }
    }
    Ok(())
}

fn row(out: &mut impl std::io::Write, month: Date, visit: &Visit) -> Result<(), Box<dyn std::error::Error>> {
    let Some(chart) = &visit.chart else {
        return Ok(());
    };
    let joined = |codes: Vec<&str>| codes.join("|");
    let minutes: i64 = chart.icu.iter().map(|stay| stay.left.duration_since(stay.entered).as_mins()).sum();
    let age = visit.person.birth.until((jiff::Unit::Year, visit.begin.date()))?.get_years();
    let newborn = chart.newborn.map(|newborn| newborn.admission_weight.to_string()).unwrap_or_default();
    writeln!(
        out,
        "{}-{},{},{age},{},{newborn},{},{},{},{},{},{},{},{},{},{}",
        month.strftime("%Y%m"),
        visit.label,
        if visit.person.male { "1" } else { "2" },
        chart.age_days.map(|days| days.to_string()).unwrap_or_default(),
        visit.department.caty,
        chart.days,
        visit.discharge_way,
        minutes / 60,
        joined(visit.coded.iter().map(|row| row.code.as_str()).collect()),
        joined(visit.procedures.iter().map(|row| row.code.as_str()).collect()),
        visit.institution.code,
        visit.institution.level,
        terms::show_time(visit.end),
        visit.total(),
    )?;
    Ok(())
}
