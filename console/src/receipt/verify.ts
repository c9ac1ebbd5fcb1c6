/**
 * 核验: a receipt verified where it is read, with nothing but the keys that the reader believes.
 * The same checks in the same order as `heng verify` (`docs/design/evidence.md`).
 */
import { canonical, NotCanonical } from './canonical';
import { fromBase64, sm3, utf8 } from './bytes';
import { NotJson, parseStrictly, Written, type Json } from './json';
import type { TrustedKey } from './keys';
import { includes, leafHash } from './merkle';
import { readNote, signatureOf, type Note } from './note';
import { broken, readSettlement, type Settlement } from './settlement';

const FORMAT = 'heng-receipt/1';
const FIELDS = ['facts', 'format', 'id', 'kind', 'policy', 'salt', 'status', 'subject'];
const PROOF_FIELDS = ['checkpoint', 'index', 'key', 'path'];

/** The checks, in their order; their words are `verify:checks.<name>`. */
export const CHECKS = ['file', 'canonical', 'signature', 'place', 'tree', 'money'] as const;
export type CheckName = (typeof CHECKS)[number];

/** Why a receipt is not believed; its words are `verify:why.<reason>`. */
export interface Refusal {
  check: CheckName;
  reason:
    | 'not_a_receipt'
    | 'other_format'
    | 'not_canonical'
    | 'pending'
    | 'checkpoint'
    | 'unknown_key'
    | 'wrong_signature'
    | 'outside'
    | 'not_in_the_log'
    | 'not_a_settlement'
    | 'money';
  values: Record<string, string>;
}

/** What a receipt that holds says. */
export interface Verified {
  id: string;
  kind: string;
  subject: string;
  policy: string;
  index: bigint;
  size: bigint;
  origin: string;
  time: string;
  signedBy: TrustedKey[];
  settlement: Settlement;
}

export type Outcome = { verified: Verified } | { refusal: Refusal };

class No extends Error {
  readonly refusal: Refusal;

  constructor(check: CheckName, reason: Refusal['reason'], values: Record<string, string> = {}) {
    super(reason);
    this.refusal = { check, reason, values };
  }
}

/** Verifies a receipt's bytes. */
export function verify(bytes: Uint8Array, keys: TrustedKey[]): Outcome {
  try {
    return { verified: checked(bytes, keys) };
  } catch (thrown) {
    if (thrown instanceof No) return { refusal: thrown.refusal };
    throw thrown;
  }
}

function checked(bytes: Uint8Array, keys: TrustedKey[]): Verified {
  const file = read(bytes);
  const text = (name: string) => textOf(file, name);
  const [id, kind, subject, policy] = [text('id'), text('kind'), text('subject'), text('policy')];
  const salt = fromBase64(text('salt'));
  if (salt?.length !== 16) throw notAReceipt('`salt` is not 16 bytes in base64');
  const status = text('status');
  const proof = file.get('proof');
  if (status !== 'sealed' && status !== 'pending') throw notAReceipt('`status`');
  if ((status === 'sealed') !== file.has('proof')) throw notAReceipt('`status` is `sealed` exactly when there is a `proof`');
  const given = proof === undefined ? undefined : readProof(proof);
  const body = file.get('facts') as Json;

  const content = sealed(salt, new Map<string, Json>([['body', body], ['id', id], ['kind', kind], ['policy', policy], ['subject', subject]]));
  if (!given) throw new No('signature', 'pending');
  const { note, index, path } = given;
  const signers = signersOf(note, keys);
  if (index >= note.size) throw new No('place', 'outside', { index: `${index}`, size: `${note.size}` });
  if (!includes(leafHash(content), index, note.size, path, note.root)) throw new No('tree', 'not_in_the_log', { index: `${index}` });

  const settlement = readSettlement(body);
  if (!settlement) throw new No('money', 'not_a_settlement', { kind });
  const sums = broken(settlement);
  if (sums.length) throw new No('money', 'money', { sums: sums.join('; ') });
  return { id, kind, subject, policy, index, size: note.size, origin: note.origin, time: note.time, signedBy: signers, settlement };
}

const notAReceipt = (detail: string) => new No('file', 'not_a_receipt', { detail });

function read(bytes: Uint8Array): Map<string, Json> {
  let file: Json;
  try {
    file = parseStrictly(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (thrown) {
    throw notAReceipt(thrown instanceof NotJson ? thrown.message : 'not UTF-8');
  }
  const format = file instanceof Map ? file.get('format') : undefined;
  if (!(file instanceof Map) || typeof format !== 'string') throw notAReceipt('it has no `format`');
  if (format !== FORMAT) throw new No('file', 'other_format', { format });
  // What nothing seals has no place in the file.
  only(file, FIELDS, ['proof']);
  return file;
}

function only(object: Map<string, Json>, needed: string[], allowed: string[] = []) {
  const missing = needed.find((name) => !object.has(name));
  if (missing) throw notAReceipt(`\`${missing}\` is missing`);
  const unknown = [...object.keys()].find((name) => !needed.includes(name) && !allowed.includes(name));
  if (unknown) throw notAReceipt(`nothing seals \`${unknown}\``);
}

function textOf(object: Map<string, Json>, name: string): string {
  const value = object.get(name);
  if (typeof value !== 'string') throw notAReceipt(`\`${name}\` is not text`);
  return value;
}

function readProof(proof: Json): { note: Note; index: bigint; path: Uint8Array[] } {
  if (!(proof instanceof Map)) throw notAReceipt('`proof`');
  only(proof, PROOF_FIELDS);
  const [index, path] = [proof.get('index'), proof.get('path')];
  if (!(index instanceof Written) || !/^(?:0|[1-9]\d*)$/.test(index.text) || BigInt(index.text) >= 2n ** 64n) throw notAReceipt('`index`');
  const hashes = Array.isArray(path) ? path.map((text) => (typeof text === 'string' ? fromBase64(text) : undefined)) : [undefined];
  const whole = hashes.filter((hash): hash is Uint8Array => hash?.length === 32);
  if (whole.length !== hashes.length) throw notAReceipt('`path` is not hashes of 32 bytes in base64');
  textOf(proof, 'key');
  const note = readNote(textOf(proof, 'checkpoint'));
  if (!note) throw new No('signature', 'checkpoint');
  return { note, index: BigInt(index.text), path: whole };
}

/** `SM3(salt ‖ canonical bytes)`. */
function sealed(salt: Uint8Array, facts: Map<string, Json>): Uint8Array {
  try {
    return sm3(salt, utf8(canonical(facts)));
  } catch (thrown) {
    if (thrown instanceof NotCanonical) throw new No('canonical', 'not_canonical', { place: thrown.place, number: thrown.written });
    throw thrown;
  }
}

/** The believed keys that signed: a key named as the log must be among them, none may be named falsely. */
function signersOf(note: Note, keys: TrustedKey[]): TrustedKey[] {
  const signers = keys.filter((key) => {
    const signed = signatureOf(note, key);
    if (signed === 'wrong') throw new No('signature', 'wrong_signature', { name: key.name, id: key.id });
    return signed === 'yes';
  });
  const byLog = (key: TrustedKey) => key.role === 'log' && key.name === note.origin;
  if (!signers.some(byLog)) {
    const named = note.signatures.map((line) => `${line.name} ${line.id}`).join(', ');
    throw new No('signature', 'unknown_key', { origin: note.origin, named: named || '—' });
  }
  return signers;
}
