import { useQuery } from '@tanstack/react-query';
import { Tabs, Tag } from 'antd';
import { Link, useParams, useSearchParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { PersonName } from '../../../parts/PersonName';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Account } from '../parts/Account';
import { Filings } from '../parts/Filings';
import { Sheet } from '../parts/Sheet';
import { Totals } from '../parts/Totals';
import { VisitList } from '../parts/VisitList';
import { period, personAt, useWords } from '../parts/words';

type File = Schema['PersonFile'];

/** 参保人: who they are, how they are insured, and everything that was filed, paid and added up. */
export function Person() {
  const { t } = useWords();
  const { person = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/persons', person],
    queryFn: () => take(api.GET('/persons/{person}', { params: { path: { person } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page
      title={data ? t('person.title', { name: data.name.text }) : t('person.file')}
      lead={<code>{person}</code>}
      actions={<Doings person={person} />}
    >
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && <Told file={data} />}
    </Page>
  );
}

/** What can be done for the person elsewhere. */
function Doings({ person }: { person: string }) {
  const { t } = useWords();
  const [apply, enter] = [useMay('service.apply'), useMay('manual_claim.enter')];
  return (
    <>
      {apply && <Link to={`/services?person=${encodeURIComponent(person)}`}>{t('person.apply')}</Link>}
      {enter && <Link to="/services/claims">{t('person.claim')}</Link>}
      <Link to={`/settlements?person=${encodeURIComponent(person)}`}>{t('person.settlements')}</Link>
    </>
  );
}

const TABS = [
  { key: 'coverage', needs: 'person.read' },
  { key: 'filings', needs: 'filing.read' },
  { key: 'account', needs: 'account.read' },
  { key: 'totals', needs: 'account.read' },
  { key: 'visits', needs: 'visit.read' },
] as const;

function Told({ file }: { file: File }) {
  const { t } = useWords();
  const [params, setParams] = useSearchParams();
  const may = { 'person.read': useMay('person.read'), 'filing.read': useMay('filing.read'), 'account.read': useMay('account.read'), 'visit.read': useMay('visit.read') };
  const tabs = TABS.filter((tab) => may[tab.needs]);
  const asked = params.get('tab');
  const tab = tabs.find((known) => known.key === asked)?.key ?? 'coverage';
  return (
    <>
      <Facts file={file} />
      <Tabs
        activeKey={tab}
        destroyOnHidden
        onChange={(next) => setParams(next === 'coverage' ? {} : { tab: next }, { replace: true })}
        items={tabs.map(({ key }) => ({ key, label: t(`tab.${key}`), children: <Tab tab={key} file={file} /> }))}
      />
    </>
  );
}

function Tab({ tab, file }: { tab: (typeof TABS)[number]['key']; file: File }) {
  switch (tab) {
    case 'coverage':
      return <Coverage file={file} />;
    case 'filings':
      return <Filings person={file.id} />;
    case 'account':
      return <Account person={file.id} />;
    case 'totals':
      return <Totals person={file.id} />;
    case 'visits':
      return <VisitList path={`/persons/${encodeURIComponent(file.id)}/visits`} ofPerson />;
  }
}

function Facts({ file }: { file: File }) {
  const { t, name } = useWords();
  const current = file.coverage.filter((row) => row.current);
  const facts = [
    ['name', <PersonName key="n" psnNo={file.id} name={file.name} />],
    ['certificate', <span key="c">{name(file.certificate_type)} <PersonName psnNo={file.id} name={file.certificate} field="certificate" /></span>],
    ['phone', file.phone.text ? <PersonName key="p" psnNo={file.id} name={file.phone} field="phone" /> : '—'],
    ['gender', `${name(file.gender)} · ${t('years', { age: file.age })}`],
    ['born_on', file.born_on],
    ['scheme', current.length ? current.map((row) => <Tag key={row.scheme.code}>{name(row.scheme)}</Tag>) : t('person.not_insured')],
    ['group', current[0] ? name(current[0].group) : '—'],
    ['employer', current.find((row) => row.employer_name)?.employer_name ?? '—'],
    ['balance', <Money key="b" fen={file.balance_amount} to={`${personAt(file.id)}?tab=account`} />],
    ['filings', <Link key="f" to={`${personAt(file.id)}?tab=filings`}>{t('person.filings', { count: file.filings })}</Link>],
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

function Coverage({ file }: { file: File }) {
  const { t, name } = useWords();
  const now = (current: boolean) => current && <Tag color="green">{t('state.active')}</Tag>;
  return (
    <>
      <Sheet
        title={t('coverage.title')}
        empty={t('coverage.none')}
        rows={file.coverage}
        rowKey={(row) => `${row.scheme.code} ${row.begins_on}`}
        columns={[
          { title: t('field.scheme'), render: (_, row) => name(row.scheme) },
          { title: t('field.group'), render: (_, row) => name(row.group) },
          { title: t('coverage.state'), render: (_, row) => <>{name(row.state)} {now(row.current)}</> },
          { title: t('field.period'), render: (_, row) => period(row.begins_on, row.ends_on), className: 'figures' },
          { title: t('field.employer'), render: (_, row) => row.employer_name ?? '—' },
          { title: t('coverage.area'), dataIndex: 'area' },
          { title: t('coverage.civil_servant'), render: (_, row) => t(row.civil_servant ? 'yes' : 'no') },
        ]}
      />
      <div className="operator-split">
        <Sheet
          title={t('identities.title')}
          empty={t('identities.none')}
          rows={file.identities}
          rowKey={(row) => `${row.kind.code} ${row.begins_on}`}
          columns={[
            { title: t('identities.kind'), render: (_, row) => <>{name(row.kind)} {now(row.current)}</> },
            { title: t('field.period'), render: (_, row) => period(row.begins_on, row.ends_on), className: 'figures' },
          ]}
        />
        <Sheet
          title={t('family.title')}
          empty={t('family.none')}
          rows={file.family}
          rowKey={(row) => row.id}
          columns={[
            { title: t('field.name'), render: (_, row) => <PersonName psnNo={row.id} name={row.name} to={personAt(row.id)} /> },
            { title: t('field.person'), dataIndex: 'id' },
          ]}
        />
      </div>
    </>
  );
}
