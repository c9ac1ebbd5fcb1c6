import { useQuery } from '@tanstack/react-query';
import { Card, Empty, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { named } from '../parts/answers';

/** 事项目录: what can be applied for, by group. */
export function Catalogue() {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  const may = useMay('service.apply');
  const { data, error, isPending } = useQuery({ queryKey: ['/services'], queryFn: () => take(api.GET('/services')) });
  if (isPending) return <Waiting />;
  const groups = [...new Set((data ?? []).map((item) => item.group))];
  return (
    <Page title={t('catalogue.title')} lead={t('catalogue.lead')}>
      <ProblemAlert error={error} />
      {!groups.length && !error && <Empty description={t('catalogue.empty')} />}
      <div className="service-groups">
        {groups.map((group) => (
          <section key={group}>
            <h2>{group}</h2>
            <ul className="service-cards">
              {(data ?? [])
                .filter((item) => item.group === group)
                .map((item) => (
                  <li key={item.id}>
                    <Card
                      size="small"
                      title={may ? <Link to={`apply/${item.id}`}>{named(english, item)}</Link> : named(english, item)}
                      extra={item.automatic && <Tag color="green">{t('catalogue.automatic')}</Tag>}
                    >
                      <p>{(english && item.english_summary) || item.summary}</p>
                      <p className="lead">{item.article}</p>
                    </Card>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </Page>
  );
}
