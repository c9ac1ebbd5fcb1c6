import type { TFunction } from 'i18next';
import type { TraceStep } from './Trace';
import { yuan } from './money';

/** A code with its names, as the API gives it. */
export interface Coded {
  code: string;
  name: string;
  english: string;
}

/** An amount, or words. */
export interface Shown {
  amount?: number | null;
  text?: string | null;
}

/** A step of a decision, as the API gives it; amounts are 分. */
export type Step = { rule: string; name: string; english: string; article: string } & (
  | { kind: 'lines'; total: number; full_self_pay: number; over_limit: number; pre_self_pay: number; in_scope: number }
  | { kind: 'value'; formula: string; operands: { id: string; name: string; english: string; value: Shown }[]; result: Shown }
  | ({ kind: 'layer' } & Layer)
  | { kind: 'account'; fund: Coded; input: number; paid: number }
  | { kind: 'person'; fund_total: number; hospital: number; person: number; account: number; cash: number }
);

export interface Layer {
  fund: Coded;
  input: number;
  from: number;
  threshold?: number | null;
  bands: { fee: number; percent: string; product: string }[];
  limits: { name: string; article: string; remaining: number; binds: boolean }[];
  uncapped: number;
  paid: number;
}

type Words = TFunction<'trace'>;

/** A code's name in the reader's language. */
export const named = (coded: Coded, english: boolean): string => (english && coded.english) || coded.name || coded.code;

/** The steps in words. `t` speaks for the namespace `trace`. */
export function tell(steps: Step[], t: Words, english: boolean): TraceStep[] {
  return steps.map((step) => ({
    name: step.name,
    english: step.english,
    rule: step.rule,
    article: step.article,
    ...told(step, t, english),
  }));
}

function told(step: Step, t: Words, english: boolean): Pick<TraceStep, 'details' | 'amount' | 'value'> {
  const sum = (name: string, amount: number) => ({ name: t(name), value: yuan(amount) });
  switch (step.kind) {
    case 'lines':
      return {
        details: [
          sum('total', step.total),
          sum('full_self_pay', step.full_self_pay),
          sum('over_limit', step.over_limit),
          sum('pre_self_pay', step.pre_self_pay),
          sum('in_scope', step.in_scope),
        ],
        amount: step.in_scope,
      };
    case 'person':
      return {
        details: [sum('fund_total', step.fund_total), sum('hospital', step.hospital), sum('account', step.account), sum('cash', step.cash)],
        amount: step.person,
      };
    case 'account':
      return { details: [sum('payable', step.input)], amount: step.paid };
    case 'layer':
      return { details: layer(step, t), amount: step.paid };
    case 'value': {
      const names = new Map<string, string>();
      for (const { id, name, english: other } of step.operands) {
        names.set(id, (english && other) || name || t(`fact.${id}`, { defaultValue: id }));
      }
      const details = step.operands.map(({ id, value }) => ({ name: names.get(id) ?? id, value: shown(value, t) }));
      const formula = inWords(step.formula, names, t);
      if (formula && details.length) details.push({ name: t('formula'), value: formula });
      return { details, ...(step.result.amount != null ? { amount: step.result.amount } : { value: shown(step.result, t) }) };
    }
  }
}

function layer(step: Layer, t: Words): TraceStep['details'] {
  return [
    { name: t('input'), value: yuan(step.input) },
    ...(step.from ? [{ name: t('from'), value: yuan(step.from) }] : []),
    ...(step.threshold != null ? [{ name: t('threshold'), value: yuan(step.threshold) }] : []),
    ...(step.bands.length ? [] : [{ name: t('nothing'), value: '' }]),
    ...step.bands.map((band) => ({ name: t('band'), value: `${yuan(band.fee)} × ${band.percent}% = ${band.product}` })),
    ...(step.bands.length > 1 ? [{ name: t('together'), value: yuan(step.uncapped) }] : []),
    ...step.limits.map((limit) => ({
      name: [t(limit.binds ? 'limit_binds' : 'limit', { name: limit.name }), limit.article].filter(Boolean).join(' · '),
      value: yuan(limit.remaining),
    })),
  ];
}

/** A formula with the law's words for its names. */
function inWords(formula: string, names: Map<string, string>, t: Words): string {
  const words = formula.replace(/[A-Za-z_][\w.]*/g, (word) => names.get(word) ?? t(`word.${word}`, { defaultValue: word }));
  return words.replaceAll('*', '×').replaceAll('/', '÷').split(/\s+/).join(' ').trim();
}

function shown(value: Shown, t: Words): string {
  if (value.amount != null) return yuan(value.amount);
  return value.text === 'true' ? t('yes') : value.text === 'false' ? t('no') : (value.text ?? '');
}
