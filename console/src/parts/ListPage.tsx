import { DownloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Dropdown, Empty, Select, Table, type TableColumnType } from 'antd';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { BASE, read, type paths } from '../frame/client';
import { Filters, type Filter } from './Filters';
import { ProblemAlert } from './ProblemAlert';
import { count } from './money';

/** What every list of the API answers. */
export interface Listing<T> {
  items: T[];
  next?: string | null;
  total?: number | null;
}

type Answer<P> = P extends { get: { responses: { 200: { content: { 'application/json': infer A } } } } } ? A : never;
/** The paths of the API that answer a list. */
export type ListPath = { [P in keyof paths]: Answer<paths[P]> extends { items: unknown[] } ? P : never }[keyof paths];
/** A row of the list at a path: `RowOf<'/settlements'>`. */
export type RowOf<P extends ListPath> = Answer<paths[P]> extends { items: (infer T)[] } ? T : never;

/** A column; `sort` is the name that the API sorts by. */
export type ListColumn<T> = Omit<TableColumnType<T>, 'sorter' | 'sortOrder'> & {
  sort?: string;
  /** Numbers: right-aligned, in figures of one width. */
  numeric?: boolean;
};

interface ListProps<T> {
  /** The path under the API, with its parameters filled in. */
  path: string;
  columns: ListColumn<T>[];
  rowKey: (row: T) => string;
  filters?: Filter[];
  /** The placeholder of the search box; no box without it. */
  search?: string;
  /** What an empty list tells the reader to do. */
  empty: ReactNode;
  /** Filters that the page itself sets and the reader does not see. */
  fixed?: Record<string, string>;
  /** The order when the reader has chosen none. */
  sort?: string;
  /** Offers CSV and xlsx of all rows that match. */
  exports?: boolean;
  /** What the table is called, for readers who hear it. */
  label: string;
  /** Buttons beside the filters. */
  actions?: ReactNode;
}

const SIZES = [20, 50, 100, 200];
// Of the page, not of the rows.
const PLACE = ['cursor', 'limit'];

/**
 * 列表: a table of rows that the server filters, sorts and pages. What is chosen stands in
 * the address, so that a list can be linked to: `/settlements?institution=H001&sort=-total`.
 * A page is at most 200 rows behind a keyset cursor, whether the list has ten or a million.
 */
export function ListPage<T extends object>(props: ListProps<T>) {
  const { path, columns, rowKey, filters = [], search, empty, fixed, sort, exports: offered, label, actions } = props;
  const { t } = useTranslation('parts');
  const [params, setParams] = useSearchParams();
  // Cursors of the pages before this one; a cursor only goes forward.
  const [back, setBack] = useState<string[]>([]);

  const limit = Number(params.get('limit')) || 50;
  const query = new URLSearchParams(params);
  for (const [name, value] of Object.entries(fixed ?? {})) query.set(name, value);
  if (sort && !query.has('sort')) query.set('sort', sort);
  query.set('limit', String(limit));
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: [path, query.toString()],
    queryFn: () => read<Listing<T>>(path, query),
    placeholderData: keepPreviousData,
  });

  /** Changes what is asked for; the first page comes again. */
  const ask = (change: (next: URLSearchParams) => void) => {
    setBack([]);
    setParams((now) => {
      const next = new URLSearchParams(now);
      next.delete('cursor');
      change(next);
      return next;
    });
  };
  const turn = (cursor: string | null | undefined) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      if (cursor) next.set('cursor', cursor);
      else next.delete('cursor');
      return next;
    });
  const here = params.get('cursor') ?? '';

  const by = query.get('sort') ?? '';
  const rows = data?.items ?? [];
  const shownColumns = columns.map(({ sort: name, numeric, ...column }): TableColumnType<T> => ({
    ...column,
    ...(numeric ? { align: 'right' as const, className: 'figures' } : {}),
    ...(name
      ? { sorter: true, sortOrder: by === name ? ('ascend' as const) : by === `-${name}` ? ('descend' as const) : null, key: name }
      : {}),
  }));

  const file = (format: string) => {
    const all = new URLSearchParams(query);
    for (const name of PLACE) all.delete(name);
    all.set('format', format);
    return `${BASE}${path}?${all}`;
  };

  return (
    <section className="list" aria-label={label}>
      <Filters
        filters={filters}
        search={search}
        values={params}
        onChange={(changes) =>
          ask((next) => {
            for (const [name, value] of Object.entries(changes)) {
              if (value) next.set(name, value);
              else next.delete(name);
            }
          })
        }
        actions={
          <>
            {actions}
            {offered && (
              <Dropdown
                menu={{
                  items: ['csv', 'xlsx'].map((format) => ({
                    key: format,
                    label: (
                      <a href={file(format)} download>
                        {t(`list.${format}`)}
                      </a>
                    ),
                  })),
                }}
              >
                <Button icon={<DownloadOutlined />}>{t('list.export')}</Button>
              </Dropdown>
            )}
          </>
        }
      />
      <ProblemAlert error={error} retry={() => void refetch()} />
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
      <div className="list-scroll" role="region" aria-label={label} tabIndex={0}>
        <Table<T>
          size="small"
          columns={shownColumns}
          dataSource={rows}
          rowKey={rowKey}
          pagination={false}
          // A row's own field of this name is no tree of rows.
          expandable={{ childrenColumnName: '' }}
          loading={isFetching}
          showSorterTooltip={false}
          locale={{ emptyText: isFetching || error ? ' ' : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty} /> }}
          onChange={(_, __, sorter) => {
            const { columnKey, order } = Array.isArray(sorter) ? (sorter[0] ?? {}) : sorter;
            ask((next) => {
              if (order) next.set('sort', `${order === 'descend' ? '-' : ''}${String(columnKey)}`);
              else next.delete('sort');
            });
          }}
        />
      </div>
      <footer className="list-foot">
        <span>{data?.total != null && t('list.total', { total: count(data.total) })}</span>
        <Select
          size="small"
          aria-label={t('list.size')}
          value={limit}
          options={SIZES.map((size) => ({ value: size, label: t('list.rows', { rows: size }) }))}
          onChange={(size) => ask((next) => next.set('limit', String(size)))}
        />
        <Button
          size="small"
          disabled={!here}
          onClick={() => {
            turn(back.at(-1));
            setBack(back.slice(0, -1));
          }}
        >
          {back.length || !here ? t('list.previous') : t('list.first')}
        </Button>
        <Button
          size="small"
          disabled={!data?.next}
          onClick={() => {
            setBack([...back, here]);
            turn(data?.next);
          }}
        >
          {t('list.next')}
        </Button>
      </footer>
    </section>
  );
}
