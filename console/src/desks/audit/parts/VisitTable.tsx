import { Tag } from 'antd';
import { Link } from 'react-router';
import type { Schema } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Money } from '../../../parts/Money';
import { Sheet, numeric } from './Sheet';
import { moment, settlementAt, useWords } from './words';

/** 就诊 behind a finding or a suspicion. */
export function VisitTable({ visits, title }: { visits: Schema['VisitInQuestion'][]; title: string }) {
  const { t, name } = useWords();
  const may = useMay('person.read');
  return (
    <Sheet
      title={title}
      rows={visits}
      rowKey={(row) => row.visit}
      rowClass={(row) => (row.in_question ? 'audit-found' : '')}
      empty={t('visits.empty')}
      columns={[
        { title: t('field.begin'), render: (_, row) => moment(row.begin), className: 'figures' },
        { title: t('field.end'), render: (_, row) => (row.end ? moment(row.end) : ''), className: 'figures' },
        { title: t('field.person'), render: (_, row) => (may ? <Link to={`/settlements?person=${encodeURIComponent(row.person)}`}><code>{row.person}</code></Link> : <code>{row.person}</code>) },
        { title: t('field.institution'), render: (_, row) => name(row.institution) },
        { title: t('field.department'), render: (_, row) => name(row.department) },
        { title: t('field.med_type'), render: (_, row) => name(row.med_type) },
        { title: t('field.doctor'), render: (_, row) => row.doctor },
        { title: t('field.total'), ...numeric, render: (_, row) => <Money fen={row.total_amount} to={settlementAt(row.settlement)} /> },
        { title: t('field.fund'), ...numeric, render: (_, row) => <Money fen={row.fund_amount} to={settlementAt(row.settlement)} /> },
        { title: t('field.in_question'), render: (_, row) => (row.in_question ? <Tag color="orange">{t('visits.in_question')}</Tag> : '') },
      ]}
    />
  );
}
