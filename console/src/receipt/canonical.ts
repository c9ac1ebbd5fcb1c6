import { Written, type Json } from './json';

/** A number in the facts is not a whole one that every reader of JSON keeps exactly. */
export class NotCanonical extends Error {
  readonly place: string;
  readonly written: string;

  constructor(place: string, written: string) {
    super(`${place} is ${written}`);
    this.place = place;
    this.written = written;
  }
}

const LARGEST_EXACT = 2n ** 53n - 1n;

/** RFC 8785 restricted to whole numbers, so that no two writers can differ on a number. */
export function canonical(value: Json, at = ''): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Written) {
    // `-0` is no whole number either: the sealing program reads it as a fraction.
    const whole = /^(?:0|-?[1-9]\d*)$/.test(value.text) ? BigInt(value.text) : null;
    if (whole === null || (whole < 0n ? -whole : whole) > LARGEST_EXACT) throw new NotCanonical(at, value.text);
    return value.text;
  }
  if (Array.isArray(value)) return `[${value.map((item, n) => canonical(item, `${at}/${n}`)).join(',')}]`;
  // Names in the order of their UTF-16 code units, which is how JavaScript compares text.
  const names = [...value.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value.get(name) as Json, `${at}/${name}`)}`).join(',')}}`;
}
