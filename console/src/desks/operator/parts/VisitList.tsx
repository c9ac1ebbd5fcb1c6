import { Tag } from 'antd';
import { Link } from 'react-router';
import type { Filter } from '../../../parts/Filters';
import { ListPage, type ListColumn, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { PersonName } from '../../../parts/PersonName';
import { moment, personAt, useWords, visitAt } from './words';

type Row = RowOf<'/visits'>;

/** 就诊列表, of everybody or of one person. */
export function VisitList({ path, ofPerson, filters }: { path: string; ofPerson?: boolean; filters?: Filter[] }) {
  const { t, name } = useWords();
  const person: ListColumn<Row>[] = ofPerson
    ? []
    : [{ title: t('field.name'), render: (_, row) => <PersonName psnNo={row.person} name={row.name} to={personAt(row.person)} /> }];
  return (
    <ListPage<Row>
      path={path}
      label={t('menu.visits')}
      rowKey={(row) => row.id}
      {...(filters ? { filters } : {})}
      {...(ofPerson ? {} : { search: t('visits.search') })}
      empty={t(ofPerson ? 'visits.none_of_person' : 'visits.none')}
      sort="-began_at"
      exports
      columns={[
        { title: t('visits.began_at'), sort: 'began_at', render: (_, row) => <Link to={visitAt(row.id)}>{moment(row.began_at)}</Link>, className: 'figures' },
        ...person,
        { title: t('field.institution'), render: (_, row) => name(row.institution) },
        { title: t('field.department'), render: (_, row) => name(row.department) },
        { title: t('field.med_type'), render: (_, row) => name(row.med_type) },
        { title: t('field.scheme'), render: (_, row) => name(row.scheme) },
        { title: t('field.state'), render: (_, row) => <VisitState state={row.state} settlements={row.settlements} /> },
        { title: t('field.total'), numeric: true, render: (_, row) => <Money fen={row.total_amount} to={visitAt(row.id)} /> },
        { title: t('field.fund'), numeric: true, render: (_, row) => <Money fen={row.fund_amount} to={visitAt(row.id)} /> },
      ]}
    />
  );
}

/** Whether a visit stands, and whether it is settled. */
export function VisitState({ state, settlements }: { state: string; settlements: number }) {
  const { t } = useWords();
  if (state === 'withdrawn') return <Tag color="orange">{t('visit_state.withdrawn')}</Tag>;
  if (settlements > 0) return <Tag color="green">{t('visit_state.settled')}</Tag>;
  return <Tag>{t(`visit_state.${state}`)}</Tag>;
}
