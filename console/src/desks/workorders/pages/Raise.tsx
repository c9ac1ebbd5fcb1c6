import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { api, take } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Apply } from '../../services/parts/Apply';
import { named } from '../../services/parts/answers';

/** 提出工单. */
export function Raise() {
  const { t, i18n } = useTranslation('workorders');
  const english = i18n.language === 'en';
  const { kind: id = '' } = useParams();
  const go = useNavigate();
  const { data, error } = useQuery({ queryKey: ['/workorder-kinds'], queryFn: () => take(api.GET('/workorder-kinds')) });
  const item = data?.find((one) => one.id === id);
  if (error) return <ProblemAlert error={error} />;
  if (!item) return <Waiting />;
  return (
    <Page title={named(english, item)} lead={(english && item.english_summary) || item.summary}>
      <Apply
        item={item}
        submit={t('orders.send')}
        send={(body) => take(api.POST('/workorder-kinds/{item}/orders', { params: { path: { item: id } }, body }))}
        onDone={(file) => void go(`/workorders/${file.row.case_id}`)}
      />
    </Page>
  );
}
