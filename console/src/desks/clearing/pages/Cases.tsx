import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { ListPage, type ListColumn, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { named } from '../../../parts/tell';

type Row = RowOf<'/clearing/months/{month}/institutions/{institution}/cases'>;

/** 清算明细: the cases of an institution's month, item-paid against group-paid. */
export function Cases() {
  const { t, i18n } = useTranslation('clearing');
  const english = i18n.language === 'en';
  const { month = '', institution = '' } = useParams();
  const why = (row: Row) => `/clearing/cases/${row.settlement}`;
  const amount = (name: keyof Row & `${string}_amount`, sort?: string): ListColumn<Row> => ({
    title: t(`column.${name}`),
    key: name,
    numeric: true,
    ...(sort ? { sort } : {}),
    render: (_, row) => <Money fen={row[name]} to={name === 'fee_amount' || name === 'item_amount' ? `/settlements/${row.settlement}` : why(row)} />,
  });
  const columns: ListColumn<Row>[] = [
    { title: t('column.settlement'), sort: 'settlement', render: (_, row) => <Link to={why(row)}>{row.settlement}</Link> },
    { title: t('column.cause'), render: (_, row) => t(`cause.${row.cause}`) },
    { title: t('column.scheme'), render: (_, row) => named(row.scheme, english) },
    { title: t('column.group'), sort: 'group', render: (_, row) => `${row.group} ${row.group_name}` },
    { title: t('column.status'), render: (_, row) => t(`status.${row.status}`, { defaultValue: row.status }) },
    { title: t('column.weight'), numeric: true, render: (_, row) => row.weight ?? '—' },
    { title: t('column.points'), numeric: true, render: (_, row) => row.points },
    amount('fee_amount', 'fee'),
    amount('item_amount', 'item'),
    { ...amount('fund_amount', 'fund'), title: t('column.due_amount') },
    amount('difference_amount', 'difference'),
    amount('balance_amount', 'balance'),
  ];
  return (
    <Page title={t('cases.title', { month })} lead={t('cases.lead', { institution })}>
      <ListPage<Row>
        path={`/clearing/months/${month}/institutions/${institution}/cases`}
        label={t('cases.label')}
        columns={columns}
        rowKey={(row) => `${row.settlement}/${row.cause}`}
        search={t('cases.search')}
        exports
        filters={[
          {
            kind: 'choice',
            name: 'cause',
            label: t('column.cause'),
            options: ['settlement', 'reversal', 'special', 'replaced'].map((cause) => ({ value: cause, label: t(`cause.${cause}`) })),
          },
          { kind: 'text', name: 'group', label: t('column.group') },
          { kind: 'yes', name: 'below', label: t('cases.below') },
        ]}
        empty={t('cases.empty')}
      />
    </Page>
  );
}
