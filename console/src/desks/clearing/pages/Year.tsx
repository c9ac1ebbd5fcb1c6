import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Drawer, Empty, InputNumber, Select, Table } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Amount, Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Trace } from '../../../parts/Trace';
import { Waiting } from '../../../parts/Waiting';
import { named } from '../../../parts/tell';

type Pool = Schema['PoolYear'];
type Institution = Schema['InstitutionYear'];
type Plan = Schema['YearPlan'];
type Answer = Schema['WhatIfAnswer'];

/** 年终清算: closed years, and what an open one would come to if its figures were otherwise. */
export function Year() {
  const { t } = useTranslation('clearing');
  const [params, setParams] = useSearchParams();
  const months = useQuery({ queryKey: ['/clearing/months', undefined], queryFn: () => take(api.GET('/clearing/months')) });
  const present = Number(months.data?.[0]?.month.slice(0, 4)) || dayjs().year();
  const year = Number(params.get('year')) || present;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/clearing/years/{year}', year],
    queryFn: () => take(api.GET('/clearing/years/{year}', { params: { path: { year } } })),
    enabled: months.isFetched,
  });
  const plan = data?.find((one) => one.id === params.get('plan')) ?? data?.[0];
  const pool = plan?.pools.find((one) => one.id === params.get('pool')) ?? plan?.pools[0];
  const choose = (changes: Record<string, string>) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      next.delete('institution');
      for (const [name, value] of Object.entries(changes)) next.set(name, value);
      return next;
    });
  return (
    <Page
      title={t('yearend.title')}
      lead={t('yearend.lead')}
      actions={
        <>
          <Select
            aria-label={t('year')}
            value={year}
            options={[present - 1, present, present + 1].map((value) => ({ value, label: t('year_of', { year: value }) }))}
            onChange={(value) => choose({ year: String(value) })}
          />
          <Select
            aria-label={t('yearend.plan')}
            popupMatchSelectWidth={false}
            value={plan?.id}
            placeholder={t('yearend.plan')}
            options={data?.map((one) => ({ value: one.id, label: one.title }))}
            onChange={(value: string) => choose({ plan: value, pool: '' })}
          />
          <Select
            aria-label={t('yearend.pool')}
            value={pool?.id}
            placeholder={t('yearend.pool')}
            options={plan?.pools.map((one) => ({ value: one.id, label: one.name }))}
            onChange={(value: string) => choose({ pool: value })}
          />
        </>
      }
    >
      <ProblemAlert error={error ?? months.error} retry={() => void refetch()} />
      {isPending && !error && <Waiting />}
      {data && (!plan || !pool) && <Empty description={t('yearend.no_plan', { year })} />}
      {plan && pool && <PoolPart key={`${year}/${plan.id}/${pool.id}`} year={year} plan={plan} pool={pool} />}
    </Page>
  );
}

function PoolPart({ year, plan, pool }: { year: number; plan: Plan; pool: Plan['pools'][number] }) {
  const { t } = useTranslation('clearing');
  const may = useMay('clearing.simulate');
  const [set, setSet] = useState<Record<string, string>>({});
  const asked = Object.entries(set).map(([id, value]) => ({ id, value }));
  const body = { plan: plan.id, pool: pool.id, year };
  const open = !pool.closed && pool.variables.length > 0;
  // The plan as it is, before anything is tried.
  const present = useQuery({
    queryKey: ['/clearing/what-if', body],
    queryFn: () => take(api.POST('/clearing/what-if', { body: { ...body, set: [] } })),
    enabled: may && open,
  });
  const tried = useMutation({ mutationFn: () => take(api.POST('/clearing/what-if', { body: { ...body, set: asked } })) });
  const answer = tried.data ?? present.data;
  return (
    <>
      {pool.closed && <Closed pool={pool.closed} />}
      {!pool.closed && !pool.variables.length && <Empty description={t('yearend.no_budget')} />}
      {open && !may && <Alert showIcon type="info" title={t('yearend.may_not')} />}
      {open && may && (
        <section className="sheet" aria-label={t('yearend.try')}>
          <h2>{t('yearend.try')}</h2>
          <form
            className="clearing-form"
            onSubmit={(event) => {
              event.preventDefault();
              tried.mutate();
            }}
          >
            {pool.variables.map((one) => (
              <label key={one.id} htmlFor={`year-${one.id}`}>
                <span>{t(`unit.${one.unit}`, { name: one.name })}</span>
                <InputNumber<string>
                  id={`year-${one.id}`}
                  stringMode
                  min="0"
                  style={{ width: '100%' }}
                  placeholder={one.value ?? t('yearend.differs')}
                  value={set[one.id] ?? one.value}
                  onChange={(value) =>
                    setSet((now) => {
                      const next = { ...now };
                      if (value === null || value === one.value) delete next[one.id];
                      else next[one.id] = String(value);
                      return next;
                    })
                  }
                />
                <small>{one.article}</small>
              </label>
            ))}
            <span>
              <Button type="primary" htmlType="submit" disabled={!asked.length} loading={tried.isPending}>
                {t('yearend.go')}
              </Button>{' '}
              <Button
                disabled={!asked.length && !tried.data}
                onClick={() => {
                  setSet({});
                  tried.reset();
                }}
              >
                {t('yearend.reset')}
              </Button>
            </span>
          </form>
          <p className="lead">{t('yearend.unrecorded')}</p>
        </section>
      )}
      <ProblemAlert error={tried.error ?? present.error} />
      {present.isFetching && <Waiting />}
      {answer && <Compared answer={answer} tried={!!tried.data} />}
    </>
  );
}

const POOL = ['budget_amount', 'outside_amount', 'distributable_amount', 'drawn_amount', 'left_amount'] as const;

function Compared({ answer, tried }: { answer: Answer; tried: boolean }) {
  const { t } = useTranslation('clearing');
  return (
    <>
      {answer.open.length > 0 && <Alert className="problem" type="info" showIcon title={t('yearend.open', { count: answer.open.length })} />}
      <section className="sheet" aria-label={t('yearend.pool_sums')}>
        <h2>{t('yearend.pool_sums')}</h2>
        <dl className="clearing-sums">
          <div>
            <dt>{t('yearend.point_value')}</dt>
            <dd>{tried ? `${answer.present.point_value} → ${answer.tried.point_value}` : answer.present.point_value}</dd>
          </div>
          <div>
            <dt>{t('column.points')}</dt>
            <dd>{answer.present.points}</dd>
          </div>
          {POOL.map((name) => (
            <div key={name}>
              <dt>{t(`column.${name}`)}</dt>
              <dd>
                <Amount fen={answer.present[name]} />
                {tried && answer.tried[name] !== answer.present[name] && (
                  <>
                    {' → '}
                    <Amount fen={answer.tried[name]} strong />
                  </>
                )}
              </dd>
            </div>
          ))}
        </dl>
        <h2>{t('yearend.steps')}</h2>
        <Trace steps={answer.tried.steps} />
      </section>
      <Institutions pool={answer.tried} before={tried ? answer.present : undefined} />
    </>
  );
}

function Closed({ pool }: { pool: Pool }) {
  const { t } = useTranslation('clearing');
  return (
    <>
      <Alert className="problem" type="success" showIcon title={t('yearend.closed', { year: pool.year })} />
      <Institutions pool={pool} />
    </>
  );
}

const OWN = ['booked_amount', 'entitled_amount', 'retained_amount', 'returned_amount', 'overspend_shared_amount', 'overspend_borne_amount', 'payable_amount', 'prepaid_amount', 'balance_amount'] as const;

/** What each institution would be owed; a row's figures open to its steps. */
function Institutions({ pool, before }: { pool: Pool; before?: Pool | undefined }) {
  const { t, i18n } = useTranslation('clearing');
  const english = i18n.language === 'en';
  const [params, setParams] = useSearchParams();
  const shown = pool.institutions.find((one) => one.institution.code === params.get('institution'));
  const to = (row: Institution) => {
    const next = new URLSearchParams(params);
    next.set('institution', row.institution.code);
    return `?${next}`;
  };
  const was = new Map(before?.institutions.map((one) => [one.institution.code, one]));
  const change = (row: Institution) => row.payable_amount - (was.get(row.institution.code)?.payable_amount ?? row.payable_amount);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
    <section className="sheet list-scroll" aria-label={t('yearend.institutions')} tabIndex={0}>
      <h2>{t('yearend.institutions')}</h2>
      <Table<Institution>
        size="small"
        pagination={false}
        rowKey={(row) => row.institution.code}
        dataSource={pool.institutions}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('yearend.empty')} /> }}
        columns={[
          { title: t('column.institution'), render: (_, row) => named(row.institution, english) },
          { title: t('column.cases'), align: 'right', className: 'figures', render: (_, row) => row.cases, sorter: (a, b) => a.cases - b.cases },
          { title: t('column.points'), align: 'right', className: 'figures', render: (_, row) => row.points },
          { title: t('yearend.ratio'), align: 'right', className: 'figures', render: (_, row) => (row.ratio ? Number(row.ratio).toFixed(4) : '—') },
          { title: t('yearend.band'), render: (_, row) => (row.band ? t(`band.${row.band}`, { defaultValue: row.band }) : '—') },
          ...(before
            ? [
                {
                  title: t('yearend.change'),
                  key: 'change',
                  align: 'right' as const,
                  sorter: (a: Institution, b: Institution) => change(a) - change(b),
                  render: (_: unknown, row: Institution) => <Money strong fen={change(row)} to={to(row)} />,
                },
              ]
            : []),
          ...OWN.map((name) => ({
            title: t(`column.${name}`),
            key: name,
            align: 'right' as const,
            sorter: (a: Institution, b: Institution) => a[name] - b[name],
            render: (_: unknown, row: Institution) => <Money fen={row[name]} to={to(row)} />,
          })),
        ]}
      />
      <Drawer
        open={!!shown}
        size="large"
        title={shown && named(shown.institution, english)}
        onClose={() =>
          setParams((now) => {
            const next = new URLSearchParams(now);
            next.delete('institution');
            return next;
          })
        }
      >
        {shown && (
          <>
            <dl className="clearing-sums">
              {OWN.map((name) => (
                <div key={name}>
                  <dt>{t(`column.${name}`)}</dt>
                  <dd>
                    <Amount fen={shown[name]} />
                  </dd>
                </div>
              ))}
            </dl>
            <Trace steps={shown.steps} empty={t('yearend.no_steps')} />
          </>
        )}
      </Drawer>
    </section>
  );
}
