import { Route, Routes } from 'react-router';
import { SettlementList } from './SettlementList';

/** 结算: the list that every desk's sums open to. One settlement is a page of its own. */
export default function Settlements() {
  return (
    <Routes>
      <Route index element={<SettlementList />} />
    </Routes>
  );
}
