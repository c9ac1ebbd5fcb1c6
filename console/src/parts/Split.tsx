import { useTranslation } from 'react-i18next';
import type { To } from 'react-router';
import { Amount, Money } from './Money';
import { percent } from './money';

interface SplitProps {
  /** 分: the whole bill. */
  total: number;
  /** Who paid what of it; the parts add up to the whole. `to`: where an amount opens to. */
  parts: { name: string; amount: number; to?: To }[];
}

/** 每一分的去处: one bar and its legend. Parts of nothing are left out. */
export function Split({ total, parts }: SplitProps) {
  const { t } = useTranslation('parts');
  const shown = parts.filter((part) => part.amount !== 0);
  const of = (amount: number) => (total ? amount / total : 0);
  return (
    <div className="split">
      <div className="split-bar" aria-hidden="true">
        {shown.map((part, n) => (
          <span key={n} className={`split-${n % 8}`} style={{ flexGrow: Math.abs(part.amount) }} title={`${part.name} ${percent(of(part.amount))}`} />
        ))}
      </div>
      <ul>
        {shown.map((part, n) => (
          <li key={n}>
            <i className={`split-${n % 8}`} aria-hidden="true" />
            <span>{part.name}</span>
            <span className="split-share">{percent(of(part.amount))}</span>
            {part.to === undefined ? <Amount fen={part.amount} /> : <Money fen={part.amount} to={part.to} />}
          </li>
        ))}
        <li className="split-total">
          <i aria-hidden="true" />
          <span>{t('split.total')}</span>
          <span className="split-share" />
          <Amount fen={total} strong />
        </li>
      </ul>
    </div>
  );
}
