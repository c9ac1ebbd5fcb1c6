//! 区域资料: the catalogue and provider files of a region folder, as far as a city needs
//! them. Columns are the national field names; further columns are ignored.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use terms::{Date, Exact, Period, UnitPrice, parse_date};

use crate::CityError;

/// 目录项目: one row of the catalogue in force over a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// 医疗目录编码 `med_list_codg`.
    pub code: String,
    /// 名称.
    pub name: String,
    /// 目录类别 `list_type`: 101 drugs, 102 pieces, 201 services, 301 consumables.
    pub list_type: String,
    /// 医疗收费项目类别 `med_chrgitm_type`: 01 bed … 14 other.
    pub charge_type: String,
    /// 收费项目等级 `chrgitm_lv`: 01 甲, 02 乙, 03 丙.
    pub level: String,
    /// 先行自付比例 `selfpay_prop_310` and `selfpay_prop_390`, in ten-thousandths.
    pub self_paid: [i64; 2],
    /// 规格.
    pub spec: String,
    /// What the 规格 says of a package.
    pub pack: Option<Pack>,
    /// 限制使用标志 `lmt_used_flag`.
    pub restricted: bool,
    /// 单位.
    pub unit: String,
    /// 常见单价 `typ_pric`, in 元.
    pub typical_price: UnitPrice,
    /// 限价 by 机构级别, in 元.
    pub ceilings: BTreeMap<String, UnitPrice>,
    /// 起止.
    pub period: Period,
}

/// 包装: what a package holds, as its 规格 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Strength of one piece, in the unit of the 规格.
    pub strength: Exact,
    /// Pieces in the package.
    pub units: i64,
}

impl Pack {
    /// Reads “0.25g×24粒”; `None` for anything else.
    fn read(spec: &str) -> Option<Pack> {
        let (strength, units) = spec.split_once('×')?;
        let number = |text: &str| -> Option<Exact> {
            let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
            text[..end].parse().ok().filter(|number| *number > Exact::ZERO)
        };
        let simple = !strength.contains('/') && !strength.contains(':');
        Some(Pack { strength: number(strength).filter(|_| simple)?, units: number(units)?.as_whole()? })
    }
}

impl Item {
    /// 每日次数 of a drug.
    #[must_use]
    pub fn daily(&self) -> i64 {
        let sum: u64 = self.code.bytes().fold(3, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte));
        1 + i64::try_from(sum % 3).unwrap_or(0)
    }
}

/// 诊断或手术操作: one row of a code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// 编码.
    pub code: String,
    /// 名称.
    pub name: String,
}

/// 门诊慢特病病种, and the diagnoses it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChronicDisease {
    /// 病种编码.
    pub code: String,
    /// 名称.
    pub name: String,
    /// Diagnosis codes or their beginnings.
    pub diagnoses: Vec<String>,
}

/// 科室.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// 科室编码.
    pub code: String,
    /// 科室名称.
    pub name: String,
    /// 科别 `caty`.
    pub caty: String,
}

/// 医师.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doctor {
    /// 医师编码.
    pub code: String,
    /// 姓名.
    pub name: String,
    /// 科室编码.
    pub department: String,
    /// 职称.
    pub title: String,
}

/// 定点医药机构.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// 机构编号 `fixmedins_code`.
    pub code: String,
    /// 机构名称.
    pub name: String,
    /// 医保结算等级 `hi_setl_lv`: 3, 2, 1.
    pub level: String,
    /// 定点类型 `fixmedins_type` 2: 零售药店.
    pub pharmacy: bool,
    /// 机构类型 `medins_type`.
    pub kind: String,
    /// 核定床位数.
    pub beds: i64,
    /// 医保区划 `admdvs`.
    pub area: String,
    /// 可办门慢特 `opsp_flag`.
    pub chronic: bool,
    /// 可办门诊统筹 `opt_pool_flag`.
    pub pooled: bool,
    /// 定点起止.
    pub period: Period,
    /// 科室; at least one.
    pub departments: Vec<Department>,
    /// 医师; at least one.
    pub doctors: Vec<Doctor>,
    /// 护士.
    pub nurses: Vec<Doctor>,
}

/// What a city reads of a region folder.
#[derive(Debug, Clone)]
pub struct RegionFiles {
    /// 统筹区: the area in which most of the institutions lie.
    pub area: String,
    /// 目录.
    pub items: Vec<Item>,
    /// 诊断.
    pub diagnoses: Vec<Term>,
    /// 手术操作.
    pub procedures: Vec<Term>,
    /// 慢特病病种.
    pub chronic: Vec<ChronicDisease>,
    /// 机构, in the order of the file.
    pub institutions: Vec<Arc<Institution>>,
}

impl RegionFiles {
    /// Reads `catalogue/*.csv` and `providers/*.csv` of a region folder.
    ///
    /// # Errors
    /// A file that is missing or malformed, or a folder without items or institutions.
    pub fn read(folder: &Path) -> Result<RegionFiles, CityError> {
        let catalogue = folder.join("catalogue");
        let mut items = Vec::new();
        for name in ["drugs.csv", "services.csv", "consumables.csv"] {
            items.extend(rows(&catalogue.join(name), read_item)?);
        }
        let diagnoses = rows(&catalogue.join("diagnoses.csv"), read_term)?;
        let procedures = rows(&catalogue.join("procedures.csv"), read_term)?;
        let chronic = rows(&catalogue.join("chronic.csv"), |row| {
            let diagnoses = row.cell("diagnoses")?.split('|').filter(|code| !code.is_empty()).map(str::to_owned);
            Ok(ChronicDisease { code: row.text("code")?, name: row.text("name")?, diagnoses: diagnoses.collect() })
        })?;
        let institutions = read_institutions(&folder.join("providers"))?;
        if items.is_empty() || diagnoses.is_empty() {
            return Err(CityError::Missing("catalogue items and diagnoses"));
        }
        let mut areas: HashMap<&str, usize> = HashMap::new();
        for institution in &institutions {
            *areas.entry(&institution.area).or_default() += 1;
        }
        let area = areas.iter().max_by_key(|(area, count)| (**count, std::cmp::Reverse(**area)));
        let area = area.map(|(area, _)| (*area).to_owned()).ok_or(CityError::Missing("institutions"))?;
        Ok(RegionFiles { area, items, diagnoses, procedures, chronic, institutions })
    }
}

fn read_item(row: &Row<'_>) -> Result<Item, CityError> {
    let ceilings = ["3", "2", "1"].into_iter().filter_map(|level| {
        let text = row.optional(&format!("pric_uplmt_{level}"));
        (!text.is_empty()).then_some((level, text))
    });
    let ceilings = ceilings
        .map(|(level, text)| Ok((level.to_owned(), row.number(&format!("pric_uplmt_{level}"), text)?)))
        .collect::<Result<BTreeMap<String, UnitPrice>, CityError>>()?;
    let typical = row.optional("typ_pric");
    let typical_price = match (typical, ceilings.values().max()) {
        ("", Some(ceiling)) => *ceiling,
        ("", None) => UnitPrice(10_000_000),
        (text, _) => row.number("typ_pric", text)?,
    };
    Ok(Item {
        code: row.text("med_list_codg")?,
        name: row.text("name")?,
        list_type: row.text("list_type")?,
        charge_type: row.text("med_chrgitm_type")?,
        level: row.text("chrgitm_lv")?,
        self_paid: [row.whole("selfpay_prop_310")?, row.whole("selfpay_prop_390")?],
        spec: row.optional("spec").to_owned(),
        pack: Pack::read(row.optional("spec")),
        restricted: row.cell("lmt_used_flag")? == "1",
        unit: row.optional("unit").to_owned(),
        typical_price,
        ceilings,
        period: row.period()?,
    })
}

fn read_term(row: &Row<'_>) -> Result<Term, CityError> {
    Ok(Term { code: row.text("code")?, name: row.text("name")? })
}

fn read_institutions(folder: &Path) -> Result<Vec<Arc<Institution>>, CityError> {
    let departments = rows(&folder.join("departments.csv"), |row| {
        let department =
            Department { code: row.text("hosp_dept_codg")?, name: row.text("name")?, caty: row.text("caty")? };
        Ok((row.text("fixmedins_code")?, department))
    })?;
    let doctors = rows(&folder.join("practitioners.csv"), |row| {
        let doctor = Doctor {
            code: row.text("prac_psn_code")?,
            name: row.text("name")?,
            department: row.optional("hosp_dept_codg").to_owned(),
            title: row.optional("title").to_owned(),
        };
        // 医务人员类型: 2 is a nurse.
        Ok((row.text("fixmedins_code")?, doctor, row.optional("medins_psn_type") == "2"))
    })?;
    let mut institutions = rows(&folder.join("institutions.csv"), |row| {
        Ok(Institution {
            code: row.text("fixmedins_code")?,
            name: row.text("name")?,
            level: row.text("hi_setl_lv")?,
            pharmacy: row.cell("fixmedins_type")? == "2",
            kind: row.optional("medins_type").to_owned(),
            beds: row.whole("beds")?,
            area: row.text("admdvs")?,
            chronic: row.cell("opsp_flag")? == "1",
            pooled: row.cell("opt_pool_flag")? == "1",
            period: row.period()?,
            departments: Vec::new(),
            doctors: Vec::new(),
            nurses: Vec::new(),
        })
    })?;
    let at: HashMap<String, usize> = institutions.iter().enumerate().map(|(at, i)| (i.code.clone(), at)).collect();
    for (code, department) in departments {
        if let Some(place) = at.get(&code) {
            institutions[*place].departments.push(department);
        }
    }
    for (code, doctor, nurse) in doctors {
        if let Some(place) = at.get(&code) {
            let staff = &mut institutions[*place];
            if nurse { staff.nurses.push(doctor) } else { staff.doctors.push(doctor) }
        }
    }
    for institution in &mut institutions {
        staff_if_empty(institution);
    }
    Ok(institutions.into_iter().map(Arc::new).collect())
}

/// A pharmacy, or an institution of another area, often lists no staff; its system still
/// has to name a department and a person.
fn staff_if_empty(institution: &mut Institution) {
    let (name, caty) = if institution.pharmacy { ("药房", "A69") } else { ("全科", "A02") };
    if institution.departments.is_empty() {
        let department = Department { code: format!("{}01", caty), name: name.to_owned(), caty: caty.to_owned() };
        institution.departments.push(department);
    }
    if institution.doctors.is_empty() {
        let tail = institution.code.get(1..).unwrap_or_default();
        let doctor = Doctor {
            code: format!("D{tail}1"),
            name: "值班医师".to_owned(),
            department: institution.departments[0].code.clone(),
            title: String::new(),
        };
        institution.doctors.push(doctor);
    }
}

/// One line of a CSV file under its header.
struct Row<'a> {
    path: &'a Path,
    line: u64,
    header: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    fn optional(&self, column: &str) -> &str {
        self.header.iter().position(|name| name == column).and_then(|at| self.record.get(at)).unwrap_or("").trim()
    }

    fn cell(&self, column: &str) -> Result<&str, CityError> {
        match self.header.iter().any(|name| name == column) {
            true => Ok(self.optional(column)),
            false => Err(self.wrong(column, "is missing: the header has no such column")),
        }
    }

    fn text(&self, column: &str) -> Result<String, CityError> {
        match self.cell(column)? {
            "" => Err(self.wrong(column, "must not be empty")),
            text => Ok(text.to_owned()),
        }
    }

    fn number<T: FromStr>(&self, column: &str, text: &str) -> Result<T, CityError> {
        text.parse().map_err(|_| self.wrong(column, "is not a decimal number"))
    }

    /// A whole number; 0 where nothing stands.
    fn whole(&self, column: &str) -> Result<i64, CityError> {
        match self.optional(column) {
            "" => Ok(0),
            text => text.parse().map_err(|_| self.wrong(column, "is not a whole number")),
        }
    }

    fn date(&self, column: &str) -> Result<Option<Date>, CityError> {
        match self.cell(column)? {
            "" => Ok(None),
            text => parse_date(text).map(Some).ok_or_else(|| self.wrong(column, "is not a date (yyyy-MM-dd)")),
        }
    }

    fn period(&self) -> Result<Period, CityError> {
        let begin = self.date("begndate")?.ok_or_else(|| self.wrong("begndate", "must not be empty"))?;
        Ok(Period { begin, end: self.date("enddate")? })
    }

    fn wrong(&self, column: &str, problem: &'static str) -> CityError {
        CityError::Cell {
            path: self.path.to_owned(),
            line: self.line,
            column: column.to_owned(),
            value: self.optional(column).to_owned(),
            problem,
        }
    }
}

fn rows<T>(path: &Path, read: impl Fn(&Row<'_>) -> Result<T, CityError>) -> Result<Vec<T>, CityError> {
    let file = |cause| CityError::File { path: PathBuf::from(path), cause };
    let bad = |cause| CityError::Csv { path: PathBuf::from(path), cause };
    let text = std::fs::read_to_string(path).map_err(file)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(bad)?.clone();
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        let line = record.position().map_or(0, csv::Position::line);
        all.push(read(&Row { path, line, header: &header, record: &record })?);
    }
    Ok(all)
}
