import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Tag, Timeline as Steps } from 'antd';
import { Link, useParams } from 'react-router';
import { BASE, api, take, type Schema } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Due } from './Due';
import { Fact } from './FindingView';
import { Sheet, numeric } from './Sheet';
import { TakeStep } from './TakeStep';
import { behind, moment, settlementAt, useWords } from './words';

type File = Schema['AuditCaseFile'];

/** 案卷: what it is about, what was done, what can be done now. `base` is the desk it is opened at. */
export function CaseView({ base }: { base: string }) {
  const { t } = useWords();
  const { case: id = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/cases', id],
    queryFn: () => take(api.GET('/cases/{case}', { params: { path: { case: id } } })),
  });
  if (isPending) return <Waiting whole />;
  const bundle = `${BASE}/cases/${encodeURIComponent(id)}/bundle`;
  return (
    <Page
      title={data?.case.subject ?? t('case.title')}
      lead={<code>{id}</code>}
      actions={
        base === '/audit' && (
          <Button href={bundle} icon={<DownloadOutlined />}>
            {t('case.bundle')}
          </Button>
        )
      }
    >
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && <Told file={data} base={base} />}
    </Page>
  );
}

function Told({ file, base }: { file: File; base: string }) {
  const { t, name, rule, sure } = useWords();
  const row = file.case;
  return (
    <>
      <dl className="facts sheet">
        <Fact label={t('field.state')}><Tag {...(row.closed ? {} : { color: 'blue' })}>{name(row.state)}</Tag></Fact>
        <Fact label={t('field.institution')}>{name(row.institution)}</Fact>
        <Fact label={t('field.procedure')}>{row.procedure}</Fact>
        <Fact label={t('field.article')}>{file.article}</Fact>
        {base === '/audit' && <Fact label={t('field.assignee')}>{row.assignee?.name ?? t('queue.nobody')}</Fact>}
        <Fact label={t('field.due')}><Due clock={row.clock} /></Fact>
        <Fact label={t('field.told_party')}>{file.told_at ? moment(file.told_at) : t('case.not_told')}</Fact>
        <Fact label={t('field.rule')}>{rule(row.rule)}</Fact>
        <Fact label={t('field.disputed')}><Money fen={row.disputed_amount} to="#lines" /></Fact>
        <Fact label={t('field.recoverable')}><Money fen={row.recoverable_amount} to="#lines" strong /></Fact>
        <Fact label={t('field.confidence')}>{sure(row.confidence)}</Fact>
        <Fact label={t('field.decided')}><Money fen={file.decided_amount} to="#lines" /></Fact>
        <Fact label={t('field.recovered')}><Money fen={file.recovered_amount} to="#money" /></Fact>
      </dl>
      <TakeStep file={file} />
      <Lines file={file} />
      <div className="audit-pair">
        <Done file={file} />
        <div>
          <Clocks file={file} />
          <Recovered file={file} />
          {file.clues.length > 0 && (
            <Sheet
              title={t('case.clues')}
              rows={file.clues}
              rowKey={(one) => one.clue}
              empty=""
              columns={[
                { title: t('field.source'), className: 'figures', render: (_, one) => t(`source.${one.source}`) },
                { title: t('field.summary'), render: (_, one) => <Link to={behind(one)} className="audit-clip" title={one.summary}>{one.summary}</Link> },
                { title: t('field.recoverable'), ...numeric, render: (_, one) => <Money fen={one.amount} to={behind(one)} /> },
              ]}
            />
          )}
        </div>
      </div>
    </>
  );
}

const LINE_COLOURS: Record<string, string> = { open: 'blue', upheld: 'red', dropped: 'default', overturned: 'orange' };

function Lines({ file }: { file: File }) {
  const { t, name, rule } = useWords();
  return (
    <>
      <div id="lines" />
      <Sheet
        title={t('case.lines')}
        rows={file.lines}
        rowKey={(line) => String(line.number)}
        empty={t('case.no_lines')}
        more={(line) => <Line line={line} />}
        columns={[
          { title: t('field.no'), render: (_, line) => line.number, ...numeric },
          { title: t('field.item'), render: (_, line) => <span title={line.item.code}>{name(line.item)}</span> },
          { title: t('field.person'), render: (_, line) => <code>{line.person}</code> },
          { title: t('field.settlement'), render: (_, line) => (line.settlement ? <Link to={settlementAt(line.settlement)}>{t('finding.settlement')}</Link> : '') },
          { title: t('field.rule'), render: (_, line) => rule(line.rule) },
          { title: t('field.disputed'), ...numeric, render: (_, line) => <Money fen={line.disputed_amount} to={settlementAt(line.settlement)} /> },
          { title: t('field.recoverable'), ...numeric, render: (_, line) => <Money fen={line.recoverable_amount} to={settlementAt(line.settlement)} strong /> },
          { title: t('field.state'), render: (_, line) => <Tag color={LINE_COLOURS[line.state] ?? 'default'}>{t(`line_state.${line.state}`)}</Tag> },
          { title: t('field.decided'), ...numeric, render: (_, line) => (line.state === 'open' ? '' : <Money fen={line.decided_amount} to={settlementAt(line.settlement)} />) },
        ]}
      />
    </>
  );
}

function Line({ line }: { line: Schema['CaseLine'] }) {
  const { t, name } = useWords();
  return (
    <>
      <dl className="facts">
        {line.by_fund.map((part) => (
          <Fact key={part.fund.code} label={name(part.fund)}><Money fen={part.amount} to={settlementAt(line.settlement)} /></Fact>
        ))}
        {line.practitioner && <Fact label={t('field.doctor')}>{line.practitioner}</Fact>}
        {line.article && <Fact label={t('field.article')}>{line.article}</Fact>}
        {line.reason && <Fact label={t('field.why')}>{line.reason}</Fact>}
      </dl>
      {line.opinions.map((one, n) => (
        <p key={`o${n}`} className="audit-words">
          <b>{one.by ? `${one.name} · ${one.by.name}` : one.name}</b> <Money fen={one.amount} to={settlementAt(line.settlement)} /> {one.article} {one.reason}
        </p>
      ))}
      {line.appeals.map((one, n) => (
        <p key={`a${n}`} className="audit-words">
          <b>{t('case.appeal')}</b> {one.grounds} {one.evidence.map((each) => `［${each.slot}：${each.name}］`).join('')}
        </p>
      ))}
      {line.opinions.length + line.appeals.length === 0 && <p className="lead">{t('case.no_opinions')}</p>}
    </>
  );
}

function Done({ file }: { file: File }) {
  const { t } = useWords();
  return (
    <section className="sheet" aria-label={t('case.steps')}>
      <h2>{t('case.steps')}</h2>
      <Steps
        items={file.steps.map((step) => ({
          key: step.number,
          color: step.by_party ? 'orange' : 'blue',
          content: (
            <>
              <b>{step.name}</b> <span className="lead figures">{moment(step.at)}</span>
              <div>{step.by?.name ?? t('case.bureau')}{step.assigned && ` → ${step.assigned.name}`}</div>
              {step.why && <p className="audit-words">{step.why}</p>}
              {step.documents.length > 0 && (
                <ul className="audit-docs">
                  {step.documents.map((document) => (
                    <li key={document.number}>
                      {document.kept_here ? (
                        <a href={`${BASE}/cases/${encodeURIComponent(file.case.case)}/documents/${step.number}/${document.number}`} download>
                          {document.name}
                        </a>
                      ) : (
                        document.name
                      )}
                      <span>{t(`document.${document.kind}`, { defaultValue: document.kind })}</span>
                    </li>
                  ))}
                </ul>
              )}
              <Tag>{step.state}</Tag>
            </>
          ),
        }))}
      />
    </section>
  );
}

function Clocks({ file }: { file: File }) {
  const { t } = useWords();
  return (
    <Sheet
      title={t('case.clocks')}
      rows={file.clocks}
      rowKey={(one) => `${one.name}${one.started_at}`}
      empty={t('due.none')}
      columns={[
        { title: t('field.clock'), render: (_, one) => one.name },
        { title: t('field.due'), render: (_, one) => <span className={one.over ? 'audit-over' : 'figures'}>{one.due}</span> },
        { title: t('field.state'), render: (_, one) => (one.stopped_at ? t('clock.stopped', { at: moment(one.stopped_at) }) : one.over ? t('due.over') : t('clock.running')) },
        { title: t('field.silence'), render: (_, one) => one.silence ?? '' },
      ]}
    />
  );
}

function Recovered({ file }: { file: File }) {
  const { t, name } = useWords();
  return (
    <>
      <div id="money" />
      <Sheet
        title={t('case.money')}
        rows={file.recoveries}
        rowKey={(one) => `${one.at}${one.way}`}
        empty={t('case.no_money')}
        columns={[
          { title: t('field.way'), render: (_, one) => t(`way.${one.way}`) },
          { title: t('field.amount'), ...numeric, render: (_, one) => <Money fen={one.amount} to="#lines" strong /> },
          { title: t('field.fund'), render: (_, one) => one.by_fund.map((part) => name(part.fund)).join('、') },
          { title: t('field.at'), render: (_, one) => moment(one.at), className: 'figures' },
        ]}
      />
      {file.deductions.length > 0 && (
        <Sheet
          title={t('case.deductions')}
          rows={file.deductions}
          rowKey={(one) => `${one.scheme.code}${one.stream.code}${one.amount}`}
          empty=""
          columns={[
            { title: t('field.scheme'), render: (_, one) => name(one.scheme) },
            { title: t('field.stream'), render: (_, one) => name(one.stream) },
            { title: t('field.amount'), ...numeric, render: (_, one) => <Money fen={one.amount} to="#lines" /> },
            { title: t('field.month'), render: (_, one) => one.month ?? t('case.next_statement') },
          ]}
        />
      )}
      {file.fines.length > 0 && (
        <Sheet
          title={t('case.fines')}
          rows={file.fines}
          rowKey={(one) => `${one.article}${one.amount}`}
          empty=""
          columns={[
            { title: t('field.article'), render: (_, one) => one.article },
            { title: t('field.amount'), ...numeric, render: (_, one) => <Money fen={one.amount} to="#lines" /> },
            { title: t('field.state'), render: (_, one) => (one.revoked ? t('case.revoked') : t('case.stands')) },
          ]}
        />
      )}
      {file.credit.length > 0 && (
        <Sheet
          title={t('case.credit')}
          rows={file.credit}
          rowKey={(one) => `${one.code}${one.event}`}
          empty=""
          columns={[
            { title: t('field.holder'), render: (_, one) => `${t(`holder.${one.holder}`)} ${one.code}` },
            { title: t('field.article'), render: (_, one) => one.article },
            { title: t('field.points'), ...numeric, render: (_, one) => one.points },
            { title: t('field.state'), render: (_, one) => one.revoked || t('case.stands') },
          ]}
        />
      )}
    </>
  );
}
