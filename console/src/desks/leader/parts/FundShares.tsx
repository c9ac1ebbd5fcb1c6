import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take, type Schema } from '../../../frame/client';
import { Chart, type ChartOption } from '../../../parts/Chart';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { yuan } from '../../../parts/money';
import { named } from '../../../parts/tell';
import { axisYuan } from '../axis';
import { rows, type Period } from '../period';

type FundPoint = Schema['OverviewFundPoint'];

/** 各基金与账户的支付 by scheme: a bar for each fund. */
export function FundShares({ period }: { period: Period }) {
  const { t, i18n } = useTranslation('leader');
  const english = i18n.language === 'en';
  const { data, error, refetch } = useQuery({
    queryKey: ['/overview/funds', period],
    queryFn: () => take(api.GET('/overview/funds', { params: { query: { ...period, step: 'whole' } } })),
  });
  if (error) return <ProblemAlert error={error} retry={() => void refetch()} />;
  const points = data?.points ?? [];
  const schemes = unique(points.map((point) => point.scheme));
  const funds = unique(points.map((point) => point.fund));
  const sum = (fund: string, scheme: string) =>
    points.filter((point) => point.fund.code === fund && point.scheme.code === scheme).reduce((all, point) => all + point.amount, 0);
  const option: ChartOption = {
    grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, type: 'scroll' },
    tooltip: { trigger: 'item', valueFormatter: (value: unknown) => yuan(Number(value)) },
    xAxis: { type: 'value', axisLabel: { formatter: (value: number) => axisYuan(value, english) } },
    yAxis: { type: 'category', inverse: true, data: funds.map((fund) => named(fund, english)), axisLabel: { width: 150, overflow: 'truncate' } },
    series: schemes.map((scheme) => ({
      type: 'bar',
      stack: 'schemes',
      barMaxWidth: 22,
      name: named(scheme, english),
      data: funds.map((fund) => sum(fund.code, scheme.code)),
    })),
  };
  return (
    <Chart
      label={t('funds')}
      height={Math.max(280, funds.length * 30 + 60)}
      option={option}
      to={({ series }) => {
        const scheme = schemes.find((known) => named(known, english) === series);
        return scheme && rows(period, { scheme: scheme.code });
      }}
      table={{
        head: [t('column.fund'), t('column.scheme'), t('column.stream'), t('column.amount')],
        rows: points.map((point: FundPoint) => [
          named(point.fund, english),
          named(point.scheme, english),
          named(point.stream, english),
          <Money key="a" fen={point.amount} to={rows(period, { scheme: point.scheme.code, stream: point.stream.code })} />,
        ]),
      }}
    />
  );
}

function unique(coded: Schema['Coded'][]): Schema['Coded'][] {
  return [...new Map(coded.map((one) => [one.code, one])).values()];
}
