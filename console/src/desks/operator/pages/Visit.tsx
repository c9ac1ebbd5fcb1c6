import { useQuery } from '@tanstack/react-query';
import { Tag } from 'antd';
import { Link, useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { PersonName } from '../../../parts/PersonName';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Reverse } from '../parts/Reverse';
import { numeric, Sheet } from '../parts/Sheet';
import { VisitState } from '../parts/VisitList';
import { moment, personAt, useWords, visitAt } from '../parts/words';

type File = Schema['VisitFile'];

/** 就诊: what happened at one visit, and what it was settled at. */
export function Visit() {
  const { t, name } = useWords();
  const { visit = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/visits', visit],
    queryFn: () => take(api.GET('/visits/{visit}', { params: { path: { visit } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={data ? `${name(data.med_type)} · ${name(data.institution)}` : t('visit.title')} lead={<code>{visit}</code>}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && <Told file={data} />}
    </Page>
  );
}

function Told({ file }: { file: File }) {
  return (
    <>
      <Facts file={file} />
      <Settlements file={file} />
      <div className="operator-split">
        <Diagnoses file={file} />
        <Papers file={file} />
      </div>
      {file.groups.length > 0 && <Groups file={file} />}
      <Lines file={file} />
    </>
  );
}

function Facts({ file }: { file: File }) {
  const { t, name } = useWords();
  const desk = useMay('person.read');
  const standing = file.settlements.filter((row) => row.standing === 'valid').length;
  const facts = [
    ['name', <PersonName key="n" psnNo={file.person} name={file.name} {...(desk ? { to: personAt(file.person) } : {})} />],
    ['certificate', <PersonName key="c" psnNo={file.person} name={file.certificate} field="certificate" />],
    ['institution', name(file.institution)],
    ['department', name(file.department)],
    ['label', file.label || '—'],
    ['scheme', name(file.scheme)],
    ['period', file.form === 'stay' ? `${moment(file.began_at)} — ${file.ended_at ? moment(file.ended_at) : ''}` : moment(file.began_at)],
    ['state', <VisitState key="s" state={file.state} settlements={standing} />],
  ] as const;
  return (
    <dl className="facts sheet">
      {facts.map(([field, value]) => (
        <div key={field}>
          <dt>{t(`field.${field}`)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const STANDING: Record<string, string> = { valid: 'green', reversed: 'default', reversal: 'orange' };

function Settlements({ file }: { file: File }) {
  const { t, name } = useWords();
  const may = useMay('settlement.reverse');
  const at = (id: string) => `/settlements/${id}`;
  return (
    <Sheet
      title={t('settlements.title')}
      empty={t('settlements.none')}
      rows={file.settlements}
      rowKey={(row) => row.id}
      columns={[
        { title: t('field.at'), render: (_, row) => <Link to={at(row.id)}>{moment(row.at)}</Link>, className: 'figures' },
        {
          title: t('field.state'),
          render: (_, row) => (
            <>
              <Tag color={STANDING[row.standing] ?? 'default'}>{t(`standing.${row.standing}`)}</Tag>
              {row.reason && <span className="operator-quiet">{t('settlements.ordered', { reason: name(row.reason), by: row.ordered_by, words: row.words })}</span>}
            </>
          ),
        },
        { title: t('field.total'), ...numeric, render: (_, row) => <Money fen={row.total_amount} to={at(row.id)} /> },
        { title: t('field.fund'), ...numeric, render: (_, row) => <Money fen={row.fund_amount} to={at(row.id)} /> },
        { title: t('field.account'), ...numeric, render: (_, row) => <Money fen={row.account_amount} to={at(row.id)} /> },
        { title: t('field.cash'), ...numeric, render: (_, row) => <Money fen={row.cash_amount} to={at(row.id)} /> },
        { title: t('settlements.do'), render: (_, row) => may && row.standing === 'valid' && <Reverse settlement={row.id} visit={file.id} /> },
      ]}
    />
  );
}

function Diagnoses({ file }: { file: File }) {
  const { t, name } = useWords();
  return (
    <Sheet
      title={t('diagnoses.title')}
      empty={t('diagnoses.none')}
      rows={file.diagnoses}
      rowKey={(row) => `${row.kind.code} ${row.number}`}
      columns={[
        { title: t('diagnoses.kind'), render: (_, row) => <>{name(row.kind)} {row.main && <Tag color="blue">{t('diagnoses.main')}</Tag>}</> },
        { title: t('diagnoses.code'), dataIndex: 'code' },
        { title: t('diagnoses.name'), dataIndex: 'name' },
      ]}
    />
  );
}

/** Documents and the settlement list. */
function Papers({ file }: { file: File }) {
  const { t, name } = useWords();
  const { list } = file;
  const rows = [
    ...file.documents.map((row) => ({ kind: name(row.kind), number: row.number, at: row.sent_at, state: '' })),
    ...(list ? [{ kind: t('papers.list', { version: list.version }), number: list.id, at: list.sent_at, state: [name(list.state), list.reason].filter(Boolean).join('：') }] : []),
  ];
  return (
    <Sheet
      title={t('papers.title')}
      empty={t('papers.none')}
      rows={rows}
      rowKey={(row) => row.kind + row.number}
      columns={[
        { title: t('papers.kind'), dataIndex: 'kind' },
        { title: t('papers.number'), dataIndex: 'number' },
        { title: t('papers.at'), render: (_, row) => moment(row.at), className: 'figures' },
        { title: t('field.state'), render: (_, row) => row.state || '—' },
      ]}
    />
  );
}

function Groups({ file }: { file: File }) {
  const { t, name } = useWords();
  return (
    <Sheet
      title={t('groups.title')}
      empty={t('groups.none')}
      rows={file.groups.map((row, n) => ({ ...row, n }))}
      rowKey={(row) => String(row.n)}
      columns={[
        { title: t('groups.month'), dataIndex: 'month' },
        { title: t('groups.scheme'), render: (_, row) => `${row.scheme} ${row.scheme_version}` },
        { title: t('groups.group'), render: (_, row) => `${row.group.code} ${name(row.group)}` },
        { title: t('groups.weight'), ...numeric, render: (_, row) => row.weight ?? '—' },
        { title: t('groups.payment'), ...numeric, render: (_, row) => <Money fen={row.payment_amount} to={`/settlements/${row.settlement}`} /> },
        { title: t('groups.fund'), ...numeric, render: (_, row) => <Money fen={row.fund_amount} to={`/settlements/${row.settlement}`} /> },
        { title: t('groups.item'), ...numeric, render: (_, row) => <Money fen={row.item_fund_amount} to={`/settlements/${row.settlement}`} /> },
      ]}
    />
  );
}

function Lines({ file }: { file: File }) {
  const { t, name } = useWords();
  const settled = [...file.settlements].reverse().find((row) => row.standing === 'valid');
  const to = settled ? `/settlements/${settled.id}?tab=lines` : visitAt(file.id);
  const money = (fen: number) => <Money fen={fen} to={to} />;
  return (
    <Sheet
      title={t('lines.title', { count: file.lines.length })}
      empty={t('lines.none')}
      rows={file.lines}
      rowKey={(row) => row.id}
      columns={[
        { title: t('lines.at'), render: (_, row) => moment(row.at), className: 'figures' },
        { title: t('lines.item'), render: (_, row) => <>{name(row.item)} <span className="operator-quiet">{row.item.code}</span></> },
        { title: t('lines.level'), render: (_, row) => name(row.level) },
        { title: t('lines.count'), ...numeric, render: (_, row) => `${row.count} × ${row.price}` },
        { title: t('lines.amount'), ...numeric, render: (_, row) => money(row.amount) },
        { title: t('lines.full_self_pay'), ...numeric, render: (_, row) => money(row.full_self_pay_amount) },
        { title: t('lines.over_limit'), ...numeric, render: (_, row) => money(row.over_limit_amount) },
        { title: t('lines.pre_self_pay'), ...numeric, render: (_, row) => money(row.pre_self_pay_amount) },
        { title: t('lines.in_scope'), ...numeric, render: (_, row) => money(row.in_scope_amount) },
      ]}
      foot={
        <p>
          {t('lines.sum')} <Money fen={file.lines_amount} to={to} strong />
        </p>
      }
    />
  );
}
