import { useQuery } from '@tanstack/react-query';
import { Segmented, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, take, type Schema } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { count, percent } from '../../../parts/money';
import { named } from '../../../parts/tell';
import { PERIODS, rows, usePeriod, type PeriodName } from '../period';

type Row = Schema['OverviewInstitution'];

/** 机构排名: every institution that settled in the period. */
export function Institutions() {
  const { t, i18n } = useTranslation('leader');
  const english = i18n.language === 'en';
  const summary = useQuery({ queryKey: ['/overview/summary'], queryFn: () => take(api.GET('/overview/summary')) });
  const { name, choose, period } = usePeriod(summary.data);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['/overview/institutions', period],
    queryFn: () => take(api.GET('/overview/institutions', { params: { query: { ...period } } })),
    enabled: !!period,
  });
  const all = data?.rows ?? [];
  const funds = all.reduce((sum, row) => sum + row.fund_amount, 0);
  const to = (row: Row) => (period ? rows(period, { institution: row.institution.code }) : '');
  const money = (field: 'total_amount' | 'fund_amount' | 'person_amount', title: string) => ({
    title,
    align: 'right' as const,
    className: 'figures',
    sorter: (a: Row, b: Row) => a[field] - b[field],
    render: (_: unknown, row: Row) => <Money fen={row[field]} to={to(row)} />,
  });
  return (
    <Page
      title={t('ranking')}
      lead={t('ranking_lead')}
      actions={
        <Segmented<PeriodName>
          aria-label={t('period.label')}
          value={name}
          onChange={choose}
          options={PERIODS.map((value) => ({ value, label: t(`period.${value}`) }))}
        />
      }
    >
      <ProblemAlert error={error ?? summary.error} retry={() => void refetch()} />
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
      <div className="sheet list-scroll" role="region" aria-label={t('ranking')} tabIndex={0}>
        <Table<Row>
          size="small"
          pagination={false}
          loading={isFetching}
          dataSource={all}
          rowKey={(row) => row.institution.code}
          columns={[
            { title: t('column.rank'), render: (_, __, n) => n + 1 },
            { title: t('column.institution'), render: (_, row) => named(row.institution, english) },
            { title: t('column.level'), render: (_, row) => (row.level ? t('level', { level: row.level }) : '—') },
            { title: t('column.area'), dataIndex: 'area' },
            {
              title: t('figure.settlements'),
              align: 'right',
              className: 'figures',
              sorter: (a, b) => a.settlements - b.settlements,
              render: (_, row) => count(row.settlements),
            },
            money('total_amount', t('figure.total')),
            money('fund_amount', t('figure.fund')),
            money('person_amount', t('figure.person')),
            {
              title: t('column.fund_share'),
              align: 'right',
              className: 'figures',
              render: (_, row) => (funds > 0 ? percent(row.fund_amount / funds) : '—'),
            },
          ]}
        />
      </div>
    </Page>
  );
}
