//! The engine against the published schemes' oracle: every column of every case.

mod support;

use grouping::{Answer, Grouper, Scratch, Status};

/// An answer in the oracle's words.
fn told(grouper: &Grouper, answer: &Answer) -> [String; 4] {
    let groups = grouper.groups(answer);
    let status = match answer.status {
        Status::Grouped | Status::Fallback => "ok",
        Status::Ambiguous => "ambiguous",
        Status::Ungroupable => "ungroupable",
        Status::NeedsData | Status::Invalid => "check_failed",
    };
    [status, groups.mdc, groups.adrg, groups.group].map(str::to_owned)
}

#[test]
fn all_six_schemes_answer_as_the_oracle_does() {
    let Some(folder) = support::reference() else { return };
    let mut wrong = Vec::new();
    for name in support::SCHEMES {
        let grouper =
            Grouper::compile(&support::load(&folder, name)).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let mut scratch = Scratch::new();
        let cases = support::cases(&folder, name);
        assert!(cases.len() > 3000, "{name} has only {} cases", cases.len());
        for expected in &cases {
            let answer = grouper.group(&expected.case, &mut scratch);
            let found = told(&grouper, &answer);
            if found != expected.answer {
                wrong.push(format!("{}: expected {:?}, found {found:?}", expected.case.id, expected.answer));
            }
        }
        println!("{name}: {} cases", cases.len());
    }
    assert!(wrong.is_empty(), "{} differ, first: {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
}

#[test]
fn an_explanation_ends_where_grouping_ends_on_every_reference_case() {
    let Some(folder) = support::reference() else { return };
    for name in support::SCHEMES {
        let grouper =
            Grouper::compile(&support::load(&folder, name)).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let mut scratch = Scratch::new();
        for expected in support::cases(&folder, name).iter().step_by(7) {
            let answer = grouper.group(&expected.case, &mut scratch);
            let explained = grouper.explain(&expected.case);
            assert_eq!(answer, explained.answer, "{}\n{explained}", expected.case.id);
            let first = grouper.what_if(&expected.case).first().map(|what_if| what_if.answer);
            assert!(first.is_none_or(|first| first == answer), "{}", expected.case.id);
        }
    }
}

#[test]
fn a_scheme_written_as_a_folder_reads_back_the_same() {
    let Some(folder) = support::reference() else { return };
    for name in support::SCHEMES {
        let scheme = support::load(&folder, name);
        let read = grouping::Scheme::read(&scheme.write(), None).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert!(read.warnings.is_empty(), "{:#?}", read.warnings);
        assert!(read.scheme == scheme, "{name} differs after writing and reading");
    }
}
