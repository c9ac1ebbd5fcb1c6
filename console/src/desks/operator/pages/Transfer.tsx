import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { api, take } from '../../../frame/client';
import { Amount } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { numeric, Sheet } from '../parts/Sheet';
import { moment, personAt, useWords } from '../parts/words';

/** 转账: both sides of a movement, which sum to zero. */
export function Transfer() {
  const { t, name } = useWords();
  const { person = '', transfer = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/persons', person, 'transfers', transfer],
    queryFn: () => take(api.GET('/persons/{person}/transfers/{transfer}', { params: { path: { person, transfer } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={t('transfer.title')} lead={<code>{transfer}</code>} actions={<Link to={`${personAt(person)}?tab=account`}>{t('transfer.account')}</Link>}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && (
        <>
          <dl className="facts sheet">
            <div>
              <dt>{t('account.about')}</dt>
              <dd>{name(data.about)}</dd>
            </div>
            <div>
              <dt>{t('field.at')}</dt>
              <dd>{moment(data.at)}</dd>
            </div>
            <div>
              <dt>{t('field.state')}</dt>
              <dd>{t(`transfer.state.${data.state}`)}</dd>
            </div>
            {data.settlement && (
              <div>
                <dt>{t('field.settlement')}</dt>
                <dd>
                  <Link to={`/settlements/${data.settlement}`}>{data.settlement}</Link>
                </dd>
              </div>
            )}
          </dl>
          <Sheet
            title={t('transfer.entries')}
            empty={t('transfer.none')}
            rows={data.entries.map((entry, n) => ({ ...entry, n }))}
            rowKey={(row) => String(row.n)}
            columns={[
              { title: t('transfer.kind'), render: (_, row) => name(row.account) },
              { title: t('transfer.owner'), render: (_, row) => row.person?.text ?? name(row.owner) },
              { title: t('account.amount'), ...numeric, render: (_, row) => <Amount fen={row.amount} /> },
            ]}
            foot={<p className="operator-quiet">{t('transfer.zero')}</p>}
          />
        </>
      )}
    </Page>
  );
}
