import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take } from '../../../frame/client';
import { Chart, type ChartOption } from '../../../parts/Chart';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { count, yuan } from '../../../parts/money';
import { named } from '../../../parts/tell';
import { rows, type Period } from '../period';

/** 异地就医: what stayed at home, and where else the insured went. */
export function Areas({ period }: { period: Period }) {
  const { t, i18n } = useTranslation('leader');
  const english = i18n.language === 'en';
  const { data, error, refetch } = useQuery({
    queryKey: ['/overview/areas', period],
    queryFn: () => take(api.GET('/overview/areas', { params: { query: period } })),
  });
  if (error) return <ProblemAlert error={error} retry={() => void refetch()} />;
  const away = (data?.outside ?? []).flatMap((area) => area.institutions);
  const parts = [
    { name: t('areas.home'), sums: data?.home, to: rows(period, { out_of_area: 'false' }) },
    ...away.map((row) => ({
      name: `${named(row.institution, english)} (${row.area})`,
      sums: row,
      to: rows(period, { out_of_area: 'true', institution: row.institution.code }),
    })),
  ].filter((part) => part.sums && part.sums.settlements + part.sums.reversals > 0);
  const option: ChartOption = {
    legend: { top: 0, type: 'scroll' },
    tooltip: { trigger: 'item', valueFormatter: (value: unknown) => yuan(Number(value)) },
    series: [
      {
        type: 'pie',
        radius: ['38%', '66%'],
        center: ['50%', '58%'],
        name: t('areas.title'),
        label: { formatter: '{d}%' },
        data: parts.map((part) => ({ name: part.name, value: Math.max(part.sums?.fund_amount ?? 0, 0) })),
      },
    ],
  };
  return (
    <Chart
      label={t('areas.title')}
      height={360}
      option={option}
      to={({ index }) => parts[index]?.to}
      table={{
        head: [t('areas.where'), t('figure.settlements'), t('figure.total'), t('figure.fund')],
        rows: parts.map((part) => [
          part.name,
          count(part.sums?.settlements ?? 0),
          <Money key="t" fen={part.sums?.total_amount ?? 0} to={part.to} />,
          <Money key="f" fen={part.sums?.fund_amount ?? 0} to={part.to} />,
        ]),
      }}
    />
  );
}
