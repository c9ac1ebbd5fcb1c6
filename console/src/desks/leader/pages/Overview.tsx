import { useQuery } from '@tanstack/react-query';
import { Alert, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, take, type Schema } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { count, percent } from '../../../parts/money';
import { Areas } from '../parts/Areas';
import { Budgets } from '../parts/Budgets';
import { Burden } from '../parts/Burden';
import { FundShares } from '../parts/FundShares';
import { Ranking } from '../parts/Ranking';
import { Spending } from '../parts/Spending';
import { Warnings } from '../parts/Warnings';
import { PERIODS, rows, usePeriod, type Period, type PeriodName } from '../period';
import '../leader.css';

/** 基金总览: every figure and every mark of a chart opens to the settlements that it sums. */
export function Overview() {
  const { t } = useTranslation('leader');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/overview/summary'],
    queryFn: () => take(api.GET('/overview/summary')),
    // A city that is being filled goes on.
    refetchInterval: ({ state }) => (state.data?.progress ? 10_000 : false),
  });
  const { name, choose, period } = usePeriod(data);
  if (isPending) return <Waiting whole />;
  return (
    <Page
      title={t('title')}
      lead={data?.day ? t('through', { day: data.day }) : t('none')}
      actions={
        <Segmented<PeriodName>
          aria-label={t('period.label')}
          value={name}
          onChange={choose}
          options={PERIODS.map((value) => ({ value, label: t(`period.${value}`) }))}
        />
      }
    >
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data?.progress && <Alert className="problem" type="info" showIcon title={t('filling', { what: data.progress })} />}
      {data && data.behind > 0 && <Alert className="problem" type="warning" showIcon title={t('behind', { changes: count(data.behind) })} />}
      {data && period && (
        <>
          <Figures sums={{ day: data.today, month: data.month, year: data.year }[name]} period={period} />
          <Warnings />
          <div className="leader-charts">
            <Spending period={period} name={name} />
            <Budgets />
            <FundShares period={period} />
            <Burden period={period} />
            <Ranking period={period} />
            <Areas period={period} />
          </div>
        </>
      )}
    </Page>
  );
}

function Figures({ sums, period }: { sums: Schema['SettlementSums']; period: Period }) {
  const { t } = useTranslation('leader');
  const share = (part: number) => (sums.total_amount > 0 ? t('of_total', { share: percent(part / sums.total_amount) }) : '');
  const figures = [
    ['total', sums.total_amount, ''],
    ['fund', sums.fund_amount, share(sums.fund_amount)],
    ['person', sums.person_amount, share(sums.person_amount)],
    ['account', sums.account_amount, share(sums.account_amount)],
    ['hospital', sums.hospital_amount, share(sums.hospital_amount)],
  ] as const;
  return (
    <dl className="leader-figures" aria-label={t('figures')}>
      <div>
        <dt>{t('figure.settlements')}</dt>
        <dd>
          <span className="figures strong">{count(sums.settlements)}</span>
          <small>{t('reversed', { reversals: count(sums.reversals) })}</small>
        </dd>
      </div>
      {figures.map(([name, amount, beside]) => (
        <div key={name}>
          <dt>{t(`figure.${name}`)}</dt>
          <dd>
            <Money fen={amount} to={rows(period)} strong />
            <small>{beside}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}
