//! 任意文本: what comes from files may be anything, and nothing of it stops the program.

use listing::codes::{cleaned, odd_characters};
use listing::quality::{RuleBook, RuleFile};
use listing::{Cell, Moment, SettlementList, fields};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_cleaned_code_stays_as_it_is(code in "[ A-Zi0-9.x+*/ＯOolⅠА．×高-]{0,12}") {
        let once = cleaned(&code);
        prop_assert_eq!(cleaned(&once), once.clone());
        if odd_characters(&code).is_empty() {
            prop_assert_eq!(once, code);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,24}", digits in "[0-9年月日:/ T.-]{0,20}") {
        let mut list = SettlementList::default();
        for (place, _) in fields() {
            for text in [&text, &digits] {
                if list.set(place, 1, text).is_ok() && !text.trim().is_empty() {
                    prop_assert!(list.get(place, 1).is_some(), "{} {}", place, text);
                }
            }
        }
        if let Some(moment) = Moment::read(&digits) {
            prop_assert_eq!(Moment::read(&moment.to_string()), Some(moment));
        }
    }

    #[test]
    fn any_expression_is_refused_in_words_or_evaluated(
        must in "(stay\\.days|present\\(|any\\(|diagnoses|code|,|\\)|\\(| |'a'|==|like|\\[|\\]|1|not |and ){0,14}"
    ) {
        let text = format!(
            "id = \"x\"\nname = \"x\"\nenglish = \"x\"\nseverity = \"error\"\nsource = \"x\"\nfield = \"stay.days\"\n\
             message = \"x\"\nmessage_en = \"x\"\nmust = \"\"\"{must}\"\"\"\n"
        );
        let errors = RuleBook::load(&[RuleFile { path: "x.toml", text: &text }], &[]).expect_err("no cases");
        prop_assert!(errors.iter().all(|error| !error.problem.is_empty()));
    }
}
