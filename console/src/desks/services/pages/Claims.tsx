import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, take } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Page } from '../../../parts/Page';
import { Applications } from '../parts/Applications';
import { named } from '../parts/answers';

/** 零星报销: the claims, and entering another. */
export function Claims() {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  const go = useNavigate();
  const may = useMay('manual_claim.enter');
  const { data } = useQuery({ queryKey: ['/manual-claim-forms'], queryFn: () => take(api.GET('/manual-claim-forms')) });
  const enter = (data ?? []).map((item) => (
    <Button key={item.id} type="primary" onClick={() => void go(`/services/claims/new/${item.id}`)}>
      {t('claims.enter', { name: named(english, item) })}
    </Button>
  ));
  return (
    <Page title={t('claims.title')} lead={t('claims.lead')} actions={may && enter}>
      <Applications path="/manual-claims" open="/services/claims" label={t('claims.title')} empty={t('claims.empty')} items={data ?? []} money />
    </Page>
  );
}
