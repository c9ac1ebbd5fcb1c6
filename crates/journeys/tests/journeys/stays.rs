//! Journeys of a stay, each on both databases.

use std::collections::BTreeMap;

use crate::world::*;
use adjudication::facts::Fields;
use journeys::{Admission, AdmissionChange, Admitted, Discharge, JourneyError};
use terms::{Fen, PersonId, VisitId};

fn admission(psn_no: &PersonId, label: &str) -> Admission {
    Admission {
        psn_no: psn_no.clone(),
        insutype: "310".to_owned(),
        begntime: at("2026-03-09 08:00:00"),
        med_type: "21".to_owned(),
        ipt_no: label.to_owned(),
        fields: Fields::new(),
        particulars: BTreeMap::from([("adm_bed".to_owned(), "1".to_owned())]),
        diagnoses: vec![diagnosis("1", 1, "J18")],
    }
}

pub fn admit(world: &World, psn_no: &PersonId, label: &str) -> Result<Admitted, JourneyError> {
    let (operation, asked) = (world.operation(HOSPITAL, "2401"), admission(psn_no, label));
    world.deed(move |centre, tx| centre.admit(tx, &operation, asked.clone()))
}

pub fn discharge(world: &World, psn_no: &PersonId, visit: &VisitId) -> Result<claim::Visit, JourneyError> {
    let operation = world.operation(HOSPITAL, "2402");
    let asked = Discharge {
        psn_no: psn_no.clone(),
        mdtrt_id: visit.clone(),
        endtime: at("2026-03-09 10:30:00"),
        fields: BTreeMap::from([("dscg_way".to_owned(), "1".to_owned())]),
        particulars: Fields::new(),
        diagnoses: vec![diagnosis("2", 1, "J18")],
    };
    world.deed(move |centre, tx| centre.discharge(tx, &operation, asked.clone()))
}

fn undo_discharge(world: &World, psn_no: &PersonId, visit: &VisitId) -> Result<claim::Visit, JourneyError> {
    let (operation, psn_no, visit) = (world.operation(HOSPITAL, "2405"), psn_no.clone(), visit.clone());
    world.deed(move |centre, tx| centre.undo_discharge(tx, &operation, &psn_no, &visit))
}

fn withdraw(world: &World, psn_no: &PersonId, visit: &VisitId) -> Result<(), JourneyError> {
    let (operation, psn_no, visit) = (world.operation(HOSPITAL, "2404"), psn_no.clone(), visit.clone());
    world.deed(move |centre, tx| centre.withdraw_admission(tx, &operation, &psn_no, &visit))
}

fn in_hospital(world: &World) -> usize {
    let all_day = (at("2026-03-09 00:00:00"), at("2026-03-09 23:59:59"));
    world.ask(move |_, tx| journeys::in_hospital(tx, &HOSPITAL.into(), None, all_day)).len()
}

#[test]
fn a_stay_is_admitted_charged_discharged_and_settled() {
    on_each_database(|world| {
        let psn = world.person("2001", 0, &[]);
        let visit = admit(world, &psn, "Z1").expect("admitted").visit.mdtrt_id;
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 100_000)]).expect("taken");
        assert_eq!(in_hospital(world), 1);
        assert_eq!(code(world.settle(&psn, HOSPITAL, &visit, 100_000, "0")), "T404");
        discharge(world, &psn, &visit).expect("discharged");
        assert_eq!(code(discharge(world, &psn, &visit)), "T302");
        assert_eq!(in_hospital(world), 0);
        let settled = world.settle(&psn, HOSPITAL, &visit, 100_000, "0").expect("settled");
        assert_eq!(settled.settlement.heads.hifp_pay, Fen(63_000));
        assert_eq!(settled.clr_type, "21");
        assert_eq!(code(undo_discharge(world, &psn, &visit)), "HC202");
        world.check_books();
    });
}

#[test]
fn an_undone_discharge_takes_back_what_it_said() {
    on_each_database(|world| {
        let psn = world.person("2002", 0, &[]);
        let admitted = admit(world, &psn, "Z1").expect("admitted").visit;
        let visit = admitted.mdtrt_id.clone();
        assert_eq!(code(undo_discharge(world, &psn, &visit)), "HC206");
        assert_eq!(discharge(world, &psn, &visit).expect("discharged").fields["dscg_way"], "1");
        assert_eq!(code(withdraw(world, &psn, &visit)), "HC205");
        assert_eq!(undo_discharge(world, &psn, &visit).expect("undone"), admitted);
        let (psn_no, mdtrt_id) = (psn.clone(), visit.clone());
        let left = world.ask(move |_, tx| journeys::diagnoses_of(tx, &HOSPITAL.into(), &psn_no, &mdtrt_id));
        assert!(left.iter().all(|row| row.inout_diag_type == "1") && left.len() == 1);
        discharge(world, &psn, &visit).expect("discharged again");
    });
}

#[test]
fn a_changed_admission_is_accepted_anew_only_while_it_is_empty() {
    on_each_database(|world| {
        let psn = world.person("2003", 0, &[]);
        let visit = admit(world, &psn, "Z1").expect("admitted").visit.mdtrt_id;
        let change = |begntime: &str, bed: &str| {
            let operation = world.operation(HOSPITAL, "2403");
            let asked = AdmissionChange {
                psn_no: psn.clone(),
                mdtrt_id: visit.clone(),
                ipt_no: None,
                begntime: at(begntime),
                med_type: "21".to_owned(),
                fields: Fields::new(),
                particulars: BTreeMap::from([("adm_bed".to_owned(), bed.to_owned())]),
                diagnoses: vec![diagnosis("1", 1, "J20")],
            };
            world.deed(move |centre, tx| centre.change_admission(tx, &operation, asked.clone()))
        };
        assert_eq!(
            change("2026-03-09 07:00:00", "2").expect("an earlier admission").begntime,
            at("2026-03-09 07:00:00")
        );
        assert_eq!(code(change("2019-03-09 07:00:00", "2")), "T104", "the law is asked again");
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 1_000)]).expect("taken");
        assert_eq!(code(change("2026-03-09 08:00:00", "2")), "HC204");
        assert_eq!(change("2026-03-09 07:00:00", "3").expect("only the bed").particulars["adm_bed"], "3");
    });
}

#[test]
fn an_admission_with_fees_or_settlements_is_not_withdrawn() {
    on_each_database(|world| {
        let psn = world.person("2004", 0, &[]);
        let visit = admit(world, &psn, "Z1").expect("admitted").visit.mdtrt_id;
        withdraw(world, &psn, &visit).expect("nothing happened yet");
        assert_eq!(code(world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 1)])), "T201");
        let visit = admit(world, &psn, "Z1").expect("admitted again").visit.mdtrt_id;
        world.upload(&psn, HOSPITAL, &visit, vec![line("1", "A", 1_000)]).expect("taken");
        assert_eq!(code(withdraw(world, &psn, &visit)), "HC204");
        discharge(world, &psn, &visit).expect("discharged");
        let settled = world.settle(&psn, HOSPITAL, &visit, 1_000, "0").expect("settled");
        assert_eq!(code(withdraw(world, &psn, &visit)), "HC202");
        world.reverse(&psn, HOSPITAL, &settled.setl_id.unwrap()).expect("reversed");
        assert_eq!(code(withdraw(world, &psn, &visit)), "HC203");
        let shell = world.shell(&psn, HOSPITAL, "V1");
        assert_eq!(code(withdraw(world, &psn, &shell.mdtrt_id)), "HC207");
    });
}
