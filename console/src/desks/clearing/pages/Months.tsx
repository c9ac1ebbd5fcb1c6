import { useQuery } from '@tanstack/react-query';
import { Empty, Select, Table } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Chart } from '../../../parts/Chart';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { count, yuan } from '../../../parts/money';
import { State } from '../data';

type Month = Schema['ClearingMonth'];
const STATES = ['estimated', 'approved', 'posted', 'paid'] as const;

/** 清算年月: each month with its sums and how far it is. */
export function Months() {
  const { t } = useTranslation('clearing');
  const [params, setParams] = useSearchParams();
  const asked = Number(params.get('year')) || undefined;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/clearing/months', asked],
    queryFn: () => take(api.GET('/clearing/months', { params: { query: asked ? { year: asked } : {} } })),
  });
  const shown = asked ?? Number(data?.[0]?.month.slice(0, 4) ?? dayjs().year());
  const to = (row: Month) => `/clearing/statements?month=${row.month}`;
  const money = (name: string, fen: (row: Month) => number) => ({
    title: t(`column.${name}`),
    key: name,
    align: 'right' as const,
    className: 'figures',
    render: (_: unknown, row: Month) => <Money fen={fen(row)} to={to(row)} />,
  });
  const rows = data ?? [];
  const rising = [...rows].reverse();
  return (
    <Page
      title={t('months.title')}
      lead={t('months.lead')}
      actions={
        <Select
          aria-label={t('year')}
          value={shown}
          options={[shown - 1, shown, shown + 1].map((year) => ({ value: year, label: t('year_of', { year }) }))}
          onChange={(year) => setParams({ year: String(year) })}
        />
      }
    >
      <ProblemAlert error={error} retry={() => void refetch()} />
      {rows.length > 0 && (
        <Chart
          label={t('months.chart')}
          height={240}
          option={{
            tooltip: { trigger: 'axis', valueFormatter: (value: unknown) => yuan(Math.round(Number(value) * 100)) },
            legend: { top: 0 },
            grid: { left: 90, right: 24, top: 36, bottom: 28 },
            xAxis: { type: 'category', data: rising.map((row) => row.month) },
            yAxis: { type: 'value' },
            series: (
              [
                ['item_amount', (row: Month) => row.item_amount],
                ['group_amount', (row: Month) => row.group_amount],
                ['payable_amount', (row: Month) => row.payable_amount],
              ] as const
            ).map(([name, fen]) => ({ type: 'bar', barMaxWidth: 36, name: t(`column.${name}`), data: rising.map((row) => fen(row) / 100) })),
          }}
          table={{
            head: [t('column.month'), t('column.item_amount'), t('column.group_amount'), t('column.payable_amount')],
            rows: rising.map((row) => [
              row.month,
              <Money key="i" fen={row.item_amount} to={to(row)} />,
              <Money key="g" fen={row.group_amount} to={to(row)} />,
              <Money key="p" fen={row.payable_amount} to={to(row)} />,
            ]),
          }}
          to={(mark) => `/clearing/statements?month=${mark.name}`}
        />
      )}
      <section className="list" aria-label={t('months.title')}>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
        <div className="list-scroll" role="region" aria-label={t('months.title')} tabIndex={0}>
          <Table<Month>
            size="small"
            rowKey="month"
            loading={isPending}
            pagination={false}
            dataSource={rows}
            locale={{ emptyText: isPending || error ? ' ' : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('months.empty', { year: shown })} /> }}
            columns={[
              { title: t('column.month'), render: (_, row) => <Link to={to(row)}>{row.month}</Link> },
              {
                title: t('column.states'),
                render: (_, row) =>
                  STATES.filter((state) => row[state]).map((state) => (
                    <Link key={state} className="figures" to={`${to(row)}&state=${state}`}>
                      <State state={state} /> {row[state]}{' '}
                    </Link>
                  )),
              },
              { title: t('column.institutions'), align: 'right', className: 'figures', render: (_, row) => count(row.institutions) },
              { title: t('column.settlements'), align: 'right', className: 'figures', render: (_, row) => count(row.settlements) },
              { title: t('column.cases'), align: 'right', className: 'figures', render: (_, row) => count(row.cases) },
              {
                title: t('column.waiting'),
                align: 'right',
                className: 'figures',
                render: (_, row) => (row.waiting ? <Link to={`/clearing/waiting?month=${row.month}`}>{count(row.waiting)}</Link> : '0'),
              },
              money('fund_amount', (row) => row.fund_amount),
              money('item_amount', (row) => row.item_amount),
              money('group_amount', (row) => row.group_amount),
              money('difference_amount', (row) => row.difference_amount),
              money('deducted_amount', (row) => row.deducted_amount),
              money('payable_amount', (row) => row.payable_amount),
            ]}
          />
        </div>
      </section>
    </Page>
  );
}
