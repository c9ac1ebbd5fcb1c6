import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { api, take } from '../../../frame/client';
import { Chart } from '../../../parts/Chart';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { useMemo } from 'react';
import { useWords } from '../words';

type Row = RowOf<'/hospital/refusals'>;

const TOP = 12;
const at = (code: string) => `/hospital/refusals?code=${encodeURIComponent(code)}`;

/** 拒绝: by reason, and one by one. */
export function Refusals() {
  const { t } = useWords();
  const [params] = useSearchParams();
  const [from, to] = [params.get('from') ?? undefined, params.get('to') ?? undefined];
  const { data, error, refetch } = useQuery({
    queryKey: ['/hospital/refusals/reasons', from, to],
    queryFn: () => take(api.GET('/hospital/refusals/reasons', { params: { query: { ...(from ? { from } : {}), ...(to ? { to } : {}) } } })),
  });
  const option = useMemo(() => {
    const top = (data ?? []).slice(0, TOP).reverse();
    return {
      grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
      tooltip: {},
      xAxis: { type: 'value', minInterval: 1 },
      yAxis: { type: 'category', data: top.map((one) => `${one.code} · ${one.transaction}`) },
      series: [{ type: 'bar', data: top.map((one) => ({ value: one.count, code: one.code })), barMaxWidth: 18 }],
    };
  }, [data]);
  return (
    <Page title={t('menu.refusals')} lead={t('refusals.lead')}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {!!data?.length && (
        <Chart
          label={t('refusals.by_reason')}
          option={option}
          height={Math.max(140, 40 + Math.min(TOP, data.length) * 26)}
          to={(mark) => at((mark.data as { code?: string } | undefined)?.code ?? '')}
          table={{
            head: [t('field.code'), t('field.transaction'), t('field.count'), t('field.why')],
            rows: data.map((one) => [<Link key="code" to={at(one.code)}>{one.code}</Link>, one.transaction, one.count, one.told]),
          }}
        />
      )}
      <ListPage<Row>
        path="/hospital/refusals"
        label={t('menu.refusals')}
        rowKey={(row) => row.message}
        exports
        empty={t('refusals.empty')}
        filters={[
          { kind: 'text', name: 'code', label: t('field.code') },
          { kind: 'text', name: 'transaction', label: t('field.transaction') },
          { kind: 'dates', from: 'from', to: 'to', label: t('field.days') },
        ]}
        columns={[
          { title: t('field.at'), render: (_, row) => row.at.replace('T', ' ').slice(0, 16), className: 'figures' },
          { title: t('field.transaction'), render: (_, row) => row.transaction },
          { title: t('field.code'), render: (_, row) => <Link to={at(row.code)}>{row.code}</Link> },
          { title: t('field.why'), render: (_, row) => <span className="audit-words">{row.told}</span> },
          { title: t('field.operator'), render: (_, row) => row.operator },
        ]}
      />
    </Page>
  );
}
