import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { api, take } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Apply } from '../parts/Apply';
import { named } from '../parts/answers';

/** 零星报销录入, with the settlement as it would be. */
export function ClaimEntry() {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  const { item: id = '' } = useParams();
  const go = useNavigate();
  const { data, error } = useQuery({ queryKey: ['/manual-claim-forms'], queryFn: () => take(api.GET('/manual-claim-forms')) });
  const path = { params: { path: { item: id } } };
  const item = data?.find((one) => one.id === id);
  if (error) return <ProblemAlert error={error} />;
  if (!item) return <Waiting />;
  return (
    <Page title={t('claims.enter', { name: named(english, item) })} lead={(english && item.english_summary) || item.summary}>
      <Apply
        item={item}
        submit={t('claims.submit')}
        check={(body) => take(api.POST('/manual-claim-forms/{item}/check', { ...path, body }))}
        send={(body) => take(api.POST('/manual-claim-forms/{item}/claims', { ...path, body }))}
        onDone={(file) => void go(`/services/claims/${file.row.case_id}`)}
      />
    </Page>
  );
}
