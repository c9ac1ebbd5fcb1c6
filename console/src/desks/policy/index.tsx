import { Route, Routes } from 'react-router';
import { ArticlePage } from './pages/Article';
import { Articles } from './pages/Articles';
import { Check } from './pages/Check';
import { Compare } from './pages/Compare';
import { ParameterPage } from './pages/Parameter';
import { Parameters } from './pages/Parameters';
import { Rules } from './pages/Rules';
import './policy.css';

/** 政策: the region's folder as pages. */
export default function PolicyDesk() {
  return (
    <Routes>
      <Route index element={<Parameters />} />
      <Route path="parameters/:id" element={<ParameterPage />} />
      <Route path="rules" element={<Rules />} />
      <Route path="articles" element={<Articles />} />
      <Route path="articles/:article" element={<ArticlePage />} />
      <Route path="check" element={<Check />} />
      <Route path="compare" element={<Compare />} />
    </Routes>
  );
}
