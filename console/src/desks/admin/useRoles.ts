import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take } from '../../frame/client';

/** 角色 of the region's policy, and what each is called. */
export function useRoles() {
  const { i18n } = useTranslation();
  const { data, error } = useQuery({ queryKey: ['/roles'], queryFn: () => take(api.GET('/roles')), staleTime: Infinity });
  const nameOf = (id: string) => {
    const role = data?.roles.find((role) => role.id === id);
    return (i18n.language === 'en' ? role?.english : role?.name) || id;
  };
  return { policy: data, error, nameOf };
}
