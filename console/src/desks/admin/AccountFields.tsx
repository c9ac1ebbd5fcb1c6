import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { ScopeFields, type ScopeValues } from './ScopeFields';
import { useRoles } from './useRoles';

export interface AccountValues {
  name: string;
  roles: string[];
  scope: ScopeValues;
  staff?: string;
  oidc?: string;
}

/** What an administrator says of an account, new or old. */
export function AccountFields() {
  const { t } = useTranslation('admin');
  const { policy, nameOf } = useRoles();
  const needed = [{ required: true, message: t('needed') }];
  return (
    <>
      <Form.Item name="name" label={t('field.name')} rules={needed}>
        <Input maxLength={50} />
      </Form.Item>
      <Form.Item name="roles" label={t('field.roles')} rules={needed}>
        <Select mode="multiple" options={policy?.roles.map((role) => ({ value: role.id, label: `${nameOf(role.id)}（${t(`scope.${role.scope}`)}）` }))} />
      </Form.Item>
      <ScopeFields />
      <Form.Item name="staff" label={t('field.staff')} extra={t('field.staff_help')}>
        <Input />
      </Form.Item>
      <Form.Item name="oidc" label={t('field.oidc')} extra={t('field.oidc_help')}>
        <Input />
      </Form.Item>
    </>
  );
}
