import { Tag } from 'antd';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { count } from '../../../parts/money';
import { useWords } from '../words';

type Row = RowOf<'/clearing/statements'>;

const stays = (row: Row) => `/hospital/stays?month=${row.month}`;
const settled = (row: Row) => `/settlements?from=${row.month}-01&scheme=${row.scheme.code}&stream=${row.stream.code}`;

/** 月清算单 of the institution. */
export function Statements() {
  const { t, name } = useWords();
  return (
    <Page title={t('menu.statements')} lead={t('statements.lead')}>
      <ListPage<Row>
        path="/clearing/statements"
        label={t('menu.statements')}
        rowKey={(row) => `${row.month}/${row.scheme.code}/${row.stream.code}`}
        exports
        empty={t('statements.empty')}
        columns={[
          { title: t('field.month'), render: (_, row) => row.month, className: 'figures' },
          { title: t('field.scheme'), render: (_, row) => name(row.scheme) },
          { title: t('field.stream'), render: (_, row) => name(row.stream) },
          { title: t('field.state'), render: (_, row) => <Tag>{t(`statement_state.${row.state}`)}</Tag> },
          { title: t('field.count'), numeric: true, render: (_, row) => count(row.settlements) },
          { title: t('statements.waiting'), numeric: true, render: (_, row) => count(row.waiting) },
          { title: t('field.total'), numeric: true, render: (_, row) => <Money fen={row.total_amount} to={settled(row)} /> },
          { title: t('field.item_fund'), numeric: true, render: (_, row) => <Money fen={row.fund_amount} to={settled(row)} /> },
          { title: t('statements.group'), numeric: true, render: (_, row) => <Money fen={row.group_amount} to={stays(row)} /> },
          { title: t('statements.deducted'), numeric: true, render: (_, row) => <Money fen={row.deducted_amount} to="/hospital/cases?standing=all" /> },
          { title: t('field.payable'), numeric: true, render: (_, row) => <Money fen={row.payable_amount} to={stays(row)} strong /> },
        ]}
      />
    </Page>
  );
}
