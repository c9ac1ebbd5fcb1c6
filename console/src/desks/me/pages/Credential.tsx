import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Empty, Form, Input, Popconfirm, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { minute, useMe } from '../parts/about';
import { BindPhone } from '../parts/PhoneSignIn';
import { drawCode, thisPhone, type Phone, type Purpose } from '../parts/phone';

/** 电子凭证: devices, other persons behind the entry, and where codes were used. */
export function Credential() {
  const { t } = useTranslation('me');
  const me = useMe(undefined);
  const phone = useQuery({ queryKey: ['phone'], queryFn: thisPhone, retry: false });
  if (me.isPending || phone.isPending) return <Waiting whole />;
  if (!me.data) return <ProblemAlert error={me.error} />;
  return (
    <Page title={t('credential.title')} lead={`${me.data.name} · ${t(`state.${me.data.credential}`)}`}>
      {phone.data && <ForOthers phone={phone.data} />}
      <Devices own={phone.data?.device} bound={() => void phone.refetch()} />
      <Identities />
      <Uses />
    </Page>
  );
}

/** 登录码 and 亲情绑定码: short codes that are typed elsewhere. */
function ForOthers({ phone }: { phone: Phone }) {
  const { t } = useTranslation('me');
  const [purpose, setPurpose] = useState<Purpose>('sign_in');
  const draw = useMutation({ mutationFn: (purpose: Purpose) => drawCode(phone, purpose) });
  const ask = (purpose: Purpose) => {
    setPurpose(purpose);
    draw.mutate(purpose);
  };
  return (
    <section className="sheet">
      <h2>{t('typed.title')}</h2>
      <div className="actions">
        <Button loading={draw.isPending && purpose === 'sign_in'} onClick={() => ask('sign_in')}>
          {t('typed.sign_in')}
        </Button>
        <Button loading={draw.isPending && purpose === 'bind'} onClick={() => ask('bind')}>
          {t('typed.bind')}
        </Button>
      </div>
      <ProblemAlert error={draw.error} />
      {draw.data?.typed && (
        <>
          <p className="me-typed">{draw.data.typed}</p>
          <p className="lead">{t(`typed.${purpose}_help`, { seconds: draw.data.seconds })}</p>
        </>
      )}
    </section>
  );
}

function Devices({ own, bound }: { own?: string; bound: () => void }) {
  const { t } = useTranslation('me');
  const queries = useQueryClient();
  const { data, error } = useQuery({ queryKey: ['/me/devices'], queryFn: () => take(api.GET('/me/devices')) });
  const again = () => queries.invalidateQueries({ queryKey: ['/me/devices'] });
  const remove = useMutation({
    mutationFn: (device: string) => take(api.DELETE('/me/devices/{device}', { params: { path: { device } } })),
    onSuccess: again,
  });
  const code = useMutation({ mutationFn: () => take(api.POST('/me/devices')) });
  return (
    <section className="sheet">
      <h2>{t('devices.title')}</h2>
      <ProblemAlert error={error ?? remove.error ?? code.error} />
      {data?.items.length === 0 && <Empty description={t('devices.none')} />}
      {data?.items.map((row) => (
        <div key={row.id} className="me-line">
          <span>
            {row.name} {row.id === own && <Tag>{t('devices.this')}</Tag>}
            <small>{t('devices.since', { time: minute(row.bound_at) })}</small>
          </span>
          <Popconfirm title={t('devices.sure')} okText={t('devices.unbind')} cancelText={t('cancel')} onConfirm={() => remove.mutate(row.id)}>
            <Button size="small">{t('devices.unbind')}</Button>
          </Popconfirm>
        </div>
      ))}
      <div className="actions">
        <Button loading={code.isPending} onClick={() => code.mutate()}>
          {t('devices.more')}
        </Button>
      </div>
      {code.data && (
        <>
          <p className="me-typed">{code.data.code}</p>
          <p className="lead">{t('devices.code_help', { time: minute(code.data.expires_at) })}</p>
        </>
      )}
      {!own && (
        <>
          <p className="lead">{t('code.not_bound')}</p>
          <BindPhone
            bound={() => {
              bound();
              void again();
            }}
          />
        </>
      )}
    </section>
  );
}

function Identities() {
  const { t } = useTranslation('me');
  const queries = useQueryClient();
  const [form] = Form.useForm<{ code: string }>();
  const { data, error } = useQuery({ queryKey: ['/me/identities'], queryFn: () => take(api.GET('/me/identities')) });
  const again = async () => {
    form.resetFields();
    await queries.invalidateQueries({ queryKey: ['/me/identities'] });
    await queries.invalidateQueries({ queryKey: ['/me'] });
  };
  const bind = useMutation({ mutationFn: (body: { child?: string; code?: string }) => take(api.POST('/me/identities', { body })), onSuccess: again });
  const remove = useMutation({
    mutationFn: (person: string) => take(api.DELETE('/me/identities/{person}', { params: { path: { person } } })),
    onSuccess: again,
  });
  return (
    <section className="sheet">
      <h2>{t('identities.title')}</h2>
      <p className="lead">{t('identities.lead')}</p>
      <ProblemAlert error={error ?? bind.error ?? remove.error} />
      {bind.data && <Alert className="problem" type="success" showIcon title={t(`identities.bound_${bind.data.relation}`)} />}
      {data?.items.map((row) => (
        <div key={row.person} className="me-line">
          <span>
            {row.name} <Tag>{t(`relation.${row.relation}`)}</Tag>
          </span>
          {row.bound_at ? (
            <Button size="small" loading={remove.isPending} onClick={() => remove.mutate(row.person)}>
              {t('identities.unbind')}
            </Button>
          ) : (
            <Button size="small" type="primary" loading={bind.isPending} onClick={() => bind.mutate({ child: row.person })}>
              {t('identities.bind_child')}
            </Button>
          )}
        </div>
      ))}
      <Form name="identity" form={form} layout="vertical" requiredMark={false} onFinish={({ code }) => bind.mutate({ code: code.trim() })}>
        <Form.Item name="code" label={t('identities.code')} extra={t('identities.code_help')} rules={[{ required: true, message: t('identities.code_needed') }]}>
          <Input autoComplete="off" spellCheck={false} />
        </Form.Item>
        <Button htmlType="submit" loading={bind.isPending}>
          {t('identities.bind')}
        </Button>
      </Form>
    </section>
  );
}

function Uses() {
  const { t } = useTranslation('me');
  const { data, error } = useQuery({ queryKey: ['/me/credential/uses'], queryFn: () => take(api.GET('/me/credential/uses', { params: { query: {} } })) });
  return (
    <section className="sheet">
      <h2>{t('uses.title')}</h2>
      <ProblemAlert error={error} />
      {data?.items.length === 0 && <Empty description={t('uses.none')} />}
      {data?.items.map((row, n) => (
        <div key={n} className="me-line">
          <span>
            {row.institution || t('messages.centre')}
            <small>
              {t(`purpose.${row.purpose}`)} · {minute(row.at)}
            </small>
          </span>
          {row.settlement && <Link to={`/me/visits/${row.settlement}`}>{t('uses.paid')}</Link>}
        </div>
      ))}
    </section>
  );
}
