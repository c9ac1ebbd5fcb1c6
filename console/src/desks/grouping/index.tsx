import { Route, Routes } from 'react-router';
import { Nowhere } from '../../pages/Nowhere';
import { Lint } from './pages/Lint';
import { SchemePage } from './pages/Scheme';
import { Schemes } from './pages/Schemes';
import { Try } from './pages/Try';
import './grouping.css';

/** 分组: stays tried out, schemes to look through, what the linter says. */
export default function GroupingDesk() {
  return (
    <Routes>
      <Route index element={<Try />} />
      <Route path="schemes" element={<Schemes />} />
      <Route path="schemes/:scheme" element={<SchemePage />} />
      <Route path="lint" element={<Lint />} />
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}
