import { Route, Routes } from 'react-router';
import { Nowhere } from '../../pages/Nowhere';
import '../services/parts/services.css';
import { Order } from './pages/Order';
import { Orders } from './pages/Orders';
import { Raise } from './pages/Raise';

/** 运维工单. */
export default function WorkordersDesk() {
  return (
    <Routes>
      <Route index element={<Orders />} />
      <Route path="new/:kind" element={<Raise />} />
      <Route path=":id" element={<Order />} />
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}
