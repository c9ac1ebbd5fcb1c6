import { UploadOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Input, Select, Table, Tag, Upload } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { BASE, api, checked, headersFor, take, type Schema } from '../../../frame/client';
import { useSession } from '../../../frame/session';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { count } from '../../../parts/money';
import { body, looksLikeJson, pasted, PasteError, type Pasted } from '../pasted';
import { Stay, STATUS } from './Stay';

type Row = Schema['TrialStay'];
type Read = Schema['TrialFile'];

/** A stay to begin with, at the reader's own institution where there is one. */
const example = (institution: string) => `[{"id": "1", "diagnoses": ["I63.900", "J96.000", "I10.x00"], "procedures": [], "sex": "1", "age": 68, "days": 12, "fee": "16000.00",
  "settlement": {"institution": "${institution}", "level": "3", "insurance": "310", "discharged": "2026-03-08", "patient": "3200.00", "item_fund": "9800.00"}}]`;

/** Reads a file or a pasted table by its headings, on the server. */
async function readFile(name: string, body: Blob): Promise<Read> {
  const url = `${BASE}/grouping/files?${new URLSearchParams({ name })}`;
  const headers = { ...headersFor('POST'), 'content-type': 'application/octet-stream' };
  return (await checked(await fetch(url, { method: 'POST', headers, body }))).json() as Promise<Read>;
}

/** 试分组: stays pasted or uploaded, with group, price, reasons and what stands around them. */
export function Try() {
  const { t } = useTranslation('grouping');
  const [params, setParams] = useSearchParams();
  const schemes = useQuery({ queryKey: ['/grouping/schemes'], queryFn: () => take(api.GET('/grouping/schemes')) });
  const scheme = schemes.data?.find((one) => one.name === params.get('scheme')) ?? schemes.data?.[0];
  const plan = scheme?.plans.find((one) => one.id === params.get('plan')) ?? scheme?.plans[0];
  const own = useSession().scope.institution;
  const [text, setText] = useState('');
  const [stays, setStays] = useState<Pasted>();
  const [told, setTold] = useState<Read>();
  const tried = useMutation({
    mutationFn: async (from: { name: string; blob: Blob } | string) => {
      let given: Pasted;
      let file: Read | undefined;
      if (typeof from === 'string' && looksLikeJson(from)) {
        given = pasted(from);
      } else {
        file = typeof from === 'string' ? await readFile('pasted.csv', new Blob([from])) : await readFile(from.name, from.blob);
        given = { cases: [], lists: file.lists.map((row) => row.list as Record<string, unknown>) };
      }
      setStays(given);
      setTold(file);
      if (!given.cases.length && !given.lists.length) return undefined;
      return take(api.POST('/grouping/trials', { body: { scheme: scheme?.name ?? '', plan: plan?.id ?? null, ...body(given), details: false } }));
    },
    onSuccess: (answer) => {
      if (answer?.stays.length === 1) open(1);
    },
  });
  const change = (name: string, value: string) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      next.delete('stay');
      next.set(name, value);
      return next;
    });
  const open = (row: number) => change('stay', String(row));
  const shown = Number(params.get('stay')) || undefined;
  const chosen = shown && stays ? [...stays.cases.map((one) => ({ cases: [one], lists: [] })), ...stays.lists.map((one) => ({ cases: [], lists: [one] }))][shown - 1] : undefined;
  const to = (row: Row) => {
    const next = new URLSearchParams(params);
    next.set('stay', String(row.row));
    return `?${next}`;
  };
  const rows = tried.data?.stays ?? [];
  const wrong = tried.error instanceof PasteError ? tried.error : undefined;
  return (
    <Page title={t('try.title')} lead={t('try.lead')}>
      <section className="sheet" aria-label={t('try.title')}>
        <div className="grouping-form">
          <label htmlFor="grouping-scheme">
            <span>{t('scheme')}</span>
            <Select
              id="grouping-scheme"
              aria-label={t('scheme')}
              style={{ minWidth: 260 }}
              value={scheme?.name}
              options={schemes.data?.map((one) => ({ value: one.name, label: `${one.title || one.name}` }))}
              onChange={(value: string) => change('scheme', value)}
            />
          </label>
          <label htmlFor="grouping-plan">
            <span>{t('plan')}</span>
            <Select
              id="grouping-plan"
              aria-label={t('plan')}
              style={{ minWidth: 220 }}
              placeholder={t('try.no_plan')}
              value={plan?.id}
              popupMatchSelectWidth={false}
              options={scheme?.plans.map((one) => ({ value: one.id, label: one.title }))}
              onChange={(value: string) => change('plan', value)}
            />
          </label>
        </div>
        <Input.TextArea
          className="grouping-text"
          aria-label={t('try.text')}
          placeholder={t('try.placeholder')}
          spellCheck={false}
          rows={10}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <p className="actions">
          <Button type="primary" disabled={!text.trim() || !scheme} loading={tried.isPending} onClick={() => tried.mutate(text)}>
            {t('try.go')}
          </Button>
          <Upload
            accept=".csv,.gz,.xlsx,.parquet"
            showUploadList={false}
            disabled={!scheme}
            beforeUpload={(file) => {
              tried.mutate({ name: file.name, blob: file });
              return Upload.LIST_IGNORE;
            }}
          >
            <Button icon={<UploadOutlined />}>{t('try.upload')}</Button>
          </Upload>
          <Button type="link" onClick={() => setText(example(own ?? 'H99990000001'))}>
            {t('try.example')}
          </Button>
        </p>
        <p className="lead">{t('try.unkept')}</p>
      </section>
      {wrong ? <Alert className="problem" type="warning" showIcon title={t('try.no_json')} description={wrong.message} /> : <ProblemAlert error={tried.error ?? schemes.error} />}
      {told && (
        <Alert
          className="problem"
          type={told.errors.length ? 'warning' : 'info'}
          showIcon
          title={t('try.read', { rows: count(told.rows), used: count(told.lists.length), errors: count(told.errors.length) })}
          description={
            told.errors.length > 0 && (
              <ul className="grouping-codes">
                {told.errors.slice(0, 10).map((error) => (
                  <li key={error.row}>{t('try.row', { row: error.row, message: error.message })}</li>
                ))}
              </ul>
            )
          }
        />
      )}
      {tried.isSuccess && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
        <section className="sheet list-scroll" aria-label={t('try.results')} tabIndex={0}>
          <h2>{t('try.results')}</h2>
          <Table<Row>
            size="small"
            rowKey="row"
            pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
            dataSource={rows}
            locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('try.empty')} /> }}
            columns={[
              { title: t('column.row'), align: 'right', className: 'figures', render: (_, row) => <Link to={to(row)}>{row.row}</Link> },
              { title: t('column.id'), render: (_, row) => row.id || '—' },
              { title: t('column.status'), render: (_, row) => <Tag color={STATUS[row.status]}>{t(`status.${row.status}`)}</Tag> },
              { title: t('column.group'), render: (_, row) => (row.group ? <Link to={to(row)}>{`${row.group} ${row.name}`}</Link> : t('try.lacks', { fields: row.fields.join(', ') })) },
              { title: t('column.severity'), render: (_, row) => row.severity.join(', ') || '—' },
              { title: t('column.weight'), align: 'right', className: 'figures', render: (_, row) => row.price?.weight ?? '—' },
              { title: t('column.fee'), align: 'right', render: (_, row) => (row.price ? <Money fen={row.price.fee_amount} to={to(row)} /> : '—') },
              { title: t('column.payment'), align: 'right', render: (_, row) => (row.price ? <Money fen={row.price.payment_amount} to={to(row)} /> : '—') },
              { title: t('column.balance'), align: 'right', render: (_, row) => (row.price ? <Money fen={row.price.balance_amount} to={to(row)} /> : '—') },
              { title: t('column.refusal'), render: (_, row) => row.refusal?.message ?? '' },
            ]}
          />
        </section>
      )}
      {chosen && scheme && <Stay key={shown} scheme={scheme.name} plan={plan?.id} stay={chosen} />}
    </Page>
  );
}
