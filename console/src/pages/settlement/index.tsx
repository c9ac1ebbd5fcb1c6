import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Page } from '../../parts/Page';

export default function Settlement() {
  const { t } = useTranslation('settlement');
  const { id } = useParams();
  return <Page title={t('title')}>{id}</Page>;
}
