//! 书架: the catalogue and the institutions as the law reads them, prepared once a version.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use adjudication::facts::{CatalogueRow, Institution, Items, QuantityLimit};
use provider::Standing;
use terms::{Date, Period};

/// 目录, by code; the rows of a code in order of date.
#[derive(Debug, Default)]
pub struct Catalogue(HashMap<String, Vec<CatalogueRow>>);

impl Catalogue {
    /// A catalogue of rows.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = CatalogueRow>) -> Catalogue {
        let mut by_code: HashMap<String, Vec<CatalogueRow>> = HashMap::new();
        for row in rows {
            by_code.entry(row.med_list_codg.0.clone()).or_default().push(row);
        }
        by_code.values_mut().for_each(|rows| rows.sort_by_key(|row| row.period.begin));
        Catalogue(by_code)
    }

    /// The catalogue of the register.
    #[must_use]
    pub fn of_register(index: &catalogue::Index) -> Catalogue {
        Catalogue::new(index.items().map(row_of_item))
    }

    /// The row of `code` in force on `day`.
    #[must_use]
    pub fn on(&self, code: &str, day: Date) -> Option<&CatalogueRow> {
        self.rows(code).iter().find(|row| row.period.covers(day))
    }
}

impl Catalogue {
    /// Rows in force on `day` whose code begins with a text, or whose name has it; in order of
    /// code, at most so many.
    #[must_use]
    pub fn search(&self, text: &str, day: Date, limit: usize) -> Vec<&CatalogueRow> {
        let fits = |code: &String, rows: &Vec<CatalogueRow>| {
            code.starts_with(text) || rows.iter().any(|row| row.name.contains(text))
        };
        let found = self.0.iter().filter(|(code, rows)| fits(code, rows)).filter_map(|(code, _)| self.on(code, day));
        let mut found: Vec<&CatalogueRow> = found.collect();
        found.sort_by(|a, b| a.med_list_codg.0.cmp(&b.med_list_codg.0));
        found.truncate(limit);
        found
    }
}

impl Items for Catalogue {
    fn rows(&self, code: &str) -> &[CatalogueRow] {
        self.0.get(code).map_or_else(|| crate::manual::own_item(code), Vec::as_slice)
    }
}

fn row_of_item(item: &catalogue::Item) -> CatalogueRow {
    let texts = [
        ("list_type", &item.list_type),
        ("med_chrgitm_type", &item.charge_type),
        ("dosform_name", &item.dosage_form),
        ("spec", &item.specification),
        ("unit", &item.unit),
    ];
    CatalogueRow {
        med_list_codg: item.code.clone(),
        name: item.name.clone(),
        chrgitm_lv: item.level.code().to_owned(),
        selfpay: item.self_pay.clone(),
        ceiling: item
            .ceilings
            .iter()
            .filter_map(|(level, text)| Some((level.clone(), (text.clone(), item.ceiling(level)?))))
            .collect(),
        lmt_used_flag: flag(item.restricted),
        qty_lmt: item.quota.map(|quota| QuantityLimit { per: quota.per.code().to_owned(), cnt: quota.count }),
        acct_pay_flag: flag(item.account_payable),
        fields: texts.into_iter().map(|(name, text)| (name.to_owned(), text.clone())).collect(),
        period: item.period,
    }
}

/// 定点机构, by code; the rows of a code in order of date.
#[derive(Debug, Default)]
pub struct Institutions {
    rows: HashMap<String, Vec<Arc<Institution>>>,
    register: Option<Arc<provider::Index>>,
}

impl Institutions {
    /// Institutions without agreements: each is designated by its own period.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = Institution>) -> Institutions {
        let mut by_code: HashMap<String, Vec<Arc<Institution>>> = HashMap::new();
        for row in rows {
            by_code.entry(row.fixmedins_code.0.clone()).or_default().push(Arc::new(row));
        }
        by_code.values_mut().for_each(|rows| rows.sort_by_key(|row| row.period.map(|period| period.begin)));
        Institutions { rows: by_code, register: None }
    }

    /// The institutions of the register, with its agreements and suspensions.
    #[must_use]
    pub fn of_register(index: Arc<provider::Index>) -> Institutions {
        let rows = Institutions::new(index.institutions().map(row_of_institution)).rows;
        Institutions { rows, register: Some(index) }
    }

    /// The institution as it stands on `day`: its row in force, or else its last row, whose
    /// period then tells the law that it is not designated. The code of a stand-in for claims of
    /// the bureau's own stands for itself. `None` when no day has the code.
    #[must_use]
    pub fn on(&self, code: &str, day: Date) -> Option<Arc<Institution>> {
        let Some(rows) = self.rows.get(code) else {
            return crate::manual::stand_in_institution(code).map(Arc::new);
        };
        let covers = |row: &&Arc<Institution>| row.period.is_none_or(|period| period.covers(day));
        let row = rows.iter().find(covers).or_else(|| rows.last())?;
        let Some(Standing::NotDesignated) = self.register.as_ref().map(|index| index.standing(code, day)) else {
            return Some(Arc::clone(row));
        };
        // Its own period may cover the day while no agreement does.
        let nothing = Period { begin: Date::MAX, end: Some(Date::MIN) };
        Some(Arc::new(Institution { period: Some(nothing), ..Institution::clone(row) }))
    }

    /// The institution of that name as it stands on `day`; of several, the one with the
    /// smallest code.
    #[must_use]
    pub fn named(&self, name: &str, day: Date) -> Option<Arc<Institution>> {
        let of_name = |rows: &&Vec<Arc<Institution>>| rows.iter().any(|row| row.name == name);
        let codes = self.rows.values().filter(of_name).filter_map(|rows| rows.first());
        let code = codes.map(|row| &row.fixmedins_code).min()?;
        self.on(code.as_str(), day)
    }

    /// 住院清算方式 of the institution on `day`, as its agreement says; `None` when no agreement
    /// says so.
    #[must_use]
    pub fn clr_way(&self, code: &str, day: Date) -> Option<&str> {
        let agreements = self.register.as_ref()?.agreements(code).iter();
        let mut ways = agreements.filter(|row| row.period.covers(day)).map(|row| row.clr_way.as_str());
        ways.find(|way| !way.is_empty())
    }

    /// 科室 of an institution by its code; `None` without a register that has it.
    #[must_use]
    pub fn department(&self, institution: &str, code: &str) -> Option<&str> {
        let rows = self.register.as_ref()?.departments(institution);
        rows.iter().find(|row| row.code == code).map(|row| row.name.as_str())
    }

    /// Every institution code, in order.
    #[must_use]
    pub fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self.rows.keys().map(String::as_str).collect();
        codes.sort_unstable();
        codes
    }

    /// The number of the decision that suspends the institution on `day`, if one does.
    #[must_use]
    pub fn suspended(&self, code: &str, day: Date) -> Option<String> {
        match self.register.as_ref()?.standing(code, day) {
            Standing::Suspended(agreement) => Some(agreement.number.clone()),
            _ => None,
        }
    }
}

fn row_of_institution(row: &provider::Institution) -> Institution {
    let fields = BTreeMap::from([
        ("opsp_flag".to_owned(), flag(row.chronic)),
        ("opt_pool_flag".to_owned(), flag(row.pooled)),
        ("medins_type".to_owned(), row.category.clone()),
    ]);
    Institution {
        fixmedins_code: row.code.clone(),
        name: row.name.clone(),
        hi_setl_lv: row.level.clone(),
        fixmedins_type: row.kind.code().to_owned(),
        admdvs: row.area.0.clone(),
        fields,
        period: Some(row.period),
    }
}

fn flag(yes: bool) -> String {
    if yes { "1" } else { "0" }.to_owned()
}
