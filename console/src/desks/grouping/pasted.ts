import type { Schema } from '../../frame/client';

/** What was pasted: cases or settlement lists, as the API takes them. */
export interface Pasted {
  cases: Record<string, unknown>[];
  lists: Record<string, unknown>[];
}

/** Something pasted that is neither JSON nor a table. */
export class PasteError extends Error {}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A case has its diagnoses as texts; a settlement list as objects, or stands in the words of 4101. */
function isCase(one: Record<string, unknown>): boolean {
  return Array.isArray(one.diagnoses) && one.diagnoses.every((code) => typeof code === 'string');
}

/** JSON: one stay, several, or a request with `cases` and `lists`. */
function json(text: string): Pasted {
  const value: unknown = JSON.parse(text);
  if (isObject(value) && (Array.isArray(value.cases) || Array.isArray(value.lists))) {
    const all = (list: unknown) => (Array.isArray(list) ? list.filter(isObject) : []);
    return { cases: all(value.cases), lists: all(value.lists) };
  }
  const stays = (Array.isArray(value) ? value : [value]).filter(isObject);
  if (!stays.length) throw new PasteError('json');
  return { cases: stays.filter(isCase), lists: stays.filter((one) => !isCase(one)) };
}

/** Whether a text is JSON rather than a table. */
export function looksLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/** Pasted JSON as stays. A pasted table is read by the server, like a file. */
export function pasted(text: string): Pasted {
  try {
    return json(text);
  } catch (error) {
    if (error instanceof PasteError) throw error;
    throw new PasteError(error instanceof Error ? error.message : 'json');
  }
}

/** Pasted stays as the body of a trial takes them. */
export function body(stays: Pasted) {
  return stays as unknown as Required<Pick<Schema['TrialAsked'], 'cases' | 'lists'>>;
}
