import { useQuery } from '@tanstack/react-query';
import { Breadcrumb, Drawer, Empty, Spin, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { api, take } from '../../../frame/client';
import { ListPage, type ListColumn, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { count } from '../../../parts/money';

type Node = RowOf<'/grouping/schemes/{scheme}/nodes'>;

/** 方案浏览: the tree level by level, each node with its rule, its code sets and its weight. */
export function SchemePage() {
  const { t } = useTranslation('grouping');
  const { scheme = '' } = useParams();
  const [params] = useSearchParams();
  const parent = params.get('parent') ?? '';
  const set = params.get('set');
  const here = `/grouping/schemes/${encodeURIComponent(scheme)}`;
  const schemes = useQuery({ queryKey: ['/grouping/schemes'], queryFn: () => take(api.GET('/grouping/schemes')) });
  const own = schemes.data?.find((one) => one.name === scheme);
  const steps = parent.split('/').filter(Boolean);
  const withSet = (name?: string) => {
    const next = new URLSearchParams(params);
    if (name) next.set('set', name);
    else next.delete('set');
    return `${here}?${next}`;
  };
  const columns: ListColumn<Node>[] = [
    { title: t('column.level'), render: (_, one) => one.level },
    {
      title: t('column.group'),
      render: (_, one) => {
        const words = `${one.code} ${one.name}`;
        return one.children ? <Link to={`${here}?parent=${encodeURIComponent(one.path)}`}>{words}</Link> : words;
      },
    },
    {
      title: t('column.rule'),
      render: (_, one) => (
        <>
          {one.rule ? <code className="grouping-rule">{one.rule}</code> : <span className="lead">{t('node.any')}</span>}
          {one.sets.length > 0 && (
            <div>
              {one.sets.map((name) => (
                <Link key={name} to={withSet(name)}>
                  {name}{' '}
                </Link>
              ))}
            </div>
          )}
        </>
      ),
    },
    { title: t('column.kind'), render: (_, one) => t(`node.${one.status}`) },
    { title: t('column.children'), numeric: true, render: (_, one) => (one.children ? count(one.children) : '—') },
    { title: t('column.weight'), numeric: true, render: (_, one) => one.weight ?? '—' },
    { title: t('column.mean'), numeric: true, render: (_, one) => (one.mean_amount == null ? '—' : <Money fen={one.mean_amount} to={`${here}?q=${encodeURIComponent(one.code)}`} />) },
    { title: t('column.history'), numeric: true, render: (_, one) => (one.cases == null ? '—' : count(one.cases)) },
  ];
  return (
    <Page title={own?.title ?? scheme} lead={own?.source}>
      <Breadcrumb
        items={[
          { key: '', title: <Link to={here}>{t('node.top')}</Link> },
          ...steps.map((code, n) => ({ key: code, title: <Link to={`${here}?parent=${encodeURIComponent(steps.slice(0, n + 1).join('/'))}`}>{code}</Link> })),
        ]}
      />
      <ListPage<Node>
        key={parent}
        path={`/grouping/schemes/${encodeURIComponent(scheme)}/nodes`}
        label={t('schemes.tree')}
        columns={columns}
        rowKey={(one) => one.path}
        search={t('node.search')}
        exports
        empty={t('node.empty')}
      />
      {set && <Codes scheme={scheme} set={set} close={withSet()} />}
    </Page>
  );
}

function Codes({ scheme, set, close }: { scheme: string; set: string; close: string }) {
  const { t } = useTranslation('grouping');
  const [, setParams] = useSearchParams();
  const { data, error, isPending } = useQuery({
    queryKey: ['/grouping/set', scheme, set],
    queryFn: () => take(api.GET('/grouping/schemes/{scheme}/sets/{set}', { params: { path: { scheme, set }, query: { limit: 200 } } })),
  });
  return (
    <Drawer open size="large" title={t('set.title', { set })} onClose={() => setParams(new URLSearchParams(close.split('?')[1]))}>
      {isPending && <Spin />}
      {error && <Empty description={t('set.empty')} />}
      {data && (
        <>
          <p className="lead">{t('set.count', { shown: count(data.items.length), total: count(data.total ?? data.items.length) })}</p>
          <Table
            size="small"
            pagination={false}
            dataSource={data.items.map((one, key) => ({ ...one, key }))}
            columns={[
              { title: t('set.code'), render: (_, one) => <code>{one.code}</code> },
              { title: t('set.name'), render: (_, one) => one.name || '—' },
              { title: t('set.tag'), render: (_, one) => one.tag ?? '—' },
            ]}
          />
        </>
      )}
    </Drawer>
  );
}
