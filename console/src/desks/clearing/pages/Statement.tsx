import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Table } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { BASE, api, take, type Schema } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Trace } from '../../../parts/Trace';
import { Waiting } from '../../../parts/Waiting';
import { count } from '../../../parts/money';
import { named } from '../../../parts/tell';
import { State, casesOf, settlementsOf } from '../data';

type Told = Schema['ClearingStatementTold'];
type Plan = Schema['ClearingPlanMonth'];

/** 一份清算单: item-paid against group-paid, each figure with the step that gave it. */
export function StatementPage() {
  const { t, i18n } = useTranslation('clearing');
  const english = i18n.language === 'en';
  const { month = '', institution = '', scheme = '', stream = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/clearing/statement', month, institution, scheme, stream],
    queryFn: () =>
      take(api.GET('/clearing/months/{month}/institutions/{institution}/statements/{scheme}/{stream}', { params: { path: { month, institution, scheme, stream } } })),
  });
  if (isPending) return <Waiting whole />;
  if (!data) {
    return (
      <Page title={t('statement.title')}>
        <ProblemAlert error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  return (
    <Page
      title={t('statement.of', { month: data.month, institution: named(data.institution, english) })}
      lead={
        <>
          {named(data.scheme, english)} · {named(data.stream, english)} · {named(data.way, english)} <State state={data.state} />
        </>
      }
      actions={
        <Button icon={<DownloadOutlined />} href={`${BASE}/clearing/months/${data.month}/institutions/${data.institution.code}/workbook`} download>
          {t('statement.workbook')}
        </Button>
      }
    >
      <Sums told={data} />
      {data.plans.map((plan) => (
        <PlanPart key={`${plan.plan}/${plan.pool}`} plan={plan} told={data} />
      ))}
      <ItemPart told={data} />
      {data.application && <Application told={data} />}
    </Page>
  );
}

function Sums({ told }: { told: Told }) {
  const { t } = useTranslation('clearing');
  const own = settlementsOf(told.month, { institution: told.institution.code, scheme: told.scheme.code, stream: told.stream.code });
  const cases = casesOf(told, { scheme: told.scheme.code, stream: told.stream.code });
  const figures: [string, ReactNode][] = [
    ['settlements', <Link key="n" to={own}>{`${count(told.settlements)}${told.reversals ? t('statement.reversals', { count: told.reversals }) : ''}`}</Link>],
    ['total_amount', <Money key="t" fen={told.total_amount} to={own} />],
    ['fund_amount', <Money key="f" fen={told.fund_amount} to={own} />],
    ['account_amount', <Money key="a" fen={told.account_amount} to={own} />],
    ['cash_amount', <Money key="c" fen={told.cash_amount} to={own} />],
    ['cases', <Link key="k" to={cases}>{count(told.cases)}</Link>],
    [
      'waiting',
      <Link key="w" to={`/clearing/months/${told.month}/${told.institution.code}/outstanding`}>
        {count(told.waiting)}
      </Link>,
    ],
    ['item_amount', <Money key="i" fen={told.item_amount} to={cases} />],
    ['group_amount', <Money key="g" fen={told.group_amount} to={cases} />],
    ['difference_amount', <Money key="d" strong fen={told.difference_amount} to={cases} />],
    ['payable_amount', <Money key="p" strong fen={told.payable_amount} to="#parts" />],
    ['carried_amount', <Money key="r" fen={told.carried_amount} to="#parts" />],
  ];
  return (
    <dl className="sheet clearing-sums">
      {figures.map(([name, value]) => (
        <div key={name} className={name === 'payable_amount' ? 'sum' : undefined}>
          <dt>{t(`column.${name}`)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const PLAN = [
  'fee_amount',
  'payment_amount',
  'excluded_amount',
  'patient_amount',
  'other_fund_amount',
  'due_amount',
  'item_amount',
  'difference_amount',
  'prepaid_amount',
  'deposit_amount',
  'held_amount',
  'set_off_amount',
  'payable_amount',
  'carried_amount',
] as const;

function PlanPart({ plan, told }: { plan: Plan; told: Told }) {
  const { t, i18n } = useTranslation('clearing');
  const cases = casesOf(told, { scheme: told.scheme.code, stream: told.stream.code, plan: plan.plan });
  return (
    <section className="sheet" id="parts" aria-label={plan.title}>
      <h2>{t('statement.plan', { title: plan.title, pool: plan.pool_name })}</h2>
      <p className="lead">
        {named(plan.way, i18n.language === 'en')} · {named(plan.fund, i18n.language === 'en')} · {t('statement.points', { cases: count(plan.cases), points: plan.points })}
      </p>
      <dl className="clearing-sums">
        {PLAN.map((name) => (
          <div key={name}>
            <dt>{t(`column.${name}`)}</dt>
            <dd>
              <Money fen={plan[name]} to={cases} strong={name === 'payable_amount'} />
            </dd>
          </div>
        ))}
      </dl>
      <h2>{t('statement.steps')}</h2>
      <Trace steps={plan.steps} />
    </section>
  );
}

function ItemPart({ told }: { told: Told }) {
  const { t } = useTranslation('clearing');
  const { item } = told;
  const own = settlementsOf(told.month, { institution: told.institution.code, scheme: told.scheme.code, stream: told.stream.code });
  return (
    <section className="sheet" aria-label={t('statement.item')}>
      <h2>{t('statement.item')}</h2>
      <p className="lead">{t('statement.item_lead')}</p>
      <dl className="clearing-sums">
        {(['due_amount', 'deducted_amount', 'set_off_amount', 'payable_amount', 'carried_amount'] as const).map((name) => (
          <div key={name}>
            <dt>{t(`column.${name}`)}</dt>
            <dd>
              <Money fen={item[name]} to={own} strong={name === 'payable_amount'} />
            </dd>
          </div>
        ))}
      </dl>
      {told.deductions.length > 0 && (
        <Table
          size="small"
          pagination={false}
          rowKey="case"
          dataSource={told.deductions}
          columns={[
            { title: t('statement.case'), render: (_, row) => <Link to={`/audit/cases/${row.case}`}>{row.case}</Link> },
            { title: t('column.deducted_amount'), align: 'right', render: (_, row) => <Money fen={row.amount} to={`/audit/cases/${row.case}`} /> },
          ]}
        />
      )}
    </section>
  );
}

function Application({ told }: { told: Told }) {
  const { t } = useTranslation('clearing');
  const made = told.application;
  if (!made) return null;
  const own = settlementsOf(told.month, { institution: told.institution.code, stream: told.stream.code });
  return (
    <section className="sheet" aria-label={t('statement.application')}>
      <h2>{t('statement.application')}</h2>
      <p className="lead">{t('statement.application_lead', { id: made.id, at: made.made_at.replace('T', ' '), count: made.settlements })}</p>
      <dl className="clearing-sums">
        {(['total_amount', 'fund_amount', 'account_amount', 'cash_amount'] as const).map((name) => (
          <div key={name}>
            <dt>{t(`column.${name}`)}</dt>
            <dd>
              <Money fen={made[name]} to={own} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
