import { UploadOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Form, Input, Modal, Select, Upload, type UploadFile } from 'antd';
import { useState } from 'react';
import { api, take, type Schema } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Amount } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { fen, yuan } from '../../../parts/money';
import { useWords } from './words';

type File = Schema['AuditCaseFile'];
type Possible = Schema['CaseStepPossible'];

interface Values {
  why: string;
  assign_to?: string;
  article?: string;
  reason?: string;
  grounds?: string;
  penalty?: string;
  times?: string;
  amounts?: Record<string, string>;
  chosen?: number[];
}

/** What a step's effect asks for. */
const JUDGES = ['review', 'vote', 'decide', 'penalise'];

/** 可办步骤: what may be done now, and doing it. */
export function TakeStep({ file }: { file: File }) {
  const { t, half } = useWords();
  const may = useMay('case.act');
  const [taking, setTaking] = useState<Possible>();
  const open = file.possible.filter((step) => !step.refused);
  const refused = file.possible.filter((step) => step.refused);
  if (!may || file.possible.length === 0) return null;
  return (
    <section className="sheet" aria-label={t('step.possible')}>
      <h2>{t('step.possible')}</h2>
      <div className="audit-steps">
        {open.map((step, n) => (
          <Button key={step.step} type={n === 0 ? 'primary' : 'default'} onClick={() => setTaking(step)}>
            {step.name}
          </Button>
        ))}
        {open.length === 0 && <span className="lead">{t('step.none')}</span>}
      </div>
      {refused.length > 0 && (
        <ul className="audit-refused">
          {refused.map((step) => (
            <li key={step.step}>{t('step.refused', { step: step.name, why: half(step.refused ?? '') })}</li>
          ))}
        </ul>
      )}
      {taking && <Taking key={taking.step} file={file} step={taking} onClose={() => setTaking(undefined)} />}
    </section>
  );
}

interface Brought {
  kind: string;
  file: UploadFile;
}

function Taking({ file, step, onClose }: { file: File; step: Possible; onClose: () => void }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const [brought, setBrought] = useState<Brought[]>([]);
  const open = file.lines.filter((line) => line.state === 'open');
  const judges = JUDGES.includes(step.effect ?? '');
  const decides = step.effect === 'decide' || step.effect === 'penalise';
  const taken = useMutation({
    mutationFn: async (values: Values) => {
      const documents = await Promise.all(brought.map(document));
      const body = { ...asked(step, values, open, brought), documents, step: step.step, why: values.why };
      return take(api.POST('/cases/{case}/steps', { params: { path: { case: file.case.case } }, body }));
    },
    onSuccess: (next) => {
      queries.setQueryData(['/cases', file.case.case], next);
      void queries.invalidateQueries({ queryKey: ['/cases'], exact: false, refetchType: 'none' });
      onClose();
    },
  });
  return (
    <Modal open title={step.name} okText={t('step.go')} width={720} confirmLoading={taken.isPending} onCancel={onClose} onOk={() => form.submit()} destroyOnHidden>
      {step.article && <p className="lead">{step.article}</p>}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => taken.mutate(values)}>
        {step.assigns && (
          <Form.Item name="assign_to" label={t('step.assign_to')} rules={[{ required: true, message: t('step.assign_needed') }]}>
            <Select options={step.assignable.map(({ id, name }) => ({ value: id, label: `${name} ${id}` }))} />
          </Form.Item>
        )}
        {judges && (
          <>
            {decides && <p className="lead">{t('step.as_before')}</p>}
            <Form.Item name="article" label={t('field.article')} rules={[{ required: !decides, whitespace: true, message: t('step.article_needed') }]}>
              <Input maxLength={200} />
            </Form.Item>
            <Form.Item name="reason" label={t('step.reason')} rules={[{ required: !decides, whitespace: true, message: t('step.reason_needed') }]}>
              <Input.TextArea rows={2} maxLength={500} />
            </Form.Item>
            <LineAmounts lines={open} />
          </>
        )}
        {step.effect === 'penalise' && (
          <>
            <Form.Item name="penalty" label={t('step.penalty')}><Input maxLength={100} /></Form.Item>
            <Form.Item name="times" label={t('step.times')}><Input maxLength={10} /></Form.Item>
          </>
        )}
        {step.effect === 'appeal' && (
          <Form.Item name="grounds" label={t('step.grounds')} rules={[{ required: true, whitespace: true, message: t('step.grounds_needed') }]}>
            <Input.TextArea rows={3} maxLength={1000} />
          </Form.Item>
        )}
        {(step.effect === 'appeal' || step.effect === 'overturn') && (
          <Form.Item name="chosen" label={t('step.lines')} help={t('step.lines_help')}>
            <Checkbox.Group
              options={file.lines
                .filter((line) => line.state === (step.effect === 'appeal' ? 'open' : 'upheld'))
                .map((line) => ({ value: line.number, label: `${line.number} ${line.item.name} ${yuan(line.disputed_amount)}` }))}
            />
          </Form.Item>
        )}
        <Documents step={step} brought={brought} onChange={setBrought} />
        <Form.Item name="why" label={t('step.why')} rules={[{ required: true, whitespace: true, message: t('step.why_needed') }]}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      </Form>
      <ProblemAlert error={taken.error} />
    </Modal>
  );
}

function LineAmounts({ lines }: { lines: Schema['CaseLine'][] }) {
  const { t, name } = useWords();
  return (
    <fieldset>
      <legend>{t('step.amounts')}</legend>
      {lines.map((line) => (
        <div key={line.number} className="audit-line">
          <span>
            {line.number} {name(line.item)} <Amount fen={line.disputed_amount} />
          </span>
          <Form.Item
            noStyle
            name={['amounts', String(line.number)]}
            rules={[{ validator: (_, text: string | undefined) => (!text || fen(text) !== null ? Promise.resolve() : Promise.reject(new Error(t('step.no_amount')))) }]}
          >
            <Input aria-label={t('step.amount_of', { line: line.number })} placeholder={yuan(line.disputed_amount)} inputMode="decimal" />
          </Form.Item>
        </div>
      ))}
    </fieldset>
  );
}

function Documents({ step, brought, onChange }: { step: Possible; brought: Brought[]; onChange: (next: Brought[]) => void }) {
  const { t } = useWords();
  const [slot, setSlot] = useState('');
  const kinds = [...step.documents, ...(step.effect === 'appeal' ? t('step.slots').split('、') : []), t('step.other')];
  const kind = slot || kinds[0] || '';
  return (
    <Form.Item label={step.documents.length ? t('step.documents_needed', { kinds: step.documents.join('、') }) : t('step.documents')}>
      <div className="audit-steps">
        <Select aria-label={t('step.kind')} value={kind} onChange={setSlot} options={[...new Set(kinds)].map((value) => ({ value, label: value }))} style={{ minWidth: 140 }} />
        <Upload
          multiple
          fileList={brought.map((one) => ({ ...one.file, name: `${one.kind} · ${one.file.name}` }))}
          beforeUpload={(chosen) => {
            onChange([...brought, { kind, file: { uid: chosen.uid, name: chosen.name, originFileObj: chosen } }]);
            return false;
          }}
          onRemove={(gone) => onChange(brought.filter((one) => one.file.uid !== gone.uid))}
        >
          <Button icon={<UploadOutlined />}>{t('step.choose')}</Button>
        </Upload>
      </div>
    </Form.Item>
  );
}

async function document({ kind, file }: Brought): Promise<Schema['BroughtDocument']> {
  const blob = file.originFileObj as Blob;
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(blob);
  });
  return { kind, name: file.name, media: blob.type || 'application/octet-stream', content: url.slice(url.indexOf(',') + 1) };
}

/** What the step brings, as the API takes it. */
function asked(step: Possible, values: Values, open: Schema['CaseLine'][], brought: Brought[]) {
  const { article = '', reason = '', grounds = '', chosen = [], amounts = {}, penalty, times } = values;
  const judged = JUDGES.includes(step.effect ?? '') && (article.trim() !== '' || reason.trim() !== '');
  const own = open.filter((line) => amounts[line.number]?.trim());
  const opinions = judged
    ? [{ article, reason }, ...own.map((line) => ({ line: line.number, amount: fen(amounts[line.number] ?? ''), article, reason }))]
    : [];
  const evidence = brought.map((one) => ({ slot: one.kind, document: one.file.name }));
  const objections = step.effect !== 'appeal' ? [] : chosen.length ? chosen.map((line) => ({ line, grounds, evidence })) : [{ grounds, evidence }];
  return {
    opinions,
    objections,
    lines: step.effect === 'overturn' ? chosen : [],
    ...(values.assign_to ? { assign_to: values.assign_to } : {}),
    ...(step.effect === 'penalise' && penalty ? { fine: { article: penalty, times: times ?? null } } : {}),
  };
}
