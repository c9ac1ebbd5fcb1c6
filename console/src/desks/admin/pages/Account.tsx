import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Popconfirm, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { useSession } from '../../../frame/session';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { AccountFields, type AccountValues } from '../AccountFields';
import { scopeOf, valuesOf } from '../ScopeFields';
import { StartPassword } from '../StartPassword';

type Row = Schema['AccountRow'];

/** 一个账号: its roles and scope, its password, its sessions, what it read. */
export function Account() {
  const { t } = useTranslation('admin');
  const { account = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/accounts', account],
    queryFn: () => take(api.GET('/accounts/{account}', { params: { path: { account } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={data?.name || account} lead={<code>{account}</code>} actions={<Link to={`/admin/reads?account=${encodeURIComponent(account)}`}>{t('account.reads')}</Link>}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && <Told key={JSON.stringify(data)} row={data} />}
    </Page>
  );
}

function Told({ row }: { row: Row }) {
  const { t } = useTranslation('admin');
  const own = useSession().account === row.account;
  return (
    <>
      <section className="sheet admin-form">
        <h2>{t('account.what')}</h2>
        {own && <p className="lead">{t('account.own')}</p>}
        <Change row={row} disabled={own} />
      </section>
      {!own && <Doings row={row} />}
    </>
  );
}

function Change({ row, disabled }: { row: Row; disabled: boolean }) {
  const { t } = useTranslation('admin');
  const { message } = App.useApp();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: ({ scope, ...values }: AccountValues & { disabled: boolean }) =>
      take(api.PUT('/accounts/{account}', { params: { path: { account: row.account } }, body: { ...values, scope: scopeOf(scope) } })),
    onSuccess: async () => {
      void message.success(t('account.saved'));
      await queries.invalidateQueries({ queryKey: ['/accounts'] });
    },
  });
  return (
    <Form
      layout="vertical"
      disabled={disabled}
      initialValues={{ ...row, scope: valuesOf(row.scope) }}
      onFinish={(values: AccountValues & { disabled: boolean }) => save.mutate(values)}
    >
      <AccountFields />
      <Form.Item name="disabled" label={t('accounts.disabled')} valuePropName="checked">
        <Switch />
      </Form.Item>
      <ProblemAlert error={save.error} />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t('account.save')}
      </Button>
    </Form>
  );
}

function Doings({ row }: { row: Row }) {
  const { t } = useTranslation('admin');
  const { message } = App.useApp();
  const queries = useQueryClient();
  const path = { params: { path: { account: row.account } } };
  const again = () => queries.invalidateQueries({ queryKey: ['/accounts'] });
  const reset = useMutation({ mutationFn: () => take(api.POST('/accounts/{account}/password', path)), onSuccess: again });
  const take_factor = useMutation({ mutationFn: () => take(api.DELETE('/accounts/{account}/totp', path)), onSuccess: again });
  const end = useMutation({
    mutationFn: () => take(api.DELETE('/accounts/{account}/sessions', path)),
    onSuccess: () => message.success(t('account.ended')),
  });
  return (
    <section className="sheet">
      <h2>{t('account.doings')}</h2>
      <div className="actions">
        <Popconfirm title={t('account.reset_sure')} onConfirm={() => reset.mutate()}>
          <Button loading={reset.isPending}>{t('account.reset')}</Button>
        </Popconfirm>
        <Popconfirm title={t('account.end_sure')} onConfirm={() => end.mutate()}>
          <Button loading={end.isPending}>{t('account.end')}</Button>
        </Popconfirm>
        {row.totp && (
          <Popconfirm title={t('account.factor_sure')} onConfirm={() => take_factor.mutate()}>
            <Button danger loading={take_factor.isPending}>
              {t('account.factor')}
            </Button>
          </Popconfirm>
        )}
      </div>
      <ProblemAlert error={reset.error ?? end.error ?? take_factor.error} />
      {reset.data && <StartPassword password={reset.data.start_password} />}
    </section>
  );
}
