import { useQuery } from '@tanstack/react-query';
import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useSearchParams } from 'react-router';
import { api, read, take, type Schema } from '../../frame/client';
import type { Filter } from '../../parts/Filters';
import { ListPage, type ListColumn, type RowOf } from '../../parts/ListPage';
import { Money } from '../../parts/Money';
import { Page } from '../../parts/Page';
import { ProblemAlert } from '../../parts/ProblemAlert';
import { count } from '../../parts/money';
import { named } from '../../parts/tell';
import './settlements.css';

type Row = RowOf<'/settlements'>;

const STANDINGS = { valid: undefined, reversed: 'orange', reversal: 'red' } as const;
const AGES = ['0-6', '7-17', '18-44', '45-59', '60-74', '75+'];

/** 结算列表: filtered, sorted and paged by the server; whatever is chosen stands in the address. */
export function SettlementList() {
  const { t, i18n } = useTranslation('settlements');
  const english = i18n.language === 'en';
  const choices = useQuery({ queryKey: ['/settlements/choices'], queryFn: () => take(api.GET('/settlements/choices')), staleTime: 300_000 });
  const options = (coded: Schema['Coded'][] | undefined) => (coded ?? []).map((one) => ({ value: one.code, label: named(one, english) }));
  const choice = (name: string, coded?: Schema['Coded'][]): Filter => ({
    kind: 'choice',
    name,
    label: t(`filter.${name}`),
    options: options(coded),
    loading: choices.isPending,
  });
  const told = (name: string, values: string[], words: (value: string) => string): Filter => ({
    kind: 'choice',
    name,
    label: t(`filter.${name}`),
    options: values.map((value) => ({ value, label: words(value) })),
  });
  const filters: Filter[] = [
    { kind: 'dates', from: 'from', to: 'to', label: t('filter.settled') },
    choice('institution', choices.data?.institutions),
    choice('scheme', choices.data?.schemes),
    choice('stream', choices.data?.streams),
    choice('med_type', choices.data?.med_types),
    told('standing', Object.keys(STANDINGS), (value) => t(`standing.${value}`)),
    { kind: 'text', name: 'person_group', label: t('filter.person_group') },
    told('age_band', [...AGES, 'none'], (value) => (value === 'none' ? t('age_unknown') : t('age', { band: value }))),
    { kind: 'money', from: 'total_from', to: 'total_to', label: t('filter.total') },
    { kind: 'yes', name: 'out_of_area', label: t('filter.out_of_area') },
  ];
  return (
    <Page title={t('title')} lead={t('lead')}>
      <SumsOfList />
      <ListPage<Row>
        path="/settlements"
        label={t('title')}
        columns={useColumns()}
        rowKey={(row) => row.id}
        filters={filters}
        search={t('search')}
        empty={t('empty')}
        exports
      />
    </Page>
  );
}

function useColumns(): ListColumn<Row>[] {
  const { t, i18n } = useTranslation('settlements');
  const english = i18n.language === 'en';
  const money = (name: 'total_amount' | 'fund_amount' | 'account_amount' | 'cash_amount', sorted: boolean): ListColumn<Row> => ({
    title: t(`column.${name}`),
    numeric: true,
    ...(sorted ? { sort: name } : {}),
    render: (_, row) => <Money fen={row[name]} to={`/settlements/${row.id}`} />,
  });
  return [
    {
      title: t('column.settled_at'),
      sort: 'settled_at',
      className: 'settlement-two',
      render: (_, row) => (
        <>
          <Link to={`/settlements/${row.id}`}>{row.settled_at.replace('T', ' ')}</Link>
          <small>{row.id}</small>
        </>
      ),
    },
    {
      title: t('column.standing'),
      render: (_, row) => <Tag color={STANDINGS[row.standing as keyof typeof STANDINGS]}>{t(`standing.${row.standing}`)}</Tag>,
    },
    {
      title: t('column.institution'),
      className: 'settlement-two',
      render: (_, row) => (
        <>
          {named(row.institution, english)}
          <small>{row.department ? named(row.department, english) : row.institution.code}</small>
        </>
      ),
    },
    {
      title: t('column.med_type'),
      className: 'settlement-two',
      render: (_, row) => (
        <>
          {named(row.med_type, english)} {row.out_of_area && <Tag>{t('out_of_area')}</Tag>}
          <small>{named(row.scheme, english)}</small>
        </>
      ),
    },
    {
      title: t('column.person'),
      className: 'settlement-two',
      render: (_, row) => (
        <>
          <Link to={`?q=${encodeURIComponent(row.person)}`}>{row.person}</Link>
          <small>{[named(row.person_group, english), row.age != null && t('years', { age: row.age })].filter(Boolean).join(' · ')}</small>
        </>
      ),
    },
    money('total_amount', true),
    money('fund_amount', true),
    money('account_amount', false),
    money('cash_amount', false),
  ];
}

/** 合计 of all rows that match, whatever page is shown. */
function SumsOfList() {
  const { t } = useTranslation('settlements');
  const [params] = useSearchParams();
  const { search } = useLocation();
  const query = new URLSearchParams(params);
  for (const name of ['cursor', 'limit', 'sort']) query.delete(name);
  const { data, error, refetch } = useQuery({
    queryKey: ['/settlements/sums', query.toString()],
    queryFn: () => read<Schema['SettlementSums']>('/settlements/sums', query),
  });
  if (error) return <ProblemAlert error={error} retry={() => void refetch()} />;
  const amounts = ['total_amount', 'fund_amount', 'account_amount', 'cash_amount', 'hospital_amount'] as const;
  return (
    <dl className="facts sheet settlement-sums" aria-label={t('sums')} aria-busy={!data}>
      <div>
        <dt>{t('settlements')}</dt>
        <dd className="figures">{data ? count(data.settlements) : '—'}</dd>
      </div>
      <div>
        <dt>{t('reversals')}</dt>
        <dd className="figures">{data ? count(data.reversals) : '—'}</dd>
      </div>
      {amounts.map((name) => (
        <div key={name}>
          <dt>{t(`column.${name}`)}</dt>
          <dd className="figures">{data ? <Money fen={data[name]} to={{ search }} /> : '—'}</dd>
        </div>
      ))}
    </dl>
  );
}
