//! Properties that hold for any scheme and any case: a rule reads back as it was written; an
//! explanation ends where grouping ends, though it asks every group and grouping only those that
//! the index announces; a folder reads back as it was written; a group that the linter calls
//! unreachable is never reached.

use std::collections::BTreeSet;

use grouping::{
    Auxiliary, Case, CodeField, CodeList, CodeSet, Combination, Comparison, Condition, Exclusion, Grouper, Kind, Level,
    Measure, Member, NewbornWeight, Node, NodeStatus, NumberField, Options, ProcedureCell, ProcedureTerm, Retry,
    Scheme, Scratch, Select, SetRef, SeverityClass, SeverityCode, Sex, Shape, SkipMedical, Step, TagPolicy,
    WhenNoChild,
};
use proptest::prelude::*;
use terms::{Fen, Quantity};

const DIAGNOSES: [&str; 8] = ["A00.0", "A00.1", "A01.0", "B10.x", "B10.y", "C20", "C21+D*", "Z99.9"];
const PROCEDURES: [&str; 7] = ["01.10", "01.11", "01.2", "02.3x001", "47.0", "47.01", "99.9"];

fn lists(kind: Kind) -> BoxedStrategy<Vec<CodeList>> {
    let (first, others) = match kind {
        Kind::Diagnosis => (CodeList::PrincipalDiagnosis, CodeList::OtherDiagnoses),
        Kind::Procedure => (CodeList::MainProcedure, CodeList::OtherProcedures),
    };
    prop_oneof![Just(vec![first]), Just(vec![others]), Just(vec![first, others])].boxed()
}

fn set_ref(kind: Kind) -> BoxedStrategy<SetRef> {
    let (names, codes): (_, &[&str]) = match kind {
        Kind::Diagnosis => (["D0", "D1", "D 2'"], &DIAGNOSES),
        Kind::Procedure => (["P0", "P1", "P 2'"], &PROCEDURES),
    };
    let named = (prop::sample::select(names.to_vec()), prop::option::weighted(0.2, Just("1".to_owned())))
        .prop_map(|(name, tag)| SetRef::Named { name: name.to_owned(), tag });
    let here = prop::collection::vec(prop::sample::select(codes.to_vec()), 1..3)
        .prop_map(|codes| SetRef::Here { shape: Shape::Code, codes: codes.into_iter().map(str::to_owned).collect() });
    let prefix = (prop::sample::select(codes.to_vec()), 1..4_usize).prop_map(|(code, length)| SetRef::Here {
        shape: Shape::Prefix,
        codes: vec![code[..length.min(code.len())].to_owned()],
    });
    let range = Just(SetRef::Here { shape: Shape::Range, codes: vec!["A01".to_owned(), "B10".to_owned()] });
    if kind == Kind::Diagnosis {
        prop_oneof![6 => named, 2 => here, 2 => prefix, 1 => range].boxed()
    } else {
        prop_oneof![6 => named, 2 => here, 2 => prefix].boxed()
    }
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop::sample::select(vec![
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::GreaterOrEqual,
        Comparison::Greater,
    ])
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Diagnosis), Just(Kind::Procedure)]
}

fn inside() -> impl Strategy<Value = Condition> {
    kind().prop_flat_map(|kind| {
        (lists(kind), prop::collection::vec(set_ref(kind), 1..3))
            .prop_map(|(lists, sets)| Condition::In { lists, sets })
    })
}

fn inside_except() -> impl Strategy<Value = Condition> {
    let except = || prop::collection::vec(set_ref(Kind::Diagnosis), 1..3);
    let others = vec![CodeList::OtherDiagnoses];
    prop_oneof![
        (lists(Kind::Diagnosis), prop::collection::vec(set_ref(Kind::Diagnosis), 1..3), except())
            .prop_map(|(lists, sets, except)| Condition::InExcept { lists, sets, except }),
        except().prop_map(move |except| Condition::InExcept {
            lists: others.clone(),
            sets: vec![named("MCC")],
            except
        }),
    ]
}

fn measured() -> impl Strategy<Value = Condition> {
    let all = vec![
        Measure::Entered,
        Measure::Codes,
        Measure::Outside,
        Measure::Tags,
        Measure::HighestTag,
        Measure::SumOfTags,
        Measure::SumOfHighest,
    ];
    let measures = (prop::sample::select(all), any::<bool>());
    (kind(), measures, comparison(), 0..4_u32).prop_flat_map(|(kind, (measure, bare), comparison, value)| {
        let weighed = measure == Measure::SumOfHighest;
        let name = match kind {
            Kind::Diagnosis => {
                if weighed {
                    "DW"
                } else {
                    "D0"
                }
            }
            Kind::Procedure => {
                if weighed {
                    "PW"
                } else {
                    "P0"
                }
            }
        };
        let set = (measure != Measure::Entered || !bare).then(|| SetRef::Named { name: name.to_owned(), tag: None });
        lists(kind).prop_map(move |lists| Condition::Measured { measure, set: set.clone(), lists, comparison, value })
    })
}

fn leaf() -> impl Strategy<Value = Condition> {
    let fields = vec![NumberField::Age, NumberField::Sex, NumberField::Weight, NumberField::Fee, NumberField::IcuHours];
    let compare = (prop::sample::select(fields), comparison(), 0..90_i64).prop_map(|(field, comparison, value)| {
        Condition::Compare { field, comparison, value: Quantity(value * 5_000) }
    });
    let cell = prop::collection::vec(
        prop::collection::vec((prop::sample::select(PROCEDURES.to_vec()), any::<bool>()), 1..3),
        1..3,
    )
    .prop_map(|parts| {
        let term = |(code, prefix): (&str, bool)| ProcedureTerm { code: code.to_owned(), prefix };
        let parts = parts.into_iter().map(|part| part.into_iter().map(term).collect()).collect();
        Condition::Procedures(ProcedureCell { parts })
    });
    prop_oneof![
        8 => inside(),
        2 => inside_except(),
        2 => measured(),
        3 => compare,
        2 => Just(Condition::In { lists: vec![CodeList::OtherDiagnoses], sets: vec![named("MCC")] }),
        1 => Just(Condition::Is { field: CodeField::LeavingType, values: vec!["5".to_owned(), "it's".to_owned()] }),
        1 => Just(Condition::Known("XSRTL".to_owned())),
        2 => cell,
        2 => any::<bool>().prop_map(Condition::Always),
    ]
}

fn named(name: &str) -> SetRef {
    SetRef::Named { name: name.to_owned(), tag: None }
}

fn condition() -> impl Strategy<Value = Condition> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::All),
            2 => prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::Any),
            1 => inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

fn code_set(name: &str, kind: Kind) -> impl Strategy<Value = CodeSet> + use<> {
    tagged_set(name, kind, ["1", "2", "3"])
}

fn tagged_set(name: &str, kind: Kind, texts: [&'static str; 3]) -> impl Strategy<Value = CodeSet> + use<> {
    let name = name.to_owned();
    let codes: &[&str] = if kind == Kind::Diagnosis { &DIAGNOSES } else { &PROCEDURES };
    let member = (prop::sample::select(codes.to_vec()), prop::sample::select(texts.to_vec()));
    let policies = prop::sample::select(vec![TagPolicy::All, TagPolicy::First, TagPolicy::Last]);
    (prop::collection::vec(member, 0..5), policies, prop::sample::select(codes.to_vec())).prop_map(
        move |(members, tags, always)| {
            let member = |(code, tag): (&str, &str)| Member {
                code: code.to_owned(),
                shape: Shape::Code,
                tag: Some(tag.to_owned()),
            };
            let mut members: Vec<Member> = members.into_iter().map(member).collect();
            // Some member must carry the tag that conditions ask for, whatever the policy.
            members.retain(|member| member.code != always);
            members.push(Member { code: always.to_owned(), shape: Shape::Code, tag: Some(texts[0].to_owned()) });
            CodeSet { name: name.clone(), kind, tags, members }
        },
    )
}

fn node(depth: usize) -> BoxedStrategy<Node> {
    let children =
        if depth == 0 { Just(Vec::new()).boxed() } else { prop::collection::vec(node(depth - 1), 0..7).boxed() };
    let statuses = prop_oneof![
        6 => Just(NodeStatus::Grouped),
        1 => Just(NodeStatus::Ambiguous),
        1 => Just(NodeStatus::Fallback),
        1 => Just(NodeStatus::Ungroupable)
    ];
    let otherwise = prop_oneof![
        4 => Just(WhenNoChild::Continue),
        1 => Just(WhenNoChild::Itself),
        1 => Just(WhenNoChild::Code("OTHER".to_owned()))
    ];
    let facts = (0..3_i64, prop::option::of(0..3_i64), prop::option::of(0..5_i64), statuses, otherwise);
    (condition(), 0..1000_u32, children, facts)
        .prop_map(|(condition, code, children, (order, rank, fee, status, when_no_child))| Node {
            code: format!("N{code}"),
            name: format!("组{code}"),
            condition,
            order,
            rank,
            mean_fee: fee.map(|fee| Fen(fee * 100)),
            status,
            when_no_child,
            children,
        })
        .boxed()
}

fn scheme() -> impl Strategy<Value = Scheme> {
    let sets = (
        code_set("D0", Kind::Diagnosis),
        code_set("D1", Kind::Diagnosis),
        code_set("D 2'", Kind::Diagnosis),
        code_set("P0", Kind::Procedure),
        code_set("P1", Kind::Procedure),
        code_set("P 2'", Kind::Procedure),
        tagged_set("DW", Kind::Diagnosis, ["heart:1", "heart:3", "lung:2"]),
        tagged_set("PW", Kind::Procedure, ["a:1", "b:2", "b:6"]),
    );
    let selects = prop::sample::select(vec![Select::First, Select::MinRank, Select::Best]);
    let options = (any::<bool>(), any::<bool>(), any::<bool>());
    let severity = prop::collection::vec((prop::sample::select(DIAGNOSES.to_vec()), 0..3_u8), 0..6);
    let exclusions = prop::collection::vec((prop::sample::select(DIAGNOSES.to_vec()), 0..3_u8), 0..6);
    let procedure = || prop::sample::select(PROCEDURES.to_vec());
    let combinations = prop::collection::vec((procedure(), procedure(), procedure()), 0..3);
    let auxiliary = prop::collection::vec((condition(), 0..9_usize), 0..4);
    let tree = (prop::collection::vec(node(2), 1..8), combinations, auxiliary);
    (sets, selects, options, severity, exclusions, tree).prop_map(
        |(sets, select, (skip, retry, dropped), severity, exclusions, (nodes, combinations, auxiliary))| Scheme {
            id: "random".to_owned(),
            version: "1".to_owned(),
            title: "随机".to_owned(),
            levels: ["A", "B", "C"].map(|name| Level { name: name.to_owned(), select }).to_vec(),
            sets: vec![sets.0, sets.1, sets.2, sets.3, sets.4, sets.5, sets.6, sets.7],
            severity_classes: vec![SeverityClass { name: "MCC".to_owned(), title: String::new() }],
            severity_codes: severity
                .into_iter()
                .map(|(code, table)| SeverityCode {
                    code: code.to_owned(),
                    class: "MCC".to_owned(),
                    exclusion: (table > 0).then(|| format!("EX_{table}")),
                    only_if: (table == 1).then(|| Condition::parse("NL < 40").unwrap()),
                })
                .collect(),
            exclusions: exclusions
                .into_iter()
                .map(|(code, table)| Exclusion { table: format!("EX_{table}"), code: code.to_owned() })
                .collect(),
            options: Options {
                surgical_skips_medical: skip.then(|| SkipMedical { set: "P1".to_owned(), level: "B".to_owned() }),
                retry: retry.then_some(Retry::EachOtherProcedure),
                ignored_procedures: dropped.then(|| "P 2'".to_owned()),
                newborn_weight: if dropped { NewbornWeight::Birth } else { NewbornWeight::Admission },
                ..Options::default()
            },
            combinations: combinations
                .into_iter()
                .enumerate()
                .map(|(index, (made, one, other))| Combination {
                    code: if index == 0 { made.to_owned() } else { format!("MADE_{index}") },
                    parts: vec![vec![one.to_owned()], vec![other.to_owned(), made.to_owned()]],
                    hidden_below: {
                        let codes: BTreeSet<&str> =
                            nodes.iter().skip(index).step_by(2).map(|node| &*node.code).collect();
                        codes.into_iter().map(str::to_owned).collect()
                    },
                })
                .collect(),
            auxiliary: auxiliary
                .into_iter()
                .enumerate()
                .map(|(index, (condition, nth))| Auxiliary {
                    id: format!("level:{index}"),
                    name: String::new(),
                    condition,
                    groups: nodes.get(nth).map(|node| node.code.clone()).into_iter().collect(),
                })
                .collect(),
            nodes,
            ..Scheme::default()
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let numbers = (
        prop::option::of(0..90_u32),
        prop::option::of(0..400_u32),
        prop::option::of(0..50_u32),
        prop::option::of(0..60_i64),
        prop::option::of(0..6_i64),
        prop::option::of(any::<bool>()),
    );
    let diagnoses = prop::collection::vec(prop::sample::select(DIAGNOSES.to_vec()), 0..5);
    let procedures = prop::collection::vec(prop::sample::select(PROCEDURES.to_vec()), 0..5);
    let leaving = prop::option::of(prop::sample::select(vec!["1", "5"]));
    (diagnoses, procedures, leaving, numbers).prop_map(
        |(diagnoses, procedures, leaving, (age, age_days, weight, icu, fee, male))| Case {
            id: "case".to_owned(),
            diagnoses: diagnoses.into_iter().map(str::to_owned).collect(),
            procedures: procedures.into_iter().map(str::to_owned).collect(),
            sex: male.map(|male| if male { Sex::Male } else { Sex::Female }),
            age,
            age_days,
            weight,
            leaving_type: leaving.map(str::to_owned),
            icu_hours: icu.map(|hours| Quantity(hours * 10_000)),
            fee: fee.map(|fee| Fen(fee * 100)),
            ..Case::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_rule_reads_back_as_it_was_written(condition in condition()) {
        let text = condition.to_string();
        let read = Condition::parse(&text);
        prop_assert_eq!(read.as_ref(), Ok(&condition), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in "[ZYDSQTNLXBin not{}()'\"∩>=<#,.0-9a-z]{0,60}") {
        if let Ok(condition) = Condition::parse(&text) {
            prop_assert_eq!(Condition::parse(&condition.to_string()), Ok(condition));
        }
    }

    #[test]
    fn an_explanation_ends_where_grouping_ends(scheme in scheme(), cases in prop::collection::vec(case(), 1..30)) {
        let grouper = Grouper::compile(&scheme);
        prop_assert!(grouper.is_ok(), "{:?}", grouper.err());
        let grouper = grouper.unwrap();
        let lint = scheme.lint(&grouping::Catalogue::default());
        let dead: Vec<&str> = lint
            .iter()
            .filter(|problem| problem.message.contains("can never be reached"))
            .map(|problem| problem.place.as_str())
            .collect();
        let mut scratch = Scratch::new();
        for case in &cases {
            let answer = grouper.group(case, &mut scratch);
            let explained = grouper.explain(case);
            prop_assert_eq!(answer, explained.answer, "{:#}", explained);
            let again = grouper.group(case, &mut Scratch::new());
            prop_assert_eq!(answer, again, "an old scratch tells on the next case");
            let met: Vec<String> = grouper.auxiliary(case, &mut scratch, &answer).iter().map(|row| row.id.clone()).collect();
            let told = explained.trace.steps.iter().find_map(|step| match step {
                Step::Ended { auxiliary, .. } => Some(auxiliary),
                _ => None,
            });
            prop_assert_eq!(told, Some(&met));
            let path: Vec<&str> = grouper.path(&answer).iter().map(|(_, code, _)| *code).collect();
            for end in 1..=path.len() {
                let place = path[..end].join("/");
                let twice = has_twins(&scheme.nodes);
                prop_assert!(twice || !dead.contains(&place.as_str()), "{} is reached: {:#}\n{:#?}", place, explained, lint);
            }
        }
    }

    #[test]
    fn a_folder_reads_back_as_it_was_written(scheme in scheme()) {
        let read = Scheme::read(&scheme.write(), None);
        prop_assert!(read.is_ok(), "{:?}", read.err());
        prop_assert!(read.unwrap().scheme == scheme);
    }
}

/// Whether two siblings share a code, so that a path does not name one node.
fn has_twins(nodes: &[Node]) -> bool {
    let mut codes: Vec<&str> = nodes.iter().map(|node| node.code.as_str()).collect();
    codes.sort_unstable();
    codes.windows(2).any(|pair| pair[0] == pair[1]) || nodes.iter().any(|node| has_twins(&node.children))
}
