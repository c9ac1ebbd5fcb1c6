import { describe, expect, it } from 'vitest';
import { sent, shown, type Field } from './answers';

const field = (id: string, kind: string, columns: Field[] = []): Field => ({
  id, kind, columns, name: id, english: '', required: false, help: '', english_help: '', list: '', options: [], min: null, max: null,
});
const fields = [
  field('day', 'date'), field('limit', 'money'), field('name', 'text'),
  field('lines', 'rows', [field('amount', 'money'), field('count', 'number')]),
];

describe('answers', () => {
  it('come back as they were sent, to the fen', () => {
    const answers = { day: '2026-03-02', limit: 1999, lines: [{ amount: 1010, count: '2.5' }, { amount: 29 }] };
    expect(sent(fields, shown(fields, answers))).toEqual(answers);
  });

  it('leave out what is empty', () => {
    expect(sent(fields, { name: '', limit: null })).toEqual({});
  });
});
