import { Spin } from 'antd';
import { useTranslation } from 'react-i18next';

/** Something is being fetched. `whole`: the page has nothing else yet. */
export function Waiting({ whole = false }: { whole?: boolean }) {
  const { t } = useTranslation('parts');
  return (
    <div className={whole ? 'waiting whole' : 'waiting'} role="status" aria-label={t('waiting')}>
      <Spin />
    </div>
  );
}
