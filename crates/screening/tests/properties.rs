//! What holds of every history: columns of many say what each alone says, order says nothing,
//! and what is not known never flags.

mod common;

use common::{Dice, OwnedColumns, history, shuffled};
use encounter::{History, Institution, Practitioner, Stock, Surroundings};
use proptest::prelude::*;
use screening::{ItemType, Library, Options, Screened, Screener};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A rule of every shape, small enough to meet random bills often.
const SHAPES: &[(&str, &str)] = &[
    ("in-set", "unless = \"any_diag('M80*') or hosp_appr_flag\"\n[shape]\ntype='in_set'\ncodes=['A1','B*']"),
    (
        "outside",
        "[knowledge]\ntable='by-level'\ncolumns={code='items',level='number'}\n[shape]\ntype='in_set'\noutside=true\nmatch={level='level'}",
    ),
    ("sex", "[shape]\ntype='attr_mismatch'\ncodes=['A2','C1']\nattribute='gend'\nallowed=['2']"),
    (
        "age",
        "[knowledge]\ntable='ages'\ncolumns={code='items',min='span',max='span'}\n[shape]\ntype='attr_mismatch'\nattribute='age'\nmin='row.min'\nmax='row.max'",
    ),
    ("diagnosis-sex", "[shape]\ntype='attr_mismatch'\nof='diagnosis'\ncodes=['N80*']\nattribute='gend'\nallowed=['2']"),
    ("gate", "[shape]\ntype='diag_gate'\ncodes=['A1','D1']\nneeds=['M80','I20-I25']"),
    ("gate-not", "self_paid='keep'\n[shape]\ntype='diag_gate'\ncodes=['B1','X9']\nforbids=['J18*']\nlookback='20d'"),
    ("price", "[shape]\ntype='price_cap'\ncodes=['A1','A2','B1']\nmax=8"),
    (
        "check",
        "[shape]\ntype='check'\nchecks=[{id='sum',violates='abs(cnt*pric - det_item_fee_sumamt) > 0.01',says='x'},{id='blank',violates='missing(fee_ocur_time)',says='y'}]",
    ),
    (
        "visit-check",
        "amount='in_scope'\n[shape]\ntype='check'\nof='visit'\nviolates=\"stay_days > vitals_days and not any_line(list_type == '101')\"",
    ),
    (
        "companion",
        "[shape]\ntype='companion'\ncodes=['B1','B2']\nneeds={codes=['C1'],when=\"cnt > 1\"}\nlookback='10d'",
    ),
    ("operation", "[shape]\ntype='companion'\ncodes=['D1']\nneeds={of='procedure',codes=['36*']}"),
    (
        "pair",
        "[shape]\ntype='pair_same_window'\nwindow='day'\nsame=['fixmedins_code']\nfirst={codes=['A1','A2']}\nsecond={codes=['B1','C1']}",
    ),
    (
        "both",
        "[shape]\ntype='pair_same_window'\nwindow='prescription'\nflag='cheaper'\nfirst={codes=['A1']}\nsecond={codes=['C2','X9']}",
    ),
    (
        "overlap",
        "[knowledge]\ntable='groups'\ncolumns={code='items',group='text'}\n[shape]\ntype='pair_same_window'\nwindow='overlap'\ntolerance_days=1\ngroup='row.group'",
    ),
    (
        "after",
        "[shape]\ntype='pair_same_window'\nwindow='offset'\nfrom='24h'\nto='5d'\nfirst={of='procedure',codes=['36*','81*']}\nsecond={codes=['A1','A2']}",
    ),
    (
        "during",
        "[shape]\ntype='pair_same_window'\nwindow='during'\nfirst={of='visit',codes='all',when=\"kind == '住院'\"}\nsecond={of='visit',codes='all',when=\"kind in ['门诊','购药']\"}",
    ),
    (
        "package",
        "[knowledge]\ntable='packages'\ncolumns={members='items',price='yuan'}\n[shape]\ntype='set_complete'\nmembers='row.members'\nprice='row.price'\nwindow='visit'",
    ),
    (
        "daily",
        "[shape]\ntype='qty_per_window'\ncodes=['A1','A2','B1']\nper='code'\nwindow='day'\nmax=2\nbound='hours_present'",
    ),
    ("rolling", "[shape]\ntype='qty_per_window'\ncodes=['C1','C2']\nwindow='rolling 7d'\nmax=3"),
    ("money", "[shape]\ntype='qty_per_window'\ncodes='all'\nmeasure='money'\nwindow='month'\nper='all'\nmax=60"),
    (
        "kinds",
        "when=\"list_type == '101'\"\n[shape]\ntype='qty_per_window'\ncodes='all'\nper='all'\nmeasure='distinct'\nwindow='prescription'\nmax=2",
    ),
    (
        "visits",
        "[shape]\ntype='qty_per_window'\nof='visit'\ncodes='all'\nper='all'\nmeasure='count'\nmerge_minutes=10\nwindow='week'\nmax=1",
    ),
    ("course", "[shape]\ntype='days_per_window'\ncodes=['A1','B2']\nwindow='episode 3d'\nmax=2"),
    ("interval", "[shape]\ntype='min_interval'\ncodes=['D1','X9']\nper='code'\nmin='5d'"),
    (
        "discount",
        "[knowledge]\ntable='groups'\ncolumns={code='items',group='text'}\n[shape]\ntype='discount'\ngroup='row.group'\nwindow='day'\nrate=0.5",
    ),
    (
        "gap",
        "severity=[{when='gap <= 3',is=2},{is=3}]\n[shape]\ntype='stay_gap'\ncodes='all'\nmax_days=15\nsame_diagnosis='category'",
    ),
    ("registered", "[shape]\ntype='check'\ncodes='all'\nwhen='level >= 2'\nviolates=\"visits_before('9d', true) > 1\""),
];

/// Rules that look across persons.
const POPULATION: &[(&str, &str)] = &[
    ("bed", "[shape]\ntype='collision'\nof='visit'\ncodes='all'\nkey=['fixmedins_code','bedno']\nhow='night'"),
    ("trace", "[shape]\ntype='collision'\ncodes='all'\nkey=['drug_trac_codg']\nhow='repeat'"),
    (
        "share",
        "[shape]\ntype='peer_stat'\ncodes='all'\nnumerator=\"if list_type == '101' then in_scope else 0\"\ndenominator='in_scope'\npeers=['kind']\nabove=50\nmin_peers=2",
    ),
    ("stock", "[shape]\ntype='balance'\ncodes=['A1','B*']\nwindow='month'\ntolerance=1"),
];

const TABLES: &[(&str, &str)] = &[
    ("by-level.csv", "code,level\nA1|A2|C1,1\nB*|A1,2\n"),
    ("ages.csv", "code,min,max,begndate,enddate\nA1,3y,,,\nA1,,28d,,\nB2,18y,60y,2026-03-10,\nC2,,12y,,2026-03-20\n"),
    ("groups.csv", "code,group\nA1|A2,a\nB1,b\nB2,b\nC*,a\n"),
    ("packages.csv", "members,price\nA1|B1,10\nA2|C1|C2,\n"),
];

const CASES: &str = "[[case]]\nname='1'\nflags=['1']\n[[case]]\nname='2'\nflags=['1']\n[[case]]\nname='3'\npasses=true\n[[case]]\nname='4'\npasses=true\n[[case]]\nname='5'\nnot_checked='cnt'\n";

fn rule(id: &str, body: &str) -> (String, String) {
    let (own, tables) = body.find("\n[").map_or(("", body), |at| body.split_at(at));
    let (own, tables) = if body.starts_with('[') { ("", body) } else { (own, tables) };
    let head = format!(
        "id='{id}'\nname='{id}'\nversion='1'\nbasis=['test']\nclass='管理类'\nresult='高度可疑'\nbehaviour='项目类'\nstages=['事中','事后']\nbegndate=2026-01-01\n"
    );
    (format!("{id}.toml"), format!("{head}{own}\n{tables}\n[messages]\ndoctor='d'\nauditor='a'\n{CASES}"))
}

static SCREENER: LazyLock<Screener> = LazyLock::new(|| {
    let files: Vec<_> = SHAPES.iter().chain(POPULATION).map(|(id, body)| rule(id, body)).collect();
    let tables: Vec<_> = TABLES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let (library, problems) = Library::load(&files, &tables, None);
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    let text = |text: &str| Some(text.to_owned());
    library.around(&Surroundings {
        institutions: vec![Institution { fixmedins_code: text("H1"), medins_lv: text("3"), ..Institution::default() }],
        practitioners: vec![Practitioner { prac_psn_code: text("D1"), ..Practitioner::default() }],
    })
});

fn histories(seed: u64, refunds: bool) -> Vec<History> {
    let mut dice = Dice(seed);
    (0..dice.below(6) + 1).map(|person| history(&mut dice, person, refunds)).collect()
}

fn alone(histories: &[History], options: &Options) -> Screened {
    let mut all = Screened::default();
    for history in histories {
        all.merge(SCREENER.screen(history, options));
    }
    all.sort();
    all
}

/// What is flagged: rule and line, of rules that judge each record by itself.
fn flagged(screened: &Screened) -> BTreeSet<(String, String)> {
    const BY_ITSELF: &[&str] = &[
        "in-set",
        "outside",
        "sex",
        "age",
        "diagnosis-sex",
        "gate",
        "gate-not",
        "price",
        "visit-check",
        "companion",
        "operation",
    ];
    let mut found = BTreeSet::new();
    for finding in screened.findings.iter().filter(|finding| BY_ITSELF.contains(&&*finding.rule)) {
        let lines = finding.lines.iter().filter(|line| line.item == ItemType::Violating);
        found.extend(lines.map(|line| (finding.rule.to_string(), format!("{}/{}", line.mdtrt_id, line.feedetl_sn))));
        found.extend(finding.encounters.iter().map(|visit| (finding.rule.to_string(), visit.clone())));
    }
    found
}

/// Forgets one fact of one record.
fn forget(history: &mut History, dice: &mut Dice) {
    match dice.below(8) {
        0 => history.person.gend = None,
        1 => history.person.brdy = None,
        _ => {
            let many = history.encounters.len() as u64;
            if many == 0 {
                return;
            }
            let encounter = &mut history.encounters[dice.below(many) as usize];
            match dice.below(6) {
                0 => encounter.med_type = None,
                1 => encounter.medins_lv = None,
                2 => encounter.endtime = None,
                3 => encounter.vitals_days = None,
                4 if !encounter.diagnoses.is_empty() => {
                    let many = encounter.diagnoses.len() as u64;
                    encounter.diagnoses[dice.below(many) as usize].diag_code = None;
                }
                4 if !encounter.procedures.is_empty() => encounter.procedures[0].oprn_oprt_code = None,
                _ if !encounter.lines.is_empty() => {
                    let many = encounter.lines.len() as u64;
                    let line = &mut encounter.lines[dice.below(many) as usize];
                    match dice.below(6) {
                        0 => line.med_list_codg = None,
                        1 => line.fee_ocur_time = None,
                        2 => line.cnt = None,
                        3 => line.pric = None,
                        4 => line.hosp_appr_flag = None,
                        _ => line.list_type = None,
                    }
                }
                _ => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_of_many_say_what_each_history_alone_says(seed in any::<u64>(), focus in any::<bool>()) {
        let histories = histories(seed, true);
        let options = Options { focus: focus.then(|| "P0V0".to_owned()), ..Options::default() };
        let columns = OwnedColumns::new(&histories).with(|columns| SCREENER.screen_columns(columns, &options)).expect("columns that fit");
        prop_assert_eq!(columns, alone(&histories, &options));
    }

    #[test]
    fn the_order_of_records_says_nothing(seed in any::<u64>()) {
        let histories = histories(seed, true);
        let mut dice = Dice(seed ^ 0xABCD);
        let others: Vec<History> = histories.iter().map(|history| shuffled(history, &mut dice)).collect();
        prop_assert_eq!(alone(&histories, &Options::default()), alone(&others, &Options::default()));
    }

    #[test]
    fn what_is_forgotten_never_adds_a_flag(seed in any::<u64>()) {
        let histories = histories(seed, false);
        let before = flagged(&alone(&histories, &Options::default()));
        let mut dice = Dice(seed ^ 0x1234);
        let mut others = histories.clone();
        for history in &mut others {
            forget(history, &mut dice);
        }
        let after = flagged(&alone(&others, &Options::default()));
        let added: Vec<_> = after.difference(&before).collect();
        prop_assert!(added.is_empty(), "{added:?}");
    }

    #[test]
    fn no_line_is_flagged_for_more_than_its_own_money(seed in any::<u64>()) {
        let histories = histories(seed, false);
        for finding in alone(&histories, &Options::default()).findings {
            for found in &finding.lines {
                let line = histories.iter().flat_map(|history| &history.encounters).filter(|visit| visit.mdtrt_id.as_deref() == Some(&found.mdtrt_id)).flat_map(|visit| &visit.lines).find(|line| line.feedetl_sn.as_deref() == Some(&found.feedetl_sn)).expect("a line of the history");
                let most = line.inscp_scp_amt.or(line.det_item_fee_sumamt).unwrap_or_default();
                prop_assert!(found.amount.0 >= 0 && found.amount <= most, "{}: {found:?} of {most}", finding.rule);
            }
        }
    }
}

fn stock() -> Vec<Stock> {
    let text = |text: &str| Some(text.to_owned());
    let bought = |code: &str, cnt: i64| Stock {
        fixmedins_code: text("H1"),
        med_list_codg: text(code),
        move_kind: text("bought"),
        moved_at: Some(common::moment(0, 1)),
        cnt: Some(terms::Exact::whole(cnt)),
        ..Stock::default()
    };
    vec![bought("A1", 2), bought("B1", 1)]
}

#[test]
fn a_population_gathered_in_parts_shows_what_it_shows_as_a_whole() {
    let options = Options::default();
    let mut met = BTreeSet::new();
    for seed in 0..150 {
        let histories = histories(seed, true);
        let mut whole = SCREENER.tally(&options);
        histories.iter().for_each(|history| whole.add(history));
        let whole = whole.finish(&stock());
        let middle = histories.len() / 2;
        let mut parts = SCREENER.tally(&options);
        OwnedColumns::new(&histories[middle..]).with(|columns| parts.add_columns(columns)).expect("columns that fit");
        let mut other = SCREENER.tally(&options);
        OwnedColumns::new(&histories[..middle]).with(|columns| other.add_columns(columns)).expect("columns that fit");
        parts.merge(other);
        assert_eq!(parts.finish(&stock()), whole, "seed {seed}");
        met.extend(whole.findings.into_iter().map(|finding| finding.rule.to_string()));
    }
    assert_eq!(met.len(), POPULATION.len(), "{met:?}");
}

#[test]
fn random_histories_meet_every_shape() {
    let mut met = BTreeSet::new();
    for seed in 0..600 {
        met.extend(
            alone(&histories(seed, true), &Options::default())
                .findings
                .into_iter()
                .map(|finding| finding.rule.to_string()),
        );
    }
    let missed: Vec<&str> = SHAPES.iter().map(|(id, _)| *id).filter(|id| !met.contains(*id)).collect();
    assert!(missed.is_empty(), "never flagged: {missed:?}");
}
