import { Tag } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schema } from '../../../frame/client';
import { ListPage, type ListColumn, type ListPath } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { named } from './answers';

type Row = Schema['ApplicationRow'];

interface ApplicationsProps {
  path: ListPath;
  /** Where a row opens to. */
  open: string;
  label: string;
  empty: ReactNode;
  items: { id: string; name: string; english: string }[];
  fixed?: Record<string, string>;
  money?: boolean;
  actions?: ReactNode;
}

/** 申请列表: of services, claims or work orders. */
export function Applications({ path, open, label, empty, items, fixed, money, actions }: ApplicationsProps) {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  const columns: ListColumn<Row>[] = [
    {
      title: t('list.item'),
      render: (_, row) => <Link to={`${open}/${row.case_id}`}>{named(english, { name: row.item_name, english: row.item_english })}</Link>,
    },
    { title: t('list.subject'), dataIndex: 'subject' },
    { title: t('list.party'), render: (_, row) => row.party || t('file.bureau') },
    {
      title: t('list.state'),
      render: (_, row) => <Tag color={row.closed ? 'default' : 'blue'}>{row.state_name}</Tag>,
    },
    ...(money
      ? [{ title: t('list.amount'), numeric: true, render: (_: unknown, row: Row) => <Money fen={row.amount} to={`${open}/${row.case_id}`} /> }]
      : []),
    { title: t('list.assignee'), dataIndex: 'assignee' },
    { title: t('list.opened'), dataIndex: 'opened_at' },
    {
      title: t('list.due'),
      render: (_, row) =>
        row.due && (
          <>
            {row.due} {row.overdue && <Tag color="red">{t('list.overdue')}</Tag>}
          </>
        ),
    },
  ];
  return (
    <ListPage<Row>
      path={path}
      label={label}
      columns={columns}
      rowKey={(row) => row.case_id}
      empty={empty}
      filters={[
        { kind: 'choice', name: 'item', label: t('list.item'), options: items.map((item) => ({ value: item.id, label: named(english, item) })) },
        {
          kind: 'choice',
          name: 'closed',
          label: t('list.closed'),
          options: [
            { value: 'false', label: t('list.open') },
            { value: 'true', label: t('list.done') },
          ],
        },
        { kind: 'text', name: 'party', label: t('list.party') },
      ]}
      {...(fixed ? { fixed } : {})}
      exports
      actions={actions}
    />
  );
}
