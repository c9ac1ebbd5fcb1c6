import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8 } from './bytes';
import { readKey, type TrustedKey } from './keys';
import { Codes, toCodes } from './parts';
import { verify, type Outcome } from './verify';

// Receipts that a demo city's centre gave out and `heng verify` accepts.
const sample = (name: string) => readFileSync(join(import.meta.dirname, 'samples', name), 'utf8');
const receipts = ['chronic.json', 'outpatient.json'].map((name) => [name, sample(name)] as const);
const key = readKey(sample('log.pub')) as TrustedKey;
const check = (text: string, keys = [key]) => verify(utf8(text), keys);
const reason = (outcome: Outcome) => ('refusal' in outcome ? outcome.refusal.reason : 'verified');
const first = receipts[0]?.[1] ?? '';

describe('a receipt', () => {
  it.each(receipts)('%s of the centre is verified', (_, text) => {
    const outcome = check(text);
    expect(reason(outcome)).toBe('verified');
    if ('verified' in outcome) {
      expect(outcome.verified.origin).toBe('heng/999900');
      expect(outcome.verified.settlement.heads.medfee_sumamt).toBeGreaterThan(0);
      expect(outcome.verified.signedBy).toEqual([key]);
    }
  });

  it.each(receipts)('%s may be written with other blanks and order, for they are not sealed', (_, text) => {
    const file = JSON.parse(text) as object;
    expect(reason(check(JSON.stringify(Object.fromEntries(Object.entries(file).reverse()))))).toBe('verified');
  });

  it('is refused when any leaf of its facts is changed', () => {
    const leaves = (value: unknown, path: string[]): string[][] =>
      value && typeof value === 'object' ? Object.entries(value).flatMap(([name, item]) => leaves(item, [...path, name])) : [path];
    const facts = (JSON.parse(first) as { facts: object }).facts;
    const places = leaves(facts, []);
    expect(places.length).toBeGreaterThan(100);
    for (const place of places) {
      const file = JSON.parse(first) as { facts: object };
      let at = file.facts as Record<string, unknown>;
      for (const name of place.slice(0, -1)) at = at[name] as Record<string, unknown>;
      const last = place.at(-1) ?? '';
      const was = at[last];
      at[last] = typeof was === 'number' ? was + 1 : typeof was === 'string' ? `${was}x` : was === null ? 0 : !was;
      expect(reason(check(JSON.stringify(file))), place.join('/')).toBe('not_in_the_log');
    }
  });

  const change = (name: string, edit: (file: Record<string, never> & { proof: Record<string, unknown> }) => void, wanted: string) =>
    it(`is refused: ${name}`, () => {
      const file = JSON.parse(first) as Record<string, never> & { proof: Record<string, unknown> };
      edit(file);
      expect(reason(check(JSON.stringify(file)))).toBe(wanted);
    });
  const set = (name: string, value: unknown) => (file: object) => Object.assign(file, { [name]: value });
  const prove = (name: string, value: unknown) => (file: { proof: Record<string, unknown> }) => Object.assign(file.proof, { [name]: value });
  const note = (JSON.parse(first) as { proof: { checkpoint: string; path: string[]; index: number } }).proof;
  change('another kind', set('kind', 'reversal'), 'not_in_the_log');
  change('another policy', set('policy', '00'), 'not_in_the_log');
  change('another salt', set('salt', 'AAAAAAAAAAAAAAAAAAAAAA=='), 'not_in_the_log');
  change('a field that nothing seals', set('remark', 'paid in full'), 'not_a_receipt');
  change('another format', set('format', 'heng-receipt/2'), 'other_format');
  change('sealed without a proof', (file) => delete (file as { proof?: unknown }).proof, 'not_a_receipt');
  change('another place', prove('index', note.index + 1), 'not_in_the_log');
  change('a place outside of the log', prove('index', 21), 'outside');
  change('a shorter path', prove('path', note.path.slice(1)), 'not_in_the_log');
  change('a larger tree than was signed', prove('checkpoint', note.checkpoint.replace('\n21\n', '\n22\n')), 'wrong_signature');
  change('another time', prove('checkpoint', note.checkpoint.replace('time 2026', 'time 2025')), 'wrong_signature');
  change('an unsigned checkpoint', prove('checkpoint', note.checkpoint.replace(/— .*\n/, '')), 'unknown_key');
  change('a checkpoint written otherwise', prove('checkpoint', `${note.checkpoint}\n`), 'checkpoint');

  it('that is pending proves nothing', () => {
    const file = JSON.parse(first) as Record<string, unknown>;
    delete file.proof;
    expect(reason(check(JSON.stringify({ ...file, status: 'pending' })))).toBe('pending');
  });

  it('is not believed on its own key alone', () => {
    expect(reason(check(first, []))).toBe('unknown_key');
  });

  it('is not read twice: a name that stands twice is refused', () => {
    expect(reason(check(first.replace('"kind":', '"kind": "reversal", "kind":')))).toBe('not_a_receipt');
    expect(reason(check(first.replace('"medfee_sumamt":', '"medfee_sumamt": 1, "medfee_sumamt":')))).toBe('not_a_receipt');
  });

  it('has whole numbers only, however they are written', () => {
    for (const number of ['16808.0', '1.6808e4', '-0', '9007199254740993']) {
      expect(reason(check(first.replace('"medfee_sumamt": 16808', `"medfee_sumamt": ${number}`))), number).toBe('not_canonical');
    }
  });

  it('is text in UTF-8', () => {
    expect(reason(verify(Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8(first)), [key]))).toBe('not_a_receipt');
    expect(reason(verify(Uint8Array.of(0xff, 0xfe), [key]))).toBe('not_a_receipt');
  });
});

describe('a key', () => {
  it('is refused when its id, name or point is another', () => {
    const line = key.line;
    expect(readKey(line.replace('heng/999900', 'heng/999901'))).toBeUndefined();
    expect(readKey(line.replace(key.id, '00000000'))).toBeUndefined();
    const at = line.length - 20;
    expect(readKey(line.slice(0, at) + (line[at] === 'A' ? 'B' : 'A') + line.slice(at + 1))).toBeUndefined();
  });
});

describe('the codes', () => {
  it.each(receipts)('of %s give the file back, in any order', async (_, text) => {
    const codes = await toCodes(utf8(text), 'https://heng.example/verify');
    expect(codes.every((code) => code.length < 1000)).toBe(true);
    const read = new Codes();
    expect(await read.file()).toBeUndefined();
    for (const code of codes.toReversed()) expect(read.take(code)).toBe(true);
    expect(new TextDecoder().decode(await read.file())).toBe(text);
  });

  it('that are spoiled or of something else give nothing', async () => {
    const codes = await toCodes(utf8(first), '');
    const read = new Codes();
    for (const code of codes) read.take(code.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')));
    expect(await read.file()).toBeUndefined();
    expect(new Codes().take('https://heng.example/verify')).toBe(false);
  });
});
