import { concat, fromBase64, toBase64, toHex, utf8 } from './bytes';
import { signedBy, type TrustedKey } from './keys';

/** 检查点: the signed head of the log, with its signatures. */
export interface Note {
  origin: string;
  size: bigint;
  root: Uint8Array;
  time: string;
  /** The text that is signed. */
  body: string;
  signatures: { name: string; id: string; bytes: Uint8Array }[];
}

/** Reads a note; undefined when it is not written in the one way it may be written. */
export function readNote(text: string): Note | undefined {
  const middle = text.indexOf('\n\n');
  if (middle < 0) return undefined;
  const lines = text.slice(0, middle).split('\n');
  const [origin, size, rootText, timeLine] = lines;
  if (lines.length !== 4 || origin === undefined || size === undefined) return undefined;
  const root = fromBase64(rootText ?? '');
  const time = /^time (.*)$/.exec(timeLine ?? '')?.[1] ?? '';
  if (!/^(?:0|[1-9]\d{0,19})$/.test(size) || root?.length !== 32 || !isTime(time)) return undefined;
  const rest = text.slice(middle + 2);
  if (rest && !rest.endsWith('\n')) return undefined;
  const signatures: Note['signatures'] = [];
  for (const line of rest.split('\n').slice(0, -1)) {
    const [, name, base64] = /^— (\S*) (\S+)$/.exec(line) ?? [];
    const bytes = fromBase64(base64 ?? '');
    if (name === undefined || !bytes || bytes.length < 4) return undefined;
    signatures.push({ name, id: toHex(bytes.subarray(0, 4)), bytes: bytes.subarray(4) });
  }
  return { origin, size: BigInt(size), root, time, body: `${origin}\n${size}\n${toBase64(root)}\ntime ${time}\n`, signatures };
}

function isTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return false;
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}

/** What a note's signatures say about one key. */
export function signatureOf(note: Note, key: TrustedKey): 'yes' | 'wrong' | 'absent' {
  const claimed = note.signatures.filter((line) => line.name === key.name && line.id === key.id);
  if (claimed.some((line) => signedBy(key, concat(utf8(note.body)), line.bytes))) return 'yes';
  return claimed.length ? 'wrong' : 'absent';
}
