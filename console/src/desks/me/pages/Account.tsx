import { useQuery } from '@tanstack/react-query';
import { Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, take } from '../../../frame/client';
import { Amount, Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { aboutQuery, minute, useAbout, useMe, withPerson } from '../parts/about';

/** 个人账户: what came in and what it paid. */
export function Account() {
  const { t, i18n } = useTranslation('me');
  const person = useAbout();
  const me = useMe(person);
  const { data, error, isPending } = useQuery({ queryKey: ['/me/account', person], queryFn: () => take(api.GET('/me/account', aboutQuery(person))) });
  if (isPending || me.isPending) return <Waiting whole />;
  const about = (word: string) => (i18n.exists(`me:movement.${word}`) ? t(`movement.${word}`) : t('movement.other'));
  return (
    <Page title={t('account.title')} lead={t('account.lead')}>
      <ProblemAlert error={error ?? me.error} />
      {me.data && (
        <p className="me-big">
          <Amount fen={me.data.balance_amount} strong /> {t('yuan')}
        </p>
      )}
      <section className="sheet">
        {data?.items.length === 0 && <Empty description={t('account.none')} />}
        {data?.items.map((row, n) => (
          <p key={n} className="me-line">
            <span>
              {about(row.about)}
              {row.person !== me.data?.person && `（${t('account.relative')}）`}
              <small>{minute(row.at)}</small>
            </span>
            {row.about === 'settlement' || row.about === 'reversal' ? (
              <Money fen={row.amount} to={withPerson(`/me/visits/${row.transfer}`, row.person === me.data?.person ? person : row.person)} />
            ) : (
              <Amount fen={row.amount} />
            )}
          </p>
        ))}
      </section>
    </Page>
  );
}
