import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';

/** Whom the pages are about: `person` in the address; the signed-in person without it. */
export function useAbout(): string | undefined {
  const [params] = useSearchParams();
  return params.get('person') ?? undefined;
}

/** The query that every page of the desk sends along. */
export function aboutQuery(person: string | undefined) {
  return { params: { query: person ? { person } : {} } };
}

/** The same address with the person that the pages are about. */
export function withPerson(path: string, person: string | undefined): string {
  return person ? `${path}?person=${encodeURIComponent(person)}` : path;
}

export function useMe(person: string | undefined) {
  return useQuery({ queryKey: ['/me', person], queryFn: () => take(api.GET('/me', aboutQuery(person))) });
}

type Shown = Schema['MyShown'];

/** 切换身份: whose pages or code to show. */
export function Switch({ shown, value, choose, label }: { shown: Shown[]; value: string; choose: (person: string) => void; label: string }) {
  const { t } = useTranslation('me');
  if (shown.length < 2) return null;
  return (
    <Select
      className="me-switch"
      aria-label={label}
      value={value}
      onChange={choose}
      options={shown.map((row) => ({ value: row.person, label: `${row.name}（${t(`relation.${row.relation}`)}）` }))}
    />
  );
}

/** `2026-01-31T10:00:00` → `2026-01-31 10:00`. */
export function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
