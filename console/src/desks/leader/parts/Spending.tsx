import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take } from '../../../frame/client';
import { Chart, type ChartOption } from '../../../parts/Chart';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { yuan } from '../../../parts/money';
import { named } from '../../../parts/tell';
import { axisYuan } from '../axis';
import { daysOf, rows, type Period, type PeriodName } from '../period';

/** A dozen that stay apart on light and dark ground: a region has more streams than charts have colours. */
const STREAM_COLORS = [
  '#3b7dc4',
  '#d9822b',
  '#2a9d8f',
  '#a06cb5',
  '#cf5d59',
  '#7f93ab',
  '#b8a13a',
  '#4ab3d6',
  '#8a6d4b',
  '#6aa84f',
  '#d46a9f',
  '#5c6bc0',
];

/** Fewer months than these are told by day. */
const FEW = 3;

function useSteps(period: Period, step: 'month' | 'day', enabled: boolean) {
  return useQuery({
    queryKey: ['/overview/series', period, step, 'stream'],
    queryFn: () => take(api.GET('/overview/series', { params: { query: { ...period, step, by: 'stream' } } })),
    enabled,
  });
}

/** 基金支出 by day, over many months by month, a part for each stream. */
export function Spending({ period, name }: { period: Period; name: PeriodName }) {
  const { t, i18n } = useTranslation('leader');
  const english = i18n.language === 'en';
  const months = useSteps(period, 'month', name === 'year');
  const few = !!months.data && new Set(months.data.points.map((point) => point.step)).size < FEW;
  const days = useSteps(period, 'day', name !== 'year' || few);
  const step = name === 'year' && !few ? 'month' : 'day';
  const { data, error, refetch } = step === 'month' ? months : days;
  if (error) return <ProblemAlert error={error} retry={() => void refetch()} />;
  const points = data?.points ?? [];
  const steps = [...new Set(points.map((point) => point.step))];
  const paid = (stream: string) => points.reduce((sum, point) => sum + (point.part.code === stream ? point.fund_amount : 0), 0);
  // The greatest first: their colours are those that stand apart best.
  const streams = [...new Map(points.map((point) => [point.part.code, point.part])).values()].sort((a, b) => paid(b.code) - paid(a.code));
  const at = (stream: string, when: string) => points.find((point) => point.part.code === stream && point.step === when);
  const option: ChartOption = {
    color: STREAM_COLORS,
    grid: { left: 8, right: 8, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, type: 'scroll' },
    tooltip: { trigger: 'item', valueFormatter: (value: unknown) => yuan(Number(value)) },
    xAxis: { type: 'category', data: steps },
    yAxis: { type: 'value', axisLabel: { formatter: (value: number) => axisYuan(value, english) } },
    series: streams.map((stream) => ({
      type: 'bar',
      stack: 'funds',
      barMaxWidth: 36,
      name: named(stream, english),
      data: steps.map((when) => at(stream.code, when)?.fund_amount ?? 0),
    })),
  };
  return (
    <Chart
      label={t('spending', { step: t(`step.${step}`) })}
      option={option}
      to={({ series, name: when }) => {
        const stream = streams.find((known) => named(known, english) === series);
        return stream && rows(daysOf(when, period), { stream: stream.code });
      }}
      table={{
        head: [t(`step.${step}`), t('column.stream'), t('figure.fund'), t('figure.total')],
        rows: points.map((point) => {
          const to = rows(daysOf(point.step, period), { stream: point.part.code });
          return [
            point.step,
            named(point.part, english),
            <Money key="f" fen={point.fund_amount} to={to} />,
            <Money key="t" fen={point.total_amount} to={to} />,
          ];
        }),
      }}
    />
  );
}
