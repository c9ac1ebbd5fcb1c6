//! 存储: the room's tables and every statement it runs.
//!
//! A statement is a constant, and a filter is optional, so each filter stands in the text and
//! lets everything pass unless its value begins with `=`. (It is written with `<>` because
//! PostgreSQL then reckons, rightly, that most rows pass and that walking an index until the
//! page is full is the short way.) What a list walks along is part of the text: one statement
//! for each pair of a way in (all, one institution, one person, a number searched for) and an
//! order. `total + 0` keeps a database from walking along an index that is the longer way.

use db::{Migration, Sql};

/// The room's schema, in order.
pub const MIGRATIONS: &[Migration] =
    &[Migration { id: "overview/0001_projections", text: include_str!("../migrations/0001_projections.sql") }];

macro_rules! columns {
    () => {
        "setl_id, mdtrt_id, psn_no, fixmedins_code, department, insutype, clr_type, med_type, begntime, endtime, \
         setl_time, reverses, reversed_by, standing, person_group, age_band, age, insured_area, visit_area, \
         out_of_area, total, full_self_pay, over_limit, pre_self_pay, in_scope, funds, person, account, cash, hospital"
    };
}

macro_rules! amounts {
    () => {
        "CAST(COALESCE(SUM(total), 0) AS BIGINT), CAST(COALESCE(SUM(full_self_pay), 0) AS BIGINT), \
         CAST(COALESCE(SUM(over_limit), 0) AS BIGINT), CAST(COALESCE(SUM(pre_self_pay), 0) AS BIGINT), \
         CAST(COALESCE(SUM(in_scope), 0) AS BIGINT), CAST(COALESCE(SUM(funds), 0) AS BIGINT), \
         CAST(COALESCE(SUM(person), 0) AS BIGINT), CAST(COALESCE(SUM(account), 0) AS BIGINT), \
         CAST(COALESCE(SUM(cash), 0) AS BIGINT), CAST(COALESCE(SUM(hospital), 0) AS BIGINT)"
    };
}

macro_rules! counts {
    () => {
        "CAST(COALESCE(SUM(settlements), 0) AS BIGINT), CAST(COALESCE(SUM(reversals), 0) AS BIGINT), "
    };
}

/// The ways in; `$1` is what they go by.
macro_rules! all {
    () => {
        "$1 = ''"
    };
}
macro_rules! institution {
    () => {
        "fixmedins_code = $1"
    };
}
macro_rules! person {
    () => {
        "psn_no = $1"
    };
}
macro_rules! standing {
    () => {
        "standing = $1"
    };
}
macro_rules! number {
    () => {
        "(setl_id = $1 OR mdtrt_id = $1 OR psn_no = $1)"
    };
}

/// The times, `$2` and `$3`: a range that an index may be walked by, or one that it may not.
macro_rules! ranged {
    () => {
        " AND setl_time >= $2 AND setl_time < $3"
    };
}
macro_rules! loose {
    () => {
        " AND (substr($2, 1, 1) <> '=' OR setl_time >= substr($2, 2)) \
         AND (substr($3, 1, 1) <> '=' OR setl_time < substr($3, 2))"
    };
}

/// Everything else that narrows, `$4` to `$17`.
macro_rules! filters {
    () => {
        " AND (substr($4, 1, 1) <> '=' OR fixmedins_code = substr($4, 2)) \
         AND (substr($5, 1, 1) <> '=' OR department = substr($5, 2)) \
         AND (substr($6, 1, 1) <> '=' OR psn_no = substr($6, 2)) \
         AND (substr($7, 1, 1) <> '=' OR insutype = substr($7, 2)) \
         AND (substr($8, 1, 1) <> '=' OR clr_type = substr($8, 2)) \
         AND (substr($9, 1, 1) <> '=' OR med_type = substr($9, 2)) \
         AND (substr($10, 1, 1) <> '=' OR person_group = substr($10, 2)) \
         AND (substr($11, 1, 1) <> '=' OR age_band = substr($11, 2)) \
         AND (substr($12, 1, 1) <> '=' OR standing = substr($12, 2)) \
         AND out_of_area <> $13 AND ($14 <> 1 OR total >= $15) AND ($16 <> 1 OR total <= $17)"
    };
}

macro_rules! page {
    ($way:ident, $time:ident, $order:literal, $compare:literal, $direction:literal) => {
        Sql::new(
            concat!("overview.page_", stringify!($way), "_", $order, $direction),
            concat!(
                "SELECT ",
                columns!(),
                " FROM overview_settlement WHERE ",
                $way!(),
                $time!(),
                filters!(),
                " AND (",
                $order,
                ", setl_id) ",
                $compare,
                " ($18, $19) ORDER BY ",
                $order,
                $direction,
                ", setl_id",
                $direction,
                " LIMIT $20"
            ),
        )
    };
}

/// A list's statements, from the least up and from the greatest down.
pub(crate) struct Ways {
    pub up: Sql,
    pub down: Sql,
    /// Whether `$2` and `$3` are loose.
    pub loose: bool,
}

macro_rules! is_loose {
    (ranged) => {
        false
    };
    (loose) => {
        true
    };
}

macro_rules! ways {
    ($name:ident: $way:ident, $time:ident, $order:literal) => {
        pub(crate) static $name: Ways = Ways {
            up: page!($way, $time, $order, ">", ""),
            down: page!($way, $time, $order, "<", " DESC"),
            loose: is_loose!($time),
        };
    };
}

ways!(ALL_BY_TIME: all, ranged, "setl_time");
ways!(ALL_BY_TOTAL: all, loose, "total");
ways!(ALL_BY_FUNDS: all, loose, "funds");
ways!(SHORT_BY_TOTAL: all, ranged, "(total + 0)");
ways!(SHORT_BY_FUNDS: all, ranged, "(funds + 0)");
ways!(INSTITUTION_BY_TIME: institution, ranged, "setl_time");
ways!(INSTITUTION_BY_TOTAL: institution, loose, "total");
ways!(INSTITUTION_BY_FUNDS: institution, loose, "funds");
ways!(INSTITUTION_SHORT_BY_TOTAL: institution, ranged, "(total + 0)");
ways!(INSTITUTION_SHORT_BY_FUNDS: institution, ranged, "(funds + 0)");
ways!(STANDING_BY_TIME: standing, ranged, "setl_time");
ways!(STANDING_BY_TOTAL: standing, ranged, "(total + 0)");
ways!(STANDING_BY_FUNDS: standing, ranged, "(funds + 0)");
ways!(PERSON_BY_TIME: person, ranged, "setl_time");
ways!(PERSON_BY_TOTAL: person, ranged, "(total + 0)");
ways!(PERSON_BY_FUNDS: person, ranged, "(funds + 0)");
ways!(NUMBER_BY_TIME: number, loose, "(setl_time || '')");
ways!(NUMBER_BY_TOTAL: number, loose, "(total + 0)");
ways!(NUMBER_BY_FUNDS: number, loose, "(funds + 0)");

macro_rules! row_sums {
    ($name:ident: $way:ident, $time:ident) => {
        pub(crate) static $name: Sql = Sql::new(
            concat!("overview.sums_", stringify!($way)),
            concat!(
                "SELECT CAST(COALESCE(SUM(CASE WHEN reverses IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT), \
                 CAST(COALESCE(SUM(CASE WHEN reverses IS NULL THEN 0 ELSE 1 END), 0) AS BIGINT), ",
                amounts!(),
                " FROM overview_settlement WHERE ",
                $way!(),
                $time!(),
                filters!()
            ),
        );
    };
}

row_sums!(SUMS_OF_ALL: all, ranged);
row_sums!(SUMS_OF_INSTITUTION: institution, ranged);
row_sums!(SUMS_OF_PERSON: person, ranged);
row_sums!(SUMS_OF_STANDING: standing, ranged);
row_sums!(SUMS_OF_NUMBER: number, loose);

pub(crate) static FIND: Sql =
    Sql::new("overview.find", concat!("SELECT ", columns!(), " FROM overview_settlement WHERE setl_id = $1"));

/// Sums of days: `$1` and `$2` the first and last day, both included; then what narrows.
macro_rules! days {
    () => {
        " FROM overview_day WHERE day >= $1 AND day <= $2 AND ($3 = '' OR fixmedins_code = $3) \
         AND ($4 = '' OR insutype = $4) AND ($5 = '' OR clr_type = $5) AND ($6 = '' OR med_type = $6) \
         AND out_of_area <> $7"
    };
}

pub(crate) static SUMS_OF_DAYS: Sql =
    Sql::new("overview.sums_of_days", concat!("SELECT ", counts!(), amounts!(), days!()));
pub(crate) static SERIES: Sql = Sql::new(
    "overview.series",
    concat!(
        "SELECT CASE $8 WHEN 'day' THEN day WHEN 'month' THEN substr(day, 1, 7) ELSE '' END AS step, \
         CASE $9 WHEN 'scheme' THEN insutype WHEN 'stream' THEN clr_type WHEN 'med_type' THEN med_type \
         WHEN 'institution' THEN fixmedins_code WHEN 'area' THEN visit_area ELSE '' END AS part, ",
        counts!(),
        amounts!(),
        days!(),
        " GROUP BY 1, 2 ORDER BY 1, 2"
    ),
);
pub(crate) static FUNDS: Sql = Sql::new(
    "overview.funds",
    "SELECT CASE $7 WHEN 'day' THEN day WHEN 'month' THEN substr(day, 1, 7) ELSE '' END AS step, \
     CASE $8 WHEN 'institution' THEN fixmedins_code ELSE '' END AS part, insutype, clr_type, med_type, fund, \
     CAST(SUM(amount) AS BIGINT) FROM overview_fund_day WHERE day >= $1 AND day <= $2 \
     AND ($3 = '' OR fixmedins_code = $3) AND ($4 = '' OR insutype = $4) AND ($5 = '' OR clr_type = $5) \
     AND ($6 = '' OR med_type = $6) GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6",
);
pub(crate) static BURDEN: Sql = Sql::new(
    "overview.burden",
    concat!(
        "SELECT person_group, age_band, ",
        counts!(),
        amounts!(),
        " FROM overview_burden_day \
         WHERE day >= $1 AND day <= $2 AND ($3 = '' OR fixmedins_code = $3) AND ($4 = '' OR insutype = $4) AND ($5 = '' OR clr_type = $5) \
         GROUP BY person_group, age_band ORDER BY person_group, age_band"
    ),
);
pub(crate) static NEWEST_DAY: Sql =
    Sql::new("overview.newest_day", "SELECT day FROM overview_day ORDER BY day DESC LIMIT 1");

pub(crate) static REACH: Sql = Sql::new("overview.reach", "SELECT number FROM overview_cursor WHERE name = 'feed'");
pub(crate) static ADVANCE: Sql =
    Sql::new("overview.advance", "UPDATE overview_cursor SET number = $2 WHERE name = 'feed' AND number = $1");
pub(crate) static REWIND: Sql =
    Sql::new("overview.rewind", "UPDATE overview_cursor SET number = 0 WHERE name = 'feed'");
pub(crate) static ADD_ROW: Sql = Sql::new(
    "overview.add_row",
    concat!(
        "INSERT INTO overview_settlement (",
        columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)"
    ),
);
pub(crate) static TAKE_BACK: Sql = Sql::new(
    "overview.take_back",
    "UPDATE overview_settlement SET standing = 'reversed', reversed_by = $2 WHERE setl_id = $1",
);
pub(crate) static EARLY_REVERSALS: Sql =
    Sql::new("overview.early_reversals", "SELECT reverses, setl_id FROM overview_early_reversal ORDER BY reverses");
pub(crate) static ADD_EARLY: Sql =
    Sql::new("overview.add_early_reversal", "INSERT INTO overview_early_reversal (reverses, setl_id) VALUES ($1, $2)");
pub(crate) static FORGET_EARLY: Sql =
    Sql::new("overview.forget_early_reversal", "DELETE FROM overview_early_reversal WHERE reverses = $1");

macro_rules! add_up {
    ($table:literal) => {
        concat!(
            "DO UPDATE SET settlements = ",
            $table,
            ".settlements + excluded.settlements, reversals = ",
            $table,
            ".reversals + excluded.reversals, total = ",
            $table,
            ".total + excluded.total, full_self_pay = ",
            $table,
            ".full_self_pay + excluded.full_self_pay, over_limit = ",
            $table,
            ".over_limit + excluded.over_limit, pre_self_pay = ",
            $table,
            ".pre_self_pay + excluded.pre_self_pay, in_scope = ",
            $table,
            ".in_scope + excluded.in_scope, funds = ",
            $table,
            ".funds + excluded.funds, person = ",
            $table,
            ".person + excluded.person, account = ",
            $table,
            ".account + excluded.account, cash = ",
            $table,
            ".cash + excluded.cash, hospital = ",
            $table,
            ".hospital + excluded.hospital"
        )
    };
}

macro_rules! sum_columns {
    () => {
        "settlements, reversals, total, full_self_pay, over_limit, pre_self_pay, in_scope, funds, person, account, \
         cash, hospital"
    };
}

pub(crate) static ADD_DAY: Sql = Sql::new(
    "overview.add_day",
    concat!(
        "INSERT INTO overview_day (day, fixmedins_code, insutype, clr_type, med_type, visit_area, out_of_area, ",
        sum_columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
         ON CONFLICT (day, fixmedins_code, insutype, clr_type, med_type, visit_area, out_of_area) ",
        add_up!("overview_day")
    ),
);
pub(crate) static ADD_BURDEN: Sql = Sql::new(
    "overview.add_burden",
    concat!(
        "INSERT INTO overview_burden_day (day, fixmedins_code, insutype, clr_type, person_group, age_band, ",
        sum_columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
         ON CONFLICT (day, fixmedins_code, insutype, clr_type, person_group, age_band) ",
        add_up!("overview_burden_day")
    ),
);
pub(crate) static ADD_FUND: Sql = Sql::new(
    "overview.add_fund",
    "INSERT INTO overview_fund_day (day, fixmedins_code, insutype, clr_type, med_type, fund, amount) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (day, fixmedins_code, insutype, clr_type, med_type, fund) \
     DO UPDATE SET amount = overview_fund_day.amount + excluded.amount",
);
pub(crate) static FORGET_ROWS: Sql = Sql::new("overview.forget_rows", "DELETE FROM overview_settlement");
pub(crate) static FORGET_ALL_EARLY: Sql =
    Sql::new("overview.forget_early_reversals", "DELETE FROM overview_early_reversal");
pub(crate) static FORGET_DAYS: Sql = Sql::new("overview.forget_days", "DELETE FROM overview_day");
pub(crate) static FORGET_FUNDS: Sql = Sql::new("overview.forget_funds", "DELETE FROM overview_fund_day");
pub(crate) static FORGET_BURDENS: Sql = Sql::new("overview.forget_burdens", "DELETE FROM overview_burden_day");

/// Every statement of the room, for the test that prepares them all on both databases.
pub const STATEMENTS: &[&Sql] = &[
    &ALL_BY_TIME.up,
    &ALL_BY_TIME.down,
    &ALL_BY_TOTAL.up,
    &ALL_BY_TOTAL.down,
    &ALL_BY_FUNDS.up,
    &ALL_BY_FUNDS.down,
    &SHORT_BY_TOTAL.up,
    &SHORT_BY_TOTAL.down,
    &SHORT_BY_FUNDS.up,
    &SHORT_BY_FUNDS.down,
    &INSTITUTION_BY_TIME.up,
    &INSTITUTION_BY_TIME.down,
    &INSTITUTION_BY_TOTAL.up,
    &INSTITUTION_BY_TOTAL.down,
    &INSTITUTION_BY_FUNDS.up,
    &INSTITUTION_BY_FUNDS.down,
    &INSTITUTION_SHORT_BY_TOTAL.up,
    &INSTITUTION_SHORT_BY_TOTAL.down,
    &INSTITUTION_SHORT_BY_FUNDS.up,
    &INSTITUTION_SHORT_BY_FUNDS.down,
    &STANDING_BY_TIME.up,
    &STANDING_BY_TIME.down,
    &STANDING_BY_TOTAL.up,
    &STANDING_BY_TOTAL.down,
    &STANDING_BY_FUNDS.up,
    &STANDING_BY_FUNDS.down,
    &PERSON_BY_TIME.up,
    &PERSON_BY_TIME.down,
    &PERSON_BY_TOTAL.up,
    &PERSON_BY_TOTAL.down,
    &PERSON_BY_FUNDS.up,
    &PERSON_BY_FUNDS.down,
    &NUMBER_BY_TIME.up,
    &NUMBER_BY_TIME.down,
    &NUMBER_BY_TOTAL.up,
    &NUMBER_BY_TOTAL.down,
    &NUMBER_BY_FUNDS.up,
    &NUMBER_BY_FUNDS.down,
    &SUMS_OF_ALL,
    &SUMS_OF_INSTITUTION,
    &SUMS_OF_PERSON,
    &SUMS_OF_STANDING,
    &SUMS_OF_NUMBER,
    &FIND,
    &SUMS_OF_DAYS,
    &SERIES,
    &FUNDS,
    &BURDEN,
    &NEWEST_DAY,
    &REACH,
    &ADVANCE,
    &REWIND,
    &ADD_ROW,
    &TAKE_BACK,
    &EARLY_REVERSALS,
    &ADD_EARLY,
    &FORGET_EARLY,
    &ADD_DAY,
    &ADD_BURDEN,
    &ADD_FUND,
    &FORGET_ROWS,
    &FORGET_ALL_EARLY,
    &FORGET_DAYS,
    &FORGET_FUNDS,
    &FORGET_BURDENS,
];
