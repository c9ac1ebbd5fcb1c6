import { useTranslation } from 'react-i18next';
import type { Schema } from '../../frame/client';

/** The words of a hospital's insurance office, and what codes are called. */
export function useWords() {
  const { t, i18n } = useTranslation('hospital');
  const name = (coded: Schema['Coded']) => (i18n.language === 'en' && coded.english) || coded.name || coded.code;
  return { t, name, english: i18n.language === 'en' };
}
