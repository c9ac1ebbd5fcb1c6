import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { useSession } from '../../../frame/session';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { count } from '../../../parts/money';
import { named } from '../../../parts/tell';
import { rows } from '../period';
import { rowsOf } from './Budgets';

type Warning = Schema['OverviewWarning'];

/** 预警: what to look at, each with what opens its rows. */
export function Warnings() {
  const { t } = useTranslation('leader');
  const { data, error, refetch } = useQuery({ queryKey: ['/overview/warnings'], queryFn: () => take(api.GET('/overview/warnings')) });
  if (error) return <ProblemAlert error={error} retry={() => void refetch()} />;
  if (!data) return null;
  return (
    <section className="sheet" aria-label={t('warnings.title')}>
      <h2>{t('warnings.title')}</h2>
      {data.warnings.length === 0 && <p className="lead">{t('warnings.none')}</p>}
      {data.warnings.map((warning, n) => (
        <Alert key={n} className="problem" type="warning" showIcon title={<Told warning={warning} />} />
      ))}
      <p className="lead">{t('warnings.watched')}</p>
    </section>
  );
}

function Told({ warning }: { warning: Warning }) {
  const { t, i18n } = useTranslation('leader');
  const english = i18n.language === 'en';
  const session = useSession();
  switch (warning.kind) {
    case 'budget_pace':
      return (
        <>
          {t('warnings.budget_pace', { pool: named(warning.pool, english), plan: named(warning.plan, english) })}{' '}
          <Money fen={warning.spent_amount} to={rowsOf(warning)} />
        </>
      );
    case 'reversal_spike':
      return (
        <>
          {t('warnings.reversal_spike', { institution: named(warning.institution, english), reversals: count(warning.reversals), usual: count(warning.usual) })}{' '}
          <Money fen={warning.amount} to={rows({ from: warning.from, to: warning.to }, { institution: warning.institution.code, standing: 'reversal' })} />
        </>
      );
    case 'refusal_spike': {
      const told = t('warnings.refusal_spike', {
        code: warning.code,
        transaction: warning.transaction,
        refusals: count(warning.refusals),
        usual: count(warning.usual),
      });
      const opens = session.desks.includes('hospital');
      return opens ? <Link to={`/hospital/refusals?code=${encodeURIComponent(warning.code)}`}>{told}</Link> : <>{told}</>;
    }
    case 'statement_overdue':
      return (
        <>
          {t('warnings.statement_overdue', { month: warning.month, institutions: count(warning.institutions.length) })}{' '}
          {warning.institutions.slice(0, 5).map((institution) => (
            <Link key={institution.code} className="leader-link" to={rows({ from: warning.from, to: warning.to }, { institution: institution.code })}>
              {named(institution, english)}
            </Link>
          ))}
        </>
      );
    case 'cases_overdue':
      return (
        <>
          {t('warnings.cases_overdue', { cases: count(warning.cases.length) })}{' '}
          {session.desks.includes('audit')
            ? warning.cases.slice(0, 5).map((id) => (
                <Link key={id} className="leader-link" to={`/audit/cases/${id}`}>
                  {id}
                </Link>
              ))
            : warning.cases.slice(0, 5).join(', ')}
        </>
      );
  }
}
