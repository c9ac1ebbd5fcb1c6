import { Route, Routes } from 'react-router';
import { Nowhere } from '../../pages/Nowhere';
import '../audit/audit.css';
import { CaseView } from '../audit/parts/CaseView';
import { FindingView } from '../audit/parts/FindingView';
import { Cases } from './pages/Cases';
import { Findings } from './pages/Findings';
import { Groups } from './pages/Groups';
import { List } from './pages/List';
import { Lists } from './pages/Lists';
import { Overview } from './pages/Overview';
import { Reconciliations } from './pages/Reconciliations';
import { Refusals } from './pages/Refusals';
import { Statements } from './pages/Statements';
import { Stays } from './pages/Stays';

/** 医院医保办: the institution's own settlements, lists, groups, cases and reconciliations. */
export default function Hospital() {
  return (
    <Routes>
      <Route index element={<Overview />} />
      <Route path="refusals" element={<Refusals />} />
      <Route path="lists" element={<Lists />} />
      <Route path="lists/:settlement" element={<List />} />
      <Route path="groups" element={<Groups />} />
      <Route path="stays" element={<Stays />} />
      <Route path="cases" element={<Cases />} />
      <Route path="cases/:case" element={<CaseView base="/hospital" />} />
      <Route path="findings" element={<Findings />} />
      <Route path="findings/:finding" element={<FindingView base="/hospital" />} />
      <Route path="statements" element={<Statements />} />
      <Route path="reconciliations" element={<Reconciliations />} />
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}
