import { Tag } from 'antd';
import { Link } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { Due } from '../../audit/parts/Due';
import { useWords } from '../words';

type Row = RowOf<'/cases'>;

const at = (row: Row) => `/hospital/cases/${encodeURIComponent(row.case)}`;

/** 案件与申诉: the cases of which the institution was told. */
export function Cases() {
  const { t, name } = useWords();
  return (
    <Page title={t('menu.cases')} lead={t('cases.lead')}>
      <ListPage<Row>
        path="/cases"
        label={t('menu.cases')}
        rowKey={(row) => row.case}
        sort="due"
        exports
        empty={t('cases.empty')}
        filters={[{ kind: 'choice', name: 'standing', label: t('cases.standing'), options: ['open', 'closed', 'all'].map((value) => ({ value, label: t(`standing.${value}`) })) }]}
        columns={[
          { title: t('field.subject'), render: (_, row) => <Link to={at(row)} className="audit-clip" title={row.subject}>{row.subject}</Link> },
          { title: t('field.state'), render: (_, row) => <Tag {...(row.closed ? {} : { color: 'blue' })}>{name(row.state)}</Tag> },
          { title: t('field.disputed'), numeric: true, render: (_, row) => <Money fen={row.disputed_amount} to={at(row)} /> },
          { title: t('field.recoverable'), sort: 'recoverable_amount', numeric: true, render: (_, row) => <Money fen={row.recoverable_amount} to={at(row)} strong /> },
          { title: t('field.due'), sort: 'due', render: (_, row) => <Due clock={row.clock} /> },
          { title: t('field.opened_at'), sort: 'opened_at', render: (_, row) => row.opened_at.slice(0, 10), className: 'figures' },
        ]}
      />
    </Page>
  );
}
