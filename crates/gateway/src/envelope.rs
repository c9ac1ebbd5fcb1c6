//! 报文头: the eighteen fields around every transaction, read tolerantly.

use crate::json::{self, Json};
use crate::refusal::shown;
use crate::{Form, Refused, tolerance};
use serde_json::value::RawValue;
use terms::{AreaCode, DateTime, InstitutionId, MessageId};

/// Name, 中文名, most characters, required. Lengths are what real clients send, where that is
/// more than the text allows (msgid 29–31 characters, institution code 30 and name 200, a
/// 32-character sign_no). `infver` is ignored; `insuplc_admdvs` is wanted by adapters that need it.
const FIELDS: &[(&str, &str, usize, bool)] = &[
    ("infno", "交易编号", 6, true),
    ("msgid", "发送方报文ID", 40, true),
    ("mdtrtarea_admvs", "就医地医保区划", 6, true),
    ("insuplc_admdvs", "参保地医保区划", 6, false),
    ("recer_sys_code", "接收方系统代码", 10, true),
    ("dev_no", "设备编号", 100, false),
    ("dev_safe_info", "设备安全信息", 2000, false),
    ("cainfo", "数字签名信息", 1024, false),
    ("signtype", "签名类型", 10, false),
    ("opter_type", "经办人类别", 3, true),
    ("opter", "经办人", 30, true),
    ("opter_name", "经办人姓名", 50, true),
    ("inf_time", "交易时间", 23, true),
    ("fixmedins_code", "定点医药机构编号", 30, true),
    ("fixmedins_name", "定点医药机构名称", 200, true),
    ("sign_no", "交易签到流水号", 40, false),
];

/// 报文头. Who speaks, when, about which transaction.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// 交易编号.
    pub infno: String,
    /// 发送方报文ID: the key of idempotency together with the institution; never parsed.
    pub message_id: MessageId,
    /// 就医地医保区划.
    pub care_area: AreaCode,
    /// 参保地医保区划, when given.
    pub insured_area: Option<AreaCode>,
    /// 经办人类别: 1 operator, 2 self-service, 3 mobile.
    pub operator_kind: String,
    /// 经办人.
    pub operator: String,
    /// 经办人姓名.
    pub operator_name: String,
    /// 交易时间, local.
    pub sent_at: DateTime,
    /// 定点医药机构编号.
    pub institution: InstitutionId,
    /// 定点医药机构名称.
    pub institution_name: String,
    /// 交易签到流水号, when given.
    pub sign_no: Option<String>,
    /// 数字签名信息 and 签名类型.
    pub(crate) signature: Option<(String, String)>,
    /// Every scalar of the envelope except `cainfo`, as sent, sorted by name.
    pub(crate) signed: Vec<(String, String)>,
    /// Whether `input` came as a JSON string; the answer's `output` then goes back as one.
    pub(crate) input_as_text: bool,
}

/// Reads the envelope of a body; the input stays as text until everything else is in order.
///
/// # Errors
/// [`Refused`] naming the field and the way out.
pub fn read(body: &str) -> Result<(Envelope, Option<&RawValue>), Refused> {
    if json::depth(body) > json::DEPTH_MAX {
        return Err(json::Malformed::TooDeep.into());
    }
    let mut values: Vec<(String, String)> = Vec::new();
    let mut input = None;
    for (name, raw) in json::members(body)? {
        let sent_name = name.trim().to_owned();
        let name = tolerance::envelope_name(&name);
        if name == "input" {
            input = Some(raw);
            continue;
        }
        let Some(text) = tolerance::scalar_text(&json::value(raw)?) else {
            if let Some((_, label, ..)) = FIELDS.iter().find(|(known, ..)| *known == name) {
                let words = "应为文本，收到对象或数组；请写成字符串";
                return Err(Refused::form(Form::EnvelopeType, format!("{name} {label}"), words));
            }
            continue;
        };
        if values.iter().any(|(earlier, _)| tolerance::envelope_name(earlier) == name) {
            return Err(json::Malformed::Repeated(name).into());
        }
        values.push((sent_name, text));
    }
    let text = |wanted: &str| -> &str {
        values.iter().find(|(name, _)| tolerance::envelope_name(name) == wanted).map_or("", |(_, text)| text)
    };
    for (name, label, most, required) in FIELDS {
        let (value, place) = (text(name), format!("{name} {label}"));
        if *required && value.is_empty() {
            return Err(Refused::form(Form::EnvelopeMissing, place, "报文头缺少此项或为空，请补齐后重发"));
        }
        if value.chars().count() > *most {
            let words = format!("长度 {} 超过 {most} 个字符，请缩短后重发", value.chars().count());
            return Err(Refused::form(Form::EnvelopeLength, place, words));
        }
    }
    let sent_at = tolerance::time_in(text("inf_time")).ok_or_else(|| {
        let words = format!("“{}”不是 yyyy-MM-dd HH:mm:ss 的时间", shown(text("inf_time"), 23));
        Refused::form(Form::EnvelopeTime, "inf_time 交易时间", words)
    })?;
    let given = |name: &str| Some(text(name)).filter(|text| !text.is_empty()).map(str::to_owned);
    let owned = |name: &str| text(name).to_owned();
    let mut envelope = Envelope {
        infno: owned("infno").to_ascii_uppercase(),
        message_id: MessageId(owned("msgid")),
        care_area: AreaCode(owned("mdtrtarea_admvs")),
        insured_area: given("insuplc_admdvs").map(AreaCode),
        operator_kind: owned("opter_type"),
        operator: owned("opter"),
        operator_name: owned("opter_name"),
        sent_at,
        institution: InstitutionId(owned("fixmedins_code")),
        institution_name: owned("fixmedins_name"),
        sign_no: given("sign_no"),
        signature: given("cainfo").map(|signature| (signature, owned("signtype"))),
        signed: Vec::new(),
        input_as_text: input.is_some_and(|raw| raw.get().starts_with('"')),
    };
    values.retain(|(name, _)| tolerance::envelope_name(name) != "cainfo");
    values.sort();
    envelope.signed = values;
    Ok((envelope, input))
}

/// `input` as an object, also when it came as a JSON string.
///
/// # Errors
/// [`Refused`] when it is missing or not an object.
pub fn input(raw: Option<&RawValue>) -> Result<Vec<(String, Json)>, Refused> {
    let missing = |words: &str| Refused::form(Form::InputMissing, "input 交易输入", words);
    let raw = raw.ok_or_else(|| missing("报文缺少 input，请按交易的节点填写"))?;
    let json = tolerance::object_in_text(json::value(raw)?)?;
    match json {
        Json::Object(members) => Ok(members),
        _ => Err(missing("应为 JSON 对象（或内容为对象的 JSON 字符串）")),
    }
}
