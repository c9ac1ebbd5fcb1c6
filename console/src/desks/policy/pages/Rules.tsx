import { Empty, Input, Segmented, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Cited } from '../Cited';
import { At, useNamed, useRules, type Rule } from '../data';

const KINDS = ['layer', 'refusal', 'accumulator', 'value', 'find', 'line_sum'] as const;

/** 规则: layers in their order, refusals in theirs, accumulators and formulas. */
export function Rules() {
  const { t } = useTranslation('policy');
  const { data, error, isPending, refetch } = useRules();
  const [params, setParams] = useSearchParams();
  const kind = KINDS.find((known) => known === params.get('kind')) ?? 'layer';
  const [q, setQ] = useState('');
  const wanted = q.trim().toLowerCase();
  const rows = (data ?? [])
    .filter((rule) => rule.kind === kind)
    .filter((rule) => !wanted || [rule.id, rule.name, rule.article].some((text) => text.toLowerCase().includes(wanted)));
  return (
    <Page title={t('rules.title')} lead={t(`rules.lead.${kind}`)}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      <section className="list" aria-label={t('rules.title')}>
        <search className="filters">
          <Segmented
            aria-label={t('rules.kind')}
            value={kind}
            options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
            onChange={(next) => setParams({ kind: next }, { replace: true })}
          />
          <Input className="filter" allowClear aria-label={t('rules.search')} placeholder={t('rules.search')} value={q} onChange={(event) => setQ(event.target.value)} />
        </search>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
        <div className="list-scroll" role="region" aria-label={t('rules.title')} tabIndex={0}>
          <RuleTable rules={rows} loading={isPending} />
        </div>
      </section>
    </Page>
  );
}

/** Rules with what is written of them. */
export function RuleTable({ rules, loading = false }: { rules: Rule[]; loading?: boolean }) {
  const { t } = useTranslation('policy');
  const named = useNamed();
  return (
    <Table<Rule>
      size="small"
      pagination={false}
      loading={loading}
      dataSource={rules.map((rule, n) => ({ ...rule, key: n }))}
      locale={{ emptyText: loading ? ' ' : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('rules.empty')} /> }}
      columns={[
        { title: t('column.order'), align: 'right', className: 'figures', render: (_, __, n) => n + 1 },
        {
          title: t('column.rule'),
          render: (_, rule) => (
            <>
              {named(rule)}
              <br />
              <code className="policy-place">{rule.id}</code>
            </>
          ),
        },
        {
          title: t('column.said'),
          render: (_, rule) => (
            <dl className="policy-said">
              {rule.said.map((said, n) => (
                <div key={n} style={{ display: 'contents' }}>
                  <dt>{t(`said.${said.field}`, { defaultValue: said.field })}</dt>
                  <dd>
                    <code>{said.text}</code>
                  </dd>
                </div>
              ))}
            </dl>
          ),
        },
        { title: t('column.article'), render: (_, rule) => <Cited article={rule.article} /> },
        { title: t('column.place'), render: (_, rule) => <At place={rule.place} /> },
      ]}
    />
  );
}
