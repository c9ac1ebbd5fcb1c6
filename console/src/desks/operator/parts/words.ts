import { useTranslation } from 'react-i18next';
import { named, type Coded } from '../../../parts/tell';

/** The desk's words, and codes in the reader's language. */
export function useWords() {
  const { t, i18n } = useTranslation('operator');
  const english = i18n.language === 'en';
  return {
    t,
    english,
    name: (coded: Coded | null | undefined) => (coded ? named(coded, english) : '—'),
  };
}

/** A moment as people write it. */
export const moment = (text: string | null | undefined) => text?.replace('T', ' ').slice(0, 16) ?? '—';

/** From when until when. */
export const period = (begins: string, ends: string | null | undefined) => `${begins} — ${ends ?? ''}`;

/** Where a person's file is. */
export const personAt = (person: string) => `/operator/persons/${encodeURIComponent(person)}`;

/** Where a visit is. */
export const visitAt = (visit: string) => `/operator/visits/${encodeURIComponent(visit)}`;
