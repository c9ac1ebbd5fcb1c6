import { BellOutlined, HomeOutlined, MedicineBoxOutlined, QrcodeOutlined, UserOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import { useAbout, withPerson } from './about';

const PLACES = [
  { id: 'home', path: '/me', icon: HomeOutlined },
  { id: 'visits', path: '/me/visits', icon: MedicineBoxOutlined },
  { id: 'code', path: '/me/code', icon: QrcodeOutlined },
  { id: 'messages', path: '/me/messages', icon: BellOutlined },
  { id: 'credential', path: '/me/credential', icon: UserOutlined },
];

/** The bar at the foot of the telephone. */
export function Tabs() {
  const { t } = useTranslation('me');
  const person = useAbout();
  return (
    <nav className="me-tabs" aria-label={t('tabs')}>
      {PLACES.map(({ id, path, icon: Icon }) => (
        <NavLink key={id} to={withPerson(path, person)} end={path === '/me'}>
          <Icon aria-hidden />
          <span>{t(`tab.${id}`)}</span>
        </NavLink>
      ))}
    </nav>
  );
}
