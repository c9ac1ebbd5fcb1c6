import { useTranslation } from 'react-i18next';
import { Link, type To } from 'react-router';
import { yuan } from './money';

interface MoneyProps {
  /** 分. */
  fen: number;
  /** Where the amount opens to: its trace, or the rows that it sums. */
  to: To;
  /** Emphasised, as a sum is. */
  strong?: boolean;
}

/** 金额: an amount that opens to why it is what it is. */
export function Money({ fen, to, strong }: MoneyProps) {
  const { t } = useTranslation('parts');
  return (
    <Link className={`money${strong ? ' strong' : ''}${fen < 0 ? ' negative' : ''}`} to={to} title={t('money.open')}>
      {yuan(fen)}
    </Link>
  );
}

/** An amount inside the very trace that explains it; everywhere else use {@link Money}. */
export function Amount({ fen, strong }: { fen: number; strong?: boolean }) {
  return <span className={`money${strong ? ' strong' : ''}${fen < 0 ? ' negative' : ''}`}>{yuan(fen)}</span>;
}
