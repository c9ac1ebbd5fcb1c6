import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, take, type Schema } from '../../../frame/client';
import { Chart, type ChartOption } from '../../../parts/Chart';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { percent, yuan } from '../../../parts/money';
import { named } from '../../../parts/tell';
import { rows } from '../period';

type Budget = Schema['OverviewBudgetRow'];

/** The settlements that a budget paid; of several streams, all of its schemes. */
export function rowsOf(budget: Budget): string {
  const more: Record<string, string> = {};
  const [scheme, otherScheme] = budget.schemes;
  const [stream, otherStream] = budget.streams;
  if (scheme && !otherScheme) more.scheme = scheme.code;
  if (stream && !otherStream) more.stream = stream.code;
  return rows({ from: budget.from, to: budget.to }, more);
}

/** 预算执行: spent of each budget beside what even spending would have come to; income as far as it is known. */
export function Budgets() {
  const { t, i18n } = useTranslation('leader');
  const english = i18n.language === 'en';
  const { data, error, refetch } = useQuery({ queryKey: ['/overview/budget'], queryFn: () => take(api.GET('/overview/budget')) });
  if (error) return <ProblemAlert error={error} retry={() => void refetch()} />;
  const budgets = data?.budgets ?? [];
  const label = (budget: Budget) => `${named(budget.pool, english)} ${budget.plan.code}`;
  const share = (part: number, budget: Budget) => (budget.budget_amount > 0 ? (part / budget.budget_amount) * 100 : 0);
  const option: ChartOption = {
    grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0 },
    tooltip: { trigger: 'item', valueFormatter: (value: unknown) => `${Number(value).toFixed(2)}%` },
    xAxis: { type: 'value', min: 0, axisLabel: { formatter: '{value}%' } },
    yAxis: { type: 'category', inverse: true, data: budgets.map(label) },
    series: [
      { type: 'bar', barMaxWidth: 18, name: t('budget.spent'), data: budgets.map((budget) => share(budget.spent_amount, budget)) },
      { type: 'bar', barMaxWidth: 18, name: t('budget.pace'), data: budgets.map((budget) => share(budget.pace_amount, budget)) },
    ],
  };
  return (
    <div>
      <Chart
        label={t('budget.title', { year: data?.year ?? '' })}
        option={option}
        to={({ index }) => budgets[index] && rowsOf(budgets[index])}
        table={{
          head: [t('budget.pool'), t('budget.plan'), t('budget.budget'), t('budget.spent'), t('budget.share'), t('budget.pace')],
          rows: budgets.map((budget) => [
            named(budget.pool, english),
            named(budget.plan, english),
            yuan(budget.budget_amount),
            <Money key="s" fen={budget.spent_amount} to={rowsOf(budget)} />,
            percent((budget.spent_share ?? 0) / 10_000, 2),
            yuan(budget.pace_amount),
          ]),
        }}
      />
      {data && !data.income.known && (
        <Alert className="problem" type="info" showIcon title={t('income.unknown')} description={english ? data.income.reason_english : data.income.reason} />
      )}
    </div>
  );
}
