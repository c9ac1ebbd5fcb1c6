import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take } from '../../../frame/client';
import { Chart, type ChartOption } from '../../../parts/Chart';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { percent } from '../../../parts/money';
import { named } from '../../../parts/tell';
import { rows, type Period } from '../period';

/** 个人负担 by group of persons and ages: what part of their bills they paid themselves. */
export function Burden({ period }: { period: Period }) {
  const { t, i18n } = useTranslation('leader');
  const english = i18n.language === 'en';
  const { data, error, refetch } = useQuery({
    queryKey: ['/overview/burden', period],
    queryFn: () => take(api.GET('/overview/burden', { params: { query: period } })),
  });
  if (error) return <ProblemAlert error={error} retry={() => void refetch()} />;
  const groups = (data?.rows ?? []).filter((row) => row.total_amount > 0);
  const label = (row: (typeof groups)[number]) => `${named(row.group, english)} ${row.age_band ? t('age', { band: row.age_band }) : t('age_unknown')}`;
  const to = (row: (typeof groups)[number]) =>
    rows(period, { person_group: row.group.code || 'none', age_band: row.age_band || 'none' });
  const share = (part: number, whole: number) => Number(((part / whole) * 100).toFixed(1));
  const option: ChartOption = {
    grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0 },
    tooltip: { trigger: 'item', valueFormatter: (value: unknown) => `${String(value)}%` },
    xAxis: { type: 'value', min: 0, max: 100, axisLabel: { formatter: '{value}%' } },
    yAxis: { type: 'category', inverse: true, data: groups.map(label) },
    series: [
      { type: 'bar', stack: 'share', barMaxWidth: 18, name: t('figure.fund'), data: groups.map((row) => share(row.fund_amount, row.total_amount)) },
      { type: 'bar', stack: 'share', barMaxWidth: 18, name: t('figure.account'), data: groups.map((row) => share(row.account_amount, row.total_amount)) },
      { type: 'bar', stack: 'share', barMaxWidth: 18, name: t('figure.cash'), data: groups.map((row) => share(row.cash_amount, row.total_amount)) },
    ],
  };
  return (
    <Chart
      label={t('burden')}
      height={Math.max(280, groups.length * 26 + 60)}
      option={option}
      to={({ index }) => groups[index] && to(groups[index])}
      table={{
        head: [t('column.group'), t('figure.total'), t('figure.fund'), t('figure.person'), t('column.person_share')],
        rows: groups.map((row) => [
          label(row),
          <Money key="t" fen={row.total_amount} to={to(row)} />,
          <Money key="f" fen={row.fund_amount} to={to(row)} />,
          <Money key="p" fen={row.person_amount} to={to(row)} />,
          percent((row.person_share ?? 0) / 10_000),
        ]),
      }}
    />
  );
}
