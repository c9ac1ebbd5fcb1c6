import { useTranslation } from 'react-i18next';
import { Amount } from './Money';

/** One step of a decision, as the API tells it. */
export interface TraceStep {
  /** What the law calls it. */
  name: string;
  english?: string | null;
  /** The rule's id in the region's folder. */
  rule?: string | null;
  article?: string | null;
  /** Sentences or formulas: what went in and what was done with it. */
  details: { name: string; value: string }[];
  /** What came out: an amount in fen, or a value in words. */
  amount?: number | null;
  value?: string | null;
}

/** 步骤: why, step by step in words, each with its article and rule. */
export function Trace({ steps, empty }: { steps: TraceStep[]; empty?: string }) {
  const { t, i18n } = useTranslation('parts');
  const english = i18n.language === 'en';
  if (!steps.length) return <p className="lead">{empty ?? t('trace.none')}</p>;
  return (
    <ol className="trace">
      {steps.map((step, n) => (
        <li key={n}>
          <div className="trace-what">
            <h3>{(english && step.english) || step.name}</h3>
            {step.article && <p className="article">{step.article}</p>}
            {step.rule && <code>{step.rule}</code>}
          </div>
          <dl className="trace-how">
            {step.details.map((detail, m) => (
              <div key={m}>
                <dt>{detail.name}</dt>
                <dd>{detail.value}</dd>
              </div>
            ))}
          </dl>
          <div className="trace-result">{step.amount != null ? <Amount fen={step.amount} strong /> : step.value}</div>
        </li>
      ))}
    </ol>
  );
}
