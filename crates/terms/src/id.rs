//! Typed identifiers: a person's number can never be passed where a visit's is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// 人员编号 `psn_no`.
    PersonId;
    /// 单位编号 `emp_no`.
    EmployerId;
    /// 定点医药机构编号 `fixmedins_code`.
    InstitutionId;
    /// 就诊ID `mdtrt_id`, issued by the centre.
    VisitId;
    /// 结算ID `setl_id`, issued by the centre.
    SettlementId;
    /// 备案号 `trt_dcla_detl_sn`.
    FilingId;
    /// 目录编码 `med_list_codg`.
    ItemCode;
    /// 费用明细流水号 `feedetl_sn`, unique in its visit.
    LineNo;
    /// 行政区划 `admdvs`.
    AreaCode;
    /// 病种编码 `dise_codg`.
    DiseaseCode;
    /// 报文ID `msgid`, unique for its sender.
    MessageId;
}
