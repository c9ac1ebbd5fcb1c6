//! 事实: the records. A field's doc is its 中文名; lengths of time are days, money is 分.

use crate::table::{Field, Table, record};
use crate::value::{FieldError, Value};
use terms::{Date, DateTime, Exact, Fen};

record! {
    /// 人员.
    Person {
        psn_no: String, "人员编号";
        /// 1 male, 2 female; anything else (0, 9) is unknown to every rule.
        gend: String, "性别";
        brdy: Date, "出生日期";
        psn_type: String, "人员类别";
        insutype: String, "险种类型";
        death_date: Date, "死亡日期";
        /// Not the address itself.
        household: String, "家庭（同户编号）";
        /// Of employees.
        emp_no: String, "单位编号";
        /// The village or neighbourhood, coded; not the address itself.
        resd_vil: String, "居住村（社区）编号";
        admdvs: String, "参保地区划";
    }
}

record! {
    /// 就诊.
    Encounter {
        mdtrt_id: String, "就诊ID";
        psn_no: String, "人员编号";
        setl_id: String, "结算ID";
        fixmedins_code: String, "定点医药机构编号";
        /// 3, 2, 1 or the finer national codes.
        medins_lv: String, "医疗机构等级";
        medins_type: String, "医疗机构类型";
        medins_admdvs: String, "医疗机构行政区划";
        med_type: String, "医疗类别";
        med_mdtrt_type: String, "就诊类型";
        insutype: String, "险种类型";
        begntime: DateTime, "开始（入院）时间";
        /// Discharge; of an outpatient visit its end, or unknown.
        endtime: DateTime, "结束（出院）时间";
        setl_time: DateTime, "结算时间";
        adm_dept_codg: String, "入院科室";
        dscg_dept_codg: String, "出院科室";
        dr_codg: String, "医师编号";
        wardarea_codg: String, "病区";
        bedno: String, "病床号";
        /// 病种 of a chronic or special disease that pays the visit.
        dise_codg: String, "病种编码";
        matn_stas: String, "生育状态";
        matn_fee_flag: bool, "生育费用标志";
        dscg_way: String, "离院方式";
        adm_way: String, "入院途径";
        trum_flag: bool, "外伤标志";
        /// Newborn, in grams.
        nwb_adm_wt: Exact, "新生儿入院体重";
        patn_wt: Exact, "患者体重（千克）";
        sinc_heal_lv: String, "手术切口愈合等级";
        out_setl_flag: bool, "异地结算标志";
        internet_flag: bool, "互联网诊疗标志";
        /// Times this person has settled this year, as the hospital was told.
        setl_totlnum: Exact, "结算总次数";
        medfee_sumamt: Fen, "医疗费总额";
        inscp_scp_amt: Fen, "符合政策范围金额";
        fund_pay_sumamt: Fen, "基金支付总额";
        hifp_pay: Fen, "统筹基金支出";
        acct_pay: Fen, "个人账户支出";
        psn_cash_pay: Fen, "个人现金支出";
        /// Days with at least one set of vital signs on record (4602).
        vitals_days: Exact, "有生命体征记录的天数";
        vitals_abnormal: bool, "入院生命体征异常";
        /// Days on approved leave that were not billed.
        leave_days: Exact, "批准外出天数";
        /// As coded, by the region's scheme.
        group_weight: Exact, "分组权重";
        /// Of the group that remains without the diagnoses and operations nothing supports.
        supported_weight: Exact, "有依据编码的分组权重";
        infection_in_hospital: bool, "院内感染";
        planned_readmission: bool, "计划内再入院";
        test_results: Vec<String>, "已有检验检查结果的项目";
    } {
        /// 诊断, principal first.
        diagnoses: Vec<Diagnosis>,
        /// 手术操作.
        procedures: Vec<Procedure>,
        /// 费用明细.
        lines: Vec<Line>,
        /// 基金分项: fund code and what it paid.
        funds: Vec<(String, Fen)>,
    }
}

record! {
    /// 诊断.
    Diagnosis {
        mdtrt_id: String, "就诊ID";
        diag_srt_no: Exact, "诊断排序号";
        diag_code: String, "诊断代码";
        diag_name: String, "诊断名称";
        maindiag_flag: bool, "主诊断标志";
        inout_diag_type: String, "出入院诊断类别";
        diag_time: DateTime, "诊断时间";
    }
}

record! {
    /// 手术操作.
    Procedure {
        mdtrt_id: String, "就诊ID";
        oprn_oprt_code: String, "手术操作代码";
        oprn_oprt_name: String, "手术操作名称";
        main_oprn_flag: bool, "主手术标志";
        oprn_oprt_begntime: DateTime, "手术开始时间";
        oprn_oprt_endtime: DateTime, "手术结束时间";
        oper_dr_code: String, "术者医师";
        anst_dr_code: String, "麻醉医师";
        anst_way: String, "麻醉方式";
        /// Ⅰ clean, Ⅱ, Ⅲ: 1, 2, 3.
        incision_class: String, "切口类别";
        /// Operations of one session through one incision share a number.
        incision_no: String, "切口编号";
    }
}

record! {
    /// 费用明细.
    Line {
        feedetl_sn: String, "费用明细流水号";
        mdtrt_id: String, "就诊ID";
        med_list_codg: String, "目录编码";
        med_list_name: String, "目录名称";
        list_type: String, "目录类别";
        med_chrgitm_type: String, "医疗收费项目类别";
        chrgitm_lv: String, "收费项目等级";
        fee_ocur_time: DateTime, "费用发生时间";
        cnt: Exact, "数量";
        pric: Exact, "单价（元）";
        det_item_fee_sumamt: Fen, "明细项目费用总额";
        inscp_scp_amt: Fen, "符合政策范围金额";
        fulamt_ownpay_amt: Fen, "全自费金额";
        pric_uplmt_amt: Exact, "定价上限（元）";
        fund_pay_type: String, "支付基金";
        rxno: String, "处方号";
        drord_no: String, "医嘱号";
        bilg_dept_codg: String, "开单科室";
        acord_dept_codg: String, "受单科室";
        bilg_dr_codg: String, "开单医师";
        drord_dr_profttl: String, "开单医师职称";
        drord_begn_date: DateTime, "医嘱开始时间";
        drord_stop_date: DateTime, "医嘱停止时间";
        prd_days: Exact, "用药周期天数";
        /// In the unit of `spec_dose`.
        sin_dos: Exact, "单次剂量";
        used_frqu: Exact, "每日次数";
        /// Dose in one package, in the unit of `sin_dos`.
        spec_dose: Exact, "每包装剂量";
        /// Herbal pieces: grams of one dose.
        tcmdrug_used_way: String, "中药使用方式";
        tcmherb_doses: Exact, "中药剂数";
        hosp_appr_flag: bool, "医院审批标志";
        lmt_used_flag: bool, "限制使用标志";
        /// First-line drug used within half a year (3101's o_firstItemFlag).
        first_line_flag: bool, "半年内使用一线用药标志";
        chld_medc_flag: bool, "儿童用药标志";
        matn_fee_flag: bool, "生育费用标志";
        updt_time: DateTime, "上传时间";
        drug_trac_codg: Vec<String>, "药品追溯码";
        init_feedetl_sn: String, "原费用流水号（退费）";
        bedno: String, "病床号";
        /// False for what is already in the record; unknown counts as current.
        curr_drord_flag: bool, "是否当前医嘱";
    }
}

record! {
    /// 定点医药机构.
    Institution {
        fixmedins_code: String, "定点医药机构编号";
        fixmedins_name: String, "机构名称";
        medins_lv: String, "医疗机构等级";
        medins_type: String, "医疗机构类型";
        admdvs: String, "行政区划";
        beds: Exact, "核定床位数";
        fixmedins_type: String, "定点机构种类（1 医疗机构 2 药店）";
    }
}

record! {
    /// 医护人员, a row a period of registration or suspension.
    Practitioner {
        prac_psn_code: String, "医护人员编号";
        prac_psn_name: String, "姓名";
        fixmedins_code: String, "注册机构";
        hosp_dept_codg: String, "科室";
        title: String, "职称";
        /// 1 non-restricted, 2 restricted, 3 special.
        antibiotic_level: Exact, "抗菌药物处方权级别";
        begndate: Date, "注册起";
        enddate: Date, "注册止";
        suspended_from: Date, "暂停支付资格起";
        suspended_to: Date, "暂停支付资格止";
    }
}

record! {
    /// 进销存: a movement of one article.
    Stock {
        fixmedins_code: String, "定点医药机构编号";
        fixmedins_bchno: String, "批次流水号";
        med_list_codg: String, "目录编码";
        med_list_name: String, "目录名称";
        list_type: String, "目录类别";
        /// `counted` 盘存 (3501), `changed` 变更 (3502), `bought` 采购 (3503), `bought_back` 采购退货
        /// (3504), `sold` 销售 (3505), `sold_back` 销售退货 (3506).
        move_kind: String, "变动种类";
        moved_at: DateTime, "变动时间";
        /// In the unit of the price; of `changed`, negative when stock went down.
        cnt: Exact, "数量";
        psn_no: String, "购买人";
        mdtrt_id: String, "就诊ID";
        drug_trac_codg: Vec<String>, "药品追溯码";
    }
}

impl Table {
    /// The fields of the table's records, in the order of the columns.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Table::Person => Person::FIELDS,
            Table::Encounter => Encounter::FIELDS,
            Table::Diagnosis => Diagnosis::FIELDS,
            Table::Procedure => Procedure::FIELDS,
            Table::Line => Line::FIELDS,
            Table::Institution => Institution::FIELDS,
            Table::Practitioner => Practitioner::FIELDS,
            Table::Stock => Stock::FIELDS,
        }
    }
}

/// 个人就诊史: a person and the visits of some time, in order of beginning.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Of whom.
    pub person: Person,
    /// The visits, by beginning, then by number.
    pub encounters: Vec<Encounter>,
}

/// 机构与人员名册: what stands around every history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Surroundings {
    /// 定点医药机构.
    pub institutions: Vec<Institution>,
    /// 医护人员.
    pub practitioners: Vec<Practitioner>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Record};

    #[test]
    fn a_field_is_read_and_shown_under_its_national_name() {
        let mut line = Line::default();
        line.set("cnt", "2.5").expect("a number");
        line.set("det_item_fee_sumamt", "31.25").expect("money");
        line.set("fee_ocur_time", "2026-03-01 08:30:00").expect("a time");
        line.set("drug_trac_codg", "A1|B2").expect("texts");
        assert_eq!(line.det_item_fee_sumamt, Some(Fen(3125)));
        for (field, text) in [
            ("cnt", "2.5"),
            ("det_item_fee_sumamt", "31.25"),
            ("fee_ocur_time", "2026-03-01 08:30:00"),
            ("drug_trac_codg", "A1|B2"),
        ] {
            assert_eq!(line.value(field).expect("known").to_string(), text);
        }
        line.set("cnt", " ").expect("blank is unknown");
        assert_eq!(line.value("cnt"), None);
    }

    #[test]
    fn a_record_shown_field_by_field_and_filled_again_is_the_same() {
        let mut line = Line::default();
        for (field, text) in [("cnt", "2.5"), ("drug_trac_codg", "A1|B2"), ("curr_drord_flag", "1"), ("mdtrt_id", "M")]
        {
            line.set(field, text).expect("a value");
        }
        let mut shown = Vec::new();
        line.each(&mut |at, value| shown.extend(value.map(|_| Line::FIELDS[at].name)));
        assert_eq!(shown, ["mdtrt_id", "cnt", "drug_trac_codg", "curr_drord_flag"]);
        let mut again = Line::default();
        again.fill(&mut |at| line.value(Line::FIELDS[at].name));
        assert_eq!(again, line);
    }

    #[test]
    fn an_unknown_field_names_the_nearest_and_a_wrong_value_what_is_wanted() {
        let mut line = Line::default();
        let said = line.set("med_list_code", "X").expect_err("no such field").to_string();
        assert_eq!(said, "Line has no field “med_list_code”; did you mean “med_list_codg”?");
        let said = line.set("cnt", "two").expect_err("no number").to_string();
        assert_eq!(said, "cnt: “two” is not a number");
    }

    #[test]
    fn every_field_of_every_table_has_one_name_and_a_label() {
        for table in Table::ALL {
            let mut names: Vec<_> = table.fields().iter().map(|field| field.name).collect();
            assert!(table.fields().iter().all(|field| !field.label.is_empty()));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.fields().len(), "{table:?}");
        }
        assert_eq!(Table::Line.field("cnt").map(|field| field.kind), Some(Kind::Number));
    }
}
