import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Segmented, Table, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take, type Schema } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { At } from '../data';

/** 检查: the whole folder looked through now, with every example and case. */
export function Check() {
  const { t } = useTranslation('policy');
  const { data, error, isFetching, refetch, dataUpdatedAt } = useQuery({
    queryKey: ['/policy/check'],
    queryFn: () => take(api.GET('/policy/check')),
    staleTime: Infinity,
  });
  return (
    <Page
      title={t('check.title')}
      lead={data && t('check.at', { at: new Date(dataUpdatedAt).toLocaleTimeString() })}
      actions={
        <Button type="primary" loading={isFetching} onClick={() => void refetch()}>
          {t('check.again')}
        </Button>
      }
    >
      <ProblemAlert error={error} retry={() => void refetch()} />
      {!data && isFetching && <Waiting />}
      {data && (
        <>
          <Alert
            className="problem"
            showIcon
            type={data.errors ? 'error' : data.warnings ? 'warning' : 'success'}
            title={t('check.summary', {
              examples: data.examples.length,
              held: data.examples.filter((example) => example.holds).length,
              errors: data.errors,
              warnings: data.warnings,
            })}
            description={data.counts.map(({ what, count }) => `${t(`count.${what}`, { defaultValue: what })} ${count}`).join(' · ')}
          />
          <Findings findings={data.findings} />
          <Examples examples={data.examples} />
        </>
      )}
    </Page>
  );
}

/** Slips of a folder, by file and line. */
export function Findings({ findings }: { findings: Schema['PolicyFinding'][] }) {
  const { t } = useTranslation('policy');
  if (!findings.length) return null;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
    <section className="sheet list-scroll" aria-label={t('check.findings')} tabIndex={0}>
      <h2>{t('check.findings')}</h2>
      <Table
        size="small"
        pagination={false}
        dataSource={findings.map((finding, key) => ({ ...finding, key }))}
        columns={[
          { title: t('check.severity'), render: (_, one) => <Tag color={one.severity === 'error' ? 'red' : 'orange'}>{t(`severity.${one.severity}`)}</Tag> },
          { title: t('column.place'), render: (_, one) => <At place={one} /> },
          { title: t('check.message'), dataIndex: 'message' },
        ]}
      />
    </section>
  );
}

function Examples({ examples }: { examples: Schema['PolicyExample'][] }) {
  const { t } = useTranslation('policy');
  const [shown, setShown] = useState<'all' | 'broken'>('all');
  const rows = examples.filter((example) => shown === 'all' || !example.holds);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
    <section className="sheet list-scroll" aria-label={t('check.examples')} tabIndex={0}>
      <h2>{t('check.examples')}</h2>
      <Segmented
        size="small"
        aria-label={t('check.examples')}
        value={shown}
        onChange={setShown}
        options={[
          { value: 'all', label: t('check.all', { count: examples.length }) },
          { value: 'broken', label: t('check.broken', { count: examples.filter((example) => !example.holds).length }) },
        ]}
      />
      <Table
        size="small"
        pagination={false}
        rowKey="id"
        dataSource={rows}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('check.none_broken')} /> }}
        columns={[
          { title: t('check.result'), render: (_, one) => <Tag color={one.holds ? 'green' : 'red'}>{t(one.holds ? 'check.holds' : 'check.differs')}</Tag> },
          { title: t('check.example'), render: (_, one) => <><strong>{one.id}</strong> {one.title}</> },
          { title: t('check.steps'), dataIndex: 'steps', align: 'right', className: 'figures' },
          { title: t('check.layers'), render: (_, one) => one.layers.map((layer) => <Tag key={layer}>{layer}</Tag>) },
          { title: t('check.refused'), render: (_, one) => one.refused.join(', ') || '—' },
          { title: t('check.difference'), render: (_, one) => one.differences.map((difference) => <div key={difference}>{difference}</div>) },
          { title: t('column.place'), render: (_, one) => <At place={one.place} /> },
        ]}
      />
    </section>
  );
}
