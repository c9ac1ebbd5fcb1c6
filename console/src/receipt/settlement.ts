import { Written, type Json } from './json';

/** The amounts of a settlement, in 分, by their national names. */
export const HEADS = [
  'medfee_sumamt',
  'fulamt_ownpay_amt',
  'overlmt_selfpay',
  'preselfpay_amt',
  'inscp_scp_amt',
  'act_pay_dedc',
  'hifp_pay',
  'cvlserv_pay',
  'hifes_pay',
  'hifmi_pay',
  'hifob_pay',
  'maf_pay',
  'hifdm_pay',
  'oth_pay',
  'fund_pay_sumamt',
  'psn_part_amt',
  'acct_pay',
  'acct_mulaid_pay',
  'psn_cash_pay',
  'hosp_part_amt',
  'balc',
] as const;
export type Heads = Record<(typeof HEADS)[number], number>;

/** What a receipt's facts say, as far as people are told. */
export interface Settlement {
  heads: Heads;
  detail: { fund: string; amount: number }[];
  institution: string;
  medType: string;
  time: string;
  trace: RawStep[];
}

/** A step of the trace as it was sealed; numbers with fractions are text. */
export interface RawStep {
  rule: string;
  name: string;
  english?: string;
  article?: string;
  kind: string;
  [field: string]: unknown;
}

/** Reads the sealed facts as a settlement; undefined when they are none. */
export function readSettlement(body: Json): Settlement | undefined {
  const facts = plain(body) as Record<string, unknown> | null;
  if (!facts || typeof facts !== 'object' || Array.isArray(facts)) return undefined;
  const heads = facts.heads as Record<string, unknown> | undefined;
  if (!heads || !HEADS.every((name) => Number.isSafeInteger(heads[name]))) return undefined;
  const detail = facts.detail as { fund_pay_type: string; fund_payamt: number }[] | undefined;
  const isRow = (row: { fund_pay_type: unknown; fund_payamt: unknown }) =>
    typeof row.fund_pay_type === 'string' && Number.isSafeInteger(row.fund_payamt);
  if (!Array.isArray(detail) || !detail.every(isRow) || !Array.isArray(facts.trace)) return undefined;
  const text = (name: string) => (typeof facts[name] === 'string' ? facts[name] : undefined);
  const [institution, medType, time] = [text('fixmedins_name'), text('med_type'), text('setl_time')];
  if (institution === undefined || medType === undefined || time === undefined) return undefined;
  return {
    heads: heads as Heads,
    detail: detail.map((row) => ({ fund: row.fund_pay_type, amount: row.fund_payamt })),
    institution,
    medType,
    time,
    trace: facts.trace as RawStep[],
  };
}

function plain(value: Json): unknown {
  if (value instanceof Written) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, item]) => [name, plain(item)]));
  return value;
}

/** The sums that do not come out; empty when every fen is accounted for. */
export function broken({ heads: h, detail }: Settlement): string[] {
  const funds = h.hifp_pay + h.cvlserv_pay + h.hifes_pay + h.hifmi_pay + h.hifob_pay + h.maf_pay + h.hifdm_pay + h.oth_pay;
  const sums: [string, number, number][] = [
    ['T = A + B + C + I', h.medfee_sumamt, h.fulamt_ownpay_amt + h.overlmt_selfpay + h.preselfpay_amt + h.inscp_scp_amt],
    ['T = F + P + Hp', h.medfee_sumamt, h.fund_pay_sumamt + h.psn_part_amt + h.hosp_part_amt],
    ['P = W + X', h.psn_part_amt, h.acct_pay + h.psn_cash_pay],
    ['F = Σ', h.fund_pay_sumamt, funds],
    ['Σ setldetail = F + W + Hp', detail.reduce((sum, row) => sum + row.amount, 0), h.fund_pay_sumamt + h.acct_pay + h.hosp_part_amt],
  ];
  return sums.filter(([, left, right]) => left !== right).map(([name, left, right]) => `${name}: ${left / 100} ≠ ${right / 100}`);
}
