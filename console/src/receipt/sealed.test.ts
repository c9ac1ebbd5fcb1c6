import { expect, it } from 'vitest';
import { shift } from './sealed';

it('moves a decimal point without a rounding', () => {
  expect(shift('0.855', 2)).toBe('85.5');
  expect(shift('0.55', 2)).toBe('55');
  expect(shift('1', 2)).toBe('100');
  expect(shift('2031.15', -2)).toBe('20.3115');
  expect(shift('-5.5', -2)).toBe('-0.055');
  expect(shift('1/3', 2)).toBe('1/3 × 100');
});
