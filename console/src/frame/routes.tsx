import { lazy, Suspense } from 'react';
import { createBrowserRouter, Outlet, useRouteError, type RouteObject } from 'react-router';
import { desks } from '../desks/list';
import { Home } from '../pages/Home';
import { Own } from '../pages/Own';
import { Nowhere } from '../pages/Nowhere';
import { SignIn } from '../pages/SignIn';
import { ProblemAlert } from '../parts/ProblemAlert';
import { Waiting } from '../parts/Waiting';
import { Layout } from './Layout';
import { SessionProvider, SignedIn } from './session';

const Settlement = lazy(() => import('../pages/settlement'));
const Verify = lazy(() => import('../pages/verify'));

function Root() {
  return (
    <SessionProvider>
      <Suspense fallback={<Waiting whole />}>
        <Outlet />
      </Suspense>
    </SessionProvider>
  );
}

function Broken() {
  return <ProblemAlert error={useRouteError()} retry={() => location.reload()} />;
}

const routes: RouteObject[] = [
  {
    element: <Root />,
    errorElement: <Broken />,
    children: [
      { path: '/sign-in', element: <SignIn /> },
      { path: '/verify', element: <Verify /> },
      {
        element: <SignedIn />,
        children: [
          {
            element: <Layout />,
            children: [
              {
                errorElement: <Broken />,
                children: [
                  { path: '/', element: <Home /> },
                  { path: '/account', element: <Own /> },
                  { path: '/settlements/:id', element: <Settlement /> },
                  ...desks.map((desk) => {
                    const Desk = lazy(desk.load);
                    return { path: `${desk.path}/*`, element: <Desk key={desk.id} /> };
                  }),
                  { path: '*', element: <Nowhere /> },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
];

export const router = createBrowserRouter(routes);
