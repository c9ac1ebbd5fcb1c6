import { CheckOutlined } from '@ant-design/icons';
import { Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { useRoles } from '../useRoles';

/** 角色权限: the region's policy as a table; it is changed in the region's folder, not here. */
export function Roles() {
  const { t, i18n } = useTranslation('admin');
  const { policy, error, nameOf } = useRoles();
  if (!policy) return error ? <ProblemAlert error={error} /> : <Waiting whole />;
  return (
    <Page title={t('menu.roles')} lead={t('roles.lead', { article: policy.article })}>
      <p className="lead">
        {t('roles.limits', { idle: policy.idle_minutes, hours: policy.session_hours, attempts: policy.attempts, minutes: policy.lock_minutes })}
      </p>
      <section className="sheet admin-roles">
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
        <div className="list-scroll" role="region" aria-label={t('menu.roles')} tabIndex={0}>
          <Table
            size="small"
            pagination={false}
            rowKey="id"
            dataSource={policy.permissions}
            columns={[
              {
                title: t('roles.permission'),
                render: (_, permission) => (
                  <>
                    {i18n.language === 'en' ? null : `${permission.name} `}
                    <code>{permission.id}</code>
                  </>
                ),
              },
              ...policy.roles.map((role) => ({
                title: (
                  <>
                    {nameOf(role.id)}
                    <div className="admin-scope">{t(`scope.${role.scope}`)}</div>
                  </>
                ),
                key: role.id,
                align: 'center' as const,
                render: (_: unknown, permission: { id: string }) =>
                  role.permissions.includes(permission.id) ? <CheckOutlined aria-label={t('roles.may')} /> : null,
              })),
            ]}
          />
        </div>
      </section>
    </Page>
  );
}
