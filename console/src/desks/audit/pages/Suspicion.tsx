import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Fact } from '../parts/FindingView';
import { Group } from '../parts/Group';
import { OpenCase } from '../parts/OpenCase';
import { Sheet, numeric } from '../parts/Sheet';
import { Timeline } from '../parts/Timeline';
import { VisitTable } from '../parts/VisitTable';
import { moment, useWords } from '../parts/words';

type File = Schema['SuspicionFile'];

/** 可疑线索: each named part of its score, who is bound to whom, and when. */
export function Suspicion() {
  const { t } = useWords();
  const { suspicion = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/suspicions', suspicion],
    queryFn: () => take(api.GET('/suspicions/{suspicion}', { params: { path: { suspicion } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={data?.suspicion.model.name ?? t('suspicion.title')} lead={data?.suspicion.why}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && <Told file={data} />}
    </Page>
  );
}

function Told({ file }: { file: File }) {
  const { t, name } = useWords();
  const { suspicion } = file;
  return (
    <>
      <dl className="facts sheet">
        <Fact label={t('field.score')}>{t('suspicion.of_1000', { score: suspicion.score })}</Fact>
        <Fact label={t('field.recoverable')}><Money fen={suspicion.recoverable_amount} to="#visits" strong /></Fact>
        <Fact label={t('field.weighted')}><Money fen={suspicion.weighted_amount} to="#visits" /></Fact>
        <Fact label={t('field.person_count')}>{suspicion.person_count}</Fact>
        <Fact label={t('field.visit_count')}>{suspicion.visit_count}</Fact>
        <Fact label={t('field.institution')}>{suspicion.institutions.map(name).join('、') || '—'}</Fact>
        <Fact label={t('field.version')}>{suspicion.version}</Fact>
        <Fact label={t('field.found_at')}>{moment(suspicion.found_at)}</Fact>
      </dl>
      <section className="sheet" aria-label={t('suspicion.parts')}>
        <h2>{t('suspicion.parts')}</h2>
        {file.parts.map((part) => (
          <div key={part.part} className="audit-part">
            <b>{part.name}</b>
            <div className="audit-bar" aria-hidden="true">
              <span style={{ width: `${(part.weight ? Math.min(1, part.contribution / part.weight) : 0) * 100}%` }} />
            </div>
            <span className="figures">{t('suspicion.contribution', { contribution: part.contribution, weight: part.weight })}</span>
            <p>
              {part.facts || t('suspicion.no_facts')}
              {part.value != null && ` · ${part.value} ${part.unit}`}
            </p>
          </div>
        ))}
        {file.missing.length > 0 && <p className="lead">{t('suspicion.missing', { parts: file.missing.join('、') })}</p>}
      </section>
      {file.graph.nodes.length > 0 && <Group graph={file.graph} />}
      {file.visits.length > 0 && <Timeline visits={file.visits} label={t('suspicion.timeline')} />}
      <div id="visits" />
      <VisitTable visits={file.visits} title={t('suspicion.visits')} />
      <Sheet
        title={t('suspicion.clues')}
        rows={file.clues}
        rowKey={(row) => row.clue}
        empty={t('suspicion.no_clues')}
        columns={[
          { title: t('field.institution'), render: (_, row) => name(row.institution) },
          { title: t('field.recoverable'), ...numeric, render: (_, row) => <Money fen={row.amount} to="#visits" /> },
          {
            title: t('field.case'),
            render: (_, row) => (row.case ? <Link to={`/audit/cases/${encodeURIComponent(row.case)}`}>{row.case}</Link> : <OpenCase clues={[row.clue]} subject={row.summary} />),
          },
        ]}
      />
    </>
  );
}
