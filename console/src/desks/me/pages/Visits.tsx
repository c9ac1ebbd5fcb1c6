import { useQuery } from '@tanstack/react-query';
import { Empty, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { aboutQuery, minute, useAbout, withPerson } from '../parts/about';

/** 就诊: where, what it cost, and what was one's own part. */
export function Visits() {
  const { t, i18n } = useTranslation('me');
  const english = i18n.language === 'en';
  const person = useAbout();
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['/me/visits', person], queryFn: () => take(api.GET('/me/visits', aboutQuery(person))) });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={t('visits.title')} lead={t('visits.lead')}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data?.items.length === 0 && <Empty description={t('visits.none')} />}
      {data?.items.map((row) => {
        const to = withPerson(`/me/visits/${row.settlement ?? ''}`, person);
        return (
          <section key={row.visit} className="sheet me-visit">
            <h2>{row.institution}</h2>
            <p className="lead">
              {(english && row.kind_english) || row.kind} · {minute(row.begin)}
            </p>
            {row.settlement ? (
              <>
                <dl className="me-sums">
                  <div>
                    <dt>{t('visits.total')}</dt>
                    <dd>
                      <Money fen={row.total_amount} to={to} />
                    </dd>
                  </div>
                  <div>
                    <dt>{t('visits.fund')}</dt>
                    <dd>
                      <Money fen={row.fund_amount} to={to} />
                    </dd>
                  </div>
                  <div>
                    <dt>{t('visits.own')}</dt>
                    <dd>
                      <Money fen={row.own_amount} to={to} strong />
                    </dd>
                  </div>
                </dl>
                <Link to={to}>{t('visits.why')}</Link>
              </>
            ) : (
              <Tag>{t('visits.open')}</Tag>
            )}
          </section>
        );
      })}
    </Page>
  );
}
