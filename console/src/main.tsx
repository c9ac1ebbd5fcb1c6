import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { startWords } from './frame/i18n';
import { signStyles } from './frame/nonce';
import { problemOf } from './frame/problem';
import { router } from './frame/routes';
import { Looks } from './frame/theme';
import './frame/frame.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // What the server refused, it refuses again.
      retry: (times, error) => times < 2 && (problemOf(error).status === 0 || problemOf(error).status >= 502),
    },
  },
});

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
signStyles();
await startWords();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Suspense>
        <Looks>
          <RouterProvider router={router} />
        </Looks>
      </Suspense>
    </QueryClientProvider>
  </StrictMode>,
);
