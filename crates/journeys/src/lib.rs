//! # journeys 业务流程
//!
//! What an institution or the bureau does from beginning to end, one file a journey: each
//! **gathers** what is known (persons locked first, givers of accounts included), lets the
//! law **decide**, and **records** the decision: registers, ledger, change feed and evidence
//! leaf, all in the caller's one transaction.
//!
//! Called by the gateway's adapters, which wrap a journey in [`operation::perform`]; by the
//! bring-in of opening data; by the conformance suites. Never: arithmetic of benefits (that
//! is `adjudication`), the wire, a clock or randomness (the [`operation::Operation`] carries
//! them), a word of SQL. A refusal is decided before anything is recorded, so it leaves no
//! row behind.

mod account;
mod admit;
mod apply;
mod begin;
mod bring_in;
mod cases;
mod centre;
mod change;
mod clear;
mod credentials;
mod discharge;
mod documents;
mod dose;
mod dossier;
mod entitlement;
mod error;
mod explain;
mod feedback;
mod fees;
mod filing;
mod goods;
mod histories;
mod identities;
mod inquire;
mod lists;
mod manual;
mod opening;
mod past;
mod person;
mod pharmacy;
mod queries;
mod reconcile;
mod record;
mod register;
mod remind;
mod reverse;
mod review_period;
mod rulebook;
mod serve;
mod settle;
mod shelves;
mod sign;
mod stays;
mod supervision;
mod trial;
mod undo;
mod unmask;
mod visit;

pub use admit::{Admission, Admitted};
pub use apply::Applying;
pub use begin::{Begin, Begun};
pub use bring_in::{BroughtIn, Opening, OpeningSums, bring_in, opening_sums};
pub use cases::case_bundle;
pub use centre::{Books, Centre, Clearing, FundRole, Limits};
pub use change::AdmissionChange;
pub use clear::{
    CaseDeduction, CaseExplanation, Figures, GroupPayment, GroupPlan, Grouping, InstitutionMonth, ItemFigures,
    MonthView, Outstanding, PlanError, PlanMonth, Progress, QualityControl, Sheet, YearOutcome, YearSoFar,
    case_explanation, month_view, sheets, year_from_feed, year_sheets,
};
pub use credentials::{
    BindDevice, Bound, Certificate, CredentialOffice, Decode, Decoded, DrawCode, Drawn, OpenCredential, OpenDevice,
    Shown, SignedIn, shown_by,
};
pub use discharge::Discharge;
pub use documents::DocumentUpload;
pub use dose::describe_dose;
pub use dossier::{Gathered, coverage_on, to_claim_line};
pub use entitlement::{Entitlement, EntitlementQuestion};
pub use error::{JourneyError, Own};
pub use explain::{Explanation, explanation, person_of_settlement, receipt, sealed_facts};
pub use feedback::ReminderAnswer;
pub use goods::GoodsDeletion;
pub use histories::Reach;
pub use identities::{Broken, check_lines, check_settlement};
pub use inquire::{
    BulkCase, CaseFile, Casebook, EFFECTS, FineAsked, FrameAsked, Move, NewCase, Objection, PossibleStep, Queued,
    Responsible, SuspicionTold, VisitBehind, case_file, credit_of_institution, credit_of_practitioner, finding_of,
    inquiries, overdue_cases, possible_steps, queue, suspicion_of, told_party, unknown_effects, visits_behind,
};
pub use lists::{KnownList, ListUpload, content_of, list_of};
pub use manual::{ManualClaim, is_stand_in, stand_in};
pub use opening::{authorise, open_account, open_accounts, open_persons, open_totals};
pub use person::{FindPerson, find_person, person};
pub use pharmacy::Purchase;
pub use queries::{
    Addition, PastVisit, Total, accumulated, accumulated_by, chronic_filings, diagnoses_of, in_hospital, lines_between,
    lines_of, settlement_of, visits_of,
};
pub use reconcile::{reconcile_rows, reconcile_sums};
pub use record::Decision;
pub use register::{Registration, Shell};
pub use remind::{Asked, NotChecked, Recalled, Reminded, ReminderRecord, Told, Unchecked, record_reminders};
pub use reverse::{BureauReversal, ReversalReason, ReversalTrial, Reversed};
pub use review_period::Reviewing;
pub use rulebook::{KnowledgeRow, RuleText, library_sources};
pub use serve::{
    Applied, Applying as ServiceApplying, Assessment, CaseFailure, Counter, Item, ListedCode, Material, Message,
    Reason, Refusal as ServiceRefusal, SERVICE_EFFECTS, ServiceFile, ServiceStep, Services, Surroundings, messages_of,
    option_name, service_file, service_of,
};
pub use settle::{Settled, Settling};
pub use shelves::{Catalogue, Institutions};
pub use sign::{SignIn, require_signed_in, sign_in, sign_out};
pub use stays::{GroupedStay, MissingFact, StayDefaults, auxiliary_of, case_of, grouped_as};
pub use supervision::{Compile, Compiled, InForce, Screen, Sources, Supervision, SupervisionSettings};
pub use trial::{TrialReport, Tried, finding_rows};
pub use undo::Undone;
pub use unmask::unmask;

use db::{Migration, Sql};

/// Every migration of the rooms that the journeys write to, in order.
#[must_use]
pub fn migrations() -> Vec<Migration> {
    [
        operation::MIGRATIONS,
        evidence::MIGRATIONS,
        enrolment::MIGRATIONS,
        claim::MIGRATIONS,
        ledger::MIGRATIONS,
        clearing::MIGRATIONS,
        monitoring::MIGRATIONS,
        casework::MIGRATIONS,
        inquiry::MIGRATIONS,
        stock::MIGRATIONS,
        credential::MIGRATIONS,
        access::MIGRATIONS,
    ]
    .concat()
}

/// Every statement of those rooms, for the test that prepares them all.
#[must_use]
pub fn statements() -> Vec<&'static Sql> {
    [
        operation::STATEMENTS,
        evidence::STATEMENTS,
        enrolment::STATEMENTS,
        claim::STATEMENTS,
        ledger::STATEMENTS,
        clearing::STATEMENTS,
        monitoring::STATEMENTS,
        casework::STATEMENTS,
        inquiry::STATEMENTS,
        stock::STATEMENTS,
        credential::STATEMENTS,
        access::STATEMENTS,
    ]
    .concat()
}
