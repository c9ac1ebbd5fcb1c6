import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../../../frame/client';
import { Chart, type ChartOption } from '../../../parts/Chart';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { count, yuan } from '../../../parts/money';
import { named } from '../../../parts/tell';
import { axisYuan } from '../axis';
import { rows, type Period } from '../period';

const SHOWN = 12;

/** 机构排名 by what the funds paid there: the first dozen. */
export function Ranking({ period }: { period: Period }) {
  const { t, i18n } = useTranslation('leader');
  const english = i18n.language === 'en';
  const { data, error, refetch } = useQuery({
    queryKey: ['/overview/institutions', period],
    queryFn: () => take(api.GET('/overview/institutions', { params: { query: period } })),
  });
  if (error) return <ProblemAlert error={error} retry={() => void refetch()} />;
  const first = (data?.rows ?? []).slice(0, SHOWN);
  const to = (code: string) => rows(period, { institution: code });
  const option: ChartOption = {
    grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
    tooltip: { trigger: 'item', valueFormatter: (value: unknown) => yuan(Number(value)) },
    xAxis: { type: 'value', axisLabel: { formatter: (value: number) => axisYuan(value, english) } },
    yAxis: { type: 'category', inverse: true, data: first.map((row) => named(row.institution, english)), axisLabel: { width: 150, overflow: 'truncate' } },
    series: [{ type: 'bar', barMaxWidth: 18, name: t('figure.fund'), data: first.map((row) => row.fund_amount) }],
  };
  return (
    <Chart
      label={t('ranking')}
      height={360}
      option={option}
      extra={<Link to="/leader/institutions">{t('all_institutions')}</Link>}
      to={({ index }) => first[index] && to(first[index].institution.code)}
      table={{
        head: [t('column.institution'), t('figure.settlements'), t('figure.total'), t('figure.fund')],
        rows: first.map((row) => [
          named(row.institution, english),
          count(row.settlements),
          <Money key="t" fen={row.total_amount} to={to(row.institution.code)} />,
          <Money key="f" fen={row.fund_amount} to={to(row.institution.code)} />,
        ]),
      }}
    />
  );
}
