import { sm2 } from 'sm-crypto-v2';
import { concat, fromBase64, same, sm3, toHex, utf8 } from './bytes';

/** The user id that GB/T 35276 prescribes where none is agreed. */
const USER_ID = '1234567812345678';

const TYPES = {
  witness: concat(Uint8Array.of(0xff), utf8('sm2-sm3-cosignature')),
  log: concat(Uint8Array.of(0xff), utf8('sm2-sm3')),
};

/** 公钥: a key that the reader believes, written as one line `name+id+base64`. */
export interface TrustedKey {
  name: string;
  /** Eight hex figures: it finds the key, it proves nothing. */
  id: string;
  /** What it may sign: checkpoints of the log that has its name, or that a witness saw one. */
  role: 'log' | 'witness';
  /** `04 ‖ x ‖ y` in hex. */
  point: string;
  line: string;
}

/** Reads a key's line; undefined when it is none, or its id is not its key's. */
export function readKey(text: string): TrustedKey | undefined {
  const line = text.trim();
  const [name, id, ...rest] = line.split('+');
  if (!name || !id || /\s/.test(name)) return undefined;
  const bytes = fromBase64(rest.join('+'));
  if (!bytes) return undefined;
  // The longer type first: it begins with the shorter one.
  for (const role of ['witness', 'log'] as const) {
    const type = TYPES[role];
    if (!same(bytes.subarray(0, type.length), type)) continue;
    const point = bytes.subarray(type.length);
    if (point.length !== 65 || point[0] !== 4 || !onCurve(toHex(point))) return undefined;
    const is = toHex(sm3(utf8(`${name}\n`), type, point).subarray(0, 4));
    return is === id ? { name, id, role, point: toHex(point), line } : undefined;
  }
  return undefined;
}

function onCurve(point: string): boolean {
  try {
    return sm2.verifyPublicKey(point);
  } catch {
    return false;
  }
}

/** 指纹: SM3 of the key's line in hex, to be compared with a printed one. */
export const fingerprint = (key: TrustedKey): string => toHex(sm3(utf8(key.line)));

/** Whether `signature` over `message` is the key's: 64 bytes `r ‖ s`; a witness's time before them. */
export function signedBy(key: TrustedKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.role === 'log') return sm2Signed(key.point, message, signature);
  if (signature.length < 8) return false;
  const seconds = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
  return sm2Signed(key.point, concat(utf8(`heng-cosignature/1\ntime ${seconds}\n`), message), signature.subarray(8));
}

function sm2Signed(point: string, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  try {
    return sm2.doVerifySignature(message, toHex(signature), point, { hash: true, userId: USER_ID });
  } catch {
    // Numbers that can be no signature of the curve.
    return false;
  }
}
