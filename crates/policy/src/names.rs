//! The names a policy may use for what it is told: one list, which is also the guide's.

use crate::expr::Type;
use crate::law::Stage;

/// Whose further fields a formula may read by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The person.
    Person,
    /// The coverage row in force.
    Coverage,
    /// The visit.
    Visit,
    /// The institution.
    Institution,
    /// The fee line.
    Line,
    /// The catalogue row of the line.
    Item,
}

impl Owner {
    /// By its name in formulas.
    #[must_use]
    pub fn named(name: &str) -> Option<Owner> {
        Some(match name {
            "person" => Owner::Person,
            "coverage" => Owner::Coverage,
            "visit" => Owner::Visit,
            "institution" => Owner::Institution,
            "line" => Owner::Line,
            "item" => Owner::Item,
            _ => return None,
        })
    }

    /// Text fields that every region knows; others are declared with `[[attribute]]`.
    #[must_use]
    pub fn standard_fields(self) -> &'static [&'static str] {
        match self {
            Owner::Person | Owner::Coverage => &[],
            Owner::Visit => &[
                "dise_codg",
                "trum_flag",
                "rel_ttp_flag",
                "rx_circ_flag",
                "dscg_way",
                "matn_type",
                "cop_flag",
                "birctrl_type",
                "fetus_cnt",
                "adm_way",
                "refl_type",
                "oprn_oprt_code",
                "main_diag",
                "dept_codg",
            ],
            Owner::Institution => &["opsp_flag", "opt_pool_flag", "medins_type", "medinslv", "hosp_lv"],
            Owner::Line => &["rxno", "bilg_dept_codg", "dscg_tkdrug_flag"],
            Owner::Item => &["list_type", "bas_medn_flag", "hi_nego_drug_flag", "med_chrgitm_type"],
        }
    }

    /// At which stages it can be read.
    #[must_use]
    pub fn stages(self) -> u16 {
        match self {
            Owner::Person => ANY,
            Owner::Coverage | Owner::Visit | Owner::Institution => VISIT,
            Owner::Line | Owner::Item => LINES,
        }
    }
}

const fn bit(stage: Stage) -> u16 {
    1 << stage as u16
}

/// Every stage.
pub const ANY: u16 = u16::MAX;
/// Stages that have a visit.
pub const VISIT: u16 = bit(Stage::Visit)
    | bit(Stage::Fees)
    | bit(Stage::FeesCancel)
    | bit(Stage::Discharge)
    | bit(Stage::Settle)
    | bit(Stage::Line);
/// Stages that look at one line.
pub const LINES: u16 = bit(Stage::Fees) | bit(Stage::Line);

macro_rules! facts {
    ($($variant:ident $name:literal $ty:ident $stages:expr, $doc:literal;)*) => {
        /// A fact the caller supplies.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Fact {
            $(#[doc = $doc] $variant,)*
        }

        impl Fact {
            /// The fact of that name.
            #[must_use]
            pub fn named(name: &str) -> Option<Fact> {
                Some(match name { $($name => Fact::$variant,)* _ => return None })
            }

            /// Its name in formulas.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Fact::$variant => $name,)* }
            }

            /// What it yields.
            #[must_use]
            pub fn kind(self) -> Type {
                match self { $(Fact::$variant => Type::$ty,)* }
            }

            /// At which stages it is known, one bit a stage.
            #[must_use]
            pub fn stages(self) -> u16 {
                match self { $(Fact::$variant => $stages,)* }
            }

            /// All facts with their meaning, for the guide.
            #[must_use]
            pub fn all() -> &'static [(Fact, &'static str)] {
                &[$((Fact::$variant, $doc),)*]
            }
        }
    };
}

facts! {
    BirthDate "person.brdy" Date ANY, "出生日期 of the person";
    Gender "person.gend" Text ANY, "性别";
    InsuType "insutype" Text VISIT, "险种类型 of the visit";
    MedType "med_type" Text VISIT, "医疗类别 of the visit";
    BeginTime "begntime" Time VISIT, "就诊时刻; for a stay the time of admission";
    EndTime "endtime" Time VISIT, "出院时刻; missing until discharged";
    VisitExists "visit.exists" Flag ANY, "whether there is such a visit (of this institution)";
    VisitSettled "visit.settled" Flag VISIT, "whether a settlement of the visit stands";
    VisitDischarged "visit.discharged" Flag VISIT, "whether the visit has a discharge";
    LabelTaken "visit.label_taken" Flag bit(Stage::Visit), "whether the person has a visit with the same label";
    LatestFeeDate "visit.latest_fee_date" Date bit(Stage::Discharge) | bit(Stage::Settle), "the latest 费用日 among the lines; missing without lines";
    LineCount "visit.line_count" Number bit(Stage::Discharge) | bit(Stage::Settle), "how many lines the visit has";
    InstitutionExists "institution.exists" Flag ANY, "whether the institution is known";
    InstitutionCode "institution.fixmedins_code" Text VISIT, "机构编号";
    Level "institution.hi_setl_lv" Text VISIT, "医保结算等级";
    InstitutionType "institution.fixmedins_type" Text VISIT, "机构类型: 1 hospital, 2 pharmacy";
    InstitutionArea "institution.admdvs" Text VISIT, "机构所在区划";
    DesignatedFrom "institution.begndate" Date VISIT, "定点开始日期";
    DesignatedTo "institution.enddate" Date VISIT, "定点结束日期; missing if open";
    SegmentExists "segment.exists" Flag VISIT, "whether a segment of normal coverage in the visit's scheme covers the date of the visit";
    SegmentBegin "segment.begin" Date VISIT, "first day of that segment";
    SegmentFirst "segment.first" Flag VISIT, "whether no other segment began earlier";
    SegmentGap "segment.gap_days" Number VISIT, "days without coverage between the latest earlier segment and this one";
    LineNumberTaken "line.number_taken" Flag LINES, "whether the visit has a line of that number";
    LineCode "line.med_list_codg" Text LINES, "目录编码 of the line";
    LineTime "line.fee_ocur_time" Time LINES, "费用发生时刻";
    LineQuantity "line.cnt" Number LINES, "数量";
    LinePrice "line.pric" Number LINES, "单价, in 元";
    LineAmount "line.amount" Money LINES, "金额 as uploaded";
    LineComputed "line.computed_amount" Money LINES, "单价 × 数量, rounded to 分";
    LineApproval "line.hosp_appr_flag" Text LINES, "医院审批标志 (of a refund: of its original line)";
    LineIsRefund "line.is_refund" Flag LINES, "whether the line names an original line";
    RootExists "original.exists" Flag LINES, "whether the original line of a refund is there";
    RootIsRefund "original.is_refund" Flag LINES, "whether the original line is itself a refund";
    RootSameCode "original.same_code" Flag LINES, "whether the codes agree";
    RootSamePrice "original.same_price" Flag LINES, "whether the unit prices agree as numbers";
    RootNetQuantity "original.net_quantity" Number LINES, "quantity left of the original line after this refund";
    RootNetAmount "original.net_amount" Money LINES, "amount left of the original line after this refund";
    ItemKnown "item.known" Flag LINES, "whether the catalogue has the code at any date";
    ItemExists "item.exists" Flag LINES, "whether a catalogue row is in force on the line's catalogue date";
    ItemLevel "item.chrgitm_lv" Text LINES, "收费项目等级 01/02/03";
    ItemRestricted "item.lmt_used_flag" Text LINES, "限制使用标志";
    ItemAccount "item.acct_pay_flag" Text LINES, "个人账户可付标志";
    CancelExists "cancel.exists" Flag bit(Stage::FeesCancel), "whether the line to be cancelled is there";
    CancelLeavesRefund "cancel.leaves_refund" Flag bit(Stage::FeesCancel), "whether a refund of it would stay behind";
    DischargeTime "discharge.endtime" Time bit(Stage::Discharge), "出院时刻 as asked for";
    Total "total_fee" Money bit(Stage::Settle), "T 医疗费总额: sum of the lines";
    FullSelfPay "full_self_pay" Money bit(Stage::Settle), "A 全自费: sum of the lines";
    OverLimit "over_limit" Money bit(Stage::Settle), "B 超限价: sum of the lines";
    PreSelfPay "pre_self_pay" Money bit(Stage::Settle), "C 先行自付: sum of the lines";
    InScope "in_scope" Money bit(Stage::Settle), "I 符合政策范围: sum of the lines";
    FundTotal "fund_total" Money bit(Stage::Settle), "F: what all fund layers pay";
    PersonPart "person_part" Money bit(Stage::Settle), "P = T − F − Hp, before any account";
    SettleTime "settle.time" Time bit(Stage::Settle) | bit(Stage::Reverse), "结算时刻; at a reversal, of the settlement to be reversed";
    DeclaredTotal "settle.medfee_sumamt" Money bit(Stage::Settle), "申报总额";
    AccountFlag "settle.acct_used_flag" Text bit(Stage::Settle), "个人账户使用标志";
    MidSettle "settle.mid_setl_flag" Text bit(Stage::Settle), "中途结算标志";
    AccountBalance "account.balc" Money ANY, "本人账户余额";
    GiverCovers "givers.any_covers" Flag bit(Stage::Settle), "whether an authorisation covers the date of settlement";
    GiverId "giver.psn_no" Text bit(Stage::Settle), "授权人, within a mutual-aid layer";
    ReverseExists "settlement.exists" Flag bit(Stage::Reverse), "whether the settlement is known";
    ReverseDone "settlement.reversed" Flag bit(Stage::Reverse), "whether it has been reversed";
    ReverseLatest "settlement.is_latest" Flag bit(Stage::Reverse), "whether it is the person's latest that stands";
    ReverseTime "reverse.time" Time bit(Stage::Reverse), "撤销时刻";
    FilingTaken "filing.number_taken" Flag bit(Stage::Filing), "whether the filing number is used";
    FilingKind "filing.kind" Text bit(Stage::Filing), "备案种类";
    FilingDisease "filing.dise_codg" Text bit(Stage::Filing), "病种编码 of the filing";
    FilingArea "filing.admdvs" Text bit(Stage::Filing), "行政区划 of the filing";
    FilingFound "filing.exists" Flag bit(Stage::FilingCancel), "whether the filing to be cancelled is there";
    FilingCancelled "filing.cancelled" Flag bit(Stage::FilingCancel), "whether it has been cancelled";
    BandBase "base" Number ANY, "within a layer's ratio: the ratio of the band from its table";
}
