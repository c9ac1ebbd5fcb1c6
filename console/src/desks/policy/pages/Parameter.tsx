import { Empty, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Chart } from '../../../parts/Chart';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Cited } from '../Cited';
import { At, useMark, useNamed, useParameters, type Parameter } from '../data';

/** 参数: one dated table, each of its rows over time. */
export function ParameterPage() {
  const { t } = useTranslation('policy');
  const named = useNamed();
  const mark = useMark();
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useParameters();
  const one = data?.find((known) => known.id === id);
  if (isPending) return <Waiting whole />;
  if (!one) {
    return (
      <Page title={t('parameters.title')}>
        <ProblemAlert error={error} retry={() => void refetch()} />
        {!error && <Empty description={t('parameters.gone', { id })} />}
      </Page>
    );
  }
  const rows = one.rows.flatMap((row) => row.values.map((value, n) => ({ row, value, before: row.values[n - 1] })));
  return (
    <Page title={named(one)} lead={<code>{one.id}</code>}>
      <dl className="facts sheet">
        <div>
          <dt>{t('column.unit')}</dt>
          <dd>{t(`unit.${one.unit}`)}</dd>
        </div>
        <div>
          <dt>{t('column.article')}</dt>
          <dd>
            <Cited article={one.article} />
          </dd>
        </div>
        <div>
          <dt>{t('column.place')}</dt>
          <dd>
            <At place={one.place} />
          </dd>
        </div>
        <div>
          <dt>{t('parameter.dated_by')}</dt>
          <dd>{one.dated_by ? <code>{one.dated_by}</code> : t('parameter.undated')}</dd>
        </div>
        <div>
          <dt>{t('parameter.keys')}</dt>
          <dd>{one.keys.length ? one.keys.map((key) => <code key={key}>{key} </code>) : t('parameter.no_keys')}</dd>
        </div>
      </dl>
      <OverTime one={one} />
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
      <section className="list list-scroll" aria-label={t('parameter.values')} tabIndex={0}>
        <Table
          size="small"
          pagination={false}
          dataSource={rows}
          rowKey={({ row, value }) => `${row.keys.join('/')}/${value.from}`}
          columns={[
            ...one.keys.map((key, n) => ({ title: <code>{key}</code>, key, render: (_: unknown, { row }: (typeof rows)[number]) => row.keys[n] })),
            { title: t('column.from'), render: (_, { value }) => value.from },
            { title: t('column.until'), render: (_, { value }) => value.until ?? t('open_end') },
            { title: `${t('column.value')}${mark(one.unit)}`, align: 'right', className: 'figures', render: (_, { value }) => <strong>{value.value}</strong> },
            { title: t('column.before'), align: 'right', className: 'figures', render: (_, { before }) => before?.value ?? '—' },
            { title: t('column.article'), render: (_, { value }) => <Cited article={value.article} /> },
          ]}
        />
      </section>
    </Page>
  );
}

const LINES = 10;

/** A picture, where the parameter changes and is a number. */
function OverTime({ one }: { one: Parameter }) {
  const { t } = useTranslation('policy');
  const lines = one.rows.filter((row) => row.values.length > 1 && row.values.every((value) => value.number != null)).slice(0, LINES);
  const days = [...new Set(lines.flatMap((row) => row.values.map((value) => value.from)))].sort();
  if (!lines.length || days.length < 2) return null;
  const at = (row: (typeof lines)[number], day: string) => row.values.filter((value) => value.from <= day).at(-1);
  const name = (row: (typeof lines)[number]) => row.keys.join(' · ') || t('column.value');
  return (
    <Chart
      label={t('parameter.over_time', { unit: t(`unit.${one.unit}`) })}
      height={240}
      option={{
        tooltip: { trigger: 'axis' },
        legend: { type: 'scroll', top: 0 },
        grid: { left: 56, right: 24, top: 36, bottom: 28 },
        xAxis: { type: 'category', data: days },
        yAxis: { type: 'value', scale: true },
        series: lines.map((row) => ({ type: 'line', step: 'end', name: name(row), data: days.map((day) => (at(row, day) ? Number(at(row, day)?.number) : null)) })),
      }}
      table={{ head: [t('column.from'), ...lines.map(name)], rows: days.map((day) => [day, ...lines.map((row) => at(row, day)?.value ?? '—')]) }}
    />
  );
}
