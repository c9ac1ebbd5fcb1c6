import { useQuery } from '@tanstack/react-query';
import { Collapse, Tag } from 'antd';
import { Link, useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Severity } from './FindingList';
import { OpenCase } from './OpenCase';
import { Sheet, numeric } from './Sheet';
import { Timeline } from './Timeline';
import { VisitTable } from './VisitTable';
import { moment, settlementAt, useWords } from './words';

type File = Schema['FindingFile'];

/** 疑点: what was found and what it rests on, side by side. */
export function FindingView({ base }: { base: string }) {
  const { t, rule } = useWords();
  const { finding = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/findings', finding],
    queryFn: () => take(api.GET('/findings/{finding}', { params: { path: { finding } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page
      title={data ? rule(data.rule.rule) : t('finding.title')}
      lead={data?.finding.message}
      actions={data && base === '/audit' && !data.finding.case && <OpenCase findings={[finding]} subject={data.finding.message} />}
    >
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && <Told file={data} base={base} />}
    </Page>
  );
}

function Told({ file, base }: { file: File; base: string }) {
  const { t, name } = useWords();
  const { finding } = file;
  const settlement = file.visits.find((visit) => visit.visit === finding.visit)?.settlement;
  return (
    <>
      <dl className="facts sheet">
        <Fact label={t('field.severity')}><Severity severity={finding.severity} /></Fact>
        <Fact label={t('field.institution')}>{name(finding.institution)}</Fact>
        <Fact label={t('field.person')}><code>{finding.person || t('finding.nobody')}</code></Fact>
        <Fact label={t('field.visit_day')}>{finding.visit_day ?? '—'}</Fact>
        <Fact label={t('field.amount')}><Money fen={finding.amount} to="#lines" /></Fact>
        <Fact label={t('field.counted')}><Money fen={finding.counted_amount} to="#lines" strong /></Fact>
        <Fact label={t('field.place')}>{t(`place.${finding.place}`)}</Fact>
        <Fact label={t('field.case')}>
          {finding.case ? <Link to={`${base}/cases/${encodeURIComponent(finding.case)}`}>{finding.case}</Link> : t('findings.free')}
        </Fact>
        {settlement && <Fact label={t('field.settlement')}><Link to={settlementAt(settlement)}>{t('finding.settlement')}</Link></Fact>}
      </dl>
      <div className="audit-pair">
        <RuleText file={file} />
        <div>
          <Sheet
            title={t('finding.evidence')}
            rows={file.evidence}
            rowKey={(row) => `${row.fact}${row.value}`}
            empty={t('finding.no_evidence')}
            columns={[
              { title: t('field.fact'), render: (_, row) => <code>{row.fact}</code> },
              { title: t('field.value'), render: (_, row) => <span className="audit-words">{row.value}</span> },
            ]}
          />
          <Knowledge file={file} />
          <Reminders file={file} />
        </div>
      </div>
      <div id="lines" />
      <Sheet
        title={t('finding.lines')}
        rows={file.lines}
        rowKey={(row) => `${row.visit}/${row.line}`}
        rowClass={(row) => (row.found ? 'audit-found' : '')}
        empty={t('finding.no_lines')}
        columns={[
          { title: t('field.found'), render: (_, row) => (row.found ? <Tag color={row.found === 'violating' ? 'red' : 'orange'}>{t(`found.${row.found}`)}</Tag> : '') },
          { title: t('field.at'), render: (_, row) => moment(row.at), className: 'figures' },
          { title: t('field.item'), render: (_, row) => <span title={row.item.code}>{name(row.item)}</span> },
          { title: t('field.quantity'), ...numeric, render: (_, row) => row.quantity },
          { title: t('field.price'), ...numeric, render: (_, row) => row.price },
          { title: t('field.line_amount'), ...numeric, render: (_, row) => <Money fen={row.amount} to={`${settlementAt(settlement)}?tab=lines`} /> },
          { title: t('field.in_scope'), ...numeric, render: (_, row) => <Money fen={row.in_scope_amount} to={`${settlementAt(settlement)}?tab=lines`} /> },
          { title: t('field.violating'), ...numeric, render: (_, row) => (row.found ? <Money fen={row.violating_amount} to="#lines" strong /> : '') },
          { title: t('field.doctor'), render: (_, row) => row.doctor },
        ]}
      />
      {file.visits.length > 1 && <Timeline visits={file.visits} label={t('finding.timeline')} />}
      <VisitTable visits={file.visits} title={t('finding.visits')} />
      {file.supporting.length > 0 && (
        <Sheet
          title={t('finding.supporting')}
          rows={file.supporting}
          rowKey={(row) => row.finding}
          empty=""
          columns={[
            { title: t('field.rule'), render: (_, row) => <Link to={`${base}/findings/${encodeURIComponent(row.finding)}`}>{name(row.rule)}</Link> },
            { title: t('field.summary'), render: (_, row) => row.message },
            { title: t('field.amount'), ...numeric, render: (_, row) => <Money fen={row.amount} to={`${base}/findings/${encodeURIComponent(row.finding)}`} /> },
          ]}
        />
      )}
    </>
  );
}

export function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function RuleText({ file }: { file: File }) {
  const { t, name } = useWords();
  const may = useMay('rule.read');
  const { rule } = file;
  return (
    <section className="sheet" aria-label={t('finding.rule')}>
      <h2>{t('finding.rule')}</h2>
      <dl className="facts">
        <Fact label={t('field.rule')}>{may ? <Link to={`/audit/rules/${encodeURIComponent(rule.rule.code)}`}>{name(rule.rule)}</Link> : name(rule.rule)}</Fact>
        <Fact label={t('field.version')}>{rule.version}</Fact>
        <Fact label={t('field.result')}>{rule.result}</Fact>
        <Fact label={t('field.class')}>{rule.class} {rule.family}</Fact>
      </dl>
      <h3>{t('finding.basis')}</h3>
      <ul>
        {rule.basis.map((article) => (
          <li key={article}>{article}</li>
        ))}
      </ul>
      {file.doctor_message && (
        <>
          <h3>{t('finding.doctor_reads')}</h3>
          <p className="audit-words">{file.doctor_message}</p>
        </>
      )}
      <Collapse
        size="small"
        items={rule.texts.map((text) => ({
          key: text.file,
          label: text.file,
          children: <pre className="audit-text">{text.text}</pre>,
        }))}
      />
    </section>
  );
}

function Knowledge({ file }: { file: File }) {
  const { t } = useWords();
  const { knowledge } = file;
  if (!knowledge) return null;
  return (
    <section className="sheet" aria-label={t('finding.knowledge')}>
      <h2>{t('finding.knowledge')}</h2>
      <p className="lead">{t('finding.row', { file: knowledge.file || knowledge.table, line: knowledge.line })}</p>
      {knowledge.note && <p className="audit-words">{knowledge.note}</p>}
      <dl className="facts">
        {knowledge.cells.map((cell) => (
          <Fact key={cell.fact} label={cell.fact}>{cell.value}</Fact>
        ))}
      </dl>
    </section>
  );
}

function Reminders({ file }: { file: File }) {
  const { t } = useWords();
  return (
    <Sheet
      title={t('finding.reminders')}
      rows={file.reminders}
      rowKey={(row) => row.reminder}
      empty={t('finding.no_reminders')}
      columns={[
        { title: t('field.told_at'), render: (_, row) => moment(row.told_at), className: 'figures' },
        { title: t('field.stage'), render: (_, row) => t(`stage.${row.stage}`) },
        { title: t('field.doctor'), render: (_, row) => row.doctor || '—' },
        { title: t('field.answer'), render: (_, row) => (row.handling ? `${t(`handling.${row.handling}`)} ${row.reason}` : t('handling.none')) },
      ]}
    />
  );
}
