//! 9001 签到 · 9002 签退. A sign-in belongs to one operator of one institution on one day.

use db::Tx;
use operation::Operation;
use terms::{DateTime, InstitutionId};

use crate::{JourneyError, Own};

/// 签到 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// 操作员编号.
    pub opter_no: String,
    /// 签到 MAC 地址.
    pub mac: String,
    /// 签到 IP 地址.
    pub ip: String,
}

/// 9001: signs an operator in; the answer carries the new 签到编号 and 签到时间, which is the
/// centre's.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn sign_in(tx: &mut dyn Tx, operation: &Operation, asked: SignIn) -> Result<claim::SignIn, JourneyError> {
    let signed = claim::SignIn {
        sign_no: operation.new_id("sign-in"),
        fixmedins_code: operation.institution.clone(),
        opter_no: asked.opter_no,
        mac: asked.mac,
        ip: asked.ip,
        sign_time: operation.received_at,
        sign_out_time: None,
    };
    claim::sign_in(tx, &signed)?;
    Ok(signed)
}

/// 9002: signs out; the answer is the 签退时间. Only on the day of the sign-in.
///
/// # Errors
/// [`Own::NotSignedIn`] when the operator is not signed in under that number today.
pub fn sign_out(
    tx: &mut dyn Tx,
    operation: &Operation,
    sign_no: &str,
    opter_no: &str,
) -> Result<DateTime, JourneyError> {
    require_signed_in(tx, &operation.institution, sign_no, Some(opter_no), operation.received_at)?;
    claim::sign_out(tx, sign_no, operation.received_at)?;
    Ok(operation.received_at)
}

/// That `sign_no` is an open sign-in of this institution (and operator, if named) of the day
/// of `now`, the centre's own time.
///
/// # Errors
/// [`Own::NotSignedIn`].
pub fn require_signed_in(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    sign_no: &str,
    opter_no: Option<&str>,
    now: DateTime,
) -> Result<(), JourneyError> {
    let valid = |signed: &claim::SignIn| {
        signed.fixmedins_code == *institution
            && opter_no.is_none_or(|operator| signed.opter_no == operator)
            && signed.sign_time.date() == now.date()
            && signed.sign_out_time.is_none()
    };
    match claim::signed_in(tx, sign_no)? {
        Some(signed) if valid(&signed) => Ok(()),
        _ => Err(Own::NotSignedIn { sign_no: sign_no.to_owned() }.into()),
    }
}
