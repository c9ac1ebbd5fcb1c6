import { useTranslation } from 'react-i18next';
import { Money } from '../../parts/Money';
import { Split } from '../../parts/Split';
import { named } from '../../parts/tell';
import type { Settlement } from './index';

type Head = Exclude<keyof Settlement['heads'], never>;

/** The sums that a reader can add up again, and where each part opens to. */
const SUMS: { whole: Head; parts: Head[] }[] = [
  { whole: 'total_amount', parts: ['full_self_pay_amount', 'over_limit_amount', 'pre_self_pay_amount', 'in_scope_amount'] },
  { whole: 'total_amount', parts: ['fund_amount', 'person_amount', 'hospital_amount'] },
  { whole: 'person_amount', parts: ['account_amount', 'cash_amount'] },
];
const OF_LINES: Head[] = ['total_amount', ...(SUMS[0]?.parts ?? [])];

/** 每一分的去处. */
export function Where({ settlement }: { settlement: Settlement }) {
  const { t, i18n } = useTranslation('settlement');
  const { heads, payers } = settlement;
  const money = (head: Head, strong = false) => (
    <span className="term">
      {t(`head.${head}`)} <Money fen={heads[head]} to={OF_LINES.includes(head) ? '?tab=lines' : '?tab=why'} strong={strong} />
    </span>
  );
  return (
    <section className="sheet">
      <Split total={heads.total_amount} parts={payers.map((payer) => ({ name: named(payer.fund, i18n.language === 'en'), amount: payer.amount, to: '?tab=why' }))} />
      <h2>{t('sums')}</h2>
      <ul className="sums">
        {SUMS.map(({ whole, parts }, n) => (
          <li key={n}>
            {money(whole, true)}
            {parts.map((part, m) => (
              <span key={part}>
                <span aria-hidden="true"> {m === 0 ? '=' : '+'} </span>
                {money(part)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
