import { Link } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { count } from '../../../parts/money';
import { moment, useWords } from '../parts/words';

type Row = RowOf<'/suspicions'>;

const at = (row: Row) => `/audit/suspicions/${encodeURIComponent(row.suspicion)}`;
const MODELS = ['admission_cluster', 'card_pooling', 'checkup_stay', 'ecod', 'frequent_person', 'identical_amounts', 'impossible_load', 'over_prescribing', 'paper_stay', 'peers', 'phantom_visits', 'pharmacy_burst', 'similar_cases', 'split_stay', 'stock_gap', 'substitution', 'trace_reuse', 'upcoding'];

/** 可疑线索 of the models. */
export function Suspicions() {
  const { t, name } = useWords();
  return (
    <Page title={t('menu.suspicions')} lead={t('suspicions.lead')}>
      <ListPage<Row>
        path="/suspicions"
        label={t('menu.suspicions')}
        rowKey={(row) => row.suspicion}
        exports
        empty={t('suspicions.empty')}
        filters={[{ kind: 'choice', name: 'model', label: t('field.model'), options: MODELS.map((value) => ({ value, label: t(`model.${value}`) })) }]}
        columns={[
          { title: t('field.model'), render: (_, row) => <Link to={at(row)}>{row.model.name}</Link> },
          { title: t('field.summary'), render: (_, row) => <Link to={at(row)} className="audit-clip" title={row.why}>{row.why}</Link> },
          { title: t('field.institution'), render: (_, row) => row.institutions.slice(0, 2).map(name).join('、') + (row.institutions.length > 2 ? ' …' : '') },
          { title: t('field.person_count'), numeric: true, render: (_, row) => count(row.person_count) },
          { title: t('field.visit_count'), numeric: true, render: (_, row) => count(row.visit_count) },
          { title: t('field.score'), numeric: true, render: (_, row) => row.score },
          { title: t('field.recoverable'), numeric: true, render: (_, row) => <Money fen={row.recoverable_amount} to={at(row)} /> },
          { title: t('field.weighted'), numeric: true, render: (_, row) => <Money fen={row.weighted_amount} to={at(row)} strong /> },
          { title: t('field.found_at'), render: (_, row) => moment(row.found_at).slice(0, 10), className: 'figures' },
        ]}
      />
    </Page>
  );
}
