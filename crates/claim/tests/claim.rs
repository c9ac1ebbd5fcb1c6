//! The register of claims on both databases.

use claim::*;
use db::{Database, DbError};
use terms::{DateTime, Fen, Quantity, Ratio, UnitPrice, parse_time};

fn on_each_database(scenario: fn(&Database)) {
    let run = |database: Database| {
        database.migrate(claim::MIGRATIONS).expect("the tables are made");
        scenario(&database);
    };
    run(db_sqlite::Sqlite::temporary().expect("a temporary database opens").into_database());
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        run(fresh.open());
    }
}

fn at(text: &str) -> DateTime {
    parse_time(text).expect("a time")
}

fn visit(number: &str, seq: i64) -> Visit {
    Visit {
        psn_no: "1".into(),
        mdtrt_id: number.into(),
        seq,
        state: VisitState::Begun,
        form: Form::Stay,
        fixmedins_code: "H1".into(),
        label: format!("L{number}"),
        med_type: "21".to_owned(),
        insutype: "310".to_owned(),
        begntime: at("2026-03-09 08:00:00"),
        endtime: None,
        fields: Fields::from([("trum_flag".to_owned(), "0".to_owned())]),
        kept: Fields::new(),
        particulars: Fields::from([("adm_bed".to_owned(), "12 床".to_owned())]),
        msgid: "M1".into(),
    }
}

fn line(number: &str, amount: i64) -> Line {
    Line {
        feedetl_sn: number.into(),
        med_list_codg: "D1".into(),
        fee_ocur_time: at("2026-03-09 09:00:00"),
        cnt: Quantity(10_000),
        pric: UnitPrice(amount * 10_000),
        amount: Fen(amount),
        hosp_appr_flag: "0".to_owned(),
        init_feedetl_sn: None,
        allowance: Some(Quantity(20_000)),
        fulamt_ownpay_amt: Fen::ZERO,
        overlmt_amt: Fen(1),
        preselfpay_amt: Fen(2),
        inscp_scp_amt: Fen(amount - 3),
        selfpay_prop: Ratio(1000),
        pric_uplmt_amt: "12.50".to_owned(),
        chrgitm_lv: "02".to_owned(),
        fields: Fields::new(),
    }
}

fn settlement(number: &str, seq: i64, reverses: Option<&str>) -> Settlement {
    let sign = if reverses.is_some() { -1 } else { 1 };
    Settlement {
        psn_no: "1".into(),
        setl_id: number.into(),
        seq,
        mdtrt_id: "V1".into(),
        reverses: reverses.map(Into::into),
        fixmedins_code: "H1".into(),
        insutype: "310".to_owned(),
        med_type: "21".to_owned(),
        setl_time: at("2026-03-09 12:00:00"),
        medfee_sumamt: Fen(sign * 100),
        fund_pay_sumamt: Fen(sign * 60),
        acct_pay: Fen(sign * 10),
        psn_cash_pay: Fen(sign * 30),
        clr_type: "21".to_owned(),
        clr_way: "1".to_owned(),
        clr_optins: "999900".to_owned(),
        msgid: format!("M{number}").as_str().into(),
        policy: "abc".to_owned(),
        decision: "{\"heads\":1}".to_owned(),
        particulars: Fields::new(),
    }
}

fn history_of(database: &Database) -> History {
    database.read(|tx| history(tx, &"1".into())).expect("read")
}

fn keep(database: &Database, row: Settlement, nth: usize) -> Result<(), DbError> {
    database.deed(move |tx| record(tx, &row, nth, vec![1, 2, 3]))
}

#[test]
fn visits_settlements_and_totals_read_back_in_one_statement() {
    on_each_database(|database| {
        database
            .deed(|tx| {
                add_visit(tx, &visit("V2", 2))?;
                add_visit(tx, &visit("V1", 1))?;
                add_to_totals(
                    tx,
                    &"1".into(),
                    &[("a/2026".into(), 5), ("b".into(), 3), ("a/2026".into(), 2), ("c".into(), 0)],
                )?;
                add_to_totals(tx, &"1".into(), &[("b".into(), -3)])
            })
            .expect("kept");
        keep(database, settlement("S1", 1, None), 1).expect("kept");
        let read = history_of(database);
        assert_eq!(read.visits, [visit("V1", 1), visit("V2", 2)]);
        assert_eq!(read.settlements, [settlement("S1", 1, None)]);
        assert_eq!(read.totals, [("a/2026".to_owned(), 7), ("b".to_owned(), 0)].into());
        assert_eq!((read.next_visit(), read.next_settlement()), (3, 2));
        assert_eq!(database.read(|tx| trace(tx, &"1".into(), &"S1".into())).expect("read"), Some(vec![1, 2, 3]));
    });
}

#[test]
fn a_settlement_stands_until_its_one_reversal() {
    on_each_database(|database| {
        keep(database, settlement("S1", 1, None), 1).expect("kept");
        let again = keep(database, settlement("S2", 2, None), 1);
        assert!(matches!(again, Err(DbError::Duplicate { .. })), "the first settlement of the visit exists: {again:?}");
        assert_eq!(
            history_of(database).settled(&"V1".into()).map(|row| row.setl_id.as_str().to_owned()).as_deref(),
            Some("S1")
        );
        keep(database, settlement("R1", 2, Some("S1")), 0).expect("reversed");
        let twice = keep(database, settlement("R2", 3, Some("S1")), 0);
        assert!(matches!(twice, Err(DbError::Duplicate { .. })), "the reversal exists: {twice:?}");
        assert!(history_of(database).is_reversed(&"S1".into()) && history_of(database).settled(&"V1".into()).is_none());
        keep(database, settlement("S3", 3, None), 2).expect("the visit's second settlement");
        assert!(history_of(database).settled(&"V1".into()).is_some());
    });
}

#[test]
fn lines_keep_their_order_and_every_column() {
    on_each_database(|database| {
        let refund = Line { init_feedetl_sn: Some("9".into()), allowance: None, ..line("10", -500) };
        let written = vec![line("9", 1_000), refund, line("1", 700)];
        let rows = written.clone();
        database
            .deed(move |tx| {
                add_lines(tx, &"1".into(), &"V1".into(), 0, &rows[..2])?;
                add_lines(tx, &"1".into(), &"V1".into(), 2, &rows[2..])
            })
            .expect("kept");
        let read = || database.read(|tx| lines(tx, &"1".into(), &"V1".into())).expect("read");
        assert_eq!(read(), written);
        let rest = vec![written[2].clone()];
        database.deed(move |tx| replace_lines(tx, &"1".into(), &"V1".into(), &rest)).expect("replaced");
        assert_eq!(read(), [line("1", 700)]);
    });
}

#[test]
fn a_diagnosis_sent_again_replaces_and_one_taken_back_is_not_shown() {
    on_each_database(|database| {
        let diagnosis = |number: i64, code: &str, valid: &str| Diagnosis {
            inout_diag_type: "1".to_owned(),
            diag_srt_no: number,
            diag_type: "1".to_owned(),
            maindiag_flag: "0".to_owned(),
            diag_code: code.to_owned(),
            diag_name: "名".to_owned(),
            vali_flag: valid.to_owned(),
            fields: Fields::new(),
        };
        let put = |rows: Vec<Diagnosis>| {
            database.deed(move |tx| put_diagnoses(tx, &"1".into(), &"V1".into(), &rows)).expect("kept");
        };
        put(vec![diagnosis(1, "I10", "1"), diagnosis(2, "E11", "1"), diagnosis(2, "E12", "1")]);
        put(vec![diagnosis(1, "I10", "0"), diagnosis(3, "J18", "1")]);
        let shown = database.read(|tx| diagnoses(tx, &"1".into(), &"V1".into())).expect("read");
        assert_eq!(shown.iter().map(|row| row.diag_code.as_str()).collect::<Vec<_>>(), ["E12", "J18"]);
    });
}

#[test]
fn sums_and_statement_count_reversals_as_rows_of_their_own() {
    on_each_database(|database| {
        keep(database, settlement("S1", 1, None), 1).expect("kept");
        keep(database, settlement("R1", 2, Some("S1")), 0).expect("kept");
        keep(database, settlement("S2", 3, None), 2).expect("kept");
        let period = (at("2026-03-09 00:00:00"), at("2026-03-09 23:59:59"));
        let found = database.read(move |tx| sums(tx, &"H1".into(), period, "21", "310")).expect("summed");
        let expected = Sums {
            count: 3,
            medfee_sumamt: Fen(100),
            fund_pay_sumamt: Fen(60),
            acct_pay: Fen(10),
            psn_cash_pay: Fen(30),
        };
        assert_eq!(found, expected);
        let rows = database.read(move |tx| statement(tx, &"H1".into(), period, "21")).expect("listed");
        assert_eq!(
            rows.iter().map(|row| (row.setl_id.as_str(), row.refund)).collect::<Vec<_>>(),
            [("R1", true), ("S1", false), ("S2", false)]
        );
        let none = database.read(move |tx| sums(tx, &"H1".into(), period, "11", "310")).expect("summed");
        assert_eq!(none, Sums::default());
    });
}

#[test]
fn who_is_in_hospital_is_told_until_discharge() {
    on_each_database(|database| {
        database.deed(|tx| add_visit(tx, &visit("V1", 1))).expect("kept");
        let period = (at("2026-03-09 00:00:00"), at("2026-03-09 23:59:59"));
        let shown = || database.read(move |tx| in_hospital(tx, &"H1".into(), period.0, period.1)).expect("read");
        assert_eq!(shown(), [visit("V1", 1)]);
        let left = Visit { endtime: Some(at("2026-03-10 10:00:00")), ..visit("V1", 1) };
        database.deed(move |tx| change_visit(tx, &left)).expect("kept");
        assert!(shown().is_empty());
    });
}

#[test]
fn every_statement_prepares() {
    on_each_database(|database| {
        for sql in claim::STATEMENTS {
            database.prepare(sql).unwrap_or_else(|error| panic!("{error}"));
        }
    });
}

#[test]
fn reconciliations_are_noted_with_what_differs() {
    on_each_database(|database| {
        let row = |id: &str, differences: &[&str]| Reconciliation {
            reconciliation_id: id.to_owned(),
            fixmedins_code: "H1".into(),
            infno: "3201".to_owned(),
            begndate: terms::Date::constant(2026, 3, 9),
            enddate: terms::Date::constant(2026, 3, 9),
            clr_type: "11".to_owned(),
            insutype: "310".to_owned(),
            differences: differences.iter().map(|text| (*text).to_owned()).collect(),
            made_at: at("2026-03-09 23:00:00"),
        };
        for one in [row("1", &[]), row("2", &["结算笔数：中心 3，机构 4"])] {
            database.deed(move |tx| note_reconciliation(tx, &one)).expect("noted");
        }
        let read = |differing| database.read(move |tx| reconciliations(tx, "H1", differing, None, 9)).expect("read");
        assert_eq!(read(false), [row("2", &["结算笔数：中心 3，机构 4"]), row("1", &[])]);
        assert_eq!(read(true), [row("2", &["结算笔数：中心 3，机构 4"])]);
    });
}

#[test]
fn visits_are_listed_page_by_page_with_what_stands_of_their_settlements() {
    on_each_database(|database| {
        database
            .deed(|tx| {
                for (nth, number) in (1..).zip(["V1", "V2", "V3"]) {
                    let begntime = at(&format!("2026-03-0{nth} 08:00:00"));
                    add_visit(tx, &Visit { begntime, ..visit(number, nth) })?;
                }
                let elsewhere =
                    Visit { psn_no: "2".into(), fixmedins_code: "H2".into(), form: Form::Outpatient, ..visit("V4", 1) };
                add_visit(tx, &elsewhere)?;
                record(tx, &settlement("S1", 1, None), 1, vec![])?;
                record(tx, &settlement("S2", 2, Some("S1")), 0, vec![])?;
                record(tx, &settlement("S3", 3, None), 2, vec![])
            })
            .expect("recorded");
        let ask = |asked: VisitsAsked, after: Option<(&str, &str)>, at_most: i64| -> Vec<String> {
            let after = after.map(|(time, number)| (at(time), number.to_owned()));
            let rows = database
                .read(move |tx| {
                    visits(tx, &asked, after.as_ref().map(|(time, number)| (*time, number.as_str())), at_most)
                })
                .expect("read");
            rows.into_iter().map(|row| row.visit.mdtrt_id.0).collect()
        };
        assert_eq!(ask(VisitsAsked::default(), None, 9), ["V4", "V3", "V2", "V1"]);
        assert_eq!(ask(VisitsAsked::default(), None, 2), ["V4", "V3"]);
        assert_eq!(ask(VisitsAsked::default(), Some(("2026-03-03 08:00:00", "V3")), 2), ["V2", "V1"]);
        let upwards = VisitsAsked { descending: false, institution: "H1".to_owned(), ..VisitsAsked::default() };
        assert_eq!(ask(upwards.clone(), None, 9), ["V1", "V2", "V3"]);
        assert_eq!(database.read(move |tx| visits_count(tx, &upwards)).expect("counted"), 3);
        assert_eq!(ask(VisitsAsked { person: "2".to_owned(), ..VisitsAsked::default() }, None, 9), ["V4"]);
        assert_eq!(ask(VisitsAsked { form: "outpatient".to_owned(), ..VisitsAsked::default() }, None, 9), ["V4"]);
        assert!(ask(VisitsAsked { insutype: "390".to_owned(), ..VisitsAsked::default() }, None, 9).is_empty());
        let within =
            VisitsAsked { from: at("2026-03-02 00:00:00"), to: at("2026-03-03 23:59:59"), ..VisitsAsked::default() };
        assert_eq!(ask(within, None, 9), ["V3", "V2"]);
        let first = database.read(|tx| claim::visit(tx, &"V1".into())).expect("read").expect("there");
        assert_eq!((first.settlements, first.total, first.fund), (1, Fen(100), Fen(60)));
        assert!(database.read(|tx| claim::visit(tx, &"V9".into())).expect("read").is_none());
    });
}

#[test]
fn the_documents_of_a_visit_are_named_without_their_content() {
    on_each_database(|database| {
        let document = |kind: &str, number: &str, mdtrt_id: &str| Document {
            fixmedins_code: "H1".into(),
            kind: kind.to_owned(),
            number: number.to_owned(),
            psn_no: "1".into(),
            mdtrt_id: mdtrt_id.into(),
            sent_at: at("2026-03-09 18:00:00"),
            msgid: "M9".into(),
            content: vec![1, 2, 3],
        };
        let all = [document("4402", "N2", "V1"), document("4401", "N1", "V1"), document("4401", "N3", "V2")];
        database.deed(move |tx| put_documents(tx, &all)).expect("kept");
        let found = database.read(|tx| documents_of(tx, &"1".into(), &"V1".into())).expect("read");
        let told: Vec<_> = found.iter().map(|row| (row.kind.as_str(), row.number.as_str())).collect();
        assert_eq!(told, [("4401", "N1"), ("4402", "N2")]);
    });
}
