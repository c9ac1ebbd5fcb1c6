import { useQuery } from '@tanstack/react-query';
import { Tag } from 'antd';
import { Link, Navigate, useSearchParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Page } from '../../../parts/Page';
import { PersonName } from '../../../parts/PersonName';
import { Waiting } from '../../../parts/Waiting';
import { personAt, useWords, visitAt } from '../parts/words';

type Row = RowOf<'/persons'>;
type Found = Schema['NumberFound'];

/** Where something that was found by its number is. */
const placeOf = (found: Found) =>
  found.kind === 'person' ? personAt(found.id) : found.kind === 'visit' ? visitAt(found.id) : `/settlements/${encodeURIComponent(found.id)}`;

/** 查人: one box for names and for every number; a number that only one thing has opens it. */
export function Persons() {
  const { t } = useWords();
  const [params] = useSearchParams();
  const q = params.get('q') ?? '';
  const number = /\d/.test(q);
  const found = useQuery({
    queryKey: ['/find', q],
    queryFn: () => take(api.GET('/find', { params: { query: { q } } })),
    enabled: number,
  });
  if (number && found.isPending) return <Waiting whole />;
  const [only, ...others] = found.data?.items ?? [];
  if (number && only && !others.length) return <Navigate to={placeOf(only)} replace />;
  return (
    <Page title={t('menu.persons')} lead={t('persons.lead')} actions={<Link to="/services">{t('services')}</Link>}>
      {number && !only && <p role="status">{t('persons.no_number', { q })}</p>}
      <List />
    </Page>
  );
}

function List() {
  const { t, name } = useWords();
  return (
    <ListPage<Row>
      path="/persons"
      label={t('menu.persons')}
      rowKey={(row) => row.id}
      search={t('persons.search')}
      filters={[
        { kind: 'text', name: 'certificate', label: t('field.certificate') },
        { kind: 'text', name: 'employer', label: t('persons.employer') },
      ]}
      empty={t('persons.none')}
      sort="name"
      exports
      columns={[
        { title: t('field.name'), sort: 'name', render: (_, row) => <PersonName psnNo={row.id} name={row.name} to={personAt(row.id)} /> },
        { title: t('field.person'), render: (_, row) => <Link to={personAt(row.id)}>{row.id}</Link> },
        { title: t('field.certificate'), render: (_, row) => row.certificate.text },
        { title: t('field.gender'), render: (_, row) => name(row.gender) },
        { title: t('field.age'), dataIndex: 'age', numeric: true },
        { title: t('field.scheme'), render: (_, row) => row.schemes.map((scheme) => <Tag key={scheme.code}>{name(scheme)}</Tag>) },
        { title: t('field.group'), render: (_, row) => name(row.group) },
        { title: t('field.employer'), render: (_, row) => row.employer ?? '—' },
      ]}
    />
  );
}
