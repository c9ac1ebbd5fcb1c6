import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Modal, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Amount } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { useWords } from './words';

type Preview = Schema['ReversalPreview'];

/** 撤销结算: a button that shows what would be given back before anything is done. */
export function Reverse({ settlement, visit }: { settlement: string; visit: string }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" danger onClick={() => setOpen(true)}>
        {t('reverse.do')}
      </Button>
      {open && <Dialog settlement={settlement} visit={visit} onClose={() => setOpen(false)} />}
    </>
  );
}

/** 32 letters and digits by chance. */
const drawn = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

function Dialog({ settlement, visit, onClose }: { settlement: string; visit: string; onClose: () => void }) {
  const { t, name } = useWords();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ reason: string; words: string }>();
  // One key for one dialog: a second press is the same order.
  const [key] = useState(drawn);
  const path = { id: settlement };
  const { data, error, isPending } = useQuery({
    queryKey: ['/settlements/{id}/reversal', settlement],
    queryFn: () => take(api.GET('/settlements/{id}/reversal', { params: { path } })),
    gcTime: 0,
  });
  const order = useMutation({
    mutationFn: (values: { reason: string; words: string }) =>
      take(api.POST('/settlements/{id}/reversal', { params: { path }, body: { ...values, key } })),
    onSuccess: async ({ reversal }) => {
      void message.success(t('reverse.done'));
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['/visits', visit] }),
        queries.invalidateQueries({ queryKey: ['/persons'] }),
        queries.invalidateQueries({ queryKey: ['/settlements/{id}', settlement] }),
      ]);
      onClose();
      void navigate(`/settlements/${reversal}`);
    },
  });
  const refused = data?.refusal;
  return (
    <Modal
      open
      width={640}
      title={t('reverse.title')}
      okText={t('reverse.go')}
      okButtonProps={{ danger: true, disabled: !data || !!refused }}
      confirmLoading={order.isPending}
      onCancel={onClose}
      onOk={() => form.submit()}
    >
      <div className="operator-reverse">
        {isPending && <Waiting />}
        <ProblemAlert error={error} />
        {refused && <Alert className="problem" type="warning" showIcon title={`${t('reverse.refused')}（${refused.code}）`} description={refused.message} />}
        {data && !refused && (
          <>
            <Consequences preview={data} />
            <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => order.mutate(values)}>
              <Form.Item name="reason" label={t('reverse.reason')} rules={[{ required: true, message: t('reverse.reason_needed') }]}>
                <Select options={data.reasons.map((reason) => ({ value: reason.code, label: name(reason) }))} />
              </Form.Item>
              <Form.Item name="words" label={t('reverse.words')} rules={[{ required: true, whitespace: true, min: 4, message: t('reverse.words_needed') }]}>
                <Input.TextArea rows={2} maxLength={200} showCount />
              </Form.Item>
            </Form>
            <p className="operator-quiet">{t('reverse.sealed')}</p>
          </>
        )}
        <ProblemAlert error={order.error} />
      </div>
    </Modal>
  );
}

/** What would be given back, to whom. */
function Consequences({ preview }: { preview: Preview }) {
  const { t, name } = useWords();
  const row = (key: string, what: ReactNode, fen: number) => (
    <div key={key} style={{ display: 'contents' }}>
      <dt>{what}</dt>
      <dd>
        <Amount fen={fen} />
      </dd>
    </div>
  );
  return (
    <>
      <p>{t('reverse.lead', { institution: name(preview.institution), at: preview.settled_at.replace('T', ' ') })}</p>
      {preview.cleared_months.length > 0 && (
        <Alert className="problem" type="info" showIcon title={t('reverse.cleared', { months: preview.cleared_months.join('、') })} />
      )}
      <h3>{t('reverse.back')}</h3>
      <dl className="operator-back">
        {preview.funds.map((fund) => row(fund.fund.code, t('reverse.fund', { fund: name(fund.fund) }), fund.amount))}
        {preview.accounts.map((account) => row(account.person, t(account.before_amount == null ? 'reverse.giver' : 'reverse.account', { person: account.person }), account.amount))}
        {row('cash', t('reverse.cash'), preview.cash_amount)}
        {row('payable', t('reverse.payable'), preview.payable_amount)}
      </dl>
      {preview.totals.length > 0 && (
        <>
          <h3>{t('reverse.totals')}</h3>
          <dl className="operator-back">
            {preview.totals.map((total) => (
              <div key={`${total.name} ${total.period}`} style={{ display: 'contents' }}>
                <dt>
                  {total.name} <span className="operator-quiet">{[...total.parts.map(name), total.period].join(' · ')}</span>
                </dt>
                <dd>
                  {total.money ? <Amount fen={total.before_amount} /> : total.before_amount} → {total.money ? <Amount fen={total.after_amount} /> : total.after_amount}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <p>{t('reverse.visit')}</p>
      <p>
        <Link to={`/settlements/${preview.settlement}`}>{t('reverse.look')}</Link>
      </p>
    </>
  );
}
