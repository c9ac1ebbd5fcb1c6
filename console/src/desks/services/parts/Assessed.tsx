import { Alert, Collapse } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../../frame/client';
import { Amount } from '../../../parts/Money';

/** 预审与试算: what the rules say now, and what a claim would be settled at. */
export function Assessed({ found }: { found: Schema['ServiceAssessment'] }) {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  const half = (text: string) => (english ? (text.split(' / ')[1] ?? text) : (text.split(' / ')[0] ?? text));
  const wrong = [
    ...found.faults.map((fault) => `${fault.row ? t('assessed.row', { row: fault.row }) : ''}${half(fault.message)}`),
    ...found.missing.map((name) => t('assessed.missing', { name })),
    ...found.reasons.map((reason) => `${(english && reason.english) || reason.says}${reason.article ? `（${reason.article}）` : ''}`),
  ];
  const settlement = found.settlement;
  return (
    <section aria-live="polite" className="assessed">
      {found.ready ? (
        <Alert type="success" showIcon title={t(found.automatic ? 'assessed.automatic' : 'assessed.ready')} />
      ) : (
        <Alert
          type="warning"
          showIcon
          title={t('assessed.not_ready')}
          description={
            <ul>
              {wrong.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          }
        />
      )}
      {settlement && (
        <>
          <h2>{t('assessed.trial')}</h2>
          <dl className="figures-list">
            {(
              [
                ['medfee_amount', settlement.medfee_amount],
                ['own_amount', settlement.own_amount],
                ['over_limit_amount', settlement.over_limit_amount],
                ['first_self_amount', settlement.first_self_amount],
                ['in_scope_amount', settlement.in_scope_amount],
                ['deductible_amount', settlement.deductible_amount],
                ['fund_amount', settlement.fund_amount],
                ['cash_amount', settlement.cash_amount],
              ] as const
            ).map(([name, fen]) => (
              <div key={name}>
                <dt>{t(`head.${name}`)}</dt>
                <dd>
                  <Amount fen={fen} strong={name === 'fund_amount'} />
                </dd>
              </div>
            ))}
            {settlement.funds.map((fund) => (
              <div key={fund.code}>
                <dt>{fund.name}</dt>
                <dd>
                  <Amount fen={fund.amount} />
                </dd>
              </div>
            ))}
          </dl>
          <Collapse
            items={[
              {
                key: 'why',
                label: t('assessed.why'),
                children: <pre className="explanation">{english ? settlement.english_explanation : settlement.explanation}</pre>,
              },
            ]}
          />
        </>
      )}
    </section>
  );
}
