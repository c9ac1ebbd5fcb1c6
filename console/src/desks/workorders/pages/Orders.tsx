import { useQuery } from '@tanstack/react-query';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { Applications } from '../../services/parts/Applications';
import { named } from '../../services/parts/answers';

/** 工单: those raised, and raising another. */
export function Orders() {
  const { t, i18n } = useTranslation('workorders');
  const english = i18n.language === 'en';
  const { data } = useQuery({ queryKey: ['/workorder-kinds'], queryFn: () => take(api.GET('/workorder-kinds')) });
  const kinds = data ?? [];
  return (
    <Page
      title={t('orders.title')}
      lead={t('orders.lead')}
      actions={
        <Dropdown menu={{ items: kinds.map((kind) => ({ key: kind.id, label: <Link to={`/workorders/new/${kind.id}`}>{named(english, kind)}</Link> })) }}>
          <Button type="primary">{t('orders.raise')}</Button>
        </Dropdown>
      }
    >
      <Applications path="/workorders" open="/workorders" label={t('orders.title')} empty={t('orders.empty')} items={kinds} />
    </Page>
  );
}
