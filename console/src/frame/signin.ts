import { useQuery } from '@tanstack/react-query';
import { BASE, api, checked, headersFor, read, take } from './client';
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

/** Which ways of signing in the server offers beside the password. */
export function useWays(): { oidc: boolean } {
  const { data } = useQuery({
    queryKey: ['session', 'ways'],
    queryFn: () => read<{ oidc: boolean }>('/session/ways'),
    staleTime: Infinity,
    retry: false,
  });
  return { oidc: data?.oidc ?? false };
}
