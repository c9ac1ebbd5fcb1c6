import type { Coded, Shown, Step } from '../parts/tell';
import { yuan } from '../parts/money';
import type { RawStep } from './settlement';

type Value = { money: number } | { number: string } | { text: string };

/** The trace as it was sealed, in the shape in which the API tells it. */
export function stepsOf(trace: RawStep[]): Step[] {
  return trace.map(stepOf);
}

function stepOf(raw: RawStep): Step {
  const head = { rule: raw.rule, name: raw.name, english: raw.english ?? '', article: raw.article ?? '' };
  const amount = (name: string) => raw[name] as number;
  switch (raw.kind) {
    case 'layer':
      return {
        ...head,
        kind: 'layer',
        fund: fund(raw),
        input: amount('input'),
        from: amount('from'),
        threshold: raw.threshold as number | undefined,
        bands: (raw.bands as { fee: number; ratio: string; product: string }[])
          .filter((band) => band.fee !== 0)
          .map((band) => ({ fee: band.fee, percent: shift(band.ratio, 2), product: product(band.product) })),
        limits: (raw.limits as { name: string; article?: string; remaining: number }[]).map((limit) => ({
          name: limit.name,
          article: limit.article ?? '',
          remaining: limit.remaining,
          binds: amount('paid') < amount('uncapped') && limit.remaining <= amount('paid'),
        })),
        uncapped: amount('uncapped'),
        paid: amount('paid'),
      };
    case 'account':
      return { ...head, kind: 'account', fund: fund(raw), input: amount('input'), paid: amount('paid') };
    case 'value':
      return {
        ...head,
        kind: 'value',
        formula: String(raw.formula),
        operands: (raw.operands as { id: string; name?: string; english?: string; value: Value }[]).map((operand) => ({
          id: operand.id,
          name: operand.name ?? '',
          english: operand.english ?? '',
          value: shown(operand.value),
        })),
        result: shown(raw.result as Value),
      };
    default:
      // The sums of the lines, and what is left: plain amounts, as they stand.
      return { ...head, ...raw } as unknown as Step;
  }
}

const fund = (raw: RawStep): Coded => ({ code: String(raw.fund), name: raw.name, english: raw.english ?? '' });

function shown(value: Value): Shown {
  if ('money' in value) return { amount: value.money };
  return { text: 'number' in value ? value.number : value.text };
}

/** An exact amount in 分, perhaps with decimals, in yuan. */
function product(amount: string): string {
  return /^-?\d+$/.test(amount) ? yuan(Number(amount)) : shift(amount, -2);
}

/** Moves the decimal point of a number that is written as text; a fraction stays as it is. */
export function shift(text: string, places: number): string {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (!whole) return places < 0 ? `${text} ÷ ${10 ** -places}` : `${text} × ${10 ** places}`;
  const digits = `${'0'.repeat(Math.max(0, -places))}${whole}${part}${'0'.repeat(Math.max(0, places))}`;
  const point = Math.max(0, -places) + whole.length + places;
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, '') || '0';
  const right = digits.slice(point).replace(/0+$/, '');
  return sign + left + (right ? `.${right}` : '');
}
