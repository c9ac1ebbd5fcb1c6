import { Route, Routes } from 'react-router';
import { Nowhere } from '../../pages/Nowhere';
import { CasePage } from './pages/Case';
import { Cases } from './pages/Cases';
import { Months } from './pages/Months';
import { Outstanding } from './pages/Outstanding';
import { StatementPage } from './pages/Statement';
import { Statements } from './pages/Statements';
import { Year } from './pages/Year';
import './clearing.css';

/** 清算: months, statements, the cases behind them, the year's end. */
export default function ClearingDesk() {
  return (
    <Routes>
      <Route index element={<Months />} />
      <Route path="statements" element={<Statements />} />
      <Route path="waiting" element={<Statements waiting />} />
      <Route path="months/:month/:institution/:scheme/:stream" element={<StatementPage />} />
      <Route path="months/:month/:institution/cases" element={<Cases />} />
      <Route path="months/:month/:institution/outstanding" element={<Outstanding />} />
      <Route path="cases/:settlement" element={<CasePage />} />
      <Route path="year" element={<Year />} />
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}
