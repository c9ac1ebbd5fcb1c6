import { Tag } from 'antd';
import { Link } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { OpenCase } from '../parts/OpenCase';
import { behind, moment, useWords } from '../parts/words';

type Row = RowOf<'/clues'>;

/** 线索 that no case has taken up. */
export function Clues() {
  const { t, name, rule, sure } = useWords();
  return (
    <Page title={t('menu.clues')} lead={t('clues.lead')}>
      <ListPage<Row>
        path="/clues"
        label={t('menu.clues')}
        rowKey={(row) => row.clue}
        exports
        empty={t('clues.empty')}
        filters={[
          { kind: 'choice', name: 'source', label: t('field.source'), options: ['finding', 'suspicion', 'tip-off', 'hand'].map((value) => ({ value, label: t(`source.${value}`) })) },
          { kind: 'text', name: 'institution', label: t('field.institution_code') },
        ]}
        columns={[
          { title: t('field.source'), render: (_, row) => <Tag>{t(`source.${row.source}`)}</Tag> },
          { title: t('field.rule'), render: (_, row) => <span className="audit-name">{rule(row.rule)}</span> },
          {
            title: t('field.summary'),
            render: (_, row) => (
              <Link to={behind(row)} className="audit-clip" title={row.summary}>
                {row.summary}
              </Link>
            ),
          },
          { title: t('field.institution'), render: (_, row) => <span className="audit-name">{name(row.institution)}</span> },
          { title: t('field.recoverable'), numeric: true, render: (_, row) => <Money fen={row.amount} to={behind(row)} /> },
          { title: t('field.confidence'), numeric: true, render: (_, row) => (row.confidence == null ? <span title={t('confidence.unknown')}>{t('confidence.none')}</span> : sure(row.confidence)) },
          { title: t('field.rank'), numeric: true, render: (_, row) => <Money fen={row.rank_amount} to={behind(row)} strong /> },
          { title: t('field.found_at'), render: (_, row) => moment(row.found_at).slice(0, 10), className: 'figures' },
          { title: t('field.do'), render: (_, row) => <OpenCase clues={[row.clue]} subject={row.summary} /> },
        ]}
      />
    </Page>
  );
}
