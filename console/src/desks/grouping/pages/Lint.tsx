import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Table, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, take } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';

/** 方案检查: what is wrong, or probably wrong, in schemes and plans. */
export function Lint() {
  const { t } = useTranslation('grouping');
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['/grouping/lint'],
    queryFn: () => take(api.GET('/grouping/lint')),
    staleTime: Infinity,
  });
  return (
    <Page
      title={t('lint.title')}
      lead={t('lint.lead')}
      actions={
        <Button type="primary" loading={isFetching} onClick={() => void refetch()}>
          {t('lint.again')}
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
            title={t('lint.summary', { errors: data.errors, warnings: data.warnings })}
            description={data.counts.map(({ what, count }) => `${t(`count.${what}`, { defaultValue: what })} ${count}`).join(' · ')}
          />
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
          <section className="sheet list-scroll" aria-label={t('lint.findings')} tabIndex={0}>
            <h2>{t('lint.findings')}</h2>
            <Table
              size="small"
              pagination={false}
              dataSource={data.findings.map((finding, key) => ({ ...finding, key }))}
              locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('lint.clean')} /> }}
              columns={[
                { title: t('lint.severity'), render: (_, one) => <Tag color={one.severity === 'error' ? 'red' : 'orange'}>{t(`severity.${one.severity}`)}</Tag> },
                {
                  title: t('lint.place'),
                  render: (_, one) => (
                    <code>
                      {one.file}:{one.line}
                    </code>
                  ),
                },
                { title: t('lint.message'), dataIndex: 'message' },
              ]}
            />
          </section>
        </>
      )}
    </Page>
  );
}
