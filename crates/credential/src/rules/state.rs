//! 状态: whether a code or token may be used now, in the order in which refusals take precedence.

use terms::{DateTime, InstitutionId, PersonId};

use crate::{Code, Purpose, Refusal, Standing, State};

/// Whether those who show a code still may.
///
/// # Errors
/// [`Refusal::NotActive`], [`Refusal::DeviceUnknown`], [`Refusal::NotBound`].
pub fn holds(code: &Code, standing: &Standing) -> Result<(), Refusal> {
    for state in [standing.holder, standing.member] {
        if state != State::Active {
            return Err(Refusal::NotActive { state: state.term() });
        }
    }
    if standing.device != State::Active {
        return Err(Refusal::DeviceUnknown);
    }
    if !standing.bound {
        return Err(Refusal::NotBound { member: code.psn_no.to_string() });
    }
    Ok(())
}

/// Whether a code may be used for `purpose` at `now`.
///
/// # Errors
/// [`holds`], then [`Refusal::CodeUsed`], [`Refusal::CodeExpired`], [`Refusal::WrongPurpose`].
pub fn usable(code: &Code, standing: &Standing, purpose: Purpose, now: DateTime) -> Result<(), Refusal> {
    holds(code, standing)?;
    if code.used.is_some() {
        return Err(Refusal::CodeUsed);
    }
    if now >= code.expires_at {
        return Err(Refusal::CodeExpired { expires_at: code.expires_at });
    }
    if code.purpose != purpose {
        return Err(Refusal::WrongPurpose { drawn: code.purpose.term(), asked: purpose.term() });
    }
    Ok(())
}

/// Whether a code's token stands for `psn_no` at `institution` at `now`; for a settlement it must
/// have been drawn for one, and not be spent.
///
/// # Errors
/// [`Refusal::TokenUnknown`], [`holds`], [`Refusal::TokenExpired`], [`Refusal::WrongPurpose`],
/// [`Refusal::TokenSpent`].
pub fn spendable(
    code: &Code,
    standing: &Standing,
    (institution, psn_no): (&InstitutionId, Option<&PersonId>),
    purpose: Purpose,
    now: DateTime,
) -> Result<(), Refusal> {
    let used = code.used.as_ref().filter(|used| used.institution == *institution);
    let token = used.and_then(|used| used.token.as_ref().map(|(_, until)| (used, *until)));
    let (used, until) =
        token.filter(|_| psn_no.is_none_or(|psn_no| *psn_no == code.psn_no)).ok_or(Refusal::TokenUnknown)?;
    holds(code, standing)?;
    if now >= until {
        return Err(Refusal::TokenExpired { until });
    }
    if purpose == Purpose::Settle {
        if code.purpose != Purpose::Settle {
            return Err(Refusal::WrongPurpose { drawn: code.purpose.term(), asked: purpose.term() });
        }
        if let Some((_, spent_on)) = &used.spent {
            return Err(Refusal::TokenSpent { spent_on: spent_on.clone() });
        }
    }
    Ok(())
}
