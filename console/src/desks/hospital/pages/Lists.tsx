import { Tag } from 'antd';
import { Link } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { useWords } from '../words';

type Row = RowOf<'/hospital/lists'>;

export const STATES = ['0', '1', '2', '3'];
const COLOURS: Record<string, string> = { 0: 'default', 1: 'blue', 2: 'green', 3: 'red' };

/** 清单状态. */
export function ListState({ state }: { state: string }) {
  const { t } = useWords();
  return <Tag color={COLOURS[state] ?? 'default'}>{t(`list_state.${state}`)}</Tag>;
}

/** 结算清单 with their quality. */
export function Lists() {
  const { t, name } = useWords();
  return (
    <Page title={t('menu.lists')} lead={t('lists.lead')}>
      <ListPage<Row>
        path="/hospital/lists"
        label={t('menu.lists')}
        rowKey={(row) => row.settlement}
        exports
        empty={t('lists.empty')}
        filters={[{ kind: 'choice', name: 'state', label: t('field.state'), options: STATES.map((value) => ({ value, label: t(`list_state.${value}`) })) }]}
        columns={[
          { title: t('field.settlement'), render: (_, row) => <Link to={`/hospital/lists/${encodeURIComponent(row.settlement)}`}><code>{row.settlement}</code></Link> },
          { title: t('field.person'), render: (_, row) => <code>{row.person}</code> },
          { title: t('field.department'), render: (_, row) => name(row.department) },
          { title: t('field.state'), render: (_, row) => <ListState state={row.state} /> },
          { title: t('field.reason'), render: (_, row) => <span className="audit-clip" title={row.reason}>{row.reason}</span> },
          { title: t('field.version'), numeric: true, render: (_, row) => row.version },
          { title: t('field.sent_at'), render: (_, row) => row.sent_at.replace('T', ' ').slice(0, 16), className: 'figures' },
          { title: t('field.total'), numeric: true, render: (_, row) => <Money fen={row.total_amount} to={`/settlements/${encodeURIComponent(row.settlement)}`} /> },
        ]}
      />
    </Page>
  );
}
