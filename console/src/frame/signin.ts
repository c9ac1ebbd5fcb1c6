import { useQuery } from '@tanstack/react-query';
import { BASE, api, checked, headersFor, take } from './client';
import type { Session } from './session';

export function openSession(by: { account: string; password: string; code?: string }): Promise<Session> {
  return take(api.POST('/session', { body: by }));
}

/** A citizen signs in by a one-time code of the electronic credential. */
export async function openSessionByCode(code: string): Promise<Session> {
  const answer = await fetch(`${BASE}/session/credential`, {
    method: 'POST',
    headers: { ...headersFor('POST'), 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  return (await checked(answer)).json() as Promise<Session>;
}

/** Which ways of signing in there are beside the password. */
export function useWays() {
  const { data } = useQuery({ queryKey: ['/session/ways'], queryFn: () => take(api.GET('/session/ways')), staleTime: Infinity });
  return data;
}
