import { useSearchParams } from 'react-router';
import type { Schema } from '../../frame/client';

/** 时段: from which day to which, both included. */
export interface Period {
  from: string;
  to: string;
}

export const PERIODS = ['day', 'month', 'year'] as const;
export type PeriodName = (typeof PERIODS)[number];

/** The period that the address names; the month of the newest settlement otherwise. */
export function usePeriod(summary: Schema['OverviewSummary'] | undefined) {
  const [params, setParams] = useSearchParams();
  const name = PERIODS.find((known) => known === params.get('period')) ?? 'month';
  const choose = (next: PeriodName) => setParams(next === 'month' ? {} : { period: next }, { replace: true });
  const to = summary?.day;
  const from = { day: to, month: summary?.month_from, year: summary?.year_from }[name];
  const period: Period | undefined = from && to ? { from, to } : undefined;
  return { name, choose, period };
}

/** The list of the settlements that a figure sums. */
export function rows(period: Period, more: Record<string, string> = {}): string {
  return `/settlements?${new URLSearchParams({ ...period, ...more })}`;
}

/** First and last day of a step: a day, or a month within the period. */
export function daysOf(step: string, period: Period): Period {
  if (step.length === 10) return { from: step, to: step };
  if (step.length !== 7) return period;
  const [year = 0, month = 1] = step.split('-').map(Number);
  const last = `${step}-${String(new Date(Date.UTC(year, month, 0)).getUTCDate()).padStart(2, '0')}`;
  const first = `${step}-01`;
  return { from: first < period.from ? period.from : first, to: last > period.to ? period.to : last };
}
