//! The guide's worked example is a rule that loads and whose cases come out.

use screening::Library;

#[test]
fn the_guides_example_loads_and_its_cases_come_out() {
    let guide = include_str!("../../../docs/guides/writing-rules.md");
    let example = guide
        .split("```toml\n")
        .find(|block| block.starts_with("id = \"hba1c-interval\""))
        .and_then(|block| block.split("```").next())
        .expect("the example");
    let (library, problems) = Library::load(&[("hba1c-interval.toml".to_owned(), example.to_owned())], &[], None);
    assert!(problems.is_empty(), "{problems:?}");
    let results = library.run_cases();
    assert_eq!(results.len(), 5);
    for result in results {
        assert_eq!(result.problem, None, "{}", result.case);
    }
}

#[test]
fn an_overlay_replaces_what_it_names_and_its_broken_cases_by_name() {
    let guide = include_str!("../../../docs/guides/writing-rules.md");
    let base = guide
        .split("```toml\n")
        .find(|block| block.starts_with("id = \"hba1c-interval\""))
        .and_then(|block| block.split("```").next())
        .expect("the example");
    let overlay = "base='hba1c-interval'\nversion='hz'\n[parameters]\ndays='30d'\n[[case]]\nname='59天后复查'\nlines=[{med_list_codg='002503070020000',repeat=2,every='29d'}]\nflags=['1-2']\n[[case]]\nname='30天'\nlines=[{med_list_codg='002503070020000',repeat=2,every='30d'}]\npasses=true\n";
    let files = [("base.toml".to_owned(), base.to_owned()), ("region.toml".to_owned(), overlay.to_owned())];
    let (library, problems) = Library::load(&files, &[], None);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(library.headers().iter().map(|header| header.version.as_str()).collect::<Vec<_>>(), ["hz"]);
    let failed: Vec<_> = library.run_cases().into_iter().filter_map(|result| result.problem).collect();
    assert_eq!(failed, Vec::<String>::new());
}

#[test]
fn each_way_of_being_wrong_is_told_by_file_and_line_and_the_others_go_on() {
    let guide = include_str!("../../../docs/guides/writing-rules.md");
    let good = guide
        .split("```toml\n")
        .find(|block| block.starts_with("id = \"hba1c-interval\""))
        .and_then(|block| block.split("```").next())
        .expect("the example");
    let broken = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace("hba1c-interval", "other").replacen(from, to, 1)
    };
    let told = |text: String| {
        let files = [("good.toml".to_owned(), good.to_owned()), ("bad.toml".to_owned(), text)];
        let (library, problems) = Library::load(&files, &[], None);
        assert_eq!(library.headers().len(), 1, "the good one stays and the bad one goes");
        let problem = problems.first().expect("a problem");
        format!("{}:{}: {}", problem.file, problem.line, problem.message)
    };
    let unknown = told(broken("unless = \"kind == '急诊'\"", "unless = \"mdtrtid == '1'\""));
    assert_eq!(
        unknown,
        "bad.toml:11: “mdtrtid” is no field of a Line, nor of what it stands in; did you mean “mdtrt_id”?"
    );
    assert_eq!(told(broken("min = \"param.days\"", "minimum = 3")), "bad.toml:17: min_interval needs “min”");
    assert!(
        told(broken("days = \"60d\"", "days = \"soon\""))
            .starts_with("bad.toml:20: min: “soon” is not a length of time")
    );
    assert!(
        told(broken("unless = \"kind == '急诊'\"", "unless = \"cnt + 'x' > 1\""))
            .contains("cannot be compared or joined")
    );
    assert!(told(broken("not_checked = \"fee_ocur_time\"", "passes = true")).contains("it needs 2, 2 and 1"));
    assert!(told(broken("class = \"政策类\"", "class = \"别的\"")).starts_with("bad.toml:5: "));
    assert!(told(broken("begndate = 2026-01-01", "begndate = 2026-01-01\nwhat = 1")).contains("what"));
    let again = told(good.replace("version = \"2026.1\"", "version = \"2026.2\""));
    assert!(again.contains("overlap in time"), "{again}");
}

#[test]
fn a_bad_cell_and_an_unknown_code_are_told_by_row_and_the_other_rows_stand() {
    let rule = include_str!("../../../docs/guides/writing-rules.md");
    let good = rule
        .split("```toml\n")
        .find(|block| block.starts_with("id = \"hba1c-interval\""))
        .and_then(|block| block.split("```").next())
        .expect("the example");
    let with_table = good
        .replace("codes = [\"002503070020000\"]\n", "")
        .replace("min = \"param.days\"", "min = \"row.min\"")
        .replace("[shape]", "[knowledge]\ntable = \"t\"\ncolumns = { code = \"items\", min = \"span\" }\n\n[shape]");
    let table = "code,min,begndate\n002503070020000,60d,\nNOBODY|002503070020000,60d,\n002503070020000,soon,\n002503070020000,9d,2026-13-01\n";
    let known = screening::KnownCodes { items: Some(["002503070020000".to_owned()].into()), ..Default::default() };
    let (library, problems) = Library::load(
        &[("r.toml".to_owned(), with_table)],
        &[("knowledge/t.csv".to_owned(), table.to_owned())],
        Some(&known),
    );
    assert_eq!(library.headers().len(), 1, "{problems:?}");
    let told: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}:{}:{}: {}", problem.file, problem.line, problem.column, problem.message))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].starts_with("knowledge/t.csv:3:1: code: the code “NOBODY” is not known here"), "{told:?}");
    assert!(told[1].starts_with("knowledge/t.csv:4:2: min: “soon” is not a length of time"), "{told:?}");
    assert!(told[2].starts_with("knowledge/t.csv:5:3: begndate: “2026-13-01” is not a date"), "{told:?}");
    let failed: Vec<_> = library.run_cases().into_iter().filter_map(|result| result.problem).collect();
    assert_eq!(failed, Vec::<String>::new());
}
