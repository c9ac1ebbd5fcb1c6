import { Tag } from 'antd';
import { Link } from 'react-router';
import type { Filter } from '../../../parts/Filters';
import { ListPage, type ListColumn, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { useWords } from './words';

type Row = RowOf<'/findings'>;

const COLOURS = ['', 'red', 'orange', 'default'];

/** 严重程度. */
export function Severity({ severity }: { severity: number }) {
  const { t } = useWords();
  return <Tag color={COLOURS[severity] ?? 'default'}>{t(`severity.${severity}`)}</Tag>;
}

/** 疑点 in a list; `base` is the desk under which they open. */
export function FindingList({ base, institutions }: { base: string; institutions?: boolean }) {
  const { t, name, rule } = useWords();
  const at = (row: Row) => `${base}/findings/${encodeURIComponent(row.finding)}`;
  const places: Filter = { kind: 'choice', name: 'place', label: t('field.place'), options: ['principal', 'supporting', 'excluded', 'suppressed', 'all'].map((value) => ({ value, label: t(`place.${value}`) })) };
  const filters: Filter[] = [places, { kind: 'text', name: 'rule', label: t('field.rule_code') }];
  if (institutions) filters.push({ kind: 'text', name: 'institution', label: t('field.institution_code') });
  const institution: ListColumn<Row>[] = institutions ? [{ title: t('field.institution'), render: (_, row) => <span className="audit-name">{name(row.institution)}</span> }] : [];
  return (
    <ListPage<Row>
      path="/findings"
      label={t('menu.findings')}
      rowKey={(row) => row.finding}
      search={t('findings.search')}
      exports
      empty={t(institutions ? 'findings.empty' : 'findings.none_told')}
      filters={filters}
      columns={[
        { title: t('field.rule'), render: (_, row) => <Link to={at(row)} className="audit-name">{rule(row.rule)}</Link> },
        { title: t('field.severity'), render: (_, row) => <Severity severity={row.severity} /> },
        ...institution,
        { title: t('field.person'), render: (_, row) => <code>{row.person}</code> },
        { title: t('field.visit_day'), render: (_, row) => row.visit_day, className: 'figures' },
        { title: t('field.summary'), render: (_, row) => <span className="audit-clip" title={row.message}>{row.message}</span> },
        { title: t('field.amount'), numeric: true, render: (_, row) => <Money fen={row.amount} to={at(row)} /> },
        { title: t('field.counted'), numeric: true, render: (_, row) => <Money fen={row.counted_amount} to={at(row)} strong /> },
        { title: t('field.case'), render: (_, row) => (row.case ? <Link to={`${base}/cases/${encodeURIComponent(row.case)}`}>{t('findings.in_case')}</Link> : t('findings.free')) },
      ]}
    />
  );
}
