import { useQuery } from '@tanstack/react-query';
import { Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { aboutQuery, minute, useAbout, withPerson } from '../parts/about';

/** 消息: what happened that concerns the person, the latest first. */
export function Messages() {
  const { t } = useTranslation('me');
  const person = useAbout();
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['/me/messages', person], queryFn: () => take(api.GET('/me/messages', aboutQuery(person))) });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={t('messages.title')} lead={t('messages.lead')}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      <section className="sheet">
        {data?.items.length === 0 && <Empty description={t('messages.none')} />}
        {data?.items.map((row, n) => (
          <div key={n} className="me-line">
            <span>
              {t(`message.${row.kind}`, { about: row.about || t('messages.centre'), day: row.day ?? '', state: row.state ?? '' })}
              <small>{minute(row.at)}</small>
            </span>
            {row.application && <Link to={`/services/applications/${row.application}`}>{t('messages.open')}</Link>}
            {row.settlement && row.amount != null && <Money fen={row.amount} to={withPerson(`/me/visits/${row.settlement}`, person)} />}
          </div>
        ))}
      </section>
    </Page>
  );
}
