import { describe, expect, it } from 'vitest';
import { fen, yuan } from './money';

describe('money', () => {
  it('is written in yuan with two decimals and thousands', () => {
    expect([0, 5, 100, 123456789, -1050].map(yuan)).toEqual(['0.00', '0.05', '1.00', '1,234,567.89', '−10.50']);
  });

  it('is read back to the same fen', () => {
    for (const amount of [0, 1, 99, 100, 12345, 999_999_999_999]) expect(fen(yuan(amount))).toBe(amount);
  });

  it('is never guessed from something else', () => {
    for (const text of ['', 'abc', '1.234', '1e3', '１２', '--1']) expect(fen(text)).toBeNull();
  });
});
