//! Some days of a small synthetic city against the centre, over real HTTP: its hospitals check
//! every answer and reconcile every night, and find no difference.

use crate::town::*;
use city::his::{HisOptions, Silent, run};
use city::{City, CityOptions, RegionFiles, TotalAmount};
use std::collections::BTreeMap;
use std::path::Path;
use terms::{Fen, PersonId};

fn registered(person: &city::Person, area: &str) -> enrolment::Registration {
    let coverage = |row: &city::Coverage| enrolment::Coverage {
        insutype: row.scheme.to_owned(),
        psn_type: row.person_type.to_owned(),
        cvlserv_flag: if row.civil_servant { "1" } else { "0" }.to_owned(),
        psn_insu_stas: row.status.to_owned(),
        period: row.period,
        insuplc_admdvs: area.into(),
        emp_no: None,
        emp_name: None,
        fields: BTreeMap::new(),
    };
    let filing = |row: &city::Filing| enrolment::Filing {
        filing_id: row.number.as_str().into(),
        kind: row.kind.code().to_owned(),
        period: row.period,
        dise_codg: Some(row.disease.as_str()).filter(|code| !code.is_empty()).map(Into::into),
        admdvs: Some(row.area.as_str()).filter(|code| !code.is_empty()).map(Into::into),
        cancelled: false,
        fields: BTreeMap::new(),
    };
    let identity = |row: &city::Identity| enrolment::Identity {
        psn_idet_type: row.kind.to_owned(),
        psn_type_lv: String::new(),
        memo: String::new(),
        period: row.period,
    };
    let giver = |row: &city::MutualAid| enrolment::Giver {
        giver: row.giver.as_str().into(),
        period: row.period,
        year_lmt: row.year_limit,
        balc: Fen::ZERO,
    };
    enrolment::Registration {
        person: enrolment::Person {
            psn_no: person.number.as_str().into(),
            psn_name: person.name.clone(),
            psn_cert_type: "01".to_owned(),
            certno: person.certificate.clone(),
            gend: if person.male { "1" } else { "2" }.to_owned(),
            naty: "01".to_owned(),
            brdy: person.birth,
            tel: String::new(),
            fields: BTreeMap::new(),
        },
        coverage: person.coverage.iter().map(coverage).collect(),
        identities: person.identities.iter().map(identity).collect(),
        filings: person.filings.iter().map(filing).collect(),
        givers: person.mutual_aid.iter().map(giver).collect(),
        balance: person.account.unwrap_or_default(),
        at: terms::parse_time("2026-06-30 00:00:00").expect("a time"),
    }
}

fn move_in(town: &Town, city: &City) {
    let people: Vec<city::Person> = city.persons().collect();
    for some in people.chunks(500) {
        let registrations: Vec<_> = some.iter().map(|person| registered(person, city.area())).collect();
        let totals: Vec<(PersonId, Vec<(String, i64)>)> = some.iter().map(totals).collect();
        let moved: Result<(), journeys::JourneyError> = town.desk.database().deed(move |tx| {
            journeys::open_persons(tx, &registrations)?;
            totals.iter().try_for_each(|(psn_no, totals)| journeys::open_totals(tx, psn_no, totals))
        });
        moved.unwrap_or_else(|error| panic!("{error}"));
    }
}

fn totals(person: &city::Person) -> (PersonId, Vec<(String, i64)>) {
    let amount = |total: &city::Total| match total.amount {
        TotalAmount::Money(fen) => fen.0,
        TotalAmount::Count(count) => i64::from(count),
    };
    (person.number.as_str().into(), person.totals.iter().map(|total| (total.key.clone(), amount(total))).collect())
}

fn live(database: db::Database) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
    let options = CityOptions { people: 4_000, days: 12, ..CityOptions::default() };
    let city = City::new(options, &RegionFiles::read(&folder).unwrap()).unwrap();
    let town = Town::open(database, gateway::Config::for_region("999900"));
    move_in(&town, &city);
    let his = HisOptions { resend_per_mille: 100, ..HisOptions::plain(format!("http://{}", town.address)) };
    let report = run(&city, &his, &Silent).unwrap_or_else(|error| panic!("{error}"));
    println!("{report}");
    let stays = report.settlements_by_type.get("21").copied().unwrap_or_default();
    assert!(stays > 0 && report.reversals > 0 && report.undone > 0 && report.repeated > 0, "{report}");
    assert!(report.statement_files > 0 && report.statements_equal == report.statements, "{report}");
    assert_eq!(report.differences, 0, "{report}");
}

#[test]
fn some_days_of_a_small_city_have_no_difference() {
    live(embedded());
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        live(fresh.open());
    }
}
