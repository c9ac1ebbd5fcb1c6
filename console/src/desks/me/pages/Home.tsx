import { QrcodeOutlined } from '@ant-design/icons';
import { Empty, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Switch, useAbout, useMe, withPerson } from '../parts/about';

/** 我的医保: standing, account and filings at a glance. */
export function Home() {
  const { t, i18n } = useTranslation('me');
  const english = i18n.language === 'en';
  const navigate = useNavigate();
  const person = useAbout();
  const { data, error, isPending, refetch } = useMe(person);
  if (isPending) return <Waiting whole />;
  if (!data) return <ProblemAlert error={error} retry={() => void refetch()} />;
  const choose = (next: string) => void navigate(next === data.shown[0]?.person ? '/me' : withPerson('/me', next));
  return (
    <Page title={t('home.title', { name: data.name })} lead={data.certificate}>
      <Switch shown={data.shown.filter((row) => row.pages)} value={data.person} choose={choose} label={t('switch')} />
      <Link to={withPerson('/me/code', person)} className="me-show">
        <QrcodeOutlined aria-hidden /> {t('home.show')}
      </Link>
      <section className="sheet">
        <h2>{t('home.account')}</h2>
        <p className="me-big">
          <Money fen={data.balance_amount} to={withPerson('/me/account', person)} strong /> {t('yuan')}
        </p>
        {data.givers.map((giver, n) => (
          <p key={n} className="me-line">
            <span>{t('home.giver', { name: giver.name || t('home.somebody') })}</span>
            <Money fen={giver.balance_amount} to={withPerson('/me/account', person)} />
          </p>
        ))}
      </section>
      <section className="sheet">
        <h2>{t('home.coverage')}</h2>
        {data.coverage.length === 0 && <Empty description={t('home.no_coverage')} />}
        {data.coverage.map((row, n) => (
          <div key={n} className="me-row">
            <b>{(english && row.scheme_english) || row.scheme}</b>
            <Tag>{t(`coverage.${row.status}`)}</Tag>
            <p className="lead">
              {row.end ? t('from_to', { begin: row.begin, end: row.end }) : t('from', { begin: row.begin })} {row.employer}
            </p>
          </div>
        ))}
      </section>
      <section className="sheet">
        <h2>{t('home.filings')}</h2>
        {data.filings.length === 0 && <Empty description={t('home.no_filings')} />}
        {data.filings.map((row) => (
          <div key={row.id} className="me-row">
            <b>{(english && row.kind_english) || row.kind}</b> {row.about}
            <Tag>{t(`filing.${row.state}`)}</Tag>
            <p className="lead">{row.end ? t('from_to', { begin: row.begin, end: row.end }) : t('from', { begin: row.begin })}</p>
          </div>
        ))}
        <p>
          <Link to="/services">{t('home.apply')}</Link> · <Link to="/services/applications">{t('home.applied')}</Link>
        </p>
      </section>
    </Page>
  );
}
