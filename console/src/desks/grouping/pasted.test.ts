import { expect, test } from 'vitest';
import { looksLikeJson, PasteError, pasted } from './pasted';

test('cases and settlement lists are told apart', () => {
  const found = pasted('[{"diagnoses": ["I63.900"]}, {"diagnoses": [{"code": "I63.900"}]}, {"setlinfo": {}}]');
  expect(found.cases).toHaveLength(1);
  expect(found.lists).toHaveLength(2);
});

test('one stay and a whole request are taken too', () => {
  expect(pasted('{"diagnoses": ["A"]}').cases).toHaveLength(1);
  expect(pasted('{"cases": [{"diagnoses": ["A"]}], "lists": [{"basic": {}}]}')).toEqual({ cases: [{ diagnoses: ['A'] }], lists: [{ basic: {} }] });
});

test('what is no JSON is refused with its reason, and a table is no JSON', () => {
  expect(() => pasted('{"diagnoses": ')).toThrow(PasteError);
  expect(() => pasted('[1, 2]')).toThrow(PasteError);
  expect(looksLikeJson('id,sex,age,dx,proc\n')).toBe(false);
  expect(looksLikeJson('  [{}]')).toBe(true);
});
