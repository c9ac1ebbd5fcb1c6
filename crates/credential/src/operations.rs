//! 办理: what changes the register. The callers hold the locks of the persons concerned; a code is
//! taken and a token spent by one conditional statement besides, so that of two at once only one
//! succeeds whatever the callers do.

use db::{DbError, Tx};
use terms::{DateTime, PersonId, show_time};

use crate::store::{self, credential_values, device_values};
use crate::{Activation, Code, Credential, Device, Identity, Purpose, Refusal, State, Use, queries, usable};

/// 签发: new credentials, many at once. Whether a person has one already is the caller's to ask.
///
/// # Errors
/// [`DbError`]; `Duplicate` when a person has one that is not revoked.
pub fn issue(tx: &mut dyn Tx, credentials: &[Credential]) -> Result<(), DbError> {
    tx.insert_many(&store::ISSUE, &credentials.iter().map(credential_values).collect::<Vec<_>>())
}

/// 暂停, 恢复, 注销. What is revoked stays revoked.
///
/// # Errors
/// [`DbError`]; inside, [`Refusal::NoCredential`], [`Refusal::WrongState`].
pub fn set_state(
    tx: &mut dyn Tx,
    ec_no: &str,
    state: State,
    at: DateTime,
    reason: &str,
) -> Result<Result<(), Refusal>, DbError> {
    let Some(known) = queries::by_number(tx, ec_no)? else {
        return Ok(Err(Refusal::NoCredential { whose: ec_no.to_owned() }));
    };
    let deed = match state {
        State::Active => "恢复",
        State::Suspended => "暂停",
        State::Revoked => "注销",
    };
    if known.state == State::Revoked || known.state == state {
        return Ok(Err(Refusal::WrongState { state: known.state.term(), deed }));
    }
    tx.execute(&store::SET_STATE, &[ec_no.into(), state.number().into(), show_time(at).into(), reason.into()])?;
    Ok(Ok(()))
}

/// Puts a person behind another's entry.
///
/// # Errors
/// [`DbError`]; `Duplicate` when the person is behind it already.
pub fn bind_identity(tx: &mut dyn Tx, identity: &Identity) -> Result<(), DbError> {
    let Identity { holder, member, relation, bound_at } = identity;
    let values =
        [holder.as_str().into(), member.as_str().into(), relation.number().into(), show_time(*bound_at).into()];
    tx.execute(&store::BIND_IDENTITY, &values).map(drop)
}

/// Takes a person from behind another's entry; says whether there was one.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn end_identity(tx: &mut dyn Tx, holder: &PersonId, member: &PersonId, at: DateTime) -> Result<bool, DbError> {
    let values = [holder.as_str().into(), member.as_str().into(), show_time(at).into()];
    Ok(tx.execute(&store::END_IDENTITY, &values)? > 0)
}

/// 激活码: opens an activation; an earlier one of the credential is void.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn open_activation(tx: &mut dyn Tx, activation: &Activation) -> Result<(), DbError> {
    let Activation { ec_no, digest, expires_at, tries_left } = activation;
    let values = [ec_no.as_str().into(), digest.to_vec().into(), show_time(*expires_at).into(), (*tries_left).into()];
    tx.execute(&store::OPEN_ACTIVATION, &values).map(drop)
}

/// Tries an activation code. A wrong one costs a try, which the caller must let stand (commit).
///
/// # Errors
/// [`DbError`]; inside, [`Refusal::WrongActivation`].
pub fn try_activation(
    tx: &mut dyn Tx,
    ec_no: &str,
    digest: &[u8; 32],
    now: DateTime,
) -> Result<Result<(), Refusal>, DbError> {
    let Some(open) = queries::activation_open(tx, ec_no)?.filter(|open| open.tries_left > 0 && now < open.expires_at)
    else {
        return Ok(Err(Refusal::WrongActivation { left: 0 }));
    };
    if open.digest != *digest {
        tx.execute(&store::LOSE_TRY, &[ec_no.into()])?;
        return Ok(Err(Refusal::WrongActivation { left: open.tries_left - 1 }));
    }
    let used = tx.execute(&store::USE_ACTIVATION, &[ec_no.into(), show_time(now).into()])?;
    Ok(if used == 1 { Ok(()) } else { Err(Refusal::WrongActivation { left: 0 }) })
}

/// 绑定设备: at most `most` that are not revoked.
///
/// # Errors
/// [`DbError`]; inside, [`Refusal::TooManyDevices`].
pub fn bind_device(tx: &mut dyn Tx, device: &Device, most: usize) -> Result<Result<(), Refusal>, DbError> {
    let bound = queries::devices_of(tx, &device.ec_no)?;
    if bound.iter().filter(|device| device.state == State::Active).count() >= most {
        return Ok(Err(Refusal::TooManyDevices { most }));
    }
    tx.insert_many(&store::BIND_DEVICE, &[device_values(device)])?;
    Ok(Ok(()))
}

/// 解绑设备; says whether it was bound.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn revoke_device(tx: &mut dyn Tx, device_id: &str, at: DateTime, reason: &str) -> Result<bool, DbError> {
    Ok(tx.execute(&store::REVOKE_DEVICE, &[device_id.into(), show_time(at).into(), reason.into()])? > 0)
}

/// Takes the number of a device's signed request: false when it was used before. Numbers older than
/// `forget_before` go; requests of that time are refused as stale.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn take_nonce(
    tx: &mut dyn Tx,
    device_id: &str,
    nonce: &str,
    made_at: DateTime,
    forget_before: DateTime,
) -> Result<bool, DbError> {
    tx.execute(&store::FORGET_NONCES, &[device_id.into(), show_time(forget_before).into()])?;
    Ok(tx.execute(&store::TAKE_NONCE, &[device_id.into(), nonce.into(), show_time(made_at).into()])? == 1)
}

/// 生成一次性码. The device's codes that expired unused are forgotten.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn draw(tx: &mut dyn Tx, code: &Code) -> Result<(), DbError> {
    tx.execute(&store::FORGET_CODES, &[code.device_id.as_str().into(), show_time(code.drawn_at).into()])?;
    let values = vec![
        code.code_id.as_str().into(),
        code.ec_no.as_str().into(),
        code.psn_no.as_str().into(),
        code.device_id.as_str().into(),
        code.purpose.number().into(),
        show_time(code.drawn_at).into(),
        show_time(code.expires_at).into(),
        code.typed.clone().into(),
    ];
    tx.insert_many(&store::DRAW, &[values])
}

/// 用码: takes a code for its one use; the answer is the code with that use.
///
/// # Errors
/// [`DbError`]; inside, [`Refusal::CodeUnknown`], then those of [`usable`].
pub fn take(tx: &mut dyn Tx, code_id: &str, purpose: Purpose, using: &Use) -> Result<Result<Code, Refusal>, DbError> {
    let Some(known) = queries::code(tx, code_id)? else { return Ok(Err(Refusal::CodeUnknown)) };
    if let Err(refusal) = usable(&known.code, &known.standing, purpose, using.at) {
        return Ok(Err(refusal));
    }
    let (token, until) = using.token.clone().unzip();
    let values = [
        code_id.into(),
        show_time(using.at).into(),
        using.institution.as_str().into(),
        using.operator.as_str().into(),
        using.business.as_str().into(),
        using.msgid.as_str().into(),
        token.into(),
        until.map(show_time).into(),
    ];
    if tx.execute(&store::TAKE, &values)? == 0 {
        return Ok(Err(Refusal::CodeUsed));
    }
    Ok(Ok(Code { used: Some(using.clone()), ..known.code }))
}

/// 核销令牌: spends a settlement's token; false when it was spent before.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn spend(tx: &mut dyn Tx, token: &str, on: &str, at: DateTime) -> Result<bool, DbError> {
    Ok(tx.execute(&store::SPEND, &[token.into(), show_time(at).into(), on.into()])? == 1)
}
