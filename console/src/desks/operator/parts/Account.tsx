import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { Link } from 'react-router';
import { api, take } from '../../../frame/client';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { moment, personAt, useWords } from './words';

type Row = RowOf<'/persons/{person}/movements'>;

/** Where a movement comes from: its settlement, or the transfer with both its sides. */
const from = (row: Row) =>
  row.settlement ? `/settlements/${row.settlement}` : `${personAt(row.person)}/transfers/${encodeURIComponent(row.transfer)}`;

/** 个人账户: its balance in both books, and every movement with the deed it comes from. */
export function Account({ person }: { person: string }) {
  const { t, name } = useWords();
  const { data, error, refetch } = useQuery({
    queryKey: ['/persons', person, 'accounts'],
    queryFn: () => take(api.GET('/persons/{person}/accounts', { params: { path: { person } } })),
  });
  return (
    <>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && (
        <Alert
          className="problem"
          type={data.agrees ? 'success' : 'error'}
          showIcon
          title={
            <>
              {t('account.balance')} <Money fen={data.balance_amount} to="?tab=account" strong />
            </>
          }
          description={
            data.agrees ? (
              t('account.agrees')
            ) : (
              <>
                {t('account.differs')} <Money fen={data.ledger_amount} to="?tab=account" />
              </>
            )
          }
        />
      )}
      <ListPage<Row>
        path={`/persons/${encodeURIComponent(person)}/movements`}
        label={t('account.movements')}
        rowKey={(row) => `${row.transfer} ${row.line}`}
        empty={t('account.none')}
        exports
        columns={[
          { title: t('field.at'), render: (_, row) => moment(row.at), className: 'figures' },
          { title: t('account.about'), render: (_, row) => name(row.about) },
          { title: t('account.amount'), numeric: true, render: (_, row) => <Money fen={row.amount} to={from(row)} /> },
          { title: t('account.after'), numeric: true, render: (_, row) => <Money fen={row.balance_amount} to={from(row)} /> },
          {
            title: t('account.user'),
            render: (_, row) => (row.person === person ? t('account.self') : <Link to={personAt(row.person)}>{row.person}</Link>),
          },
          { title: t('account.from'), render: (_, row) => <Link to={from(row)}>{row.settlement ?? row.transfer}</Link> },
        ]}
      />
    </>
  );
}
