import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, DatePicker, Input, Segmented, Select, Upload } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, take } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { useFolder } from '../data';
import { Simulation } from './Simulation';

type Mode = 'dates' | 'edit' | 'upload' | 'folder';

/** 比较: two dates, or this version and another; who gains and who loses. Nothing is written. */
export function Compare() {
  const { t } = useTranslation('policy');
  const may = useMay('policy.compare');
  const [params, setParams] = useSearchParams();
  const modes: Mode[] = may ? ['dates', 'edit', 'upload', 'folder'] : ['dates'];
  const mode = modes.find((known) => known === params.get('mode')) ?? 'dates';
  return (
    <Page title={t('compare.title')} lead={t(`compare.lead.${mode}`)}>
      <p>
        <Segmented
          aria-label={t('compare.mode')}
          value={mode}
          options={modes.map((value) => ({ value, label: t(`compare.by.${value}`) }))}
          onChange={(next) => setParams({ mode: next }, { replace: true })}
        />
      </p>
      {mode === 'dates' ? <Dates /> : <Versions key={mode} mode={mode} />}
    </Page>
  );
}

function Dates() {
  const { t } = useTranslation('policy');
  const folder = useFolder();
  const [params, setParams] = useSearchParams();
  const latest = folder.data?.dates[0];
  const to = params.get('to') ?? latest;
  const from = params.get('from') ?? (to ? dayjs(to).subtract(1, 'day').format('YYYY-MM-DD') : undefined);
  const { data, error, refetch } = useQuery({
    queryKey: ['/policy/changes', from, to],
    queryFn: () => take(api.GET('/policy/changes', { params: { query: { from: from ?? '', to: to ?? '' } } })),
    enabled: !!from && !!to,
  });
  const picked = (name: string, day: string | undefined) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      if (day) next.set(name, day);
      return next;
    });
  return (
    <>
      <div className="sheet policy-form">
        <label htmlFor="policy-from">
          <span>{t('compare.from')}</span>
          <DatePicker id="policy-from" allowClear={false} value={from ? dayjs(from) : null} onChange={(day) => picked('from', day?.format('YYYY-MM-DD'))} />
        </label>
        <label htmlFor="policy-to">
          <span>{t('compare.to')}</span>
          <DatePicker id="policy-to" allowClear={false} value={to ? dayjs(to) : null} onChange={(day) => picked('to', day?.format('YYYY-MM-DD'))} />
        </label>
      </div>
      <ProblemAlert error={error ?? folder.error} retry={() => void refetch()} />
      {data && <Told title={t('compare.changes', { count: data.changes.length })} lines={data.changes} none={t('compare.no_changes')} />}
    </>
  );
}

interface Edited {
  file: string;
  text: string;
}

function Versions({ mode }: { mode: Exclude<Mode, 'dates'> }) {
  const { t } = useTranslation('policy');
  const folder = useFolder();
  const [file, setFile] = useState<string>();
  const [edited, setEdited] = useState<Edited[]>([]);
  const [beside, setBeside] = useState<string>();
  const [picked, setMonth] = useState<string>();
  // The region's own month until another is picked.
  const month = picked ?? (folder.data?.today ?? dayjs().format('YYYY-MM-DD')).slice(0, 7);
  const [replayed, setReplayed] = useState(true);
  const text = useQuery({
    queryKey: ['/policy/text', file],
    queryFn: () => take(api.GET('/policy/text', { params: { query: { file: file ?? '' } } })),
    enabled: mode === 'edit' && !!file,
  });
  const compared = useMutation({
    mutationFn: () =>
      take(
        api.POST('/policy/comparison', {
          body: {
            ...(mode === 'folder' ? { folder: beside ?? null } : {}),
            files: mode === 'folder' ? [] : edited,
            whole: false,
            month: replayed ? month : null,
          },
        }),
      ),
  });
  const put = (one: Edited) => setEdited((now) => [...now.filter((known) => known.file !== one.file), one]);
  const ready = mode === 'folder' ? !!beside : edited.length > 0;
  const { data } = compared;
  return (
    <>
      <div className="sheet">
        <div className="policy-form">
          {mode === 'edit' && (
            <label htmlFor="policy-file">
              <span>{t('compare.file')}</span>
              <Select
                id="policy-file"
                aria-label={t('compare.file')}
                style={{ minWidth: 300 }}
                placeholder={t('compare.choose_file')}
                value={file}
                onChange={setFile}
                options={folder.data?.topics.map((topic) => ({ value: topic.file, label: `${topic.title || topic.file}` }))}
              />
            </label>
          )}
          {mode === 'upload' && (
            <Upload
              multiple
              accept=".toml"
              showUploadList={false}
              beforeUpload={async (file) => {
                const known = folder.data?.topics.find((topic) => topic.file.endsWith(`/${file.name}`));
                put({ file: known?.file ?? `policy/${file.name}`, text: await file.text() });
                return Upload.LIST_IGNORE;
              }}
            >
              <Button>{t('compare.pick')}</Button>
            </Upload>
          )}
          {mode === 'folder' && (
            <label htmlFor="policy-beside">
              <span>{t('compare.folder')}</span>
              <Select
                id="policy-beside"
                aria-label={t('compare.folder')}
                style={{ minWidth: 260 }}
                placeholder={t('compare.choose_folder')}
                notFoundContent={t('compare.no_folders')}
                value={beside}
                onChange={setBeside}
                options={folder.data?.beside.map((name) => ({ value: name, label: name }))}
              />
            </label>
          )}
          <label htmlFor="policy-replay">
            <span>{t('compare.replay')}</span>
            <Select
              id="policy-replay"
              aria-label={t('compare.replay')}
              style={{ minWidth: 120 }}
              value={replayed ? 'yes' : 'no'}
              onChange={(next) => setReplayed(next === 'yes')}
              options={[
                { value: 'yes', label: t('compare.replay_yes') },
                { value: 'no', label: t('compare.replay_no') },
              ]}
            />
          </label>
          {replayed && (
            <label htmlFor="policy-month">
              <span>{t('compare.month')}</span>
              <DatePicker id="policy-month" picker="month" allowClear={false} value={dayjs(`${month}-01`)} onChange={(day) => day && setMonth(day.format('YYYY-MM'))} />
            </label>
          )}
          <Button type="primary" disabled={!ready} loading={compared.isPending} onClick={() => compared.mutate()}>
            {t('compare.go')}
          </Button>
        </div>
        {mode === 'edit' && file && text.data && (
          <p>
            <Input.TextArea
              key={file}
              className="policy-text"
              aria-label={t('compare.text', { file })}
              spellCheck={false}
              rows={18}
              defaultValue={edited.find((one) => one.file === file)?.text ?? text.data.text}
              onChange={(event) => put({ file, text: event.target.value })}
            />
          </p>
        )}
        {edited.length > 0 && (
          <p className="lead">
            {t('compare.edited', { files: edited.map((one) => one.file).join(', ') })}{' '}
            <Button type="link" size="small" onClick={() => setEdited([])}>
              {t('compare.forget')}
            </Button>
          </p>
        )}
        <p className="lead">{t('compare.unwritten')}</p>
      </div>
      <ProblemAlert error={compared.error ?? text.error} />
      {data && (
        <>
          {data.before === data.after && <Alert className="problem" type="info" showIcon title={t('compare.same')} />}
          <Told title={t('compare.changes', { count: data.changes.length })} lines={data.changes} none={t('compare.no_changes')} />
          {data.simulation && <Simulation simulation={data.simulation} />}
          <Told title={t('compare.examples')} lines={data.examples} none={t('compare.no_changes')} />
        </>
      )}
    </>
  );
}

function Told({ title, lines, none }: { title: string; lines: string[]; none: string }) {
  return (
    <section className="sheet">
      <h2>{title}</h2>
      {lines.length ? (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
        <ul className="policy-told" tabIndex={0} aria-label={title}>
          {lines.map((line, n) => (
            <li key={n}>{line}</li>
          ))}
        </ul>
      ) : (
        <p className="lead">{none}</p>
      )}
    </section>
  );
}
