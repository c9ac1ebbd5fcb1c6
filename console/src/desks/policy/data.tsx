import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take, type Schema } from '../../frame/client';

export type Parameter = Schema['PolicyParameter'];
export type Rule = Schema['PolicyRule'];
export type Setting = Schema['PolicySetting'];
export type Place = Schema['PolicyPlace'];

export const useFolder = () => useQuery({ queryKey: ['/policy'], queryFn: () => take(api.GET('/policy')) });
export const useParameters = () => useQuery({ queryKey: ['/policy/parameters'], queryFn: () => take(api.GET('/policy/parameters')) });
export const useRules = () => useQuery({ queryKey: ['/policy/rules'], queryFn: () => take(api.GET('/policy/rules')) });

/** The articles that a citation names, one by one, as the server tells them apart. */
export function articlesOf(citation: string): string[] {
  return citation
    .split(/[；;]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .flatMap((part) => {
      const inner = /^(\D)([\d\s]+(?:\u3001[\d\s]+)+)(\D)$/.exec(part);
      const [, before = '', numbers = '', after = ''] = inner ?? [];
      return inner ? numbers.split('\u3001').map((one) => `${before}${one.trim()}${after}`) : [part];
    });
}

/** The value in force on a day (`2026-07-01`), or none. */
export function inForce(values: Setting[], day: string): Setting | undefined {
  return values.filter((one) => one.from <= day && (!one.until || day <= one.until)).at(-1);
}

/** 中文名, or the English one where there is one and it is asked for. */
export function useNamed() {
  const { i18n } = useTranslation();
  return (one: { name: string; english: string }) => (i18n.language === 'en' && one.english) || one.name;
}

/** Where something stands in the folder. */
export function At({ place }: { place: Place }) {
  return (
    <code className="policy-place">
      {place.file}:{place.line}
    </code>
  );
}

/** The mark of a unit behind a value: `%`, or nothing. */
export function useMark() {
  const { t } = useTranslation('policy');
  return (unit: string) => (unit === 'yuan' || unit === 'percent' ? t(`unit_mark.${unit}`) : '');
}
