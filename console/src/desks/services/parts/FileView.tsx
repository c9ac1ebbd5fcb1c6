import { Descriptions, Tag, Timeline } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { BASE, type Schema } from '../../../frame/client';
import { useSession } from '../../../frame/session';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { PersonName } from '../../../parts/PersonName';
import { FormShown } from './FormShown';
import { Steps } from './Steps';
import { named, type CaseFile } from './answers';

interface FileViewProps {
  file: CaseFile;
  take: (step: Schema['ApplicationNext'], sent: Schema['ApplicationStepSent']) => Promise<CaseFile>;
  onDone: (file: CaseFile) => void;
  children?: ReactNode;
}

/** What an approval gave, in words. */
function Result({ result }: { result: Record<string, unknown> }) {
  const { t } = useTranslation('services');
  const setl = result['setl_id'];
  if (setl) {
    return (
      <>
        {t('file.settled')} <Link to={`/settlements/${String(setl)}`}>{String(setl)}</Link>
        {' · '}
        {t('file.owed')} <Money fen={Number(result['owed'] ?? 0)} to={`/settlements/${String(setl)}`} />
      </>
    );
  }
  return <>{t('file.done')}</>;
}

/** 案卷: what was applied for, what was done with it, and what may be done now. */
export function FileView({ file, take, onDone, children }: FileViewProps) {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  const { scope } = useSession();
  const { row } = file;
  const trace = file.item.desk === 'claim' && file.result ? `/settlements/${String((file.result as Record<string, unknown>)['setl_id'])}` : '#form';
  return (
    <Page
      title={`${named(english, file.item)} ${row.case_id.slice(-8)}`}
      lead={row.subject === file.item.name ? file.procedure : `${row.subject} · ${file.procedure}`}
    >
      <Descriptions
        size="small"
        bordered
        column={{ xs: 1, sm: 1, md: 2 }}
        items={[
          {
            key: 'state',
            label: t('file.state'),
            children: (
              <>
                <Tag color={row.closed ? 'default' : 'blue'}>{row.state_name}</Tag>
                {file.automatic && <Tag color="green">{t('file.automatic')}</Tag>}
              </>
            ),
          },
          {
            key: 'due',
            label: t('file.due'),
            children: row.due ? (
              <>
                {row.due_name} {row.due} {row.overdue && <Tag color="red">{t('list.overdue')}</Tag>}
              </>
            ) : (
              t('file.no_due')
            ),
          },
          {
            key: 'party',
            label: t('file.party'),
            children: file.person_name ? (
              <>
                <PersonName psnNo={row.party} name={file.person_name} {...(scope.kind === 'region' ? { to: `/operator/persons/${row.party}` } : {})} />{' '}
                {row.party}
              </>
            ) : (
              row.party || t('file.bureau')
            ),
          },
          { key: 'id', label: t('file.id'), children: row.case_id },
          ...(row.amount ? [{ key: 'amount', label: t('file.amount'), children: <Money fen={row.amount} to={trace} /> }] : []),
          ...(file.result
            ? [{ key: 'result', label: t('file.result'), children: <Result result={file.result as Record<string, unknown>} /> }]
            : []),
        ]}
      />
      <Steps file={file} take={take} onDone={onDone} />
      {children}
      <h2 id="form">{t('file.form')}</h2>
      <FormShown fields={file.item.fields} answers={file.form} />
      <h2>{t('file.documents')}</h2>
      {file.documents.length ? (
        <ul>
          {file.documents.map((document) => (
            <li key={`${document.seq}/${document.nth}`}>
              {file.item.desk === 'workorder' ? (
                document.name
              ) : (
                <a href={`${BASE}/applications/${row.case_id}/documents/${document.seq}/${document.nth}`} download={document.name}>
                  {document.name}
                </a>
              )}{' '}
              <span className="lead">{file.item.materials.find(({ id }) => id === document.kind)?.name ?? document.kind}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="lead">{t('file.no_documents')}</p>
      )}
      <h2>{t('file.history')}</h2>
      <Timeline
        items={file.steps.map((step) => ({
          key: step.seq,
          content: (
            <>
              <strong>{step.name}</strong> → {step.to}
              {step.assigned && ` · ${t('file.assigned', { name: step.assigned })}`}
              <br />
              <span className="lead">
                {step.at} · {step.by_name}
              </span>
              <br />
              {step.why}
            </>
          ),
        }))}
      />
    </Page>
  );
}
