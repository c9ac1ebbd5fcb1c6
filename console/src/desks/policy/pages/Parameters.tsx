import { Alert, Empty, Input, Select, Table } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Cited } from '../Cited';
import { At, inForce, useFolder, useNamed, useParameters, type Parameter } from '../data';

const SHOWN = 4;

/** 参数: every dated table of the folder with what is in force on a day. */
export function Parameters() {
  const { t } = useTranslation('policy');
  const named = useNamed();
  const folder = useFolder();
  const { data, error, isPending, refetch } = useParameters();
  const [params, setParams] = useSearchParams();
  const day = params.get('day') ?? folder.data?.today ?? dayjs().format('YYYY-MM-DD');
  const file = params.get('file') ?? undefined;
  const q = params.get('q')?.toLowerCase() ?? '';
  const set = (name: string, value: string | undefined) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const rows = (data ?? []).filter(
    (one) =>
      (!file || one.place.file === file) &&
      (!q || [one.id, one.name, one.english, one.article].some((text) => text.toLowerCase().includes(q))),
  );
  return (
    <Page title={t('parameters.title')} lead={folder.data && `${named({ name: folder.data.title, english: folder.data.english })} · ${folder.data.hash.slice(0, 12)}…`}>
      {folder.data && folder.data.hash !== folder.data.running && (
        <Alert className="problem" type="warning" showIcon title={t('edited')} description={t('edited_lead', { running: folder.data.running.slice(0, 12) })} />
      )}
      <ProblemAlert error={error ?? folder.error} retry={() => void refetch()} />
      <section className="list" aria-label={t('parameters.title')}>
        <search className="filters">
          <Input.Search
            className="filter-search"
            allowClear
            aria-label={t('parameters.search')}
            placeholder={t('parameters.search')}
            defaultValue={q}
            onSearch={(text) => set('q', text.trim())}
          />
          <Select
            className="filter"
            allowClear
            aria-label={t('topic')}
            placeholder={t('topic')}
            value={file}
            popupMatchSelectWidth={false}
            options={folder.data?.topics.map((topic) => ({ value: topic.file, label: topic.title || topic.file }))}
            onChange={(next: string | undefined) => set('file', next)}
          />
          <Select
            className="filter"
            aria-label={t('parameters.day')}
            value={day}
            options={[...new Set([day, ...(folder.data?.dates ?? [])])].sort().map((one) => ({ value: one, label: t('parameters.on', { day: one }) }))}
            onChange={(next: string) => set('day', next)}
          />
        </search>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
        <div className="list-scroll" role="region" aria-label={t('parameters.title')} tabIndex={0}>
          <Table<Parameter>
            size="small"
            rowKey="id"
            loading={isPending}
            pagination={false}
            dataSource={rows}
            locale={{ emptyText: isPending || error ? ' ' : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('parameters.empty')} /> }}
            columns={[
              {
                title: t('column.parameter'),
                render: (_, one) => (
                  <>
                    <Link to={`parameters/${one.id}`}>{named(one)}</Link>
                    <br />
                    <code className="policy-place">{one.id}</code>
                  </>
                ),
              },
              { title: t('column.unit'), render: (_, one) => t(`unit.${one.unit}`) },
              { title: t('column.now'), render: (_, one) => <Now one={one} day={day} /> },
              { title: t('column.versions'), align: 'right', className: 'figures', render: (_, one) => new Set(one.rows.flatMap((row) => row.values.map((value) => value.from))).size },
              { title: t('column.article'), render: (_, one) => <Cited article={one.article} /> },
              { title: t('column.place'), render: (_, one) => <At place={one.place} /> },
            ]}
          />
        </div>
        <footer className="list-foot">
          <span>{t('parameters.count', { count: rows.length })}</span>
        </footer>
      </section>
    </Page>
  );
}

function Now({ one, day }: { one: Parameter; day: string }) {
  const { t } = useTranslation('policy');
  const known = one.rows.map((row) => ({ keys: row.keys, value: inForce(row.values, day) })).filter((row) => row.value);
  if (!known.length) return <>{t('parameters.none')}</>;
  return (
    <ul className="policy-now">
      {known.slice(0, SHOWN).map((row) => (
        <li key={row.keys.join('/')}>
          {row.keys.length > 0 && <span>{row.keys.join(' · ')} </span>}
          {row.value?.value}
        </li>
      ))}
      {known.length > SHOWN && (
        <li>
          <Link to={`parameters/${one.id}`}>{t('parameters.more', { count: known.length - SHOWN })}</Link>
        </li>
      )}
    </ul>
  );
}
