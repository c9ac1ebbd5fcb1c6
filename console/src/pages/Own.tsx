import { useMutation } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input } from 'antd';
import { toDataURL } from 'qrcode';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, take, type Schema } from '../frame/client';
import { useSession, useSessionState } from '../frame/session';
import { Page } from '../parts/Page';
import { ProblemAlert } from '../parts/ProblemAlert';

/** 我的账号: password and second factor of whoever is signed in. */
export function Own() {
  const { t } = useTranslation();
  const { must_change } = useSession();
  return (
    <Page title={t('own.title')}>
      {must_change && <Alert className="problem" type="warning" showIcon title={t('own.must_change')} />}
      <section className="sheet own">
        <h2>{t('own.password')}</h2>
        <Password />
      </section>
      {!must_change && (
        <section className="sheet own">
          <h2>{t('own.factor')}</h2>
          <p className="lead">{t('own.factor_lead')}</p>
          <Factor />
        </section>
      )}
    </Page>
  );
}

function Password() {
  const { t } = useTranslation();
  const { opened } = useSessionState();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const change = useMutation({
    mutationFn: ({ old, next }: { old: string; next: string }) => take(api.PUT('/session/password', { body: { old, new: next } })),
    onSuccess: (session) => {
      void message.success(t('own.changed'));
      opened(session);
      void navigate('/');
    },
  });
  return (
    <Form layout="vertical" requiredMark={false} onFinish={(values: { old: string; next: string }) => change.mutate(values)}>
      <Form.Item name="old" label={t('own.old')} rules={[{ required: true, message: t('signin.password_needed') }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item name="next" label={t('own.new')} extra={t('own.new_help')} rules={[{ required: true, min: 10, message: t('own.new_help') }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={t('own.again')}
        dependencies={['next']}
        rules={[({ getFieldValue }) => ({ validator: async (_, value) => (value === getFieldValue('next') ? undefined : Promise.reject(new Error(t('own.differs')))) })]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <ProblemAlert error={change.error} />
      <Button type="primary" htmlType="submit" loading={change.isPending}>
        {t('own.change')}
      </Button>
    </Form>
  );
}

type Offered = Schema['FactorOffered'] & { picture: string };

function Factor() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [offered, setOffered] = useState<Offered>();
  const offer = useMutation({
    mutationFn: async (password: string): Promise<Offered> => {
      const made = await take(api.POST('/session/totp', { body: { password } }));
      return { ...made, picture: await toDataURL(made.link, { margin: 2, scale: 4 }) };
    },
    onSuccess: setOffered,
  });
  const confirm = useMutation({
    mutationFn: (code: string) => take(api.PUT('/session/totp', { body: { offer: offered?.offer ?? '', code } })),
    onSuccess: () => {
      void message.success(t('own.factor_on'));
      setOffered(undefined);
    },
  });
  if (!offered) {
    return (
      <Form layout="vertical" requiredMark={false} onFinish={({ password }: { password: string }) => offer.mutate(password)}>
        <Form.Item name="password" label={t('signin.password')} rules={[{ required: true, message: t('signin.password_needed') }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <ProblemAlert error={offer.error} />
        <Button htmlType="submit" loading={offer.isPending}>
          {t('own.factor_offer')}
        </Button>
      </Form>
    );
  }
  return (
    <Form layout="vertical" requiredMark={false} onFinish={({ code }: { code: string }) => confirm.mutate(code)}>
      <p>{t('own.factor_scan')}</p>
      <img src={offered.picture} alt={offered.link} />
      <p>
        <code>{offered.secret}</code>
      </p>
      <Form.Item name="code" label={t('signin.totp')} rules={[{ required: true, pattern: /^\d{6}$/, message: t('signin.totp_six') }]}>
        <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
      </Form.Item>
      <ProblemAlert error={confirm.error} />
      <Button type="primary" htmlType="submit" loading={confirm.isPending}>
        {t('own.factor_confirm')}
      </Button>
    </Form>
  );
}
