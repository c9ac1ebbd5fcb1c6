import { Tag } from 'antd';
import { Link } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { Due } from '../parts/Due';
import { moment, useWords } from '../parts/words';

type Row = RowOf<'/cases'>;

const at = (row: Row) => `/audit/cases/${encodeURIComponent(row.case)}`;

/** 待办: open cases, the most rewarding first. */
export function Queue() {
  const { t, name, rule, sure } = useWords();
  return (
    <Page title={t('menu.queue')} lead={t('queue.lead')}>
      <ListPage<Row>
        path="/cases"
        label={t('menu.queue')}
        rowKey={(row) => row.case}
        search={t('queue.search')}
        sort="-rank"
        exports
        empty={t('queue.empty')}
        filters={[
          { kind: 'choice', name: 'standing', label: t('queue.standing'), options: ['open', 'closed', 'all'].map((value) => ({ value, label: t(`standing.${value}`) })) },
          { kind: 'choice', name: 'assignee', label: t('queue.assignee'), options: [{ value: 'me', label: t('queue.mine') }] },
          { kind: 'text', name: 'institution', label: t('field.institution_code') },
        ]}
        columns={[
          {
            title: t('field.subject'),
            render: (_, row) => (
              <Link to={at(row)} className="audit-clip" title={row.subject}>
                {row.subject}
              </Link>
            ),
          },
          { title: t('field.institution'), render: (_, row) => <span className="audit-name">{name(row.institution)}</span> },
          { title: t('field.state'), render: (_, row) => <Tag {...(row.closed ? {} : { color: 'blue' })}>{name(row.state)}</Tag> },
          { title: t('field.assignee'), render: (_, row) => row.assignee?.name ?? t('queue.nobody') },
          { title: t('field.rule'), render: (_, row) => <span className="audit-name">{rule(row.rule)}</span> },
          { title: t('field.recoverable'), sort: 'recoverable_amount', numeric: true, render: (_, row) => <Money fen={row.recoverable_amount} to={at(row)} /> },
          { title: t('field.confidence'), numeric: true, render: (_, row) => (row.confidence == null ? <span title={t('confidence.unknown')}>{t('confidence.none')}</span> : sure(row.confidence)) },
          { title: t('field.rank'), sort: 'rank', numeric: true, render: (_, row) => <Money fen={row.rank_amount} to={at(row)} strong /> },
          { title: t('field.due'), sort: 'due', render: (_, row) => <Due clock={row.clock} /> },
          { title: t('field.opened_at'), sort: 'opened_at', render: (_, row) => moment(row.opened_at).slice(0, 10), className: 'figures' },
        ]}
      />
    </Page>
  );
}
