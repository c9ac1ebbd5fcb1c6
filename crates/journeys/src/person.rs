//! 1101 人员信息获取.

use db::Tx;
use enrolment::Standing;
use terms::PersonId;

use crate::{JourneyError, Own};

/// By what a person is looked for; empty texts are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindPerson {
    /// 人员证件类型; empty looks at every type.
    pub psn_cert_type: String,
    /// 证件号码.
    pub certno: String,
    /// 人员姓名, compared when given.
    pub psn_name: String,
}

/// 1101: finds a person by certificate and tells how they stand, balance included.
///
/// # Errors
/// [`Own::PersonUnknown`], [`Own::PersonAmbiguous`], [`Own::NameDiffers`].
pub fn find_person(tx: &mut dyn Tx, asked: &FindPerson) -> Result<Standing, JourneyError> {
    let unknown = || Own::PersonUnknown { asked: asked.certno.clone() };
    let found = if asked.psn_cert_type.is_empty() {
        let mut found = enrolment::by_certificate_number(tx, &asked.certno)?;
        if found.len() > 1 {
            return Err(Own::PersonAmbiguous { certno: asked.certno.clone() }.into());
        }
        found.pop()
    } else {
        enrolment::by_certificate(tx, &asked.psn_cert_type, &asked.certno)?
    };
    let standing = person(tx, &found.ok_or_else(unknown)?)?;
    if !asked.psn_name.is_empty() && asked.psn_name != standing.person.psn_name {
        return Err(Own::NameDiffers { certno: asked.certno.clone() }.into());
    }
    Ok(standing)
}

/// How a person stands, by 人员编号.
///
/// # Errors
/// [`Own::PersonUnknown`].
pub fn person(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Standing, JourneyError> {
    let standing = enrolment::standing(tx, psn_no)?;
    Ok(standing.ok_or_else(|| Own::PersonUnknown { asked: psn_no.to_string() })?)
}
