import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Space } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../../frame/client';
import { useSession } from '../../../frame/session';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Assessed } from './Assessed';
import { Documents, type Chosen } from './Documents';
import { FormFields } from './FormFields';
import { drawKey, fileSent, named, sent, type Answers, type CaseFile, type Item } from './answers';

type Sent = Schema['ApplicationSent'];

interface ApplyProps {
  item: Item;
  /** What the rules say; without it there is nothing to try. */
  check?: (sent: Sent) => Promise<Schema['ServiceAssessment']>;
  send: (sent: Sent) => Promise<CaseFile>;
  /** Where it leads when it is done. */
  onDone: (file: CaseFile) => void;
  /** Words of the last button. */
  submit: string;
  /** Above the form. */
  children?: ReactNode;
}

/** 填报: the form of an item, its materials, what the rules say, and the application itself. */
export function Apply({ item, check, send, onDone, submit, children }: ApplyProps) {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  const { scope } = useSession();
  const [form] = Form.useForm<Answers>();
  const [chosen, setChosen] = useState<Chosen>({});
  // One key a form: pressed twice, it is one application.
  const [key] = useState(drawKey);
  const ofPerson = item.desk !== 'workorder';
  const asksPerson = ofPerson && (scope.kind === 'region' || scope.persons.length > 1);

  const gathered = async (): Promise<Sent> => {
    const values = form.getFieldsValue(true) as Answers;
    const kinds = Object.entries(chosen).flatMap(([kind, files]) => files.map((file) => [kind, file] as const));
    const documents = await Promise.all(kinds.map(([kind, file]) => fileSent(kind, file)));
    const person = String(values['#person'] ?? '') || (scope.persons[0] ?? '');
    return { key, form: sent(item.fields, values), documents, ...(ofPerson && person ? { person } : {}) };
  };
  const tried = useMutation({ mutationFn: async () => check?.(await gathered()) });
  const made = useMutation({ mutationFn: async () => send(await gathered()), onSuccess: onDone });

  return (
    <Form
      form={form}
      layout="vertical"
      className="application"
      scrollToFirstError={{ focus: true }}
      onFinish={() => made.mutate()}
      onValuesChange={() => tried.data && tried.reset()}
    >
      {children}
      {asksPerson && (
        <Form.Item
          name="#person"
          label={t('form.person')}
          extra={t('form.person_help')}
          initialValue={scope.persons[0] ?? ''}
          rules={[{ required: true, message: t('form.person_needed') }]}
        >
          <Input className="short" />
        </Form.Item>
      )}
      <FormFields fields={item.fields} />
      {item.materials.length > 0 && (
        <>
          <h2>{t('documents.title')}</h2>
          <Documents
            kinds={item.materials.map((material) => ({ id: material.id, name: named(english, material) }))}
            chosen={chosen}
            onChange={setChosen}
          />
        </>
      )}
      {tried.data && <Assessed found={tried.data} />}
      <ProblemAlert error={made.error ?? tried.error} />
      <Space>
        <Button type="primary" htmlType="submit" loading={made.isPending}>
          {submit}
        </Button>
        {check && (
          <Button loading={tried.isPending} onClick={() => tried.mutate()}>
            {t(item.desk === 'claim' ? 'form.trial' : 'form.check')}
          </Button>
        )}
      </Space>
    </Form>
  );
}
