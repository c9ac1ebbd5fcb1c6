import { Button, Result } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

export function Nowhere() {
  const { t } = useTranslation();
  return (
    <Result
      status="404"
      title={t('nowhere.title')}
      subTitle={t('nowhere.lead')}
      extra={
        <Link to="/">
          <Button type="primary">{t('nowhere.home')}</Button>
        </Link>
      }
    />
  );
}
