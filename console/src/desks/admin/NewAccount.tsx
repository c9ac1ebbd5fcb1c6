import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Drawer, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, take } from '../../frame/client';
import { ProblemAlert } from '../../parts/ProblemAlert';
import { AccountFields, type AccountValues } from './AccountFields';
import { scopeOf } from './ScopeFields';
import { StartPassword } from './StartPassword';

/** 开立账号: its password to begin with is shown once. */
export function NewAccount({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const open = useMutation({
    mutationFn: ({ scope, ...values }: AccountValues & { account: string }) => take(api.POST('/accounts', { body: { ...values, scope: scopeOf(scope) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/accounts'] }),
  });
  return (
    <Drawer open title={t('accounts.open')} size={440} onClose={onClose}>
      {open.data ? (
        <>
          <Alert type="success" showIcon title={t('accounts.opened', { account: open.data.account.account })} />
          <StartPassword password={open.data.start_password} />
          <Button type="primary" onClick={onClose}>
            {t('done')}
          </Button>
        </>
      ) : (
        <Form layout="vertical" onFinish={(values: AccountValues & { account: string }) => open.mutate(values)} initialValues={{ scope: { kind: 'region' } }}>
          <Form.Item name="account" label={t('field.account')} rules={[{ required: true, pattern: /^[a-zA-Z0-9._-]{2,64}$/, message: t('field.account_rule') }]}>
            <Input spellCheck={false} autoComplete="off" />
          </Form.Item>
          <AccountFields />
          <ProblemAlert error={open.error} />
          <Button type="primary" htmlType="submit" loading={open.isPending}>
            {t('accounts.open')}
          </Button>
        </Form>
      )}
    </Drawer>
  );
}
