import { Route, Routes } from 'react-router';
import { Nowhere } from '../../pages/Nowhere';
import { Person } from './pages/Person';
import { Persons } from './pages/Persons';
import { Transfer } from './pages/Transfer';
import { Visit } from './pages/Visit';
import { Visits } from './pages/Visits';
import './operator.css';

/** 经办: persons and visits looked up, settlements reversed. */
export default function Operator() {
  return (
    <Routes>
      <Route index element={<Persons />} />
      <Route path="persons/:person" element={<Person />} />
      <Route path="persons/:person/transfers/:transfer" element={<Transfer />} />
      <Route path="visits" element={<Visits />} />
      <Route path="visits/:visit" element={<Visit />} />
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}
