import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { yuan } from '../../../parts/money';
import { numeric, Sheet } from './Sheet';
import { moment, useWords } from './words';

type Total = Schema['RunningTotal'];

const keyOf = (row: Total) => [row.id, ...row.parts.map((part) => part.code), row.period].join('/');

/** 累计: the running totals that the law counts with, each down to the settlements that made it. */
export function Totals({ person }: { person: string }) {
  const { t, name } = useWords();
  const [params, setParams] = useSearchParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/persons', person, 'accumulators'],
    queryFn: () => take(api.GET('/persons/{person}/accumulators', { params: { path: { person }, query: {} } })),
  });
  if (isPending) return <Waiting />;
  const all = data?.items ?? [];
  const periods = [...new Set(all.map((row) => row.period))].sort().reverse();
  const chosen = params.get('period');
  const wanted = params.get('total');
  const rows = all.filter((row) => (!chosen || row.period === chosen) && (!wanted || keyOf(row) === wanted));
  const ask = (name: string, value: string | undefined) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  const opened = (row: Total) => {
    const next = new URLSearchParams(params);
    next.set('total', keyOf(row));
    return `?${next}`;
  };
  const amount = (row: Total, fen: number, to: string) => (row.money ? <Money fen={fen} to={to} /> : <Link to={to}>{fen}</Link>);
  return (
    <>
      <ProblemAlert error={error} retry={() => void refetch()} />
      <p className="filters">
        <Select
          className="filter"
          aria-label={t('totals.period')}
          placeholder={t('totals.period')}
          allowClear
          value={chosen ?? undefined}
          options={periods.map((value) => ({ value, label: value }))}
          onChange={(value: string | undefined) => ask('period', value)}
        />
        {wanted && <Link to="?tab=totals">{t('totals.all')}</Link>}
      </p>
      <Sheet
        title={t('totals.title')}
        empty={t('totals.none')}
        rows={rows}
        rowKey={keyOf}
        columns={[
          { title: t('totals.name'), render: (_, row) => row.name },
          { title: t('totals.article'), dataIndex: 'article' },
          { title: t('totals.parts'), render: (_, row) => row.parts.map(name).join(' · ') || '—' },
          { title: t('totals.period'), dataIndex: 'period' },
          { title: t('totals.amount'), ...numeric, render: (_, row) => amount(row, row.amount, opened(row)) },
          { title: t('totals.count'), ...numeric, render: (_, row) => row.additions.length },
        ]}
      />
      {wanted && rows[0] && <Additions row={rows[0]} amount={amount} />}
    </>
  );
}

function Additions({ row, amount }: { row: Total; amount: (row: Total, fen: number, to: string) => ReactNode }) {
  const { t } = useWords();
  return (
    <Sheet
      title={t('totals.made_by', { name: row.name })}
      empty={t('totals.nothing')}
      rows={row.additions}
      rowKey={(one) => one.settlement}
      columns={[
        { title: t('field.at'), render: (_, one) => moment(one.at), className: 'figures' },
        { title: t('field.settlement'), render: (_, one) => <Link to={`/settlements/${one.settlement}`}>{one.settlement}</Link> },
        { title: t('totals.added'), ...numeric, render: (_, one) => amount(row, one.amount, `/settlements/${one.settlement}`) },
      ]}
      foot={
        row.opening_amount !== 0 && (
          <p className="operator-quiet">{t('totals.opening', { amount: row.money ? yuan(row.opening_amount) : row.opening_amount })}</p>
        )
      }
    />
  );
}
