//! Writes the stays of some years of a fictional city as one CSV file: the neutral columns of
//! grouping cases, then year, institution, level and fee. Weights and scores come out of such a
//! file; nobody in it exists.
//!
//! `cargo run -p city --example history -- REGION PEOPLE FIRST_YEAR YEARS > history.csv`

use std::io::Write as _;
use std::path::Path;

use city::{City, CityOptions, RegionFiles, Visit};

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
        "id,sex,age,age_days,weight,dept,los,leaving_type,icu_hours,dx,proc,year,institution,level,med_type,fee"
    )?;
    for year in first..first + years {
        let options = CityOptions {
            seed: u64::from(year.unsigned_abs()),
            people,
            from: jiff::civil::date(year, 1, 1),
            days: 365,
            ..CityOptions::default()
        };
        for visit in City::new(options, &region)?.stays() {
            row(&mut out, year, &visit)?;
        }
    }
    Ok(())
}

fn row(out: &mut impl std::io::Write, year: i16, visit: &Visit) -> Result<(), Box<dyn std::error::Error>> {
    let Some(chart) = &visit.chart else {
        return Ok(());
    };
    let joined = |codes: Vec<&str>| codes.join("|");
    let minutes: i64 = chart.icu.iter().map(|stay| stay.left.duration_since(stay.entered).as_mins()).sum();
    let age = visit.person.birth.until((jiff::Unit::Year, visit.begin.date()))?.get_years();
    let newborn = chart.newborn.map(|newborn| newborn.admission_weight.to_string()).unwrap_or_default();
    writeln!(
        out,
        "{year}-{},{},{age},{},{newborn},{},{},{},{},{},{},{year},{},{},{},{}",
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
        visit.kind.code(),
        visit.total(),
    )?;
    Ok(())
}
