//! How many cases a second one thread groups under a DIP-shaped catalogue of 12,000 groups,
//! made up here: `cargo run --release -p grouping --example dip_speed`.

use std::hint::black_box;
use std::time::Instant;

use grouping::{Case, Condition, Grouper, Level, Node, Scheme, Scratch, Select};
use terms::Fen;

const SUBCATEGORIES: usize = 4_000;

fn category(index: usize) -> String {
    let letter = char::from(b'A' + (index / 400 % 26) as u8);
    format!("{letter}{:02}.{}", index / 4 % 100, index % 4)
}

fn main() {
    let rule = |text: &str| Condition::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut core = Node::new("核心", "", rule(""));
    for index in 0..SUBCATEGORIES {
        let key = category(index);
        for (operation, fee) in [(index % 97, 9_000), (index % 89, 12_000), (index % 83, 20_000)] {
            let text =
                format!("ZYZD in prefix('{key}') and procedures('{operation:02}.1000/{operation:02}.2000+99.0000')");
            let mut group = Node::new(format!("{key}:{operation}:{fee}"), "", rule(&text));
            group.mean_fee = Some(Fen(fee * 100));
            core.children.push(group);
        }
    }
    let mut category_groups = Node::new("综合", "", rule(""));
    for index in (0..SUBCATEGORIES).step_by(4) {
        let key = &category(index)[..3];
        category_groups.children.push(Node::new(key, "", rule(&format!("ZYZD in prefix('{key}')"))));
    }
    let level = |name: &str, select| Level { name: name.to_owned(), select };
    let scheme = Scheme {
        levels: vec![level("层", Select::First), level("病种", Select::Best)],
        nodes: vec![core, category_groups],
        ..Scheme::default()
    };
    let begun = Instant::now();
    let Ok(grouper) = Grouper::compile(&scheme) else { panic!("the catalogue does not compile") };
    println!("compiled in {} ms", begun.elapsed().as_millis());
    let case = |index: usize| Case {
        diagnoses: (0..6)
            .map(|other| format!("{}00x0{other:02}", category((index * 31 + other) % SUBCATEGORIES)))
            .collect(),
        procedures: vec![format!("{:02}.1000", index * 31 % SUBCATEGORIES % 97), "99.0000".to_owned()],
        fee: Some(Fen(index as i64 * 7 % 3_000_000)),
        ..Case::default()
    };
    let cases: Vec<Case> = (0..20_000).map(case).collect();
    let mut scratch = Scratch::new();
    let begun = Instant::now();
    let mut grouped = 0_u32;
    for _ in 0..50 {
        for case in &cases {
            grouped += u32::from(black_box(grouper.group(case, &mut scratch)).status.has_group());
        }
    }
    let nanos = begun.elapsed().as_nanos() / (50 * cases.len() as u128);
    println!("{} cases/s ({nanos} ns a case), {grouped} grouped", 1_000_000_000 / nanos);
}
