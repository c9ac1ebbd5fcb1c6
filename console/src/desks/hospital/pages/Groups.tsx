import { Segmented } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { count } from '../../../parts/money';
import { useWords } from '../words';

type Row = RowOf<'/hospital/groups'>;

/** 病组与科室盈亏: what stays bring by group against what they cost by item. */
export function Groups() {
  const { t, name } = useWords();
  const [params, setParams] = useSearchParams();
  const by = params.get('by') === 'department' ? 'department' : 'group';
  const at = (row: Row) => `/hospital/stays?month=${row.month}&${by}=${encodeURIComponent(row.subject.code)}`;
  return (
    <Page
      title={t('menu.groups')}
      lead={t('groups.lead')}
      actions={
        <Segmented
          aria-label={t('groups.by')}
          value={by}
          onChange={(next) => setParams((now) => { const then = new URLSearchParams(now); then.set('by', next); then.delete('cursor'); return then; })}
          options={[{ value: 'group', label: t('groups.group') }, { value: 'department', label: t('groups.department') }]}
        />
      }
    >
      <ListPage<Row>
        path="/hospital/groups"
        label={t('menu.groups')}
        rowKey={(row) => row.subject.code || '-'}
        exports
        empty={t('groups.empty')}
        filters={[{ kind: 'text', name: 'month', label: t('field.month_example') }]}
        columns={[
          { title: t(by === 'group' ? 'field.group' : 'field.department'), render: (_, row) => <Link to={at(row)}>{row.subject.code ? `${row.subject.code} ${name(row.subject)}` : t('groups.unsaid')}</Link> },
          { title: t('field.month'), render: (_, row) => row.month, className: 'figures' },
          { title: t('field.case_count'), numeric: true, render: (_, row) => count(row.case_count) },
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
