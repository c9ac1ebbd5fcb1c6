//! Storage: the statements of the room, how a row is written and read, and the deeds.

use db::{DbError, Migration, Row, Sql, Tx, Value};
use terms::{AreaCode, InstitutionId, Period, parse_date};

use crate::{Agreement, AgreementStatus, Content, Department, Index, Institution, InstitutionKind, Practitioner};

/// The room's schema, oldest first.
pub static MIGRATIONS: &[Migration] = &[
    Migration { id: "provider/0001_provider", text: include_str!("../migrations/0001_provider.sql") },
    Migration { id: "provider/0002_agreement_clr_way", text: include_str!("../migrations/0002_agreement_clr_way.sql") },
];

static VERSION: Sql = Sql::new("provider.version", "SELECT version FROM provider_version WHERE id = 1");
static MOVE_VERSION: Sql =
    Sql::new("provider.move_version", "UPDATE provider_version SET version = version + 1 WHERE id = 1");
static CLEAR_INSTITUTIONS: Sql = Sql::new("provider.clear_institutions", "DELETE FROM provider_institution");
static CLEAR_DEPARTMENTS: Sql = Sql::new("provider.clear_departments", "DELETE FROM provider_department");
static CLEAR_PRACTITIONERS: Sql = Sql::new("provider.clear_practitioners", "DELETE FROM provider_practitioner");
static CLEAR_AGREEMENTS: Sql = Sql::new("provider.clear_agreements", "DELETE FROM provider_agreement");
static ADD_INSTITUTION: Sql = Sql::new(
    "provider.add_institution",
    "INSERT INTO provider_institution (code, begndate, enddate, name, level, kind, category, area, chronic, pooled, \
     beds) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
static ADD_DEPARTMENT: Sql = Sql::new(
    "provider.add_department",
    "INSERT INTO provider_department (institution, code, begndate, enddate, name, category, beds) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
static ADD_PRACTITIONER: Sql = Sql::new(
    "provider.add_practitioner",
    "INSERT INTO provider_practitioner (code, begndate, enddate, name, institution, department, kind, title) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);
static ADD_AGREEMENT: Sql = Sql::new(
    "provider.add_agreement",
    "INSERT INTO provider_agreement (institution, number, begndate, enddate, status, clr_way) \
     VALUES ($1, $2, $3, $4, $5, $6)",
);
static ALL_INSTITUTIONS: Sql = Sql::new(
    "provider.all_institutions",
    "SELECT code, begndate, enddate, name, level, kind, category, area, chronic, pooled, beds \
     FROM provider_institution ORDER BY code, begndate",
);
static ALL_DEPARTMENTS: Sql = Sql::new(
    "provider.all_departments",
    "SELECT institution, code, begndate, enddate, name, category, beds FROM provider_department \
     ORDER BY institution, code, begndate",
);
static ALL_PRACTITIONERS: Sql = Sql::new(
    "provider.all_practitioners",
    "SELECT code, begndate, enddate, name, institution, department, kind, title FROM provider_practitioner \
     ORDER BY code",
);
static ALL_AGREEMENTS: Sql = Sql::new(
    "provider.all_agreements",
    "SELECT institution, number, begndate, enddate, status, clr_way FROM provider_agreement \
     ORDER BY institution, number, begndate",
);

/// Every statement of the room, for the prepare-all test.
pub static STATEMENTS: &[&Sql] = &[
    &VERSION,
    &MOVE_VERSION,
    &CLEAR_INSTITUTIONS,
    &CLEAR_DEPARTMENTS,
    &CLEAR_PRACTITIONERS,
    &CLEAR_AGREEMENTS,
    &ADD_INSTITUTION,
    &ADD_DEPARTMENT,
    &ADD_PRACTITIONER,
    &ADD_AGREEMENT,
    &ALL_INSTITUTIONS,
    &ALL_DEPARTMENTS,
    &ALL_PRACTITIONERS,
    &ALL_AGREEMENTS,
];

/// The register's version; it moves with every change.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn version(tx: &mut dyn Tx) -> Result<i64, DbError> {
    tx.query(&VERSION, &[])?.first().map_or(Ok(0), |row| row.get(0))
}

/// Loads the whole register.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what the code expects.
pub fn load(tx: &mut dyn Tx) -> Result<Index, DbError> {
    let version = version(tx)?;
    let content = Content {
        institutions: all(tx, &ALL_INSTITUTIONS, institution_of)?,
        departments: all(tx, &ALL_DEPARTMENTS, department_of)?,
        practitioners: all(tx, &ALL_PRACTITIONERS, practitioner_of)?,
        agreements: all(tx, &ALL_AGREEMENTS, agreement_of)?,
        ..Content::default()
    };
    Ok(Index::new(version, content))
}

fn all<T>(tx: &mut dyn Tx, sql: &'static Sql, read: fn(&Row) -> Result<T, DbError>) -> Result<Vec<T>, DbError> {
    tx.query(sql, &[])?.iter().map(read).collect()
}

/// Puts the rows of `content` in the place of the whole register.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn replace(tx: &mut dyn Tx, content: &Content) -> Result<(), DbError> {
    for clear in [&CLEAR_INSTITUTIONS, &CLEAR_DEPARTMENTS, &CLEAR_PRACTITIONERS, &CLEAR_AGREEMENTS] {
        tx.execute(clear, &[])?;
    }
    tx.insert_many(&ADD_INSTITUTION, &content.institutions.iter().map(institution_values).collect::<Vec<_>>())?;
    tx.insert_many(&ADD_DEPARTMENT, &content.departments.iter().map(department_values).collect::<Vec<_>>())?;
    tx.insert_many(&ADD_PRACTITIONER, &content.practitioners.iter().map(practitioner_values).collect::<Vec<_>>())?;
    tx.insert_many(&ADD_AGREEMENT, &content.agreements.iter().map(agreement_values).collect::<Vec<_>>())?;
    tx.execute(&MOVE_VERSION, &[])?;
    Ok(())
}

/// Records an agreement, or the suspension (暂停) of an institution from a day on.
///
/// # Errors
/// [`DbError::Duplicate`] when the institution has a row of that number and first day
/// already; any other [`DbError`] when storage fails.
pub fn add_agreement(tx: &mut dyn Tx, agreement: &Agreement) -> Result<(), DbError> {
    tx.execute(&ADD_AGREEMENT, &agreement_values(agreement))?;
    tx.execute(&MOVE_VERSION, &[])?;
    Ok(())
}

fn institution_values(row: &Institution) -> Vec<Value> {
    vec![
        row.code.as_str().into(),
        row.period.begin.to_string().into(),
        row.period.end.map(|end| end.to_string()).into(),
        row.name.as_str().into(),
        row.level.as_str().into(),
        row.kind.code().into(),
        row.category.as_str().into(),
        row.area.as_str().into(),
        i64::from(row.chronic).into(),
        i64::from(row.pooled).into(),
        row.beds.into(),
    ]
}

fn institution_of(row: &Row) -> Result<Institution, DbError> {
    let kind = InstitutionKind::from_code(&row.get::<String>(5)?).ok_or_else(|| wrong(row, 5, "1 or 2"))?;
    Ok(Institution {
        code: InstitutionId(row.get(0)?),
        period: period_of(row, 1)?,
        name: row.get(3)?,
        level: row.get(4)?,
        kind,
        category: row.get(6)?,
        area: AreaCode(row.get(7)?),
        chronic: row.get::<i64>(8)? == 1,
        pooled: row.get::<i64>(9)? == 1,
        beds: row.get(10)?,
    })
}

fn department_values(row: &Department) -> Vec<Value> {
    vec![
        row.institution.as_str().into(),
        row.code.as_str().into(),
        row.period.begin.to_string().into(),
        row.period.end.map(|end| end.to_string()).into(),
        row.name.as_str().into(),
        row.category.as_str().into(),
        row.beds.into(),
    ]
}

fn department_of(row: &Row) -> Result<Department, DbError> {
    Ok(Department {
        institution: InstitutionId(row.get(0)?),
        code: row.get(1)?,
        period: period_of(row, 2)?,
        name: row.get(4)?,
        category: row.get(5)?,
        beds: row.get(6)?,
    })
}

fn practitioner_values(row: &Practitioner) -> Vec<Value> {
    vec![
        row.code.as_str().into(),
        row.period.begin.to_string().into(),
        row.period.end.map(|end| end.to_string()).into(),
        row.name.as_str().into(),
        row.institution.as_str().into(),
        row.department.as_str().into(),
        row.kind.as_str().into(),
        row.title.as_str().into(),
    ]
}

fn practitioner_of(row: &Row) -> Result<Practitioner, DbError> {
    Ok(Practitioner {
        code: row.get(0)?,
        period: period_of(row, 1)?,
        name: row.get(3)?,
        institution: InstitutionId(row.get(4)?),
        department: row.get(5)?,
        kind: row.get(6)?,
        title: row.get(7)?,
    })
}

fn agreement_values(row: &Agreement) -> Vec<Value> {
    vec![
        row.institution.as_str().into(),
        row.number.as_str().into(),
        row.period.begin.to_string().into(),
        row.period.end.map(|end| end.to_string()).into(),
        row.status.code().into(),
        row.clr_way.as_str().into(),
    ]
}

fn agreement_of(row: &Row) -> Result<Agreement, DbError> {
    Ok(Agreement {
        institution: InstitutionId(row.get(0)?),
        number: row.get(1)?,
        period: period_of(row, 2)?,
        status: AgreementStatus::from_code(&row.get::<String>(4)?).ok_or_else(|| wrong(row, 4, "1 or 2"))?,
        clr_way: row.get(5)?,
    })
}

fn period_of(row: &Row, column: usize) -> Result<Period, DbError> {
    let date = |column: usize, text: &str| parse_date(text).ok_or_else(|| wrong(row, column, "a date"));
    let end = row.get::<Option<String>>(column + 1)?;
    Ok(Period {
        begin: date(column, &row.get::<String>(column)?)?,
        end: end.map(|text| date(column + 1, &text)).transpose()?,
    })
}

fn wrong(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}
