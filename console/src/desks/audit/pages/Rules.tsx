import { Tag } from 'antd';
import { Link } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { count } from '../../../parts/money';
import { Try } from '../parts/Try';
import { useWords } from '../parts/words';

type Row = RowOf<'/rules'>;

/** 规则 of the library in force, with how often each was right. */
export function Rules() {
  const { t, sure } = useWords();
  return (
    <Page title={t('menu.rules')} lead={t('rules.lead')} actions={<Try />}>
      <ListPage<Row>
        path="/rules"
        label={t('menu.rules')}
        rowKey={(row) => row.rule}
        search={t('rules.search')}
        sort="-counted_amount"
        exports
        empty={t('rules.empty')}
        filters={[{ kind: 'yes', name: 'found', label: t('rules.found') }]}
        columns={[
          { title: t('field.rule'), sort: 'rule', render: (_, row) => <Link to={`/audit/rules/${encodeURIComponent(row.rule)}`}>{row.name}</Link> },
          { title: t('field.class'), render: (_, row) => `${row.class} · ${row.family}` },
          { title: t('field.result'), render: (_, row) => row.result },
          { title: t('field.force'), render: (_, row) => <Tag {...(row.moved ? { color: 'orange' } : {})}>{row.force}</Tag> },
          { title: t('field.stage'), render: (_, row) => row.stages.join('、') },
          { title: t('field.outcomes'), numeric: true, render: (_, row) => `${count(row.confirmed_count)} / ${count(row.outcome_count)}` },
          { title: t('field.precision'), sort: 'precision', numeric: true, render: (_, row) => (row.precision == null ? t('confidence.none') : t('rules.interval', { share: sure(row.precision), lower: sure(row.precision_lower), upper: sure(row.precision_upper) })) },
          { title: t('field.finding_count'), sort: 'finding_count', numeric: true, render: (_, row) => <Link to={`/audit/findings?rule=${encodeURIComponent(row.rule)}`}>{count(row.finding_count)}</Link> },
          { title: t('field.counted'), sort: 'counted_amount', numeric: true, render: (_, row) => <Money fen={row.counted_amount} to={`/audit/findings?rule=${encodeURIComponent(row.rule)}`} strong /> },
        ]}
      />
    </Page>
  );
}
