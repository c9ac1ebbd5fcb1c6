//! The catalogue and the institutions of the registers, as the law reads them.

use std::sync::Arc;

use adjudication::facts::{Fields, Items};
use journeys::{Catalogue, Institutions, Registration};
use provider::{Agreement, AgreementStatus, Content, Institution, InstitutionKind};
use terms::Period;

use crate::world::*;

fn institution(agreements: Vec<Agreement>) -> Institutions {
    let row = Institution {
        code: HOSPITAL.into(),
        name: "机构".to_owned(),
        level: "2".to_owned(),
        kind: InstitutionKind::Hospital,
        category: "A100".to_owned(),
        area: "999999".into(),
        chronic: true,
        pooled: false,
        beds: 10,
        period: Period::since(day("2020-01-01")),
    };
    let content = Content { institutions: vec![row], agreements, ..Content::default() };
    Institutions::of_register(Arc::new(provider::Index::new(1, content)))
}

fn agreement(status: AgreementStatus, begin: &str, end: &str) -> Agreement {
    Agreement {
        institution: HOSPITAL.into(),
        number: format!("{begin}号"),
        status,
        clr_way: String::new(),
        period: Period { begin: day(begin), end: Some(day(end)) },
    }
}

#[test]
fn a_suspended_institution_opens_no_visits_and_one_without_agreement_is_not_designated() {
    on_each_database(|world| {
        let psn = world.person("8001", 0, &[]);
        let institutions = Arc::new(institution(vec![
            agreement(AgreementStatus::InForce, "2026-03-01", "2026-03-31"),
            agreement(AgreementStatus::Suspended, "2026-03-15", "2026-03-20"),
        ]));
        let visit = |number: &str, begntime: &str| {
            let operations = (world.operation(HOSPITAL, "2201"), world.operation(HOSPITAL, "2203"));
            let (psn, number, begntime, institutions) =
                (psn.clone(), number.to_owned(), at(begntime), Arc::clone(&institutions));
            world.deed(move |centre, tx| {
                let centre = centre.with(Arc::clone(&centre.catalogue), Arc::clone(&institutions));
                let asked = Registration {
                    psn_no: psn.clone(),
                    insutype: "310".to_owned(),
                    begntime,
                    ipt_otp_no: number.clone(),
                    particulars: Fields::new(),
                };
                let shell = centre.register_outpatient(tx, &operations.0, asked)?;
                let mut asked = begin(&psn, &shell.mdtrt_id);
                asked.begntime = begntime;
                centre.begin_visit(tx, &operations.1, asked)
            })
        };
        visit("V1", "2026-03-14 10:00:00").expect("in force");
        assert_eq!(code(visit("V2", "2026-03-15 10:00:00")), "HC102");
        assert_eq!(code(visit("V3", "2026-04-01 10:00:00")), "T104");
        visit("V4", "2026-03-21 10:00:00").expect("in force again");
    });
}

#[test]
fn the_way_in_which_stays_are_paid_is_that_of_the_agreement_on_the_day() {
    let with_way = |way: &str, begin: &str, end: &str| Agreement {
        clr_way: way.to_owned(),
        ..agreement(AgreementStatus::InForce, begin, end)
    };
    let institutions = institution(vec![
        with_way("", "2026-01-01", "2026-03-31"),
        with_way("40", "2026-04-01", "2026-06-30"),
        with_way("50", "2026-07-01", "2026-12-31"),
    ]);
    let ways =
        ["2026-03-31", "2026-04-01", "2026-07-01", "2027-01-01"].map(|on| institutions.clr_way(HOSPITAL, day(on)));
    assert_eq!(ways, [None, Some("40"), Some("50"), None]);
}

#[test]
fn an_item_of_the_register_keeps_its_texts_levels_and_dates() {
    let csv_like = |code: &str, begin: &str, end: Option<&str>| catalogue::Item {
        code: code.into(),
        name: "药".to_owned(),
        list_type: "101".to_owned(),
        charge_type: "09".to_owned(),
        level: catalogue::Level::Second,
        self_pay: [("310".to_owned(), terms::Ratio(1000))].into(),
        ceilings: [("3".to_owned(), "12.50".to_owned())].into(),
        restricted: true,
        quota: None,
        account_payable: false,
        dosage_form: String::new(),
        specification: String::new(),
        unit: "盒".to_owned(),
        typical_price: None,
        period: Period { begin: day(begin), end: end.map(day) },
    };
    let items = vec![csv_like("D1", "2026-07-01", None), csv_like("D1", "2020-01-01", Some("2026-06-30"))];
    let shelf = Catalogue::of_register(&catalogue::Index::new(1, items, vec![]));
    assert_eq!(shelf.rows("D1").len(), 2);
    assert!(shelf.rows("D2").is_empty());
    let row = shelf.on("D1", day("2026-06-30")).expect("in force");
    assert_eq!((row.chrgitm_lv.as_str(), row.lmt_used_flag.as_str(), row.acct_pay_flag.as_str()), ("02", "1", "0"));
    assert_eq!(row.ceiling["3"], ("12.50".to_owned(), "12.5".parse().unwrap()));
    assert_eq!(row.fields["med_chrgitm_type"], "09");
}
