/**
 * 二维码: a receipt as pictures. It is packed and cut into as many codes as it needs; each is an
 * address of the verifying page whose part after `#` (never sent to any server) holds
 * `1.3.<first 8 hex of SM3>.<base64url>`. Whoever has read all of them has the file, offline.
 */
import { concat, fromBase64, sm3, toBase64, toHex } from './bytes';

/** Characters of one code: a phone still reads it from a screen. */
const LARGEST = 900;

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const piped = new Blob([bytes as BlobPart]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, BufferSource & Uint8Array>);
  return new Uint8Array(await new Response(piped as unknown as BodyInit).arrayBuffer());
}

/** A file as the texts of its codes. */
export async function toCodes(file: Uint8Array, page: string): Promise<string[]> {
  const packed = await through(file, new CompressionStream('deflate-raw'));
  const text = toBase64(packed).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  const total = Math.ceil(text.length / LARGEST);
  const tag = toHex(sm3(packed)).slice(0, 8);
  return Array.from({ length: total }, (_, n) => `${page}#${n + 1}.${total}.${tag}.${text.slice(n * LARGEST, (n + 1) * LARGEST)}`);
}

/** Codes as they are read, in any order, until the file is whole. */
export class Codes {
  private tag = '';
  private parts: (string | undefined)[] = [];

  /** How many were read, of how many. */
  get count(): { read: number; of: number } {
    return { read: this.parts.filter((part) => part !== undefined).length, of: this.parts.length };
  }

  /** Takes the text of a code; false when it is no code of a receipt. A code of another receipt begins anew. */
  take(text: string): boolean {
    const [, n, of, tag, part] = /(?:^|#)(\d{1,2})\.(\d{1,2})\.([0-9a-f]{8})\.([\w-]+)$/.exec(text.trim()) ?? [];
    const [at, total] = [Number(n), Number(of)];
    if (!tag || part === undefined || at < 1 || at > total) return false;
    if (tag !== this.tag || total !== this.parts.length) {
      this.tag = tag;
      this.parts = Array.from({ length: total });
    }
    this.parts[at - 1] = part;
    return true;
  }

  /** The file, once all codes are read; undefined before, and when they do not fit together. */
  async file(): Promise<Uint8Array | undefined> {
    const { read, of } = this.count;
    if (!of || read < of) return undefined;
    const text = this.parts.join('').replaceAll('-', '+').replaceAll('_', '/');
    const packed = fromBase64(text + '='.repeat((4 - (text.length % 4)) % 4));
    if (!packed || toHex(sm3(packed)).slice(0, 8) !== this.tag) return undefined;
    return through(concat(packed), new DecompressionStream('deflate-raw')).catch(() => undefined);
  }
}
