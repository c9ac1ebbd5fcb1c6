import { BarChartOutlined, TableOutlined } from '@ant-design/icons';
import { Segmented, Table } from 'antd';
import type { EChartsCoreOption } from 'echarts/core';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, type To } from 'react-router';
import { Waiting } from './Waiting';

export type ChartOption = EChartsCoreOption & { tooltip?: Record<string, unknown> };

/** What was clicked in a chart. */
export interface ChartMark {
  name: string;
  series: string;
  data: unknown;
  index: number;
}

interface ChartProps {
  /** What the chart shows, in one sentence: its heading, and what is read aloud for the picture. */
  label: string;
  option: ChartOption;
  /** The same as a table, for readers who do not see it; the cells link to the rows behind. */
  table: { head: string[]; rows: ReactNode[][] };
  /** Where a mark of the chart opens to: the rows behind it. */
  to?: (mark: ChartMark) => To | undefined;
  height?: number;
  /** Beside the heading: a period, a choice. */
  extra?: ReactNode;
}

const EChart = lazy(() => import('./EChart'));

/** 图: a chart whose every mark opens to its rows, and the same figures as a table. */
export function Chart({ label, option, table, to, height = 280, extra }: ChartProps) {
  const { t } = useTranslation('parts');
  const navigate = useNavigate();
  const [view, setView] = useState<'chart' | 'table'>('chart');
  return (
    <figure className="chart">
      <figcaption>
        <h2>{label}</h2>
        <span>
          {extra}
          <Segmented
            size="small"
            aria-label={t('chart.view')}
            value={view}
            onChange={setView}
            options={[
              { value: 'chart', icon: <BarChartOutlined />, title: t('chart.chart'), label: <span className="spoken">{t('chart.chart')}</span> },
              { value: 'table', icon: <TableOutlined />, title: t('chart.table'), label: <span className="spoken">{t('chart.table')}</span> },
            ]}
          />
        </span>
      </figcaption>
      {view === 'chart' ? (
        <Suspense fallback={<Waiting />}>
          <EChart
            option={option}
            label={label}
            height={height}
            onOpen={
              to &&
              ((mark) => {
                const where = to(mark);
                if (where) void navigate(where);
              })
            }
          />
        </Suspense>
      ) : (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
        <div className="list-scroll" role="region" aria-label={label} tabIndex={0} style={{ maxHeight: height }}>
          <Table<{ key: number; cells: ReactNode[] }>
            size="small"
            pagination={false}
            dataSource={table.rows.map((cells, key) => ({ key, cells }))}
            columns={table.head.map((title, n) => ({
              title,
              key: n,
              ...(n > 0 ? { align: 'right' as const, className: 'figures' } : {}),
              render: (_: unknown, row) => row.cells[n],
            }))}
          />
        </div>
      )}
    </figure>
  );
}
