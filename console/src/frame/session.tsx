import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useCallback, useContext, useEffect, useMemo, type ReactNode } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { ProblemAlert } from '../parts/ProblemAlert';
import { Waiting } from '../parts/Waiting';
import { api, keepCsrf, signedOut, take, type Schema } from './client';

export type Session = Schema['SessionTold'];

interface SessionState {
  /** Who is signed in; null when nobody is. */
  session: Session | null;
  /** Takes over a session that was just opened. */
  opened: (session: Session) => void;
  /** Ends it. */
  leave: () => Promise<void>;
}

const Context = createContext<SessionState | null>(null);

async function current(): Promise<Session | null> {
  // Without a body when nobody is signed in.
  return (await take(api.GET('/session'))) ?? null;
}

/** Asks once who is signed in, and keeps it for everything below. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { data, error, isPending } = useQuery({ queryKey: ['session'], queryFn: current, staleTime: Infinity, retry: false });
  const session = data ?? null;
  if (session) keepCsrf(session.csrf);

  const opened = useCallback(
    (session: Session) => {
      // Not the session itself: whoever watches it must be told of the next one.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
      queries.setQueryData(['session'], session);
    },
    [queries],
  );
  const forget = useCallback(() => {
    keepCsrf('');
    // Nothing of the last person stays in memory for the next one.
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    queries.setQueryData(['session'], null);
  }, [queries]);
  const leave = useCallback(async () => {
    await take(api.DELETE('/session'));
    forget();
  }, [forget]);
  useEffect(() => {
    signedOut.addEventListener('signed-out', forget);
    return () => signedOut.removeEventListener('signed-out', forget);
  }, [forget]);

  const state = useMemo(() => ({ session, opened, leave }), [session, opened, leave]);
  if (isPending) return <Waiting whole />;
  if (error) return <ProblemAlert error={error} />;
  return <Context value={state}>{children}</Context>;
}

export function useSessionState(): SessionState {
  const state = useContext(Context);
  if (!state) throw new Error('useSessionState outside of SessionProvider');
  return state;
}

/** The session, on pages that are shown only with one. */
export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error('this page is shown only with a session');
  return session;
}

/** Whether the session has a permission: `useMay('export')`. The server decides; this only hides what it would refuse. */
export function useMay(permission: string): boolean {
  return useSession().permissions.includes(permission);
}

/** Routes below it need a session; whoever has none signs in first and comes back. */
export function SignedIn() {
  const { session } = useSessionState();
  const { pathname, search } = useLocation();
  // A password that somebody else has seen opens nothing but the page that changes it.
  if (session?.must_change && pathname !== '/account') return <Navigate to="/account" replace />;
  if (session) return <Outlet />;
  const next = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`;
  return <Navigate to={`/sign-in${next}`} replace />;
}
