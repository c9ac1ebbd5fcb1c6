import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Select, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../../frame/client';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Documents, type Chosen } from './Documents';
import { FormFields } from './FormFields';
import { drawKey, fileSent, sent, shown, type Answers, type CaseFile } from './answers';

type Next = Schema['ApplicationNext'];
type StepSent = Schema['ApplicationStepSent'];

interface StepsProps {
  file: CaseFile;
  take: (step: Next, sent: StepSent) => Promise<CaseFile>;
  onDone: (file: CaseFile) => void;
}

/** 下一步: a button for each step that this account may take now. */
export function Steps({ file, take, onDone }: StepsProps) {
  const { t } = useTranslation('services');
  const [asking, setAsking] = useState<Next>();
  const mine = file.possible.filter((step) => step.mine);
  const others = file.possible.filter((step) => !step.mine);
  if (!file.possible.length) return null;
  return (
    <section>
      <h2>{t('file.next')}</h2>
      <Space wrap>
        {mine.map((step, nth) => (
          <Button key={step.step} type={nth === 0 ? 'primary' : 'default'} onClick={() => setAsking(step)}>
            {step.name}
          </Button>
        ))}
      </Space>
      {others.length > 0 && <p className="lead">{t('file.others', { steps: others.map(({ name }) => name).join('、') })}</p>}
      {asking && <Ask file={file} step={asking} take={take} onClose={() => setAsking(undefined)} onDone={onDone} />}
    </section>
  );
}

function Ask({ file, step, take, onClose, onDone }: StepsProps & { step: Next; onClose: () => void }) {
  const { t } = useTranslation('services');
  const [form] = Form.useForm<Answers>();
  const [chosen, setChosen] = useState<Chosen>({});
  const [key] = useState(drawKey);
  const taken = useMutation({
    mutationFn: async () => {
      const values = form.getFieldsValue(true) as Answers;
      const kinds = Object.entries(chosen).flatMap(([kind, files]) => files.map((one) => [kind, one] as const));
      return take(step, {
        step: step.step,
        key,
        why: String(values['#why'] ?? ''),
        documents: await Promise.all(kinds.map(([kind, one]) => fileSent(kind, one))),
        ...(values['#to'] ? { assign_to: String(values['#to']) } : {}),
        ...(step.amends ? { form: sent(file.item.fields, values) } : {}),
      });
    },
    onSuccess: (after) => {
      onClose();
      onDone(after);
    },
  });
  // What is masked is not known here: it is written anew.
  const known = Object.fromEntries(Object.entries(file.form).filter(([, value]) => !String(value).includes('**')));
  return (
    <Modal
      open
      width={step.amends ? 960 : 520}
      title={step.name}
      okText={step.name}
      confirmLoading={taken.isPending}
      onCancel={onClose}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      {step.article && <p className="article">{step.article}</p>}
      <Form form={form} layout="vertical" initialValues={step.amends ? shown(file.item.fields, known) : {}} onFinish={() => taken.mutate()}>
        {step.amends && <FormFields fields={file.item.fields} />}
        {step.assignees.length > 0 && (
          <Form.Item name="#to" label={t('file.assign_to')} rules={[{ required: true, message: t('file.assign_needed') }]}>
            <Select options={step.assignees.map(({ code, name }) => ({ value: code, label: `${name}（${code}）` }))} />
          </Form.Item>
        )}
        <Form.Item name="#why" label={t('file.why')} rules={[{ required: true, whitespace: true, message: t('file.why_needed') }]}>
          <Input.TextArea rows={2} maxLength={500} showCount />
        </Form.Item>
        {(step.documents.length > 0 || step.amends) && (
          <Documents
            kinds={[...step.documents.map((kind) => ({ id: kind, name: kind })), ...(step.amends ? file.item.materials : [])]}
            chosen={chosen}
            onChange={setChosen}
          />
        )}
      </Form>
      <ProblemAlert error={taken.error} />
    </Modal>
  );
}
