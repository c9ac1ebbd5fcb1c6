import { Card, Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, Navigate } from 'react-router';
import { desksOf } from '../desks/list';
import { useSession } from '../frame/session';
import { Page } from '../parts/Page';

/** Leads to the one desk, or shows those there are. */
export function Home() {
  const session = useSession();
  const { t } = useTranslation();
  const desks = desksOf(session);
  const [first] = desks;
  if (first && desks.length === 1) return <Navigate to={first.path} replace />;
  return (
    <Page title={t('home.title', { name: session.name })} lead={t('home.lead')}>
      {desks.length === 0 && <Empty description={t('home.none')} />}
      <ul className="desks">
        {desks.map((desk) => (
          <li key={desk.id}>
            <Link to={desk.path}>
              <Card hoverable size="small">
                <desk.icon />
                <h2>{t(`desk.${desk.id}`)}</h2>
                <p>{t(`desk_lead.${desk.id}`)}</p>
              </Card>
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  );
}
