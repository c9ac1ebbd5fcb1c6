import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { useWords } from './words';

interface OpenCaseProps {
  clues?: string[];
  findings?: string[];
  /** What the case is about, unless it is written otherwise. */
  subject: string;
}

/** 立案: a button that opens a case from clues or findings of one institution. */
export function OpenCase({ clues = [], findings = [], subject }: OpenCaseProps) {
  const { t } = useWords();
  const may = useMay('case.act');
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [form] = Form.useForm<{ procedure: string; subject: string; why: string }>();
  const opened = useMutation({
    mutationFn: (values: { procedure: string; subject: string; why: string }) => take(api.POST('/cases', { body: { ...values, clues, findings } })),
    onSuccess: (file) => void navigate(`/audit/cases/${encodeURIComponent(file.case.case)}`),
  });
  if (!may) return null;
  return (
    <>
      <Button size="small" onClick={() => setAsking(true)}>
        {t('open.button')}
      </Button>
      {asking && (
        <Modal open title={t('open.title')} okText={t('open.go')} confirmLoading={opened.isPending} onCancel={() => setAsking(false)} onOk={() => form.submit()} destroyOnHidden>
          <Form form={form} layout="vertical" requiredMark={false} initialValues={{ procedure: 'audit', subject: subject.slice(0, 100), why: '' }} onFinish={(values) => opened.mutate(values)}>
            <Form.Item name="procedure" label={t('open.procedure')}>
              <Select options={['audit', 'administrative'].map((value) => ({ value, label: t(`procedure.${value}`) }))} />
            </Form.Item>
            <Form.Item name="subject" label={t('open.subject')} rules={[{ required: true, whitespace: true, message: t('open.subject_needed') }]}>
              <Input maxLength={100} />
            </Form.Item>
            <Form.Item name="why" label={t('open.why')} rules={[{ required: true, whitespace: true, message: t('open.why_needed') }]}>
              <Input.TextArea rows={3} maxLength={500} />
            </Form.Item>
          </Form>
          <ProblemAlert error={opened.error} />
        </Modal>
      )}
    </>
  );
}
