import { PlusOutlined } from '@ant-design/icons';
import { Button, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Page } from '../../../parts/Page';
import { NewAccount } from '../NewAccount';
import { scopeInWords } from '../ScopeFields';
import { useRoles } from '../useRoles';

type Row = RowOf<'/accounts'>;

/** 登录账号. */
export function Accounts() {
  const { t } = useTranslation('admin');
  const { nameOf } = useRoles();
  const [opening, setOpening] = useState(false);
  return (
    <Page title={t('menu.accounts')} lead={t('accounts.lead')}>
      <ListPage<Row>
        path="/accounts"
        label={t('menu.accounts')}
        rowKey={(row) => row.account}
        search={t('accounts.search')}
        filters={[
          {
            kind: 'choice',
            name: 'disabled',
            label: t('accounts.state'),
            options: [
              { value: 'false', label: t('accounts.enabled') },
              { value: 'true', label: t('accounts.disabled') },
            ],
          },
        ]}
        empty={t('accounts.none')}
        exports
        actions={
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpening(true)}>
            {t('accounts.open')}
          </Button>
        }
        columns={[
          { title: t('field.account'), render: (_, row) => <Link to={`/admin/accounts/${encodeURIComponent(row.account)}`}>{row.account}</Link> },
          { title: t('field.name'), dataIndex: 'name' },
          { title: t('field.roles'), render: (_, row) => row.roles.map((role) => <Tag key={role}>{nameOf(role)}</Tag>) },
          { title: t('field.scope'), render: (_, row) => scopeInWords(row.scope, t) },
          { title: t('field.staff'), dataIndex: 'staff' },
          {
            title: t('field.state'),
            render: (_, row) => (
              <>
                {row.disabled && <Tag color="red">{t('accounts.disabled')}</Tag>}
                {row.locked_until && <Tag color="orange">{t('accounts.locked', { until: row.locked_until })}</Tag>}
                {row.must_change && <Tag>{t('accounts.must_change')}</Tag>}
                {row.totp && <Tag color="blue">{t('accounts.totp')}</Tag>}
              </>
            ),
          },
        ]}
      />
      {opening && <NewAccount onClose={() => setOpening(false)} />}
    </Page>
  );
}
