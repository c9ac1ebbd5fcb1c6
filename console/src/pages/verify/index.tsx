import { useTranslation } from 'react-i18next';

export default function Verify() {
  const { t } = useTranslation('verify');
  return (
    <main className="alone">
      <h1>{t('title')}</h1>
    </main>
  );
}
