//! 2203A 定点零售药店门诊就诊信息上传: 2203 as a pharmacy sends it, perhaps without diagnoses.

pub use super::t2203::handle;
