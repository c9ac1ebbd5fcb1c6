/**
 * A strict reader of JSON. `JSON.parse` forgets what sealing depends on: a name that stands
 * twice in one object, and how a number was written (`1.0` is not the whole number 1).
 */

export type Json = null | boolean | string | Written | Json[] | Map<string, Json>;

/** A number as it was written. */
export class Written {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export class NotJson extends Error {}

const DEEPEST = 128;

export function parseStrictly(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  private no(): never {
    const line = this.text.slice(0, this.at).split('\n').length;
    throw new NotJson(`line ${line}: not JSON`);
  }

  private blanks() {
    while (' \t\n\r'.includes(this.text[this.at] ?? 'x')) this.at += 1;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private is(character: string): boolean {
    this.blanks();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  end() {
    this.blanks();
    if (this.at < this.text.length) this.no();
  }

  value(depth: number): Json {
    if (depth >= DEEPEST) this.no();
    this.blanks();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
    }
    const word = this.take(/true|false|null/y);
    if (word) return word === 'null' ? null : word === 'true';
    const number = this.take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    return number === undefined ? this.no() : new Written(number);
  }

  private object(depth: number): Map<string, Json> {
    const entries = new Map<string, Json>();
    this.at += 1;
    if (this.is('}')) return entries;
    do {
      this.blanks();
      const name = this.string();
      if (entries.has(name)) throw new NotJson(`the name ${JSON.stringify(name)} stands twice in one object`);
      if (!this.is(':')) this.no();
      entries.set(name, this.value(depth + 1));
    } while (this.is(','));
    if (!this.is('}')) this.no();
    return entries;
  }

  private array(depth: number): Json[] {
    const items: Json[] = [];
    this.at += 1;
    if (this.is(']')) return items;
    do items.push(this.value(depth + 1));
    while (this.is(','));
    if (!this.is(']')) this.no();
    return items;
  }

  private string(): string {
    const raw = this.take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    if (raw === undefined) this.no();
    const text = JSON.parse(raw) as string;
    // Half of a surrogate pair is no text: it cannot be written as UTF-8.
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)) this.no();
    return text;
  }
}
