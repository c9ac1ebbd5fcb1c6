import { Empty, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { Amount } from '../../parts/Money';
import { named } from '../../parts/tell';
import type { Settlement } from './index';

type Line = Settlement['lines'][number];

const AMOUNTS = ['amount', 'full_self_pay_amount', 'over_limit_amount', 'pre_self_pay_amount', 'in_scope_amount'] as const;

/** 费用明细: each line with its split. */
export function Lines({ settlement }: { settlement: Settlement }) {
  const { t, i18n } = useTranslation('settlement');
  const english = i18n.language === 'en';
  const { lines, heads } = settlement;
  if (!lines.length) return <Empty description={t('no_lines')} />;
  const sums = { ...heads, amount: heads.total_amount };
  return (
    <section className="sheet">
      <p className="lead">{t('lines_lead')}</p>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
      <div className="list-scroll" role="region" aria-label={t('tab.lines')} tabIndex={0}>
        <Table<Line>
          size="small"
          pagination={false}
          rowKey="id"
          dataSource={lines}
          columns={[
            {
              title: t('line.item'),
              render: (_, line) => (
                <>
                  {named(line.item, english)} <code className="quiet">{line.item.code}</code>
                </>
              ),
            },
            {
              title: t('line.level'),
              render: (_, line) => (
                <>
                  {named(line.level, english)}
                  {line.pre_self_pay_percent && <div className="quiet">{t('line.pre_self_pay', { percent: line.pre_self_pay_percent })}</div>}
                  {line.price_limit && <div className="quiet">{t('line.limit', { limit: line.price_limit })}</div>}
                </>
              ),
            },
            { title: t('line.at'), className: 'figures', render: (_, line) => line.at.slice(0, 16).replace('T', ' ') },
            { title: t('line.count'), align: 'right', className: 'figures', render: (_, line) => `${line.count} × ${line.price}` },
            ...AMOUNTS.map((name) => ({
              title: t(`line.${name}`),
              align: 'right' as const,
              className: 'figures',
              render: (_: unknown, line: Line) => <Amount fen={line[name]} />,
            })),
          ]}
          summary={() => (
            <Table.Summary.Row>
              <Table.Summary.Cell index={0} colSpan={4}>
                <b>{t('sum')}</b>
              </Table.Summary.Cell>
              {AMOUNTS.map((name, n) => (
                <Table.Summary.Cell key={name} index={n + 4} align="right">
                  <Amount fen={sums[name]} strong />
                </Table.Summary.Cell>
              ))}
            </Table.Summary.Row>
          )}
        />
      </div>
    </section>
  );
}
