import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ListPage, type ListColumn, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { named } from '../../../parts/tell';
import { count } from '../../../parts/money';
import { State, casesOf, settlementsOf, statementOf } from '../data';

type Row = RowOf<'/clearing/statements'>;

/** 月清算单, or those of them with stays that wait. */
export function Statements({ waiting = false }: { waiting?: boolean }) {
  const { t, i18n } = useTranslation('clearing');
  const english = i18n.language === 'en';
  const amount = (name: keyof Row & `${string}_amount`, to: (row: Row) => string, sort?: string): ListColumn<Row> => ({
    title: t(`column.${name}`),
    key: name,
    numeric: true,
    ...(sort ? { sort } : {}),
    render: (_, row) => <Money fen={row[name]} to={to(row)} />,
  });
  const own = (row: Row) => settlementsOf(row.month, { institution: row.institution.code, scheme: row.scheme.code, stream: row.stream.code });
  const cases = (row: Row) => casesOf(row, { scheme: row.scheme.code, stream: row.stream.code });
  const columns: ListColumn<Row>[] = [
    { title: t('column.month'), sort: 'month', render: (_, row) => <Link to={statementOf(row)}>{row.month}</Link> },
    { title: t('column.institution'), sort: 'institution', render: (_, row) => <Link to={statementOf(row)}>{named(row.institution, english)}</Link> },
    { title: t('column.scheme'), render: (_, row) => named(row.scheme, english) },
    { title: t('column.stream'), render: (_, row) => named(row.stream, english) },
    { title: t('column.way'), render: (_, row) => named(row.way, english) },
    { title: t('column.state'), render: (_, row) => <State state={row.state} /> },
    { title: t('column.settlements'), numeric: true, render: (_, row) => count(row.settlements) },
    { title: t('column.cases'), numeric: true, render: (_, row) => (row.cases ? <Link to={cases(row)}>{count(row.cases)}</Link> : '0') },
    {
      title: t('column.waiting'),
      numeric: true,
      sort: 'waiting',
      render: (_, row) => (row.waiting ? <Link to={`/clearing/months/${row.month}/${row.institution.code}/outstanding`}>{count(row.waiting)}</Link> : '0'),
    },
    amount('total_amount', own, 'total'),
    amount('fund_amount', own, 'fund'),
    amount('item_amount', cases),
    amount('group_amount', cases, 'group'),
    amount('difference_amount', cases, 'difference'),
    amount('deposit_amount', statementOf),
    amount('deducted_amount', statementOf),
    amount('payable_amount', statementOf, 'payable'),
  ];
  return (
    <Page title={t(waiting ? 'waiting.title' : 'statements.title')} lead={t(waiting ? 'waiting.lead' : 'statements.lead')}>
      <ListPage<Row>
        path="/clearing/statements"
        label={t('statements.title')}
        columns={columns}
        rowKey={(row) => statementOf(row)}
        search={t('statements.search')}
        exports
        {...(waiting ? { fixed: { waiting: 'true' } } : {})}
        filters={[
          { kind: 'text', name: 'month', label: t('statements.month') },
          {
            kind: 'choice',
            name: 'state',
            label: t('column.state'),
            options: ['estimated', 'approved', 'posted', 'paid'].map((state) => ({ value: state, label: t(`state.${state}`) })),
          },
          {
            kind: 'choice',
            name: 'way',
            label: t('column.way'),
            options: ['1', '40', '50'].map((way) => ({ value: way, label: t(`way.${way}`) })),
          },
          { kind: 'text', name: 'institution', label: t('statements.institution') },
          { kind: 'yes', name: 'deducted', label: t('statements.deducted') },
        ]}
        empty={t(waiting ? 'waiting.empty' : 'statements.empty')}
      />
    </Page>
  );
}
