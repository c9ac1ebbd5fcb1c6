import { useQuery } from '@tanstack/react-query';
import { Collapse, Tag } from 'antd';
import { Link, useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Fact } from '../parts/FindingView';
import { Sheet } from '../parts/Sheet';
import { Try } from '../parts/Try';
import { findingAt, moment, useWords } from '../parts/words';

type File = Schema['AuditRuleFile'];

/** 规则: what it says, its cases, how often it was right, and what became of its force. */
export function Rule() {
  const { t } = useWords();
  const { rule = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/rules', rule],
    queryFn: () => take(api.GET('/rules/{rule}', { params: { path: { rule } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={data?.rule.name ?? t('rule.title')} lead={<code>{rule}</code>} actions={<Try rule={rule} />}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && <Told file={data} />}
    </Page>
  );
}

function Told({ file }: { file: File }) {
  const { t, name, sure } = useWords();
  const { rule } = file;
  const rows = `/audit/findings?rule=${encodeURIComponent(rule.rule)}`;
  return (
    <>
      <dl className="facts sheet">
        <Fact label={t('field.version')}>{rule.version}</Fact>
        <Fact label={t('field.class')}>{rule.class} · {rule.family}</Fact>
        <Fact label={t('field.result')}>{rule.result}</Fact>
        <Fact label={t('field.force')}><Tag {...(rule.moved ? { color: 'orange' } : {})}>{rule.force}</Tag></Fact>
        <Fact label={t('field.stage')}>{rule.stages.join('、')}</Fact>
        <Fact label={t('field.in_force')}>{file.until ? t('rule.period', { from: file.from, until: file.until }) : t('rule.since', { from: file.from })}</Fact>
        <Fact label={t('field.precision')}>
          {rule.precision == null ? t('confidence.none') : t('rules.interval', { share: sure(rule.precision), lower: sure(rule.precision_lower), upper: sure(rule.precision_upper) })}
        </Fact>
        <Fact label={t('field.outcomes')}>{`${rule.confirmed_count} / ${rule.outcome_count}`}</Fact>
        <Fact label={t('field.finding_count')}><Link to={rows}>{rule.finding_count}</Link></Fact>
        <Fact label={t('field.counted')}><Money fen={rule.counted_amount} to={rows} strong /></Fact>
      </dl>
      <div className="audit-pair">
        <section className="sheet" aria-label={t('finding.basis')}>
          <h2>{t('finding.basis')}</h2>
          <ul>
            {file.basis.map((article) => (
              <li key={article}>{article}</li>
            ))}
          </ul>
          <h3>{t('finding.doctor_reads')}</h3>
          <p className="audit-words">{file.doctor}</p>
          <h3>{t('rule.auditor_reads')}</h3>
          <p className="audit-words">{file.auditor}</p>
        </section>
        <section className="sheet" aria-label={t('rule.cases')}>
          <h2>{t('rule.cases')}</h2>
          <Collapse
            size="small"
            items={file.texts.flatMap((text) =>
              text.cases.map((one, n) => ({ key: `${text.file}${n}`, label: one.name || text.file, children: <pre className="audit-text">{one.text}</pre> })),
            )}
          />
        </section>
      </div>
      <section className="sheet" aria-label={t('rule.text')}>
        <h2>{t('rule.text')}</h2>
        <Collapse size="small" items={file.texts.map((text) => ({ key: text.file, label: text.file, children: <pre className="audit-text">{text.text}</pre> }))} />
      </section>
      <Sheet
        title={t('rule.changes')}
        rows={file.changes}
        rowKey={(row) => `${row.at}${row.to}`}
        empty={t('rule.no_changes')}
        columns={[
          { title: t('field.at'), render: (_, row) => moment(row.at), className: 'figures' },
          { title: t('rule.from_to'), render: (_, row) => `${row.from} → ${row.to}` },
          { title: t('field.by'), render: (_, row) => row.by },
          { title: t('field.why'), render: (_, row) => row.why },
          { title: t('field.outcomes'), render: (_, row) => `${row.confirmed_count} / ${row.outcome_count}` },
        ]}
      />
      <Sheet
        title={t('rule.outcomes')}
        rows={file.outcomes}
        rowKey={(row) => `${row.subject}${row.source}`}
        empty={t('rule.no_outcomes')}
        columns={[
          { title: t('field.at'), render: (_, row) => moment(row.at), className: 'figures' },
          { title: t('rule.whose'), render: (_, row) => t(`word_of.${row.source}`) },
          { title: t('field.institution'), render: (_, row) => name(row.institution) },
          { title: t('rule.right'), render: (_, row) => <Tag color={row.confirmed ? 'green' : 'red'}>{t(row.confirmed ? 'rule.confirmed' : 'rule.refuted')}</Tag> },
          { title: t('field.why'), render: (_, row) => row.why },
          { title: t('menu.findings'), render: (_, row) => (row.source === 'case' ? <Link to={findingAt(row.subject)}>{t('rule.finding')}</Link> : row.subject) },
        ]}
      />
    </>
  );
}
