//! 核验: a receipt checked as anyone else would check it, with each check told by itself.

use evidence::{Receipt, TrustedKey, Verified, Why, verify_receipt};

/// How a check came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckState {
    /// 通过.
    Passed,
    /// 未通过, with the reason in Chinese and English.
    Failed(String, String),
    /// 待存证: nothing is proved yet.
    Pending(String, String),
    /// 未进行: an earlier check did not pass.
    NotReached,
}

/// One check of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is checked.
    pub name: &'static str,
    /// The same in English.
    pub english: &'static str,
    /// How it came out.
    pub state: CheckState,
}

const CHECKS: [(&str, &str); 7] = [
    ("登记的内容就是存证的内容", "what the register says is what was sealed"),
    ("文件是完整的凭证", "the file is a whole receipt"),
    ("内容可以规范地封存", "its content has one canonical form"),
    ("检查点由本中心的密钥签名", "the checkpoint is signed with the centre's key"),
    ("序号在已签名的日志之内", "its number lies within the signed log"),
    ("内容沿证明路径得到已签名的树根", "its content leads to the signed root"),
    ("每一分都有去处：各项金额相加相符", "every fen is accounted for: the amounts add up"),
];

/// Checks a receipt as it came from the register: the file, the proof, the signature, the
/// money. `money` is asked last, about a receipt whose content is proved.
#[must_use]
pub fn check_receipt(
    receipt: Result<&Receipt, String>,
    trusted: &TrustedKey,
    money: impl FnOnce() -> Result<(), String>,
) -> Vec<Check> {
    let receipt = match receipt {
        Ok(receipt) => receipt,
        Err(detail) => {
            let chinese = "登记处保存的内容与存证时封存的内容不一致，不能出具凭证".to_owned();
            return stopped_at(0, CheckState::Failed(chinese, detail));
        }
    };
    match verify_receipt(receipt.to_json().as_bytes(), std::slice::from_ref(trusted)) {
        Ok(verified) => match money() {
            Ok(()) => stopped_at(CHECKS.len(), CheckState::Passed),
            Err(detail) => {
                let chinese = format!("第 {} 条的金额不能相加：{detail}", verified.index);
                stopped_at(CHECKS.len() - 1, CheckState::Failed(chinese, detail))
            }
        },
        Err(why @ Why::Pending) => stopped_at(place(&why), CheckState::Pending(why.chinese(), why.to_string())),
        Err(why) => stopped_at(place(&why), CheckState::Failed(why.chinese(), why.to_string())),
    }
}

/// What a receipt that passes its checks says; `None` when it does not.
pub(crate) fn verified(receipt: &Receipt, trusted: &TrustedKey) -> Option<Verified> {
    verify_receipt(receipt.to_json().as_bytes(), std::slice::from_ref(trusted)).ok()
}

/// Which check a reason belongs to, in the order in which they are made.
fn place(why: &Why) -> usize {
    match why {
        Why::NotAReceipt(_) | Why::OtherFormat(_) => 1,
        Why::NotCanonical(_) => 2,
        Why::Pending
        | Why::Checkpoint(_)
        | Why::UnknownKey { .. }
        | Why::WrongSignature { .. }
        | Why::FewWitnesses { .. }
        | Why::Older { .. }
        | Why::Fork { .. } => 3,
        Why::OutsideTheLog { .. } => 4,
        Why::NotInTheLog { .. } => 5,
    }
}

fn stopped_at(place: usize, state: CheckState) -> Vec<Check> {
    let state_of = |n: usize| match n.cmp(&place) {
        std::cmp::Ordering::Less => CheckState::Passed,
        std::cmp::Ordering::Equal => state.clone(),
        std::cmp::Ordering::Greater => CheckState::NotReached,
    };
    let checks = CHECKS.into_iter().enumerate();
    checks.map(|(n, (name, english))| Check { name, english, state: state_of(n) }).collect()
}
