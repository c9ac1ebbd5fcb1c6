//! 清单数据项: the settlement list as plain data.
//!
//! The paper form counts 193 items; fourteen classes of charges with five amounts each and
//! the like are rows here. Every field may be absent, because exports leave out columns.
//! Codes are kept as written; which values they may have is a rule, not a type.

use crate::field::{Entry, Part, Place, Scope};
use crate::value::{Cell, Minutes, Moment, Value};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use terms::{Fen, Quantity};

macro_rules! part {
    ($(#[$doc:meta])* $part:ident {
        $($field:ident: $kind:ty = $chinese:literal, $english:literal, [$($national:literal),*];)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $part {
            $(
                #[doc = concat!($chinese, ": ", $english, ".")]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$kind>,
            )*
        }

        impl $part {
            const ENTRIES: &'static [Entry] = &[$(Entry {
                name: stringify!($field),
                chinese: $chinese,
                english: $english,
                kind: <$kind as Cell>::KIND,
                national: &[$($national),*],
            }),*];

            fn value(&self, index: usize) -> Option<Value<'_>> {
                let mut fields = index;
                $(
                    if fields == 0 {
                        return self.$field.as_ref().map(Cell::value);
                    }
                    fields -= 1;
                )*
                debug_assert!(fields == 0, "no such field");
                None
            }

            fn read_into(&mut self, index: usize, text: &str) -> bool {
                let mut fields = index;
                $(
                    if fields == 0 {
                        let read = <$kind as Cell>::read(text);
                        let good = read.is_some();
                        if good {
                            self.$field = read;
                        }
                        return good;
                    }
                    fields -= 1;
                )*
                debug_assert!(fields == 0, "no such field");
                false
            }
        }
    };
}

part!(
    /// 基本信息. Who was treated, where, under which insurance.
    Basic {
        record_no: String = "病案号", "medical record number", ["medcasno"];
        list_no: String = "清单流水号", "number of the list", ["setl_list_id"];
        visit: String = "就诊ID", "visit", ["mdtrt_id"];
        settlement: String = "结算ID", "settlement", ["setl_id"];
        person: String = "人员编号", "person number", ["psn_no"];
        institution: String = "定点医疗机构代码", "institution code", ["fixmedins_code"];
        institution_name: String = "定点医疗机构名称", "institution name", ["fixmedins_name"];
        settlement_level: String = "医保结算等级", "settlement level of the institution", ["hi_setl_lv"];
        insurance_no: String = "医保编号", "insurance number", ["hi_no"];
        declared: Moment = "申报时间", "time of declaration", ["dcla_time"];
        name: String = "姓名", "name", ["psn_name"];
        sex: String = "性别", "sex (1 male, 2 female)", ["gend"];
        birth: Date = "出生日期", "date of birth", ["brdy"];
        age: i64 = "年龄（岁）", "age in years", ["age"];
        age_days: i64 = "年龄（天，不足一周岁）", "age in days, under one year", ["nwb_age", "age_days"];
        nationality: String = "国籍", "nationality", ["ntly"];
        ethnicity: String = "民族", "ethnic group", ["naty"];
        id_kind: String = "证件类别", "kind of identity document", ["patn_cert_type"];
        id_no: String = "证件号码", "number of the identity document", ["certno"];
        occupation: String = "职业", "occupation", ["prfs"];
        address: String = "现住址", "present address", ["curr_addr"];
        employer: String = "工作单位名称", "employer", ["emp_name"];
        employer_address: String = "工作单位地址", "employer's address", ["emp_addr", "empr_addr"];
        employer_phone: String = "单位电话", "employer's telephone", ["emp_tel", "empr_tel"];
        postcode: String = "邮编", "postcode", ["poscode"];
        contact: String = "联系人姓名", "contact person", ["coner_name"];
        contact_relation: String = "与患者关系", "contact's relation to the patient", ["patn_rlts", "coner_rlts_code"];
        contact_address: String = "联系人地址", "contact's address", ["coner_addr"];
        contact_phone: String = "联系人电话", "contact's telephone", ["coner_tel"];
        insurance: String = "医保类型", "insurance type", ["hi_type"];
        insured_at: String = "参保地", "area where insured", ["insuplc"];
        special_person: String = "特殊人员类型", "special kind of person", ["sp_psn_type"];
        newborn_kind: String = "新生儿入院类型", "kind of newborn admission", ["nwb_adm_type"];
        birth_weight: Quantity = "新生儿出生体重（克）", "birth weight in grams", ["nwb_bir_wt"];
        admission_weight: Quantity = "新生儿入院体重（克）", "newborn's weight at admission in grams", ["nwb_adm_wt"];
        birth_weights: String = "多新生儿出生体重", "birth weights of several newborns, comma between", ["mul_nwb_bir_wt"];
        admission_weights: String = "多新生儿入院体重", "admission weights of several newborns, comma between", ["mul_nwb_adm_wt"];
        list_status: String = "清单状态", "state of the list", ["stas_type"];
    }
);

part!(
    /// 门诊慢特病诊疗信息.
    Chronic {
        department: String = "诊断科别", "department of the diagnosis", ["opsp_diag_caty"];
        date: Date = "就诊日期", "date of the visit", ["opsp_mdtrt_date"];
    }
);

part!(
    /// 住院诊疗信息.
    Stay {
        kind: String = "住院医疗类型", "kind of stay (1 inpatient, 2 day surgery)", ["ipt_med_type"];
        way_in: String = "入院途径", "way of admission", ["adm_way", "adm_way_code"];
        treatment: String = "治疗类别", "kind of treatment", ["trt_type"];
        admitted: Moment = "入院时间", "time of admission", ["adm_time", "adm_date"];
        admission_department: String = "入院科别", "department of admission", ["adm_caty"];
        admission_department_code: String = "入院科室编码", "institution's code of the department of admission", ["adm_dept_code"];
        admission_department_name: String = "入院科室名称", "institution's name of the department of admission", ["adm_dept_name"];
        transfers: String = "转科科别", "departments transferred to, → between", ["refldept_dept"];
        discharged: Moment = "出院时间", "time of discharge", ["dscg_time", "dscg_date"];
        discharge_department: String = "出院科别", "department of discharge", ["dscg_caty"];
        discharge_department_code: String = "出院科室编码", "institution's code of the department of discharge", ["dscg_dept_code"];
        discharge_department_name: String = "出院科室名称", "institution's name of the department of discharge", ["dscg_dept_name"];
        days: i64 = "实际住院天数", "days of the stay", ["act_ipt_days", "ipt_days"];
        outpatient_diagnosis: String = "门（急）诊诊断（西医）", "outpatient diagnosis", ["otp_wm_dise"];
        outpatient_diagnosis_code: String = "门（急）诊西医诊断代码", "outpatient diagnosis code", ["wm_dise_code"];
        outpatient_tcm: String = "门（急）诊诊断（中医）", "outpatient diagnosis of Chinese medicine", ["otp_tcm_dise"];
        outpatient_tcm_code: String = "门（急）诊中医诊断代码", "outpatient code of Chinese medicine", ["tcm_dise_code"];
        diagnosis_count: i64 = "诊断代码计数", "number of diagnoses", ["diag_code_cnt"];
        operation_count: i64 = "手术操作代码计数", "number of operations", ["oprn_oprt_code_cnt"];
        ventilator: Minutes = "呼吸机使用时长", "time on a ventilator", ["vent_used_dura"];
        coma_before: Minutes = "颅脑损伤患者入院前昏迷时长", "coma before admission, brain injury", ["pwcry_bfadm_coma_dura", "brn_damg_bfadm_coma_dura"];
        coma_after: Minutes = "颅脑损伤患者入院后昏迷时长", "coma after admission, brain injury", ["pwcry_afadm_coma_dura", "brn_damg_afadm_coma_dura"];
        special_care_days: Quantity = "特级护理天数", "days of special nursing", ["spga_nurscare_days"];
        first_care_days: Quantity = "一级护理天数", "days of first-level nursing", ["lv1_nurscare_days"];
        second_care_days: Quantity = "二级护理天数", "days of second-level nursing", ["scd_nurscare_days"];
        third_care_days: Quantity = "三级护理天数", "days of third-level nursing", ["lv3_nurscare_days"];
        way_out: String = "离院方式", "way of discharge", ["dscg_way"];
        receiving_name: String = "拟接收机构名称", "receiving institution", ["acp_medins_name"];
        receiving_code: String = "拟接收机构代码", "receiving institution's code", ["acp_optins_code", "acp_medins_code"];
        readmission: String = "出院31天内再住院计划", "readmission planned within 31 days (1 no, 2 yes)", ["days_rinp_flag_31", "dscg_31days_rinp_flag"];
        readmission_purpose: String = "再住院计划目的", "purpose of the readmission", ["days_rinp_pup_31", "dscg_31days_rinp_pup"];
        attending: String = "主诊医师代码", "attending physician's code", ["chfpdr_code"];
        attending_name: String = "主诊医师姓名", "attending physician", ["chfpdr_name"];
        nurse: String = "责任护士代码", "responsible nurse's code", ["resp_nurs_code"];
        nurse_name: String = "责任护士姓名", "responsible nurse", ["resp_nurs_name"];
        icu_hours: Quantity = "重症监护合计小时", "hours in intensive care, where an export gives the sum alone", [];
        blood_kind: String = "输血品种", "kind of blood, older form of the list", ["bld_cat"];
        blood_amount: Quantity = "输血量", "amount of blood, older form of the list", ["bld_amt"];
        blood_unit: String = "输血计量单位", "unit of blood, older form of the list", ["bld_unt"];
    }
);

part!(
    /// 医疗收费信息. Amounts in 元 on paper, in 分 here.
    Charges {
        business_no: String = "业务流水号", "business serial number", ["biz_sn"];
        bill_code: String = "票据代码", "bill code", ["bill_code"];
        bill_no: String = "票据号码", "bill number", ["bill_no"];
        begin: Date = "结算开始日期", "first day settled", ["setl_begn_date"];
        end: Date = "结算结束日期", "last day settled", ["setl_end_date"];
        total: Fen = "医疗费用总额", "total cost", ["medfee_sumamt"];
        fund: Fen = "基金支付总额", "paid by funds", ["fund_pay_sumamt"];
        self_pay: Fen = "个人自付", "own share inside the scope", ["psn_selfpay", "selfpay_amt"];
        own_pay: Fen = "个人自费", "own payment outside the scope", ["psn_ownpay"];
        account: Fen = "个人账户支付", "paid from the personal account", ["acct_pay"];
        cash: Fen = "个人现金支付", "paid in cash", ["psn_cashpay"];
        hospital: Fen = "医院负担金额", "borne by the hospital", ["hosp_part_amt"];
        payment_method: String = "医保支付方式", "payment method", ["hi_paymtd"];
        agency: String = "医保机构", "insurance agency", ["hsorg"];
        agency_clerk: String = "医保机构经办人", "agency's clerk", ["hsorg_opter"];
        filled_department: String = "医疗机构填报部门", "department that filled in the list", ["medins_fill_dept"];
        filled_by: String = "医疗机构填报人", "who filled in the list", ["medins_fill_psn"];
        settled: Moment = "结算时间", "time of settlement", ["setl_time"];
    }
);

part!(
    /// 病案首页. What the home page has and the list does not; fees in its own classes.
    HomePage {
        inpatient_no: String = "住院号", "inpatient number", ["ipt_no"];
        stays: i64 = "住院次数", "number of this stay", ["patn_ipt_cnt"];
        marriage: String = "婚姻", "marital status", ["mrg_stas"];
        birthplace: String = "出生地", "place of birth", ["birplc"];
        native_place: String = "籍贯", "native place", ["napl"];
        registered_address: String = "户口地址", "registered address", ["resd_addr"];
        phone: String = "本人电话", "patient's telephone", ["psn_tel"];
        ward_in: String = "入院病房", "ward of admission", ["adm_ward"];
        ward_out: String = "出院病房", "ward of discharge", ["dscg_ward"];
        injury_cause: String = "损伤中毒外部原因", "external cause of injury", ["damg_intx_ext_rea"];
        injury_cause_code: String = "损伤中毒外部原因编码", "code of the external cause", ["damg_intx_ext_rea_disecode"];
        pathology: String = "病理诊断", "pathological diagnosis", ["palg_diag"];
        pathology_code: String = "病理诊断编码", "code of the pathological diagnosis", ["palg_diag_code"];
        pathology_no: String = "病理号", "pathology number", ["palg_no"];
        allergy: String = "药物过敏", "drug allergy (1 no, 2 yes)", ["drug_dicm_flag"];
        allergy_drugs: String = "过敏药物", "drugs", ["dicm_drug_name"];
        autopsy: String = "死亡患者尸检", "autopsy (1 yes, 2 no)", ["die_autp_flag"];
        blood_group: String = "ABO血型", "blood group", ["abo_code"];
        rhesus: String = "Rh血型", "rhesus factor", ["rh_code"];
        rescues: i64 = "抢救次数", "number of rescues", ["resc_cnt"];
        rescued: i64 = "抢救成功次数", "successful rescues", ["resc_succ_cnt"];
        head: String = "科主任", "head of department", ["deptdrt_name"];
        chief: String = "主任（副主任）医师", "chief physician", ["chfdr_name"];
        physician: String = "主治医师", "physician in charge", ["atddr_name"];
        resident: String = "住院医师", "resident", ["ipt_dr_name"];
        coder: String = "编码员", "coder", ["codr_name"];
        record_quality: String = "病案质量", "quality of the record", ["medcas_qlt_code"];
        checking_physician: String = "质控医师", "checking physician", ["qltctrl_dr_name"];
        checking_nurse: String = "质控护士", "checking nurse", ["qltctrl_nurs_name"];
        checked: Date = "质控日期", "date of the check", ["qltctrl_date"];
        payment_way: String = "医疗付费方式", "way of payment", ["medfee_paymtd_code"];
        general_service_fee: Fen = "一般医疗服务费", "general medical service", ["ordn_med_servfee"];
        general_treatment_fee: Fen = "一般治疗操作费", "general treatment", ["ordn_trt_oprt_fee"];
        nursing_fee: Fen = "护理费", "nursing", ["nurs_fee"];
        other_service_fee: Fen = "综合医疗服务类其他费用", "other general service", ["com_med_serv_oth_fee"];
        pathology_fee: Fen = "病理诊断费", "pathology", ["palg_diag_fee"];
        laboratory_fee: Fen = "实验室诊断费", "laboratory", ["lab_diag_fee"];
        imaging_fee: Fen = "影像学诊断费", "imaging", ["rdhy_diag_fee"];
        clinical_diagnosis_fee: Fen = "临床诊断项目费", "clinical diagnosis", ["clnc_dise_fee"];
        nonsurgical_fee: Fen = "非手术治疗项目费", "non-surgical treatment", ["nsrgtrt_item_fee"];
        physical_fee: Fen = "临床物理治疗费", "of which physical treatment", ["clnc_phys_trt_fee"];
        surgical_fee: Fen = "手术治疗费", "surgical treatment", ["rgtrt_trt_fee"];
        anaesthesia_fee: Fen = "麻醉费", "of which anaesthesia", ["anst_fee"];
        surgery_fee: Fen = "手术费", "of which surgery", ["rgtrt_fee"];
        rehabilitation_fee: Fen = "康复费", "rehabilitation", ["rhab_fee"];
        tcm_fee: Fen = "中医治疗费", "Chinese medicine treatment", ["tcm_trt_fee"];
        western_drug_fee: Fen = "西药费", "Western drugs", ["wm_fee"];
        antibiotic_fee: Fen = "抗菌药物费用", "of which antimicrobials", ["abtl_medn_fee"];
        patent_drug_fee: Fen = "中成药费", "Chinese patent drugs", ["tcmpat_fee"];
        herb_fee: Fen = "中草药费", "Chinese herbs", ["tcmherb_fee"];
        blood_fee: Fen = "血费", "blood", ["blo_fee"];
        albumin_fee: Fen = "白蛋白类制品费", "albumin", ["albu_fee"];
        globulin_fee: Fen = "球蛋白类制品费", "globulin", ["glon_fee"];
        clotting_fee: Fen = "凝血因子类制品费", "clotting factors", ["clotfac_fee"];
        cytokine_fee: Fen = "细胞因子类制品费", "cytokines", ["cyki_fee"];
        examination_material_fee: Fen = "检查用一次性医用材料费", "materials of examination", ["exam_dspo_matl_fee"];
        treatment_material_fee: Fen = "治疗用一次性医用材料费", "materials of treatment", ["trt_dspo_matl_fee"];
        operation_material_fee: Fen = "手术用一次性医用材料费", "materials of operations", ["oprn_dspo_matl_fee"];
        other_fee: Fen = "其他费", "other", ["oth_fee"];
    }
);

part!(
    /// 门诊慢特病诊断与手术. One row.
    ChronicItem {
        diagnosis: String = "诊断名称", "diagnosis", ["diag_name"];
        diagnosis_code: String = "诊断代码", "diagnosis code", ["diag_code"];
        operation: String = "手术及操作名称", "operation", ["oprn_oprt_name"];
        operation_code: String = "手术及操作代码", "operation code", ["oprn_oprt_code"];
    }
);

part!(
    /// 出院诊断. One row; the first is the principal diagnosis.
    Diagnosis {
        kind: String = "诊断类别", "kind (1 Western, 2 TCM disease, 3 TCM syndrome)", ["diag_type"];
        code: String = "诊断代码", "code", ["diag_code"];
        name: String = "诊断名称", "name", ["diag_name"];
        on_admission: String = "入院病情", "state on admission (1 present, 2 not confirmed, 3 unknown, 4 absent)", ["adm_cond_type", "adm_dise_cond_code"];
        main: String = "主诊断标志", "principal diagnosis (1 yes, 0 no)", ["maindiag_flag"];
    }
);

part!(
    /// 手术及操作. One row; the first is the main one.
    Operation {
        kind: String = "手术操作类别", "kind (1 main, 2 other)", ["oprn_oprt_type", "main_oprn_flag"];
        code: String = "手术操作代码", "code", ["oprn_oprt_code"];
        name: String = "手术操作名称", "name", ["oprn_oprt_name"];
        date: Moment = "手术操作日期", "day of the operation", ["oprn_oprt_date"];
        begin: Moment = "手术操作开始时间", "begin", ["oprn_oprt_begntime"];
        end: Moment = "手术操作结束时间", "end", ["oprn_oprt_endtime"];
        level: String = "手术级别", "level of the operation", ["oprn_lv_code"];
        anaesthesia: String = "麻醉方式", "kind of anaesthesia", ["anst_way", "anst_mtd_code"];
        anaesthesia_begin: Moment = "麻醉开始时间", "begin of anaesthesia", ["anst_begntime"];
        anaesthesia_end: Moment = "麻醉结束时间", "end of anaesthesia", ["anst_endtime"];
        surgeon: String = "术者医师代码", "surgeon's code", ["oper_dr_code"];
        surgeon_name: String = "术者医师姓名", "surgeon", ["oper_dr_name", "oper_name"];
        anaesthetist: String = "麻醉医师代码", "anaesthetist's code", ["anst_dr_code"];
        anaesthetist_name: String = "麻醉医师姓名", "anaesthetist", ["anst_dr_name"];
        healing: String = "切口愈合等级", "wound and healing", ["sinc_heal_lv_code"];
    }
);

part!(
    /// 重症监护. One stay in intensive care.
    IcuStay {
        ward: String = "重症监护病房类型", "kind of ward", ["scs_cutd_ward_type"];
        entered: Moment = "进重症监护室时间", "entered", ["scs_cutd_inpool_time", "inpool_icu_time"];
        left: Moment = "出重症监护室时间", "left", ["scs_cutd_exit_time", "out_icu_time"];
        length: Minutes = "重症监护合计时长", "length", ["scs_cutd_sum_dura"];
    }
);

part!(
    /// 输血. One kind of blood.
    Transfusion {
        kind: String = "输血品种", "kind", ["bld_cat"];
        amount: Quantity = "输血量", "amount", ["bld_amt"];
        unit: String = "输血计量单位", "unit", ["bld_unt"];
    }
);

part!(
    /// 收费项目. One class of charges and how it is split.
    FeeItem {
        class: String = "收费项目类别", "class of charges (01 to 14)", ["med_chrgitm", "med_chrgitm_type"];
        amount: Fen = "金额", "amount", ["amt"];
        class_a: Fen = "甲类", "class A", ["claa_sumfee"];
        class_b: Fen = "乙类", "class B", ["clab_amt"];
        own_pay: Fen = "自费", "own payment", ["fulamt_ownpay_amt"];
        other: Fen = "其他", "other", ["oth_amt"];
    }
);

part!(
    /// 基金支付. One fund.
    FundPayment {
        fund: String = "基金支付类型", "fund", ["fund_pay_type"];
        amount: Fen = "基金支付金额", "amount", ["fund_payamt"];
    }
);

/// 医疗保障基金结算清单. One stay as the hospital declares it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettlementList {
    /// 基本信息.
    pub basic: Basic,
    /// 门诊慢特病诊疗信息.
    pub chronic: Chronic,
    /// 住院诊疗信息.
    pub stay: Stay,
    /// 医疗收费信息.
    pub charges: Charges,
    /// 病案首页 items beside the list.
    pub home_page: HomePage,
    /// 门诊慢特病诊断与手术.
    pub chronic_items: Vec<ChronicItem>,
    /// 出院诊断, the principal diagnosis first.
    pub diagnoses: Vec<Diagnosis>,
    /// 手术及操作, the main operation first.
    pub operations: Vec<Operation>,
    /// 重症监护.
    pub icu_stays: Vec<IcuStay>,
    /// 输血.
    pub transfusions: Vec<Transfusion>,
    /// 收费项目.
    pub fee_items: Vec<FeeItem>,
    /// 基金支付.
    pub fund_payments: Vec<FundPayment>,
    /// Which fields the source can hold at all; everything unless a reader says otherwise.
    #[serde(skip)]
    pub scope: Scope,
}

/// The row of that number, made if it is not there.
fn row_of<T: Default>(rows: &mut Vec<T>, row: usize) -> &mut T {
    if rows.len() <= row {
        rows.resize_with(row + 1, T::default);
    }
    &mut rows[row]
}

impl SettlementList {
    pub(crate) fn entries(part: Part) -> &'static [Entry] {
        match part {
            Part::Basic => Basic::ENTRIES,
            Part::Chronic => Chronic::ENTRIES,
            Part::Stay => Stay::ENTRIES,
            Part::Charges => Charges::ENTRIES,
            Part::HomePage => HomePage::ENTRIES,
            Part::ChronicItems => ChronicItem::ENTRIES,
            Part::Diagnoses => Diagnosis::ENTRIES,
            Part::Operations => Operation::ENTRIES,
            Part::IcuStays => IcuStay::ENTRIES,
            Part::Transfusions => Transfusion::ENTRIES,
            Part::FeeItems => FeeItem::ENTRIES,
            Part::FundPayments => FundPayment::ENTRIES,
        }
    }

    pub(crate) fn value(&self, place: Place, row: usize) -> Option<Value<'_>> {
        let index = place.index;
        match place.part {
            Part::Basic => self.basic.value(index),
            Part::Chronic => self.chronic.value(index),
            Part::Stay => self.stay.value(index),
            Part::Charges => self.charges.value(index),
            Part::HomePage => self.home_page.value(index),
            Part::ChronicItems => self.chronic_items.get(row)?.value(index),
            Part::Diagnoses => self.diagnoses.get(row)?.value(index),
            Part::Operations => self.operations.get(row)?.value(index),
            Part::IcuStays => self.icu_stays.get(row)?.value(index),
            Part::Transfusions => self.transfusions.get(row)?.value(index),
            Part::FeeItems => self.fee_items.get(row)?.value(index),
            Part::FundPayments => self.fund_payments.get(row)?.value(index),
        }
    }

    pub(crate) fn read_into(&mut self, place: Place, row: usize, text: &str) -> bool {
        let index = place.index;
        match place.part {
            Part::Basic => self.basic.read_into(index, text),
            Part::Chronic => self.chronic.read_into(index, text),
            Part::Stay => self.stay.read_into(index, text),
            Part::Charges => self.charges.read_into(index, text),
            Part::HomePage => self.home_page.read_into(index, text),
            Part::ChronicItems => row_of(&mut self.chronic_items, row).read_into(index, text),
            Part::Diagnoses => row_of(&mut self.diagnoses, row).read_into(index, text),
            Part::Operations => row_of(&mut self.operations, row).read_into(index, text),
            Part::IcuStays => row_of(&mut self.icu_stays, row).read_into(index, text),
            Part::Transfusions => row_of(&mut self.transfusions, row).read_into(index, text),
            Part::FeeItems => row_of(&mut self.fee_items, row).read_into(index, text),
            Part::FundPayments => row_of(&mut self.fund_payments, row).read_into(index, text),
        }
    }

    /// How many rows a part has; one for a part that stands once.
    #[must_use]
    pub fn rows(&self, part: Part) -> usize {
        match part {
            Part::ChronicItems => self.chronic_items.len(),
            Part::Diagnoses => self.diagnoses.len(),
            Part::Operations => self.operations.len(),
            Part::IcuStays => self.icu_stays.len(),
            Part::Transfusions => self.transfusions.len(),
            Part::FeeItems => self.fee_items.len(),
            Part::FundPayments => self.fund_payments.len(),
            _ => 1,
        }
    }

    /// Drops rows in which nothing stands, as numbered columns of an export leave them.
    pub fn drop_empty_rows(&mut self) {
        self.chronic_items.retain(|row| *row != ChronicItem::default());
        self.diagnoses.retain(|row| *row != Diagnosis::default());
        self.operations.retain(|row| *row != Operation::default());
        self.icu_stays.retain(|row| *row != IcuStay::default());
        self.transfusions.retain(|row| *row != Transfusion::default());
        self.fee_items.retain(|row| *row != FeeItem::default());
        self.fund_payments.retain(|row| *row != FundPayment::default());
    }

    /// The row of the principal diagnosis, counted from 0: the first Western one that is
    /// marked as principal, or else the first Western one, or else the first row.
    #[must_use]
    pub fn principal_row(&self) -> Option<usize> {
        let western = |row: &Diagnosis| !matches!(row.kind.as_deref(), Some("2" | "3"));
        let marked = |row: &Diagnosis| western(row) && row.main.as_deref() == Some("1");
        let rows = &self.diagnoses;
        let found = rows.iter().position(marked).or_else(|| rows.iter().position(western));
        found.or(if rows.is_empty() { None } else { Some(0) })
    }

    /// 主要诊断: the diagnosis of [`SettlementList::principal_row`].
    #[must_use]
    pub fn principal(&self) -> Option<&Diagnosis> {
        self.diagnoses.get(self.principal_row()?)
    }
}
