import { Route, Routes } from 'react-router';
import { Nowhere } from '../../pages/Nowhere';
import { Account } from './pages/Account';
import { Accounts } from './pages/Accounts';
import { Reads } from './pages/Reads';
import { Roles } from './pages/Roles';
import { Sessions } from './pages/Sessions';

/** 系统管理: who may do what, and who looked at whose data. */
export default function Admin() {
  return (
    <Routes>
      <Route index element={<Accounts />} />
      <Route path="accounts/:account" element={<Account />} />
      <Route path="roles" element={<Roles />} />
      <Route path="sessions" element={<Sessions />} />
      <Route path="reads" element={<Reads />} />
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}
