import { Table, type TableColumnType } from 'antd';
import type { ReactNode } from 'react';

interface SheetProps<T> {
  title: string;
  columns: TableColumnType<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  /** What an empty table tells the reader. */
  empty: ReactNode;
  foot?: ReactNode;
}

/** A titled box with a table of rows that are all at hand. */
export function Sheet<T extends object>({ title, columns, rows, rowKey, empty, foot }: SheetProps<T>) {
  return (
    <section className="sheet" aria-label={title}>
      <h2>{title}</h2>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
      <div className="operator-table" role="region" aria-label={title} tabIndex={0}>
        <Table<T>
          size="small"
          columns={columns}
          dataSource={rows}
          rowKey={rowKey}
          pagination={false}
          locale={{ emptyText: <span className="operator-quiet">{empty}</span> }}
        />
      </div>
      {foot}
    </section>
  );
}

/** A column of numbers. */
export const numeric = { align: 'right' as const, className: 'figures' };
