import { Route, Routes } from 'react-router';
import { Nowhere } from '../../pages/Nowhere';
import { ApplicationPage } from './pages/ApplicationPage';
import { ApplyPage } from './pages/ApplyPage';
import { Catalogue } from './pages/Catalogue';
import { ClaimEntry } from './pages/ClaimEntry';
import { ClaimPage } from './pages/ClaimPage';
import { Claims } from './pages/Claims';
import { Queue } from './pages/Queue';
import './parts/services.css';

/** 服务事项与零星报销. */
export default function ServicesDesk() {
  return (
    <Routes>
      <Route index element={<Catalogue />} />
      <Route path="apply/:item" element={<ApplyPage />} />
      <Route path="applications" element={<Queue />} />
      <Route path="applications/:id" element={<ApplicationPage />} />
      <Route path="claims" element={<Claims />} />
      <Route path="claims/new/:item" element={<ClaimEntry />} />
      <Route path="claims/:id" element={<ClaimPage />} />
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}
