//! 知识点导入: the knowledge points that the national bureau publishes become dated tables of
//! `screening/knowledge/`. A sentence becomes parameters by a few patterns ([`constraint`]);
//! what they do not read is reported by file and row, and no rule runs on it.

mod constraint;
mod official;
mod tables;
mod text;

pub use official::{Imported, NotUsed, import};
pub use tables::{KnowledgeTable, write_tables};
