import { describe, expect, it } from 'vitest';
import { daysOf, rows } from './period';

describe('a period', () => {
  const period = { from: '2026-01-10', to: '2026-03-05' };
  it('cuts a month to what is counted of it', () => {
    expect(daysOf('2026-01', period)).toEqual({ from: '2026-01-10', to: '2026-01-31' });
    expect(daysOf('2026-02', period)).toEqual({ from: '2026-02-01', to: '2026-02-28' });
    expect(daysOf('2026-03', period)).toEqual({ from: '2026-03-01', to: '2026-03-05' });
    expect(daysOf('2026-02-07', period)).toEqual({ from: '2026-02-07', to: '2026-02-07' });
    expect(daysOf('', period)).toEqual(period);
  });
  it('opens to the list of its rows', () => {
    expect(rows({ from: '2026-01-01', to: '2026-01-31' }, { stream: '21' })).toBe('/settlements?from=2026-01-01&to=2026-01-31&stream=21');
  });
});
