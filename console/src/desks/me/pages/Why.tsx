import { useQuery } from '@tanstack/react-query';
import { Collapse, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { QrCodes } from '../../../pages/settlement/QrCodes';
import { Amount } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { minute, useAbout } from '../parts/about';

type Told = Schema['MySettlement'];

/** 一笔结算: where each fen went, why in plain words, and the receipt. */
export function Why() {
  const { t, i18n } = useTranslation('me');
  const english = i18n.language === 'en';
  const { id = '' } = useParams();
  const person = useAbout();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/me/settlements', id, person],
    queryFn: () => take(api.GET('/me/settlements/{settlement}', { params: { path: { settlement: id }, query: person ? { person } : {} } })),
    refetchInterval: ({ state }) => (state.data?.receipt === 'pending' ? 2000 : false),
  });
  if (isPending) return <Waiting whole />;
  if (!data) {
    return (
      <Page title={t('why.title')}>
        <ProblemAlert error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  return (
    <Page title={data.institution} lead={`${(english && data.kind_english) || data.kind} · ${minute(data.at)}`}>
      {data.reverses && <Tag>{t('why.reverses')}</Tag>}
      <Where told={data} />
      <Steps told={data} />
      <Collapse
        className="me-more"
        items={[
          { key: 'lines', label: t('why.lines', { count: data.lines.length }), children: <Lines told={data} /> },
          {
            key: 'receipt',
            label: t('why.receipt'),
            children: (
              <>
                <p>
                  <Tag>{t(`why.${data.receipt}`)}</Tag>
                </p>
                <QrCodes file={data.receipt_file} />
                <p>
                  <Link to="/verify">{t('why.verify')}</Link> · <Link to={`/settlements/${data.id}?tab=receipt`}>{t('why.whole')}</Link>
                </p>
              </>
            ),
          },
        ]}
      />
    </Page>
  );
}

function Where({ told }: { told: Told }) {
  const { t, i18n } = useTranslation('me');
  const english = i18n.language === 'en';
  return (
    <section className="sheet">
      <h2>{t('why.where')}</h2>
      {told.parts.map((part, n) => (
        <p key={n} className="me-line">
          <span>
            <i className={`split-${n % 8} me-dot`} aria-hidden />
            {(english && part.english) || part.name}
          </span>
          <Amount fen={part.amount} strong={part.kind === 'cash'} />
        </p>
      ))}
      <p className="me-line me-total">
        <span>{t('visits.total')}</span>
        <Amount fen={told.total_amount} strong />
      </p>
    </section>
  );
}

function Steps({ told }: { told: Told }) {
  const { t, i18n } = useTranslation('me');
  const english = i18n.language === 'en';
  return (
    <section className="sheet">
      <h2>{t('why.steps')}</h2>
      {told.why.length === 0 && <p>{t('why.opposite')}</p>}
      <ol className="me-steps">
        {told.why.map((step, n) => (
          <li key={n}>
            <div className="me-line">
              <b>{(english && step.title_english) || step.title}</b>
              {step.amount != null && <Amount fen={step.amount} strong />}
            </div>
            {(english ? step.words_english : step.words).map((words, m) => (
              <p key={m}>{words}</p>
            ))}
            {step.article && <p className="lead">{step.article}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Lines({ told }: { told: Told }) {
  const { t } = useTranslation('me');
  return (
    <>
      {told.lines.map((line, n) => (
        <div key={n} className="me-line">
          <span>
            {line.name}
            <small>
              {line.level} × {line.quantity} · {t('why.own_first')} <Amount fen={line.own_amount} />
            </small>
          </span>
          <Amount fen={line.amount} />
        </div>
      ))}
    </>
  );
}
