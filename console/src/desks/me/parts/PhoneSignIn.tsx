import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Divider, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Session } from '../../../frame/session';
import { openSessionByCode } from '../../../frame/signin';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { bindPhone, drawCode, forgetPhone, thisPhone, type Phone } from './phone';

async function signInWith(phone: Phone): Promise<Session> {
  const drawn = await drawCode(phone, 'sign_in');
  return openSessionByCode(drawn.code);
}

/** 本机登录: with the credential that this browser keeps, or, the first time, with an activation code. */
export function PhoneSignIn({ opened }: { opened: (session: Session) => void }) {
  const { t } = useTranslation('me');
  const queries = useQueryClient();
  const phone = useQuery({ queryKey: ['phone'], queryFn: thisPhone, retry: false });
  const signIn = useMutation({ mutationFn: signInWith, onSuccess: opened });
  const forget = useMutation({ mutationFn: forgetPhone, onSuccess: () => queries.invalidateQueries({ queryKey: ['phone'] }) });
  if (phone.isPending) return null;
  return (
    <section aria-label={t('phone.this')}>
      {phone.data ? (
        <>
          <Button type="primary" size="large" block loading={signIn.isPending} onClick={() => phone.data && signIn.mutate(phone.data)}>
            {t('phone.sign_in', { name: phone.data.name })}
          </Button>
          <ProblemAlert error={signIn.error} />
          {signIn.error && (
            <Button type="link" block onClick={() => forget.mutate()}>
              {t('phone.forget')}
            </Button>
          )}
        </>
      ) : (
        <BindPhone bound={(phone) => signIn.mutate(phone)} waiting={signIn.isPending} />
      )}
      <Divider plain>{t('phone.or')}</Divider>
    </section>
  );
}

/** 激活本机. */
export function BindPhone({ bound, waiting = false }: { bound: (phone: Phone) => void; waiting?: boolean }) {
  const { t } = useTranslation('me');
  const [open, setOpen] = useState(false);
  const bind = useMutation({ mutationFn: bindPhone, onSuccess: bound });
  if (!open) {
    return (
      <Button block onClick={() => setOpen(true)}>
        {t('phone.activate')}
      </Button>
    );
  }
  return (
    <Form
      name="phone"
      layout="vertical"
      requiredMark={false}
      initialValues={{ name: t('phone.name_default') }}
      onFinish={(values: { whose: string; code: string; name: string }) =>
        bind.mutate({ whose: values.whose.trim(), code: values.code.trim(), name: values.name.trim() })
      }
    >
      <Form.Item name="whose" label={t('phone.whose')} rules={[{ required: true, message: t('phone.whose_needed') }]}>
        <Input autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item name="code" label={t('phone.code')} extra={t('phone.code_help')} rules={[{ required: true, message: t('phone.code_needed') }]}>
        <Input autoComplete="one-time-code" spellCheck={false} />
      </Form.Item>
      <Form.Item name="name" label={t('phone.name')} rules={[{ required: true, message: t('phone.name_needed') }]}>
        <Input maxLength={40} />
      </Form.Item>
      <ProblemAlert error={bind.error} />
      <Button type="primary" htmlType="submit" block loading={bind.isPending || waiting}>
        {t('phone.bind')}
      </Button>
    </Form>
  );
}
