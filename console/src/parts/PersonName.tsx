import { EyeOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Select, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, type To } from 'react-router';
import { useMay } from '../frame/session';
import { unmask } from '../frame/unmask';
import { ProblemAlert } from './ProblemAlert';

/** Why somebody's data are shown in full; the ids are the server's. */
const PURPOSES = ['service', 'review', 'audit', 'complaint', 'other'] as const;

interface PersonNameProps {
  /** 人员编号. */
  psnNo: string;
  /** The name as the server gave it, masked or not. */
  name: string;
  /** Which field is unmasked; the name when it is not said. */
  field?: 'name' | 'certificate' | 'phone';
  /** Where the name opens to. */
  to?: To;
}

/** 姓名（遮去）: a person's name or number, masked; who may see it says what for, and that is recorded. */
export function PersonName({ psnNo, name, field = 'name', to }: PersonNameProps) {
  const { t } = useTranslation('parts');
  const may = useMay('person.unmask');
  const [shown, setShown] = useState<string>();
  const [asking, setAsking] = useState(false);
  const text = shown ?? name;
  return (
    <span className="person">
      {to ? <Link to={to}>{text}</Link> : text}
      {may && !shown && name.includes('*') && (
        <Tooltip title={t('person.unmask')}>
          <Button type="text" size="small" icon={<EyeOutlined />} aria-label={t('person.unmask')} onClick={() => setAsking(true)} />
        </Tooltip>
      )}
      {asking && (
        <Purpose
          psnNo={psnNo}
          field={field}
          onClose={(value) => {
            setAsking(false);
            if (value) setShown(value);
          }}
        />
      )}
    </span>
  );
}

function Purpose({ psnNo, field, onClose }: { psnNo: string; field: string; onClose: (value?: string) => void }) {
  const { t } = useTranslation('parts');
  const [form] = Form.useForm<{ purpose: string; note?: string }>();
  const asked = useMutation({
    mutationFn: (values: { purpose: string; note?: string }) => unmask(psnNo, field, values.purpose, values.note),
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
          <Select options={PURPOSES.map((value) => ({ value, label: t(`person.purposes.${value}`) }))} />
        </Form.Item>
        <Form.Item name="note" label={t('person.note')}>
          <Input.TextArea maxLength={200} showCount rows={2} />
        </Form.Item>
      </Form>
      <ProblemAlert error={asked.error} />
    </Modal>
  );
}
