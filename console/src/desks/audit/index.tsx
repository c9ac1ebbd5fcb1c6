import { Route, Routes } from 'react-router';
import { Nowhere } from '../../pages/Nowhere';
import './audit.css';
import { Case } from './pages/Case';
import { Clues } from './pages/Clues';
import { Finding } from './pages/Finding';
import { Findings } from './pages/Findings';
import { Queue } from './pages/Queue';
import { Rule } from './pages/Rule';
import { Rules } from './pages/Rules';
import { Suspicion } from './pages/Suspicion';
import { Suspicions } from './pages/Suspicions';

/** 稽核: the queue of cases, clues, findings and suspicions with their evidence, and the rules. */
export default function Audit() {
  return (
    <Routes>
      <Route index element={<Queue />} />
      <Route path="cases/:case" element={<Case />} />
      <Route path="clues" element={<Clues />} />
      <Route path="findings" element={<Findings />} />
      <Route path="findings/:finding" element={<Finding />} />
      <Route path="suspicions" element={<Suspicions />} />
      <Route path="suspicions/:suspicion" element={<Suspicion />} />
      <Route path="rules" element={<Rules />} />
      <Route path="rules/:rule" element={<Rule />} />
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}
