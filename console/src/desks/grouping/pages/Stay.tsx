import { useQuery } from '@tanstack/react-query';
import { Empty, Table, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Amount } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Trace } from '../../../parts/Trace';
import { Waiting } from '../../../parts/Waiting';
import { body, type Pasted } from '../pasted';

type Told = Schema['TrialStay'];
type Neighbour = Schema['TrialNeighbour'];

/** Colours of 分组状态; the word stands beside them. */
export const STATUS: Record<string, string> = { grouped: 'green', ambiguous: 'orange', fallback: 'orange', ungroupable: 'red', needs_data: 'red', invalid: 'red' };

const PRICE = ['fee_amount', 'excluded_amount', 'payment_amount', 'patient_amount', 'other_fund_amount', 'fund_amount', 'item_amount', 'difference_amount', 'balance_amount'] as const;

/** One stay from all sides: the way to its group, its price step by step, the groups around it. */
export function Stay({ scheme, plan, stay }: { scheme: string; plan: string | undefined; stay: Pasted }) {
  const { t } = useTranslation('grouping');
  const { data, error, isPending } = useQuery({
    queryKey: ['/grouping/trials', scheme, plan, JSON.stringify(stay)],
    queryFn: () => take(api.POST('/grouping/trials', { body: { scheme, plan: plan ?? null, ...body(stay), details: true } })),
    retry: false,
  });
  if (isPending) return <Waiting />;
  const told = data?.stays[0];
  if (!told) return <ProblemAlert error={error} />;
  return (
    <>
      <section className="sheet" aria-label={t('stay.group')}>
        <h2>
          {told.group ? `${told.group} ${told.name}` : t('stay.no_group')} <Tag color={STATUS[told.status]}>{t(`status.${told.status}`)}</Tag>
          {told.severity.map((one) => (
            <Tag key={one} color="purple">
              {one}
            </Tag>
          ))}
          {told.auxiliary.map((one) => (
            <Tag key={one}>{one}</Tag>
          ))}
        </h2>
        <p className="grouping-path">
          {told.path.map((place, n) => (
            <span key={place.code}>
              {n > 0 && '› '}
              <Link to={`/grouping/schemes/${encodeURIComponent(scheme)}?q=${encodeURIComponent(place.code)}`}>
                {place.level} {place.code} {place.name}
              </Link>
            </span>
          ))}
        </p>
        <div className="grouping-two">
          <Codes told={told} />
          {told.price ? (
            <dl className="grouping-sums">
              {PRICE.map((name) => (
                <div key={name}>
                  <dt>{t(`amount.${name}`)}</dt>
                  <dd>
                    <Amount fen={told.price?.[name] ?? 0} strong={name === 'payment_amount' || name === 'balance_amount'} />
                  </dd>
                </div>
              ))}
              <div>
                <dt>{t('column.weight')}</dt>
                <dd>{told.price.weight ?? '—'}</dd>
              </div>
              <div>
                <dt>{t('stay.points')}</dt>
                <dd>{told.price.points}</dd>
              </div>
            </dl>
          ) : (
            <p className="lead">{told.refusal ? t('stay.refused', { message: told.refusal.message }) : t('stay.no_plan')}</p>
          )}
        </div>
      </section>
      <Neighbours told={told} />
      {told.price && (
        <section className="sheet" aria-label={t('stay.steps')}>
          <h2>{t('stay.steps')}</h2>
          <Trace steps={told.price.steps} />
        </section>
      )}
      <section className="sheet" aria-label={t('stay.why')}>
        <h2>{t('stay.why')}</h2>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
        <pre className="grouping-why" tabIndex={0}>
          {told.why.join('\n')}
        </pre>
      </section>
    </>
  );
}

function Codes({ told }: { told: Told }) {
  const { t } = useTranslation('grouping');
  const list = (codes: Schema['TrialCode'][], first: string, other: string) =>
    codes.map((one, n) => (
      <li key={`${one.code}/${n}`}>
        {t(n === 0 ? first : other)} <code>{one.code}</code> {one.name}
      </li>
    ));
  return (
    <ul className="grouping-codes">
      {list(told.diagnoses, 'stay.principal', 'stay.diagnosis')}
      {list(told.procedures, 'stay.main', 'stay.procedure')}
    </ul>
  );
}

/** 邻组: where one change of the codes leads, then what stands beside it in the tree. */
function Neighbours({ told }: { told: Told }) {
  const { t } = useTranslation('grouping');
  const own = told.price?.payment_amount;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
    <section className="sheet list-scroll" aria-label={t('around.title')} tabIndex={0}>
      <h2>{t('around.title')}</h2>
      <p className="lead">{t('around.lead')}</p>
      <Table<Neighbour>
        size="small"
        pagination={false}
        rowKey="group"
        dataSource={told.neighbours}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('around.empty')} /> }}
        columns={[
          { title: t('column.group'), render: (_, one) => `${one.group} ${one.name}` },
          { title: t('column.status'), render: (_, one) => <Tag color={STATUS[one.status]}>{t(`status.${one.status}`)}</Tag> },
          {
            title: t('around.by'),
            render: (_, one) =>
              one.by.length ? (
                <ul className="grouping-codes">
                  {one.by.map((change) => (
                    <li key={`${change.kind}/${change.code.code}`}>
                      {t(`change.${change.kind}`)} <code>{change.code.code}</code> {change.code.name}
                    </li>
                  ))}
                </ul>
              ) : (
                t('around.beside')
              ),
          },
          { title: t('around.rule'), render: (_, one) => <code className="grouping-rule">{one.rule || '—'}</code> },
          { title: t('column.weight'), align: 'right', className: 'figures', render: (_, one) => one.price?.weight ?? '—' },
          { title: t('column.payment'), align: 'right', render: (_, one) => (one.price ? <Amount fen={one.price.payment_amount} /> : (one.refusal?.message ?? '—')) },
          { title: t('around.change'), align: 'right', render: (_, one) => (one.price && own != null ? <Amount strong fen={one.price.payment_amount - own} /> : '—') },
        ]}
      />
    </section>
  );
}
