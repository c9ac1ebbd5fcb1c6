import dayjs, { type Dayjs } from 'dayjs';
import type { Schema } from '../../../frame/client';

export type Field = Schema['ServiceField'];
export type Item = Schema['ServiceItem'];
export type CaseFile = Schema['ApplicationFile'];
/** Answers as the API takes them: amounts in 分, days as texts. */
export type Answers = Record<string, unknown>;

const empty = (value: unknown) => value === undefined || value === null || value === '';

function one(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case 'date':
      return (value as Dayjs).format('YYYY-MM-DD');
    case 'money':
      return Math.round(Number(value) * 100);
    case 'number':
      return String(value);
    case 'rows':
      return (value as Answers[]).map((row) => sent(field.columns, row ?? {}));
    case 'flag':
      // A box that nobody has touched says no.
      return value === true;
    default:
      return value;
  }
}

/** What a form holds, as the API takes it; what is empty is left out, but a box says yes or no. */
export function sent(fields: Field[], values: Answers): Answers {
  const filled = fields.filter((field) => field.kind === 'flag' || !empty(values[field.id]));
  return Object.fromEntries(filled.map((field) => [field.id, one(field, values[field.id])]));
}

function shownOne(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case 'date':
      return dayjs(String(value));
    case 'money':
      return Number(value) / 100;
    case 'number':
      return Number(value);
    case 'rows':
      return (value as Answers[]).map((row) => shown(field.columns, row));
    default:
      return value;
  }
}

/** Answers of the API, as a form holds them. */
export function shown(fields: Field[], answers: Answers): Answers {
  const filled = fields.filter((field) => !empty(answers[field.id]));
  return Object.fromEntries(filled.map((field) => [field.id, shownOne(field, answers[field.id])]));
}

/** A name in the reader's language, where the region gives one. */
export function named(english: boolean, thing: { name: string; english?: string }): string {
  return (english && thing.english) || thing.name;
}

/** A key that nobody else draws: the same key sent again is the same deed. */
export const drawKey = () => crypto.randomUUID();

/** A file as the API takes it. */
export function fileSent(kind: string, file: File): Promise<Schema['ServiceDocument']> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.onload = () => {
      const content = String(reader.result).split(',', 2)[1] ?? '';
      resolve({ kind, name: file.name, media: file.type || 'application/octet-stream', content });
    };
    reader.readAsDataURL(file);
  });
}
