import type { TFunction } from 'i18next';
import type { TraceStep } from '../parts/Trace';
import { yuan } from '../parts/money';
import type { RawStep } from './settlement';

interface Band {
  fee: number;
  ratio: string;
  product: string;
}
interface Limit {
  name: string;
  article?: string;
  remaining: number;
}
interface Operand {
  id: string;
  name?: string;
  english?: string;
  value: Shown;
}
type Shown = { money: number } | { number: string } | { text: string };

/** The trace that a receipt carries, told in words. `t` speaks for the namespace `trace`. */
export function tell(trace: RawStep[], t: TFunction<'trace'>, english: boolean): TraceStep[] {
  return trace.map((step) => ({
    name: step.name,
    english: step.english,
    rule: step.rule,
    article: step.article,
    ...told(step, t, english),
  }));
}

type Told = Pick<TraceStep, 'details' | 'amount' | 'value'>;

function told(step: RawStep, t: TFunction<'trace'>, english: boolean): Told {
  const sum = (...names: string[]) => names.map((name) => ({ name: t(name), value: yuan(step[name] as number) }));
  switch (step.kind) {
    case 'lines':
      return { details: sum('total', 'full_self_pay', 'over_limit', 'pre_self_pay'), amount: step.in_scope as number };
    case 'person':
      return { details: sum('fund_total', 'hospital', 'account', 'cash'), amount: step.person as number };
    case 'account':
      return { details: [{ name: t('payable'), value: yuan(step.input as number) }], amount: step.paid as number };
    case 'layer':
      return { details: layer(step, t), amount: step.paid as number };
    default:
      return value(step, t, english);
  }
}

function layer(step: RawStep, t: TFunction<'trace'>): TraceStep['details'] {
  const bands = (step.bands as Band[]).filter((band) => band.fee !== 0);
  const limits = step.limits as Limit[];
  return [
    { name: t('input'), value: yuan(step.input as number) },
    ...(step.from ? [{ name: t('from'), value: yuan(step.from as number) }] : []),
    ...(step.threshold != null ? [{ name: t('threshold'), value: yuan(step.threshold as number) }] : []),
    ...(bands.length ? [] : [{ name: t('nothing'), value: '' }]),
    ...bands.map((band) => ({ name: t('band'), value: `${yuan(band.fee)} × ${percentOf(band.ratio)} = ${product(band.product)}` })),
    ...(bands.length > 1 ? [{ name: t('together'), value: yuan(step.uncapped as number) }] : []),
    ...limits.map((limit) => ({
      name: [t('limit', { name: limit.name }), limit.article].filter(Boolean).join(' · '),
      value: yuan(limit.remaining),
    })),
  ];
}

function value(step: RawStep, t: TFunction<'trace'>, english: boolean): Told {
  const operands = (step.operands as Operand[] | undefined) ?? [];
  const called = (operand: Operand) => (english && operand.english) || operand.name || t(`fact.${operand.id}`, { defaultValue: operand.id });
  const details = operands.map((operand) => ({ name: called(operand), value: shown(operand.value, t) }));
  const names = new Map(operands.map((operand) => [operand.id, called(operand)]));
  const formula = inWords(String(step.formula ?? ''), names, t);
  const result = step.result as Shown;
  const out = 'money' in result ? { amount: result.money } : { value: shown(result, t) };
  if (formula && operands.length) details.push({ name: t('formula'), value: formula });
  return { details, ...out };
}

/** A formula with the law's words for its names. */
function inWords(formula: string, names: Map<string, string>, t: TFunction<'trace'>): string {
  const words = formula.replace(/[A-Za-z_][\w.]*/g, (word) => names.get(word) ?? t(`word.${word}`, { defaultValue: word }));
  return words.replaceAll('*', '×').replaceAll('/', '÷').split(/\s+/).join(' ').trim();
}

function shown(value: Shown, t: TFunction<'trace'>): string {
  if ('money' in value) return yuan(value.money);
  if ('number' in value) return value.number;
  return value.text === 'true' ? t('yes') : value.text === 'false' ? t('no') : value.text;
}

/** An exact decimal as text, times 100, without floating point: `0.855` → `85.5%`. */
function percentOf(ratio: string): string {
  return `${shift(ratio, 2)}%`;
}

/** An exact amount in 分 (text, perhaps with decimals or a fraction) in yuan. */
function product(amount: string): string {
  return /^-?\d+$/.test(amount) ? yuan(Number(amount)) : /^-?\d+\.\d+$/.test(amount) ? shift(amount, -2) : `${amount} / 100`;
}

/** Moves the decimal point of a number that is written as text. */
function shift(text: string, places: number): string {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (!whole) return text;
  const digits = `${'0'.repeat(Math.max(0, -places))}${whole}${part}${'0'.repeat(Math.max(0, places))}`;
  const point = Math.max(0, -places) + whole.length + places;
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, '') || '0';
  const right = digits.slice(point).replace(/0+$/, '');
  return sign + left + (right ? `.${right}` : '');
}
