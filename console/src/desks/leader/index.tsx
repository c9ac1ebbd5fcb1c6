import { Route, Routes } from 'react-router';
import { Institutions } from './pages/Institutions';
import { Overview } from './pages/Overview';

/** 领导: how the funds do, and what to look at. */
export default function Leader() {
  return (
    <Routes>
      <Route index element={<Overview />} />
      <Route path="institutions" element={<Institutions />} />
    </Routes>
  );
}
