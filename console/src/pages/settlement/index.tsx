import { useQuery } from '@tanstack/react-query';
import { Alert, Tabs, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { api, take, type Schema } from '../../frame/client';
import { useSession } from '../../frame/session';
import { Page } from '../../parts/Page';
import { PersonName } from '../../parts/PersonName';
import { ProblemAlert } from '../../parts/ProblemAlert';
import { Trace } from '../../parts/Trace';
import { Waiting } from '../../parts/Waiting';
import { named, tell, type Step } from '../../parts/tell';
import { Lines } from './Lines';
import { Postings } from './Postings';
import { Receipt } from './Receipt';
import { Where } from './Where';
import './settlement.css';

export type Settlement = Schema['SettlementTold'];

const TABS = ['where', 'why', 'lines', 'postings', 'receipt'] as const;

/** 结算说明: one settlement, down to each fen and its proof; every desk's amounts lead here. */
export default function SettlementPage() {
  const { t } = useTranslation('settlement');
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/settlements/{id}', id],
    queryFn: () => take(api.GET('/settlements/{id}', { params: { path: { id } } })),
    // While it waits for the log, which takes about a second.
    refetchInterval: ({ state }) => (state.data?.receipt.state === 'pending' ? 2000 : false),
  });
  if (isPending) return <Waiting whole />;
  if (!data) {
    return (
      <Page title={t('title')}>
        <ProblemAlert error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  return <Told settlement={data} />;
}

const SEALS = { sealed: 'green', pending: 'orange', broken: 'red' } as const;

function Told({ settlement }: { settlement: Settlement }) {
  const { t, i18n } = useTranslation('settlement');
  const english = i18n.language === 'en';
  const [params, setParams] = useSearchParams();
  const asked = params.get('tab');
  const tab = TABS.find((known) => known === asked) ?? 'where';
  const { receipt } = settlement;
  return (
    <Page title={t('of', { kind: named(settlement.med_type, english) })} lead={<code>{settlement.id}</code>}>
      <p className="chips">
        <Tag color={SEALS[receipt.state as keyof typeof SEALS]}>{t(`seal.${receipt.state}`)}</Tag>
        {settlement.standing !== 'valid' && <Tag color="orange">{t(`standing.${settlement.standing}`)}</Tag>}
        {settlement.out_of_area && <Tag>{t('out_of_area')}</Tag>}
        {settlement.reverses && <Link to={`/settlements/${settlement.reverses}`}>{t('reverses', { id: settlement.reverses })}</Link>}
        {settlement.reversed_by && <Link to={`/settlements/${settlement.reversed_by}`}>{t('reversed_by', { id: settlement.reversed_by })}</Link>}
      </p>
      <Facts settlement={settlement} />
      {!settlement.policy.current && <Alert className="problem" type="info" showIcon title={t('older_policy')} />}
      <Tabs
        activeKey={tab}
        onChange={(next) => setParams(next === 'where' ? {} : { tab: next }, { replace: true })}
        items={TABS.map((key) => ({ key, label: t(`tab.${key}`), children: <Tab key={key} tab={key} settlement={settlement} /> }))}
      />
    </Page>
  );
}

function Facts({ settlement }: { settlement: Settlement }) {
  const { t, i18n } = useTranslation('settlement');
  const english = i18n.language === 'en';
  const session = useSession();
  const { person } = settlement;
  const desk = session.desks.includes('operator') && session.permissions.includes('person.read');
  const facts = [
    ['person', <PersonName key="p" psnNo={person.id} name={person.name} {...(desk ? { to: `/operator/persons/${person.id}` } : {})} />],
    ['certificate', <PersonName key="c" psnNo={person.id} name={person.certificate} field="certificate" />],
    ['group', [person.group && named(person.group, english), person.age != null && t('years', { age: person.age })].filter(Boolean).join(' · ') || '—'],
    ['institution', named(settlement.institution, english)],
    ['department', settlement.department ? named(settlement.department, english) : '—'],
    ['scheme', named(settlement.scheme, english)],
    ['settled_at', settlement.settled_at.replace('T', ' ')],
    ['policy', `${settlement.policy.current ? (english && settlement.policy.english) || settlement.policy.title : ''} ${settlement.policy.hash.slice(0, 12)}…`],
  ] as const;
  return (
    <dl className="facts sheet">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{t(`fact.${name}`)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Tab({ tab, settlement }: { tab: (typeof TABS)[number]; settlement: Settlement }) {
  const { t, i18n } = useTranslation('settlement');
  const trace = useTranslation('trace').t;
  switch (tab) {
    case 'where':
      return <Where settlement={settlement} />;
    case 'why':
      return (
        <section className="sheet">
          <Trace steps={tell(settlement.steps as Step[], trace, i18n.language === 'en')} empty={t('no_steps')} />
        </section>
      );
    case 'lines':
      return <Lines settlement={settlement} />;
    case 'postings':
      return <Postings settlement={settlement} />;
    case 'receipt':
      return <Receipt settlement={settlement} />;
  }
}
