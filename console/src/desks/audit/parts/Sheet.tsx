import { Empty, Table, type TableColumnType } from 'antd';
import type { ReactNode } from 'react';

interface SheetProps<T> {
  title: string;
  columns: TableColumnType<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  empty: ReactNode;
  more?: (row: T) => ReactNode;
  rowClass?: (row: T) => string;
  extra?: ReactNode;
}

/** A titled box with a table of rows that are all at hand. */
export function Sheet<T extends object>({ title, columns, rows, rowKey, empty, more, rowClass, extra }: SheetProps<T>) {
  return (
    <section className="sheet" aria-label={title}>
      <h2>{title}</h2>
      {extra}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
      <div className="audit-table" role="region" aria-label={title} tabIndex={0}>
        <Table<T>
          size="small"
          columns={columns}
          dataSource={rows}
          rowKey={rowKey}
          pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
          {...(more ? { expandable: { expandedRowRender: more } } : {})}
          {...(rowClass ? { rowClassName: rowClass } : {})}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty} /> }}
        />
      </div>
    </section>
  );
}

/** A column of numbers. */
export const numeric = { align: 'right' as const, className: 'figures' };
