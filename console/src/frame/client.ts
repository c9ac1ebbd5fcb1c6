import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths as described } from '../api/schema';
import { language } from './i18n';
import { ProblemError } from './problem';

/** The types of the API, by name: `Schema['Session']`. */
export type Schema = components['schemas'];

/** 脱敏文本: a personal datum as this reader may see it. */
export interface Masked {
  text: string;
  /** Whether something is hidden. */
  masked: boolean;
}

/** Where the console's API is. */
export const BASE = '/api/console/v1';

/** The routes by their path under {@link BASE}: `/settlements/{id}`. */
export type paths = { [P in keyof described as P extends `${typeof BASE}${infer Short}` ? Short : never]: described[P] };

let csrf = '';

/** The session's token, which every change must carry. */
export function keepCsrf(token: string) {
  csrf = token;
}

/** What every request to the API carries, for those few that do not go through `api`. */
export function headersFor(method: string): Record<string, string> {
  const safe = method === 'GET' || method === 'HEAD';
  return { 'accept-language': language(), ...(safe || !csrf ? {} : { 'x-csrf-token': csrf }) };
}

/** Told when the server no longer knows the session. */
export const signedOut = new EventTarget();

/** Throws what the server said when the answer is not what was asked for. */
export async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  if (response.status === 401 && !new URL(response.url).pathname.startsWith(`${BASE}/session`)) {
    signedOut.dispatchEvent(new Event('signed-out'));
  }
  throw await ProblemError.of(response);
}

const frame: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headersFor(request.method))) request.headers.set(name, value);
    return request;
  },
  onResponse: ({ response }) => checked(response),
};

/** The API, typed by its OpenAPI description. Failures are thrown as {@link ProblemError}. */
export const api = createClient<paths>({ baseUrl: BASE });
api.use(frame);

/** The body that a page asks for: a list answers its rows or, asked for a file, text. */
type Told<T> = [T] extends [string] ? T : Exclude<T, string>;

/** The body of an answer: `await take(api.GET('/session'))`. */
export async function take<T>(answer: Promise<{ data?: T }>): Promise<Told<T>> {
  return (await answer).data as Told<T>;
}

/** GET of a path that is known only at run time. */
export async function read<T>(path: string, query?: URLSearchParams): Promise<T> {
  const url = query?.size ? `${BASE}${path}?${query}` : `${BASE}${path}`;
  return (await checked(await fetch(url, { headers: headersFor('GET') }))).json() as Promise<T>;
}
