//! The committed files of the catalogue, in order of number.

macro_rules! files {
    ($($infno:literal,)*) => {
        &[$(($infno, include_str!(concat!("../../interface/", $infno, ".toml"))),)*]
    };
}

/// Transactions known field by field.
pub const TRANSACTIONS: &[(&str, &str)] = files![
    "1101", "1162", "1201", "2001", "2101", "2102", "2103", "2201", "2202", "2203", "2203A", "2204", "2205", "2206",
    "2206A", "2207", "2207A", "2208", "2301", "2302", "2303", "2304", "2305", "2401", "2402", "2403", "2404", "2405",
    "2501", "2502", "2503", "2504", "2505", "2506", "2601", "3101", "3102", "3103", "3201", "3202", "3203", "3204",
    "3501", "3502", "3503", "3504", "3505", "3506", "3507", "3602", "3605", "3606", "4101", "4101A", "4102", "4103",
    "4401", "4402", "5201", "5202", "5203", "5204", "5205", "5206", "5301", "5303", "9001", "9002", "9101", "9102",
];

/// Titles of every transaction.
pub const TITLES: &str = include_str!("../../interface/titles.tsv");

/// Dictionaries of the known fields.
pub const DICTIONARIES: &str = include_str!("../../interface/dictionaries.toml");
