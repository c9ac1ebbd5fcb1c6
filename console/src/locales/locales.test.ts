import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const here = import.meta.dirname;
const namespaces = readdirSync(join(here, 'zh-CN')).sort();
type Words = { [key: string]: string | Words };
const words = (language: string, file: string) => JSON.parse(readFileSync(join(here, language, file), 'utf8')) as Words;

function flat(tree: Words, before = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[before + key, value]] : flat(value, `${before}${key}.`),
  );
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) && !name.includes('.test.') ? [path] : [];
  });
}

describe('the words', () => {
  it('are in the same files in both languages', () => {
    expect(readdirSync(join(here, 'en')).sort()).toEqual(namespaces);
  });

  it.each(namespaces)('%s has the same keys in both languages, none empty', (file) => {
    const [zh, en] = [flat(words('zh-CN', file)), flat(words('en', file))];
    expect(en.map(([key]) => key).sort()).toEqual(zh.map(([key]) => key).sort());
    expect([...zh, ...en].filter(([, text]) => !text.trim())).toEqual([]);
  });

  it.each(namespaces)('%s fills in the same values in both languages', (file) => {
    const places = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).sort();
    const en = new Map(flat(words('en', file)));
    for (const [key, text] of flat(words('zh-CN', file))) expect(places(en.get(key) ?? ''), `${file}: ${key}`).toEqual(places(text));
  });

  it('are there for every key that the code writes out', () => {
    const missing: string[] = [];
    for (const path of sources(join(here, '..'))) {
      const text = readFileSync(path, 'utf8');
      const asked = [...text.matchAll(/useTranslation\((?:'([\w-]+)')?\)/g)].map(([, name]) => name ?? 'frame');
      // A file that speaks for one namespace; where there are several, the browser tests look.
      if (new Set(asked).size !== 1 || text.includes('useTranslation([')) continue;
      const known = new Set(flat(words('zh-CN', `${asked[0]}.json`)).map(([key]) => key.replace(/_(one|other)$/, '')));
      for (const [, key] of text.matchAll(/\bt\('([\w.]+)'(?!,\s*\{[^}]*\bns:)/g)) {
        if (key && !known.has(key)) missing.push(`${path}: ${key}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
