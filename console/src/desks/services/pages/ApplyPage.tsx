import { useQuery } from '@tanstack/react-query';
import { Collapse } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { api, take } from '../../../frame/client';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Apply } from '../parts/Apply';
import { named } from '../parts/answers';

/** 申请一个事项. */
export function ApplyPage() {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  const { item: id = '' } = useParams();
  const go = useNavigate();
  const path = { params: { path: { item: id } } };
  const { data: item, error } = useQuery({ queryKey: ['/services', id], queryFn: () => take(api.GET('/services/{item}', path)) });
  if (error) return <ProblemAlert error={error} />;
  if (!item) return <Waiting />;
  return (
    <Page title={named(english, item)} lead={(english && item.english_summary) || item.summary}>
      <Apply
        item={item}
        submit={t('form.submit')}
        check={(body) => take(api.POST('/services/{item}/check', { ...path, body }))}
        send={(body) => take(api.POST('/services/{item}/applications', { ...path, body }))}
        onDone={(file) => void go(`../applications/${file.row.case_id}`)}
      >
        <Collapse
          style={{ marginBottom: 16 }}
          items={[
            {
              key: 'conditions',
              label: t('form.conditions'),
              children: (
                <>
                  <ul>
                    {item.conditions.map((one) => (
                      <li key={one.says}>
                        {((english && one.english) || one.says).replace(/\{[^}]*\}/g, '…')}（{one.article}）
                      </li>
                    ))}
                  </ul>
                  <p className="lead">
                    {item.times
                      .map(({ name, days, working }) => t(working ? 'form.working_days' : 'form.days', { name, days }))
                      .join(' · ')}
                  </p>
                </>
              ),
            },
          ]}
        />
      </Apply>
    </Page>
  );
}
