import { CheckCircleFilled, ClockCircleFilled, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Input, Segmented, Tag } from 'antd';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { Preferences } from '../../frame/Layout';
import { Split } from '../../parts/Split';
import { Trace } from '../../parts/Trace';
import { tell } from '../../parts/tell';
import { utf8 } from '../../receipt/bytes';
import { fingerprint, readKey, type TrustedKey } from '../../receipt/keys';
import { Codes } from '../../receipt/parts';
import { stepsOf } from '../../receipt/sealed';
import { CHECKS, verify, type Outcome, type Verified } from '../../receipt/verify';
import { Sources } from './Sources';
import './verify.css';

/** 核验凭证: anybody checks a receipt here; the checking is done by this page, not by the server. */
export default function Verify() {
  const { t } = useTranslation('verify');
  const brand = useTranslation().t('brand');
  // A settlement's page hands its receipt over.
  const handed = (useLocation().state as { receipt?: string } | null)?.receipt;
  const [file, setFile] = useState(() => (handed ? utf8(handed) : undefined));
  const [codes, setCodes] = useState({ read: 0, of: 0 });
  const [collected] = useState(() => new Codes());
  const keys = useKeys();
  useEffect(() => {
    document.title = `${t('title')} · ${brand}`;
  }, [t, brand]);

  const take = useCallback(
    async (text: string) => {
      if (!collected.take(text)) return false;
      setCodes(collected.count);
      const whole = await collected.file();
      if (whole) setFile(whole);
      return true;
    },
    [collected],
  );
  // A phone's own camera opens this page with one code in the address.
  useEffect(() => {
    const read = () => void take(location.hash);
    read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, [take]);

  const outcome = useMemo(() => (file && keys.trusted.length ? verify(file, keys.trusted) : undefined), [file, keys.trusted]);
  return (
    <div className="alone">
      <header className="alone-head verify-head">
        <Link to="/" className="brand">
          <img src="/heng.svg" alt="" width={24} height={24} />
          <b>{brand}</b>
        </Link>
        <span>
          <Preferences />
        </span>
      </header>
      <main className="verify">
        <h1>{t('title')}</h1>
        <p className="lead">{t('lead')}</p>
        <section className="sheet">
          <h2>{t('source')}</h2>
          <Sources onFile={setFile} onCode={take} />
          {codes.of > 1 && (
            <p role="status">
              {t('codes', codes)} {codes.read < codes.of && t('codes_more')}
            </p>
          )}
        </section>
        <Keys {...keys} />
        {outcome && <Result outcome={outcome} />}
        {outcome && 'verified' in outcome && <Content verified={outcome.verified} />}
      </main>
    </div>
  );
}

interface KeyState {
  /** Where the keys come from: fetched from this server, or pasted by the reader. */
  from: 'server' | 'pasted';
  setFrom: (from: 'server' | 'pasted') => void;
  pasted: string;
  setPasted: (text: string) => void;
  trusted: TrustedKey[];
  wrong: string[];
  failed: boolean;
}

function useKeys(): KeyState {
  const [from, setFrom] = useState<'server' | 'pasted'>('server');
  const [pasted, setPasted] = useState('');
  const { data, isError } = useQuery({
    queryKey: ['/log/key'],
    queryFn: async () => {
      const answer = await fetch('/log/key');
      if (!answer.ok) throw new Error(answer.statusText);
      return (await answer.text()).trim();
    },
    staleTime: Infinity,
  });
  const text = from === 'server' ? (data ?? '') : pasted;
  return useMemo(() => {
    // The lines of a policy file are taken too: `log KEY`, `witness KEY`.
    const lines = text.split('\n').map((line) => line.trim().replace(/^(log|witness)\s+/, ''));
    const given = lines.filter((line) => line && !line.startsWith('#') && !/^quorum\s/.test(line));
    const keys = given.map((line) => [line, readKey(line)] as const);
    return {
      from,
      setFrom,
      pasted,
      setPasted,
      trusted: keys.flatMap(([, key]) => (key ? [key] : [])),
      wrong: keys.filter(([, key]) => !key).map(([line]) => line),
      failed: from === 'server' && isError,
    };
  }, [text, from, pasted, isError]);
}

function Keys({ from, setFrom, pasted, setPasted, trusted, wrong, failed }: KeyState) {
  const { t } = useTranslation('verify');
  return (
    <section className="sheet">
      <h2>{t('key.title')}</h2>
      <Segmented
        aria-label={t('key.title')}
        value={from}
        onChange={setFrom}
        options={(['server', 'pasted'] as const).map((value) => ({ value, label: t(`key.${value}`) }))}
      />
      <p className="lead">{t(`key.${from}_lead`)}</p>
      {from === 'pasted' && (
        <Input.TextArea aria-label={t('key.line')} placeholder="name+id+base64" rows={3} value={pasted} spellCheck={false} onChange={(event) => setPasted(event.target.value)} />
      )}
      {failed && <Alert type="error" showIcon title={t('key.failed')} />}
      {wrong.map((line) => (
        <Alert key={line} type="error" showIcon title={t('key.wrong', { line: line.slice(0, 60) })} />
      ))}
      {trusted.map((key) => (
        <dl key={key.line} className="verify-key">
          <dt>{t(`key.${key.role}`)}</dt>
          <dd>
            <code>
              {key.name} {key.id}
            </code>
          </dd>
          <dt>{t('key.fingerprint')}</dt>
          <dd>
            <code>{fingerprint(key).match(/.{8}/g)?.join(' ')}</code>
          </dd>
        </dl>
      ))}
    </section>
  );
}

const MARKS = {
  passed: <CheckCircleFilled className="passed" />,
  failed: <CloseCircleFilled className="failed" />,
  pending: <ClockCircleFilled className="pending" />,
  unreached: <MinusCircleOutlined className="unreached" />,
};

function Result({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation('verify');
  const refusal = 'refusal' in outcome ? outcome.refusal : undefined;
  const stopped = refusal ? CHECKS.indexOf(refusal.check) : CHECKS.length;
  const at = refusal?.reason === 'pending' ? 'pending' : 'failed';
  return (
    <section className="sheet" aria-live="polite">
      <h2>{t('result')}</h2>
      <Alert
        type={refusal ? (at === 'pending' ? 'warning' : 'error') : 'success'}
        showIcon
        title={t(refusal ? `verdict.${at}` : 'verdict.passed')}
        description={refusal && t(`why.${refusal.reason}`, refusal.values)}
      />
      <ol className="verify-checks">
        {CHECKS.map((check, n) => {
          const state = n < stopped ? 'passed' : n === stopped ? at : 'unreached';
          return (
            <li key={check}>
              {MARKS[state]}
              <span className="spoken">{t(`state.${state}`)}</span> {t(`checks.${check}`)}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Content({ verified }: { verified: Verified }) {
  const { t, i18n } = useTranslation('verify');
  const trace = useTranslation('trace').t;
  const { settlement } = verified;
  const steps = tell(stepsOf(settlement.trace), trace, i18n.language === 'en');
  const signers = verified.signedBy.map((key) => `${key.name} (${key.id})`).join('、');
  const facts: [string, string][] = [
    [t('said.subject'), verified.subject],
    [t('said.institution'), settlement.institution],
    [t('said.time'), settlement.time],
    [t('said.place'), t('said.place_of', { index: `${verified.index + 1n}`, size: `${verified.size}`, origin: verified.origin })],
    [t('said.signed'), t('said.signed_by', { time: verified.time, signers })],
    [t('said.policy'), verified.policy],
  ];
  return (
    <>
      <section className="sheet">
        <h2>
          {t('said.title')} {verified.kind === 'reversal' && <Tag color="orange">{t('said.reversal')}</Tag>}
        </h2>
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <Split
          total={settlement.heads.medfee_sumamt}
          parts={[
            ...settlement.detail.map((row) => ({ name: steps.find((_, n) => settlement.trace[n]?.fund === row.fund)?.name ?? t('said.fund', { fund: row.fund }), amount: row.amount })),
            { name: trace('cash'), amount: settlement.heads.psn_cash_pay },
          ]}
        />
      </section>
      <section className="sheet">
        <h2>{t('said.why')}</h2>
        <Trace steps={steps} empty={t('said.no_steps')} />
      </section>
    </>
  );
}

