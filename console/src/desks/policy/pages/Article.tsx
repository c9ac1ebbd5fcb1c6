import { useQuery } from '@tanstack/react-query';
import { Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { At, useMark, useNamed } from '../data';
import { RuleTable } from './Rules';

/** 条文: what one article set and changed. */
export function ArticlePage() {
  const { t } = useTranslation('policy');
  const named = useNamed();
  const mark = useMark();
  const { article = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/policy/articles/{article}', article],
    queryFn: () => take(api.GET('/policy/articles/{article}', { params: { path: { article } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={t('article.title', { article })} lead={data && t('article.lead', { values: data.changes.length, rules: data.rules.length })}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {!!data?.changes.length && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
        <section className="sheet list-scroll" aria-label={t('article.values')} tabIndex={0}>
          <h2>{t('article.values')}</h2>
          <Table<Schema['PolicyArticleChange']>
            size="small"
            pagination={false}
            rowKey={(row) => `${row.parameter}/${row.keys.join('/')}/${row.set.from}`}
            dataSource={data.changes}
            columns={[
              { title: t('column.parameter'), render: (_, row) => <Link to={`/policy/parameters/${row.parameter}`}>{named(row)}</Link> },
              { title: t('parameter.keys'), render: (_, row) => row.keys.join(' · ') || '—' },
              { title: t('column.from'), render: (_, row) => row.set.from },
              { title: t('column.before'), align: 'right', className: 'figures', render: (_, row) => row.before ?? '—' },
              { title: t('column.value'), align: 'right', className: 'figures', render: (_, row) => <strong>{`${row.set.value}${mark(row.unit)}`}</strong> },
              { title: t('column.place'), render: (_, row) => <At place={row.place} /> },
            ]}
          />
        </section>
      )}
      {!!data?.rules.length && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
        <section className="sheet list-scroll" aria-label={t('article.rules')} tabIndex={0}>
          <h2>{t('article.rules')}</h2>
          <RuleTable rules={data.rules} />
        </section>
      )}
    </Page>
  );
}
