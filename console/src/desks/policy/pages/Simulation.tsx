import { Alert, Empty, Table } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { Money } from '../../../parts/Money';
import { count } from '../../../parts/money';
import type { Schema } from '../../../frame/client';
import { useNamed } from '../data';

type Told = Schema['PolicySimulation'];
type Sums = Schema['SimulatedSums'];

/** Settlements behind a sum. */
function behind(month: string, more: Record<string, string> = {}) {
  const from = dayjs(`${month}-01`);
  return `/settlements?${new URLSearchParams({ from: from.format('YYYY-MM-DD'), to: from.endOf('month').format('YYYY-MM-DD'), ...more })}`;
}

/** 政策模拟: who gains and who loses when a settled month is replayed. */
export function Simulation({ simulation }: { simulation: Told }) {
  const { t } = useTranslation('policy');
  const named = useNamed();
  const { all, month } = simulation;
  const person = all.person_after_amount - all.person_before_amount;
  const funds = all.funds_after_amount - all.funds_before_amount;
  const to = behind(month);
  const sums = (rows: Schema['SimulatedGroup'][], label: string, query: (row: Schema['SimulatedGroup']) => Record<string, string>) => (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
    <section className="sheet list-scroll" aria-label={label} tabIndex={0}>
      <h2>{label}</h2>
      <Table
        size="small"
        pagination={false}
        rowKey={(row) => `${row.first.code}/${row.second.code}`}
        dataSource={rows}
        columns={[
          { title: t('simulation.group'), render: (_, row) => `${named(row.first)} · ${named(row.second)}` },
          { title: t('simulation.settlements'), align: 'right', className: 'figures', render: (_, row) => count(row.sums.settlements) },
          { title: t('simulation.persons'), align: 'right', className: 'figures', render: (_, row) => count(row.sums.persons) },
          ...amounts((row: Schema['SimulatedGroup']) => row.sums, (row) => behind(month, query(row))),
        ]}
      />
    </section>
  );
  const amounts = <T,>(of: (row: T) => Sums, where: (row: T) => string) =>
    (
      [
        ['funds_before', (sums: Sums) => sums.funds_before_amount],
        ['funds_after', (sums: Sums) => sums.funds_after_amount],
        ['funds_change', (sums: Sums) => sums.funds_after_amount - sums.funds_before_amount],
        ['person_change', (sums: Sums) => sums.person_after_amount - sums.person_before_amount],
      ] as const
    ).map(([name, value]) => ({
      title: t(`simulation.${name}`),
      key: name,
      align: 'right' as const,
      className: 'figures',
      render: (_: unknown, row: T) => <Money fen={value(of(row))} to={where(row)} />,
    }));
  return (
    <>
      <section className="sheet" aria-label={t('simulation.title', { month })}>
        <h2>{t('simulation.title', { month })}</h2>
        {simulation.capped && <Alert className="problem" type="warning" showIcon title={t('simulation.capped')} />}
        {all.settlements === 0 ? (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('simulation.empty')} />
        ) : (
          <dl className="policy-three">
            <div>
              <dt>{t('simulation.settlements')}</dt>
              <dd>{count(all.settlements)}</dd>
            </div>
            <div>
              <dt>{t('simulation.persons_less')}</dt>
              <dd>{count(simulation.persons_less)}</dd>
            </div>
            <div>
              <dt>{t('simulation.persons_same')}</dt>
              <dd>{count(simulation.persons_same)}</dd>
            </div>
            <div>
              <dt>{t('simulation.persons_more')}</dt>
              <dd>{count(simulation.persons_more)}</dd>
            </div>
            <div>
              <dt>{t('simulation.funds_change')}</dt>
              <dd>
                <Money fen={funds} to={to} />
              </dd>
            </div>
            <div>
              <dt>{t('simulation.person_change')}</dt>
              <dd>
                <Money fen={person} to={to} />
              </dd>
            </div>
          </dl>
        )}
        {simulation.left_out.map((out) => (
          <Alert
            key={out.reason}
            className="problem"
            type="info"
            showIcon
            title={t('simulation.left_out', { count: out.settlements, reason: out.reason })}
            description={out.example}
          />
        ))}
      </section>
      {simulation.by_fund.length > 0 && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
        <section className="sheet list-scroll" aria-label={t('simulation.by_fund')} tabIndex={0}>
          <h2>{t('simulation.by_fund')}</h2>
          <Table
            size="small"
            pagination={false}
            rowKey={(row) => row.fund.code}
            dataSource={simulation.by_fund}
            columns={[
              { title: t('simulation.fund'), render: (_, row) => named(row.fund) },
              { title: t('simulation.funds_before'), align: 'right', render: (_, row) => <Money fen={row.before_amount} to={to} /> },
              { title: t('simulation.funds_after'), align: 'right', render: (_, row) => <Money fen={row.after_amount} to={to} /> },
              { title: t('simulation.funds_change'), align: 'right', render: (_, row) => <Money fen={row.after_amount - row.before_amount} to={to} /> },
            ]}
          />
        </section>
      )}
      {simulation.by_person_group.length > 0 &&
        sums(simulation.by_person_group, t('simulation.by_person_group'), (row) => ({ scheme: row.first.code, person_group: row.second.code }))}
      {simulation.by_care.length > 0 && sums(simulation.by_care, t('simulation.by_care'), (row) => ({ med_type: row.first.code }))}
      {simulation.largest.length > 0 && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
        <section className="sheet list-scroll" aria-label={t('simulation.largest')} tabIndex={0}>
          <h2>{t('simulation.largest')}</h2>
          <Table
            size="small"
            pagination={false}
            rowKey="settlement"
            dataSource={simulation.largest}
            columns={[
              { title: t('simulation.day'), dataIndex: 'day' },
              { title: t('simulation.institution'), render: (_, row) => named(row.institution) },
              { title: t('simulation.care'), render: (_, row) => named(row.med_type) },
              { title: t('simulation.person_group'), render: (_, row) => named(row.person_group) },
              { title: t('simulation.total'), align: 'right', render: (_, row) => <Money fen={row.total_amount} to={`/settlements/${row.settlement}`} /> },
              { title: t('simulation.person_before'), align: 'right', render: (_, row) => <Money fen={row.person_before_amount} to={`/settlements/${row.settlement}?tab=why`} /> },
              { title: t('simulation.person_after'), align: 'right', render: (_, row) => <Money fen={row.person_after_amount} to={`/settlements/${row.settlement}?tab=why`} /> },
              {
                title: t('simulation.person_change'),
                align: 'right',
                render: (_, row) => <Money strong fen={row.person_after_amount - row.person_before_amount} to={`/settlements/${row.settlement}?tab=why`} />,
              },
            ]}
          />
        </section>
      )}
    </>
  );
}
