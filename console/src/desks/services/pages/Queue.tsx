import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { Applications } from '../parts/Applications';

/** 申请与办理: the queue at the counter. */
export function Queue() {
  const { t } = useTranslation('services');
  const { data } = useQuery({ queryKey: ['/services'], queryFn: () => take(api.GET('/services')) });
  return (
    <Page title={t('queue.title')} lead={t('queue.lead')}>
      <Applications path="/applications" open="/services/applications" label={t('queue.title')} empty={t('queue.empty')} items={data ?? []} />
    </Page>
  );
}
