import { Tag } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';

const COLOURS: Record<string, string> = { estimated: 'default', approved: 'blue', posted: 'purple', paid: 'green' };

/** 清算状态. */
export function State({ state }: { state: string }) {
  const { t } = useTranslation('clearing');
  return <Tag color={COLOURS[state]}>{t(`state.${state}`)}</Tag>;
}

/** The settlements of a month, narrowed. */
export function settlementsOf(month: string, more: Record<string, string>) {
  const from = dayjs(`${month}-01`);
  return `/settlements?${new URLSearchParams({ from: from.format('YYYY-MM-DD'), to: from.endOf('month').format('YYYY-MM-DD'), ...more })}`;
}

/** A statement's page. */
export function statementOf(row: { month: string; institution: { code: string }; scheme: { code: string }; stream: { code: string } }) {
  return `/clearing/months/${row.month}/${row.institution.code}/${row.scheme.code}/${row.stream.code}`;
}

/** The cases behind a statement. */
export function casesOf(row: { month: string; institution: { code: string } }, more: Record<string, string> = {}) {
  return `/clearing/months/${row.month}/${row.institution.code}/cases?${new URLSearchParams(more)}`;
}
