import { useQuery } from '@tanstack/react-query';
import { Tag } from 'antd';
import type { ReactNode } from 'react';
import { api, take, type Schema } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { PersonName } from '../../../parts/PersonName';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { numeric, Sheet } from './Sheet';
import { period, personAt, useWords } from './words';

const COLOURS: Record<string, string> = { active: 'green', future: 'blue', cancelled: 'orange' };

/** 备案与共济: what is filed for the person, and who uses whose account. */
export function Filings({ person }: { person: string }) {
  const { t, name } = useWords();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/persons', person, 'filings'],
    queryFn: () => take(api.GET('/persons/{person}/filings', { params: { path: { person } } })),
  });
  if (isPending) return <Waiting />;
  const state = (code: string) => <Tag color={COLOURS[code] ?? 'default'}>{t(`state.${code}`)}</Tag>;
  return (
    <>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && (
        <>
          <Sheet
            title={t('filings.title')}
            empty={t('filings.none')}
            rows={data.filings}
            rowKey={(row) => row.id}
            columns={[
              { title: t('filings.kind'), render: (_, row) => name(row.kind) },
              {
                title: t('filings.about'),
                render: (_, row) => [row.disease && `${name(row.disease)} ${row.disease.code}`, row.area, row.institution].filter(Boolean).join(' · ') || '—',
              },
              { title: t('field.period'), render: (_, row) => period(row.begins_on, row.ends_on), className: 'figures' },
              { title: t('field.state'), render: (_, row) => state(row.state) },
              { title: t('filings.id'), dataIndex: 'id' },
            ]}
          />
          <div className="operator-split">
            <Sharing title={t('sharing.givers')} empty={t('sharing.no_givers')} rows={data.givers} state={state} />
            <Sharing title={t('sharing.receivers')} empty={t('sharing.no_receivers')} rows={data.receivers} state={state} />
          </div>
        </>
      )}
    </>
  );
}

function Sharing(props: { title: string; empty: string; rows: Schema['AccountSharing'][]; state: (code: string) => ReactNode }) {
  const { t } = useWords();
  return (
    <Sheet
      title={props.title}
      empty={props.empty}
      rows={props.rows}
      rowKey={(row) => row.person}
      columns={[
        { title: t('field.name'), render: (_, row) => <PersonName psnNo={row.person} name={row.name} to={personAt(row.person)} /> },
        { title: t('field.period'), render: (_, row) => period(row.begins_on, row.ends_on), className: 'figures' },
        {
          title: t('sharing.limit'),
          ...numeric,
          render: (_, row) => (row.year_limit_amount == null ? t('sharing.no_limit') : <Money fen={row.year_limit_amount} to="?tab=totals" />),
        },
        { title: t('field.state'), render: (_, row) => props.state(row.state) },
      ]}
    />
  );
}
