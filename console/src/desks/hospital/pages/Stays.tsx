import { Link } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { useWords } from '../words';

type Row = RowOf<'/hospital/stays'>;

const at = (row: Row) => `/settlements/${encodeURIComponent(row.settlement)}`;

/** 清算病例 behind the sums of groups and departments. */
export function Stays() {
  const { t, name } = useWords();
  return (
    <Page title={t('stays.title')} lead={t('stays.lead')} actions={<Link to="/hospital/groups">{t('stays.back')}</Link>}>
      <ListPage<Row>
        path="/hospital/stays"
        label={t('stays.title')}
        rowKey={(row) => `${row.settlement}/${row.cause}`}
        exports
        empty={t('stays.empty')}
        filters={[
          { kind: 'text', name: 'month', label: t('field.month_example') },
          { kind: 'text', name: 'group', label: t('field.group') },
          { kind: 'text', name: 'department', label: t('field.department_code') },
        ]}
        columns={[
          { title: t('field.settlement'), render: (_, row) => <Link to={at(row)}><code>{row.settlement}</code></Link> },
          { title: t('field.cause'), render: (_, row) => t(`cause.${row.cause}`) },
          { title: t('field.department'), render: (_, row) => name(row.department) },
          { title: t('field.group'), render: (_, row) => (row.group.code ? `${row.group.code} ${name(row.group)}` : t('groups.unsaid')) },
          { title: t('field.cost'), numeric: true, render: (_, row) => <Money fen={row.cost_amount} to={at(row)} /> },
          { title: t('field.payment'), numeric: true, render: (_, row) => <Money fen={row.payment_amount} to={at(row)} /> },
          { title: t('field.profit'), numeric: true, render: (_, row) => <Money fen={row.profit_amount} to={at(row)} strong /> },
          { title: t('field.fund'), numeric: true, render: (_, row) => <Money fen={row.fund_amount} to={at(row)} /> },
          { title: t('field.item_fund'), numeric: true, render: (_, row) => <Money fen={row.item_fund_amount} to={at(row)} /> },
        ]}
      />
    </Page>
  );
}
