import { useQuery } from '@tanstack/react-query';
import { Card } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { count } from '../../../parts/money';
import { useWords } from '../words';

/** 首页: what waits for the office, and how the last cleared month came out. */
export function Overview() {
  const { t, name } = useWords();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/hospital/overview'],
    queryFn: () => take(api.GET('/hospital/overview', {})),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={data ? name(data.institution) : t('menu.overview')} lead={t('overview.lead')} actions={<Link to="/settlements">{t('overview.settlements')}</Link>}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && <Told told={data} />}
    </Page>
  );
}

function Told({ told }: { told: Schema['HospitalOverview'] }) {
  const { t } = useWords();
  const whole = useMay('case.read');
  const of = (state: string) => told.lists.find((one) => one.state === state)?.count ?? 0;
  const stays = `/hospital/stays?month=${told.month}`;
  return (
    <>
      {whole && (
        <>
          <h2>{t('overview.waits')}</h2>
          <ul className="desks">
            <Tile title={t('overview.answer')} to="/hospital/cases" note={told.answer_due ? t('overview.by', { day: told.answer_due }) : t('overview.nothing')}>
              {count(told.answer_case_count)}
            </Tile>
            <Tile title={t('overview.open_cases')} to="/hospital/cases" note={t('overview.open_cases_note')}>{count(told.open_case_count)}</Tile>
            <Tile title={t('overview.rejected')} to="/hospital/lists?state=3" note={t('overview.rejected_note')}>{count(of('3'))}</Tile>
            <Tile title={t('overview.unsubmitted')} to="/hospital/lists?state=0" note={t('overview.unsubmitted_note')}>{count(of('0'))}</Tile>
            <Tile title={t('overview.refusals')} to="/hospital/refusals" note={t('overview.refusals_note')}>{count(told.refusal_count)}</Tile>
            <Tile title={t('overview.differing')} to="/hospital/reconciliations?differing=true" note={t('overview.differing_note')}>{count(told.differing_count)}</Tile>
          </ul>
        </>
      )}
      <h2>{t('overview.month', { month: told.month })}</h2>
      <ul className="desks">
        <Tile title={t('field.case_count')} to={stays} note={t('overview.cleared')}>{count(told.case_count)}</Tile>
        <Tile title={t('field.cost')} note={t('overview.cost_note')}><Money fen={told.cost_amount} to={stays} /></Tile>
        <Tile title={t('field.payment')} note={t('overview.payment_note')}><Money fen={told.payment_amount} to={stays} /></Tile>
        <Tile title={t('field.profit')} note={t('overview.profit_note')}><Money fen={told.profit_amount} to={`/hospital/groups?month=${told.month}`} strong /></Tile>
        {whole && (
          <Tile title={t('field.payable')} note={told.statement_state ? t(`statement_state.${told.statement_state}`) : t('overview.no_statement')}>
            <Money fen={told.payable_amount} to="/hospital/statements" />
          </Tile>
        )}
      </ul>
    </>
  );
}

function Tile({ title, to, note, children }: { title: string; to?: string; note: string; children: ReactNode }) {
  return (
    <li>
      <Card size="small">
        <h3 className="hospital-tile">{to ? <Link to={to}>{title}</Link> : title}</h3>
        <div className="hospital-figure">{to ? <Link to={to}>{children}</Link> : children}</div>
        <p>{note}</p>
      </Card>
    </li>
  );
}
