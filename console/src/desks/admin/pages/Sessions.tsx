import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Page } from '../../../parts/Page';

/** 在线会话. */
export function Sessions() {
  const { t } = useTranslation('admin');
  return (
    <Page title={t('menu.sessions')} lead={t('sessions.lead')}>
      <ListPage<RowOf<'/sessions'>>
        path="/sessions"
        label={t('menu.sessions')}
        rowKey={(row) => `${row.account} ${row.begun_at} ${row.seen_at}`}
        filters={[{ kind: 'text', name: 'account', label: t('field.account') }]}
        empty={t('sessions.none')}
        exports
        columns={[
          {
            title: t('field.account'),
            // A citizen's session has no account to open.
            render: (_, row) => (row.account.startsWith('citizen:') ? row.account : <Link to={`/admin/accounts/${encodeURIComponent(row.account)}`}>{row.account}</Link>),
          },
          { title: t('sessions.begun'), dataIndex: 'begun_at', className: 'figures' },
          { title: t('sessions.seen'), dataIndex: 'seen_at', className: 'figures' },
          { title: t('sessions.ends'), dataIndex: 'ends_at', className: 'figures' },
        ]}
      />
    </Page>
  );
}
