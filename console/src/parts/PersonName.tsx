import { EyeOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Select, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, type To } from 'react-router';
import { api, take, type Masked, type Schema } from '../frame/client';
import { useMay, useSession } from '../frame/session';
import { ProblemAlert } from './ProblemAlert';

type Unmasked = Schema['Unmasked'];

interface PersonNameProps {
  /** 人员编号. */
  psnNo: string;
  /** The datum as the server gave it. */
  name: Masked;
  /** Which datum it is; the name when it is not said. */
  field?: 'name' | 'certificate' | 'phone';
  /** Where it opens to. */
  to?: To;
}

/** 姓名（脱敏）: a person's name or number, masked; who may see it says what for, and that is recorded. */
export function PersonName({ psnNo, name, field = 'name', to }: PersonNameProps) {
  const { t } = useTranslation('parts');
  const may = useMay('person.unmask');
  const [shown, setShown] = useState<string>();
  const [asking, setAsking] = useState(false);
  const text = shown ?? name.text;
  return (
    <span className="person">
      {to ? <Link to={to}>{text}</Link> : text}
      {may && name.masked && shown === undefined && (
        <Tooltip title={t('person.unmask')}>
          <Button type="text" size="small" icon={<EyeOutlined />} aria-label={t('person.unmask')} onClick={() => setAsking(true)} />
        </Tooltip>
      )}
      {asking && (
        <Purpose
          psnNo={psnNo}
          onClose={(person) => {
            setAsking(false);
            if (person) setShown(person[field]);
          }}
        />
      )}
    </span>
  );
}

function Purpose({ psnNo, onClose }: { psnNo: string; onClose: (person?: Unmasked) => void }) {
  const { t, i18n } = useTranslation('parts');
  const { purposes } = useSession();
  const [form] = Form.useForm<{ purpose: string; note: string }>();
  const asked = useMutation({
    mutationFn: (values: { purpose: string; note: string }) => take(api.POST('/unmask', { body: { person: psnNo, ...values } })),
    onSuccess: onClose,
  });
  return (
    <Modal
      open
      title={t('person.title')}
      okText={t('person.show')}
      confirmLoading={asked.isPending}
      onCancel={() => onClose()}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <p>{t('person.recorded')}</p>
      <Form form={form} layout="vertical" onFinish={(values) => asked.mutate(values)} requiredMark={false}>
        <Form.Item name="purpose" label={t('person.purpose')} rules={[{ required: true, message: t('person.purpose_needed') }]}>
          <Select options={purposes.map(({ id, name, english }) => ({ value: id, label: i18n.language === 'en' ? english : name }))} />
        </Form.Item>
        <Form.Item name="note" label={t('person.note')} rules={[{ required: true, whitespace: true, message: t('person.note_needed') }]}>
          <Input.TextArea maxLength={200} showCount rows={2} />
        </Form.Item>
      </Form>
      <ProblemAlert error={asked.error} />
    </Modal>
  );
}
