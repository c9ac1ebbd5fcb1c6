import { Route, Routes } from 'react-router';
import { Nowhere } from '../../pages/Nowhere';
import { Account } from './pages/Account';
import { Code } from './pages/Code';
import { Credential } from './pages/Credential';
import { Home } from './pages/Home';
import { Messages } from './pages/Messages';
import { Visits } from './pages/Visits';
import { Why } from './pages/Why';
import { Tabs } from './parts/Tabs';
import './me.css';

/** 我的医保: the citizen's desk, for a telephone. */
export default function MeDesk() {
  return (
    <div className="me">
      <Routes>
        <Route index element={<Home />} />
        <Route path="account" element={<Account />} />
        <Route path="code" element={<Code />} />
        <Route path="visits" element={<Visits />} />
        <Route path="visits/:id" element={<Why />} />
        <Route path="messages" element={<Messages />} />
        <Route path="credential" element={<Credential />} />
        <Route path="*" element={<Nowhere />} />
      </Routes>
      <Tabs />
    </div>
  );
}
