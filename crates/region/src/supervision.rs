//! 监管 of a region: its rule library and `screening/reminders.toml`, as the journeys take them.

use std::sync::Arc;

use encounter::{Institution, Practitioner, Surroundings};
use journeys::{Compiled, Sources, Supervision, SupervisionSettings};
use screening::{Floors, Header, Library};
use serde::Deserialize;
use terms::Ratio;

use crate::folder::read;
use crate::screening::{known, sources};
use crate::{Region, RegionError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemindersFile {
    budget_ms: u64,
    look_back_days: i32,
    floors: FloorsText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FloorsText {
    least_outcomes: u64,
    least_institutions: u64,
    violation: String,
    suspected: String,
    hint: String,
}

impl Region {
    /// 监管: `None` without `screening/reminders.toml`.
    ///
    /// # Errors
    /// A file that cannot be read, or settings that are not as they should be.
    pub fn supervision(&self) -> Result<Option<Arc<Supervision>>, RegionError> {
        let path = self.folder.join("screening/reminders.toml");
        if !path.is_file() {
            return Ok(None);
        }
        let settings = settings(&read(&path)?)
            .map_err(|problem| RegionError::Written(format!("{}: {problem}", path.display())))?;
        let (rules, tables) = sources(&self.folder, &self.manifest.screening)?;
        let codes = known(&self.catalogue);
        let surroundings = surroundings(&self.providers.institutions, &self.providers.practitioners);
        let compile = move |sources: &Sources| {
            let (library, _) = Library::load(&sources.rules, &sources.tables, codes.as_ref());
            let screener = library.around(&surroundings);
            Compiled {
                version: library.version().to_owned(),
                headers: library.headers().iter().map(|header| Header::clone(header)).collect(),
                screen: Box::new(move |history, options, go_on| screener.screen_within(history, options, go_on)),
            }
        };
        Ok(Some(Arc::new(Supervision::new(settings, Sources { rules, tables }, compile))))
    }
}

fn settings(text: &str) -> Result<SupervisionSettings, String> {
    let file: RemindersFile = toml::from_str(text).map_err(|error| error.to_string())?;
    let ratio = |name: &str, text: &str| -> Result<Ratio, String> {
        let ratio: Option<Ratio> = text.parse().ok();
        ratio
            .filter(|ratio| (0..=10_000).contains(&ratio.0))
            .ok_or_else(|| format!("floors.{name} = “{text}” is no share between 0 and 1; write it like \"0.8\""))
    };
    let floors = &file.floors;
    if file.look_back_days < 0 {
        return Err(format!("look_back_days = {} is negative; write 0 or more days", file.look_back_days));
    }
    Ok(SupervisionSettings {
        budget_micros: file.budget_ms.saturating_mul(1_000),
        look_back_days: file.look_back_days,
        floors: Floors {
            least_outcomes: floors.least_outcomes,
            least_institutions: floors.least_institutions,
            violation: ratio("violation", &floors.violation)?,
            suspected: ratio("suspected", &floors.suspected)?,
            hint: ratio("hint", &floors.hint)?,
        },
    })
}

/// Institutions and practitioners as rules read them.
#[must_use]
pub fn surroundings<'a>(
    institutions: impl IntoIterator<Item = &'a provider::Institution>,
    practitioners: impl IntoIterator<Item = &'a provider::Practitioner>,
) -> Surroundings {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let institution = |row: &provider::Institution| Institution {
        fixmedins_code: Some(row.code.0.clone()),
        fixmedins_name: given(&row.name),
        medins_lv: given(&row.level),
        medins_type: given(&row.category),
        admdvs: given(&row.area.0),
        beds: Some(terms::Exact::whole(row.beds)),
        fixmedins_type: Some(row.kind.code().to_owned()),
    };
    let practitioner = |row: &provider::Practitioner| Practitioner {
        prac_psn_code: Some(row.code.clone()),
        prac_psn_name: given(&row.name),
        fixmedins_code: Some(row.institution.0.clone()),
        hosp_dept_codg: given(&row.department),
        title: given(&row.title),
        begndate: Some(row.period.begin),
        enddate: row.period.end,
        ..Practitioner::default()
    };
    Surroundings {
        institutions: institutions.into_iter().map(institution).collect(),
        practitioners: practitioners.into_iter().map(practitioner).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "budget_ms = 20\nlook_back_days = 400\n[floors]\nleast_outcomes = 30\nleast_institutions = 2\n\
                        violation = \"0.8\"\nsuspected = \"0.5\"\nhint = \"0.2\"\n";

    #[test]
    fn settings_are_read_and_a_slip_names_what_is_wrong() {
        let read = settings(GOOD).expect("good settings");
        assert_eq!((read.budget_micros, read.floors.violation), (20_000, Ratio(8_000)));
        let told = |from: &str, to: &str| settings(&GOOD.replace(from, to)).expect_err("a slip");
        assert!(told("0.8", "80").contains("floors.violation = “80”"));
        assert!(told("400", "-1").contains("look_back_days = -1"));
        assert!(told("budget_ms", "budget").contains("budget"));
    }
}
