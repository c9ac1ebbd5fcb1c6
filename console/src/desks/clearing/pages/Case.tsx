import { useQuery } from '@tanstack/react-query';
import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Amount, Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Trace } from '../../../parts/Trace';
import { Waiting } from '../../../parts/Waiting';
import { named } from '../../../parts/tell';

type Told = Schema['ClearedCaseTold'];

/** 一例: how it was grouped and priced, step by step. */
export function CasePage() {
  const { t } = useTranslation('clearing');
  const { settlement = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/clearing/cases/{settlement}', settlement],
    queryFn: () => take(api.GET('/clearing/cases/{settlement}', { params: { path: { settlement } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={t('case.title')} lead={<Link to={`/settlements/${settlement}`}>{settlement}</Link>}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data?.map((told) => <One key={told.cause} told={told} />)}
    </Page>
  );
}

const AMOUNTS = ['payment_amount', 'excluded_amount', 'patient_amount', 'other_fund_amount', 'fund_amount', 'difference_amount', 'balance_amount'] as const;

function One({ told }: { told: Told }) {
  const { t, i18n } = useTranslation('clearing');
  const english = i18n.language === 'en';
  return (
    <>
      <section className="sheet" aria-label={t('case.grouped')}>
        <h2>
          {told.group} {told.group_name} <Tag>{t(`cause.${told.cause}`)}</Tag>
        </h2>
        <p className="clearing-path">
          {told.path.map((place) => (
            <Link key={place.code} to={`/grouping/schemes/${encodeURIComponent(`${told.grouping_scheme}@${told.grouping_version}`)}?q=${encodeURIComponent(place.code)}`}>
              {place.level} {place.code} {place.name}
            </Link>
          ))}
        </p>
        <dl className="clearing-sums">
          <div>
            <dt>{t('column.institution')}</dt>
            <dd>{named(told.institution, english)}</dd>
          </div>
          <div>
            <dt>{t('case.discharged')}</dt>
            <dd>{t('case.days', { day: told.discharged, days: told.days })}</dd>
          </div>
          <div>
            <dt>{t('column.weight')}</dt>
            <dd>{told.weight ?? '—'}</dd>
          </div>
          <div>
            <dt>{t('column.points')}</dt>
            <dd>{told.points}</dd>
          </div>
          <div>
            <dt>{t('case.severity')}</dt>
            <dd>{told.severity.join(', ') || t('case.no_severity')}</dd>
          </div>
          <div>
            <dt>{t('column.fee_amount')}</dt>
            <dd>
              <Money fen={told.fee_amount} to={`/settlements/${told.settlement}`} />
            </dd>
          </div>
          <div>
            <dt>{t('column.item_amount')}</dt>
            <dd>
              <Money fen={told.item_amount} to={`/settlements/${told.settlement}`} />
            </dd>
          </div>
          {AMOUNTS.map((name) => (
            <div key={name}>
              <dt>{t(name === 'fund_amount' ? 'column.due_amount' : `column.${name}`)}</dt>
              <dd>
                <Amount fen={told[name]} strong={name === 'fund_amount'} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="sheet" aria-label={t('case.steps')}>
        <h2>{t('case.steps')}</h2>
        <Trace steps={told.steps} />
      </section>
      <section className="sheet" aria-label={t('case.trace')}>
        <h2>{t('case.trace')}</h2>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
        <pre className="clearing-why" tabIndex={0}>
          {told.trace.join('\n')}
        </pre>
      </section>
    </>
  );
}
