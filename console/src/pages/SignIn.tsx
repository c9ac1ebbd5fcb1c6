import { useMutation } from '@tanstack/react-query';
import { Button, Card, Form, Input, Tabs, type InputRef } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useSearchParams } from 'react-router';
import { PhoneSignIn } from '../desks/me/parts/PhoneSignIn';
import { BASE } from '../frame/client';
import { openSession, openSessionByCode, useWays } from '../frame/signin';
import { Preferences } from '../frame/Layout';
import { problemOf } from '../frame/problem';
import { useSessionState } from '../frame/session';
import { ProblemAlert } from '../parts/ProblemAlert';

/** 登录: by account and password, by a code of the electronic credential, or by the house's identity provider. */
export function SignIn() {
  const { t } = useTranslation();
  const { session } = useSessionState();
  const [params] = useSearchParams();
  const ways = useWays();
  const brand = t('brand');
  useEffect(() => {
    document.title = `${t('signin.title')} · ${brand}`;
  }, [t, brand]);
  // Only a path of this console: an address elsewhere would be a trap.
  const asked = params.get('next') ?? '/';
  const next = asked.startsWith('/') && !asked.startsWith('//') && !asked.includes('\\') ? asked : '/';
  if (session) return <Navigate to={next} replace />;
  return (
    <div className="alone">
      <header className="alone-head">
        <Preferences />
      </header>
      <main className="signin">
        <Card>
          <div className="signin-brand">
            <img src="/heng.svg" alt="" width={40} height={40} />
            <h1>{t('signin.title')}</h1>
            <p>{t('motto')}</p>
          </div>
          <Tabs
            centered
            items={[
              { key: 'account', label: t('signin.staff'), children: <ByPassword /> },
              { key: 'code', label: t('signin.citizen'), children: <ByCode /> },
            ]}
          />
          {ways?.oidc && (
            <Button block href={`${BASE}/session/oidc?next=${encodeURIComponent(next)}`}>
              {ways.oidc_name || t('signin.oidc')}
            </Button>
          )}
          <p className="signin-foot">
            <Link to="/verify">{t('signin.verify')}</Link>
          </p>
        </Card>
      </main>
    </div>
  );
}

function ByPassword() {
  const { t } = useTranslation();
  const { opened } = useSessionState();
  const first = useRef<InputRef>(null);
  useEffect(() => first.current?.focus(), []);
  const signIn = useMutation({ mutationFn: openSession, onSuccess: opened });
  const wantsCode = problemOf(signIn.error).code === 'totp_required' || problemOf(signIn.error).code === 'totp_wrong';
  return (
    <Form layout="vertical" requiredMark={false} onFinish={(values: { account: string; password: string; code?: string }) => signIn.mutate(values)}>
      <Form.Item name="account" label={t('signin.account')} rules={[{ required: true, message: t('signin.account_needed') }]}>
        <Input ref={first} autoComplete="username" spellCheck={false} />
      </Form.Item>
      <Form.Item name="password" label={t('signin.password')} rules={[{ required: true, message: t('signin.password_needed') }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item name="code" label={t('signin.totp')} extra={wantsCode ? undefined : t('signin.totp_help')} rules={[{ pattern: /^\d{6}$/, message: t('signin.totp_six') }]}>
        <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
      </Form.Item>
      <ProblemAlert error={signIn.error} />
      <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
        {t('signin.go')}
      </Button>
    </Form>
  );
}

function ByCode() {
  const { t } = useTranslation();
  const { opened } = useSessionState();
  const signIn = useMutation({ mutationFn: openSessionByCode, onSuccess: opened });
  return (
    <>
      <PhoneSignIn opened={opened} />
      <Form name="code" layout="vertical" requiredMark={false} onFinish={({ code }: { code: string }) => signIn.mutate(code.trim())}>
        <Form.Item name="code" label={t('signin.code')} extra={t('signin.code_help')} rules={[{ required: true, message: t('signin.code_needed') }]}>
          <Input autoComplete="one-time-code" spellCheck={false} />
        </Form.Item>
        <ProblemAlert error={signIn.error} />
        <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
          {t('signin.go')}
        </Button>
      </Form>
    </>
  );
}
