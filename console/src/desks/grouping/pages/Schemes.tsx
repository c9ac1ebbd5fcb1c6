import { useQuery } from '@tanstack/react-query';
import { Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { count } from '../../../parts/money';

/** 分组方案 of the region. */
export function Schemes() {
  const { t } = useTranslation('grouping');
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['/grouping/schemes'], queryFn: () => take(api.GET('/grouping/schemes')) });
  return (
    <Page title={t('schemes.title')} lead={t('schemes.lead')}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {isPending && <Waiting />}
      {data?.length === 0 && <Empty description={t('schemes.empty')} />}
      {data?.map((one) => (
        <section key={one.name} className="sheet" aria-label={one.title}>
          <h2>
            <Link to={encodeURIComponent(one.name)}>{one.title || one.name}</Link>
          </h2>
          <p className="lead">{one.source}</p>
          <dl className="facts">
            <div>
              <dt>{t('schemes.name')}</dt>
              <dd>
                <code>{one.name}</code>
              </dd>
            </div>
            <div>
              <dt>{t('schemes.tree')}</dt>
              <dd>{one.levels.map((level) => `${level.name} ${count(level.nodes)}`).join(' · ')}</dd>
            </div>
            <div>
              <dt>{t('schemes.sets')}</dt>
              <dd>{count(one.sets)}</dd>
            </div>
            <div>
              <dt>{t('schemes.codes')}</dt>
              <dd>{[one.diagnoses, one.procedures].filter(Boolean).join(' · ') || '—'}</dd>
            </div>
            <div>
              <dt>{t('schemes.plans')}</dt>
              <dd>{one.plans.map((plan) => `${plan.title}（${plan.from} – ${plan.until ?? t('open_end')}）`).join(' · ') || t('try.no_plan')}</dd>
            </div>
          </dl>
        </section>
      ))}
    </Page>
  );
}
