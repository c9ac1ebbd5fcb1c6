//! Parquet, written in row groups; money and decimals as exact DECIMAL(18, places).

use super::{Cell, Column, ColumnKind};
use crate::error::IntakeError;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use terms::Exact;

/// Rows held before they are written.
const GROUP: usize = 50_000;

pub(super) struct ParquetTable {
    path: PathBuf,
    writer: SerializedFileWriter<File>,
    buffers: Vec<Buffer>,
    rows: usize,
}

/// Values of one column; a level of 1 is a value, 0 is none.
struct Buffer {
    values: Values,
    levels: Vec<i16>,
}

enum Values {
    Text(Vec<ByteArray>),
    Number(Vec<i64>),
}

impl ParquetTable {
    pub(super) fn new(path: &Path, file: File, columns: &[Column]) -> Result<ParquetTable, IntakeError> {
        let make = || -> Result<SerializedFileWriter<File>, ParquetError> {
            let fields = columns.iter().map(|column| field(column).map(Arc::new));
            let fields = fields.collect::<Result<Vec<_>, _>>()?;
            let schema = Type::group_type_builder("schema").with_fields(fields).build()?;
            let properties =
                WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
            SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))
        };
        let writer = make().map_err(|error| IntakeError::content(path, error))?;
        let buffers = columns.iter().map(|column| Buffer {
            values: match column.kind {
                ColumnKind::Text => Values::Text(Vec::new()),
                _ => Values::Number(Vec::new()),
            },
            levels: Vec::new(),
        });
        Ok(ParquetTable { path: path.to_owned(), writer, buffers: buffers.collect(), rows: 0 })
    }

    pub(super) fn write(&mut self, cells: &[Cell<'_>], columns: &[Column]) -> Result<(), IntakeError> {
        for ((buffer, cell), column) in self.buffers.iter_mut().zip(cells).zip(columns) {
            let number = match (cell, column.kind) {
                (Cell::Empty, _) => None,
                (Cell::Text(text), _) => {
                    if let Values::Text(texts) = &mut buffer.values {
                        texts.push(ByteArray::from(*text));
                    }
                    buffer.levels.push(1);
                    continue;
                }
                (Cell::Whole(number), _) => Some(*number),
                (Cell::Money(amount), _) => Some(amount.0),
                (Cell::Number(number), ColumnKind::Decimal(places)) => Some(scaled(*number, places)),
                (Cell::Number(number), _) => Some(scaled(*number, 0)),
            };
            buffer.levels.push(i16::from(number.is_some()));
            if let (Some(number), Values::Number(numbers)) = (number, &mut buffer.values) {
                numbers.push(number);
            }
        }
        self.rows += 1;
        if self.rows == GROUP { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<(), IntakeError> {
        self.rows = 0;
        let buffers = &mut self.buffers;
        let mut write = || -> Result<(), ParquetError> {
            let mut group = self.writer.next_row_group()?;
            for buffer in buffers.iter_mut() {
                let Some(mut column) = group.next_column()? else { break };
                match &mut buffer.values {
                    Values::Text(texts) => {
                        column.typed::<ByteArrayType>().write_batch(texts, Some(&buffer.levels), None)?;
                        texts.clear();
                    }
                    Values::Number(numbers) => {
                        column.typed::<Int64Type>().write_batch(numbers, Some(&buffer.levels), None)?;
                        numbers.clear();
                    }
                }
                buffer.levels.clear();
                column.close()?;
            }
            group.close().map(|_| ())
        };
        write().map_err(|error| IntakeError::content(&self.path, error))
    }

    pub(super) fn finish(mut self) -> Result<(), IntakeError> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.writer.close().map(|_| ()).map_err(|error| IntakeError::content(&self.path, error))
    }
}

fn scaled(number: Exact, places: u8) -> i64 {
    number.to_scaled(u32::from(places.min(10)))
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let physical = if column.kind == ColumnKind::Text { Physical::BYTE_ARRAY } else { Physical::INT64 };
    let builder = Type::primitive_type_builder(&column.name, physical).with_repetition(Repetition::OPTIONAL);
    let decimal = |scale: i32| Some(LogicalType::decimal(scale, 18));
    let builder = match column.kind {
        ColumnKind::Text => builder.with_logical_type(Some(LogicalType::String)),
        ColumnKind::Whole => builder,
        ColumnKind::Money => builder.with_precision(18).with_scale(2).with_logical_type(decimal(2)),
        ColumnKind::Decimal(places) => {
            let scale = i32::from(places.min(10));
            builder.with_precision(18).with_scale(scale).with_logical_type(decimal(scale))
        }
    };
    builder.build()
}
