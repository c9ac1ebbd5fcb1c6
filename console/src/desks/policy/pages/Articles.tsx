import { useQuery } from '@tanstack/react-query';
import { Empty, Input, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';

/** 条文: what the law rests on. */
export function Articles() {
  const { t } = useTranslation('policy');
  const [q, setQ] = useState('');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/policy/articles'],
    queryFn: () => take(api.GET('/policy/articles')),
  });
  const rows = (data ?? []).filter((row) => row.article.includes(q.trim()));
  return (
    <Page title={t('articles.title')} lead={t('articles.lead')}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      <section className="list" aria-label={t('articles.title')}>
        <search className="filters">
          <Input className="filter-search" allowClear aria-label={t('articles.search')} placeholder={t('articles.search')} value={q} onChange={(event) => setQ(event.target.value)} />
        </search>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
        <div className="list-scroll" role="region" aria-label={t('articles.title')} tabIndex={0}>
          <Table<Schema['PolicyArticle']>
            size="small"
            rowKey="article"
            loading={isPending}
            pagination={false}
            dataSource={rows}
            locale={{ emptyText: isPending || error ? ' ' : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('articles.empty')} /> }}
            columns={[
              { title: t('column.article'), render: (_, row) => <Link to={encodeURIComponent(row.article)}>{row.article}</Link> },
              { title: t('articles.values'), dataIndex: 'values', align: 'right', className: 'figures' },
              { title: t('articles.changed'), dataIndex: 'changed', align: 'right', className: 'figures' },
              { title: t('articles.rules'), dataIndex: 'rules', align: 'right', className: 'figures' },
            ]}
          />
        </div>
      </section>
    </Page>
  );
}
