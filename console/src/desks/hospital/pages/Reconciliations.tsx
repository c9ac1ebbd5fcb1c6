import { Tag } from 'antd';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Page } from '../../../parts/Page';
import { useWords } from '../words';

type Row = RowOf<'/hospital/reconciliations'>;

/** 对账: what 3201 and 3202 came to. */
export function Reconciliations() {
  const { t, name } = useWords();
  return (
    <Page title={t('menu.reconciliations')} lead={t('reconciliations.lead')}>
      <ListPage<Row>
        path="/hospital/reconciliations"
        label={t('menu.reconciliations')}
        rowKey={(row) => row.reconciliation}
        exports
        empty={t('reconciliations.empty')}
        filters={[{ kind: 'yes', name: 'differing', label: t('reconciliations.differing') }]}
        columns={[
          { title: t('field.at'), render: (_, row) => row.at.replace('T', ' ').slice(0, 16), className: 'figures' },
          { title: t('field.days'), render: (_, row) => (row.from === row.to ? row.from : `${row.from} – ${row.to}`), className: 'figures' },
          { title: t('reconciliations.how'), render: (_, row) => t(`reconciled.${row.transaction}`) },
          { title: t('field.stream'), render: (_, row) => name(row.stream) },
          { title: t('field.scheme'), render: (_, row) => name(row.scheme) },
          { title: t('reconciliations.result'), render: (_, row) => <Tag color={row.equal ? 'green' : 'red'}>{t(row.equal ? 'reconciliations.equal' : 'reconciliations.unequal')}</Tag> },
          { title: t('reconciliations.differences'), render: (_, row) => row.differences.map((one) => <div key={one}>{one}</div>) },
        ]}
      />
    </Page>
  );
}
