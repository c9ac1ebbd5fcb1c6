import type { Schema } from '../../../frame/client';
import { useWords } from './words';

/** The clock that runs out first. */
export function Due({ clock }: { clock: Schema['RunningClock'] | null | undefined }) {
  const { t } = useWords();
  if (!clock) return <>{t('due.none')}</>;
  return (
    <span className={clock.over ? 'audit-over' : 'figures'} title={clock.name}>
      {clock.due}
      {clock.over && ` ${t('due.over')}`}
    </span>
  );
}
