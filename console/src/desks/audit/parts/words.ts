import { useTranslation } from 'react-i18next';
import type { Schema } from '../../../frame/client';
import { percent } from '../../../parts/money';

type Coded = Schema['Coded'];

/** The words of cases, findings and rules, and what codes are called. */
export function useWords() {
  const { t, i18n } = useTranslation('audit');
  const name = (coded: Coded) => (i18n.language === 'en' && coded.english) || coded.name || coded.code;
  /** A rule or a model; models are named here, since the server knows them by their identifier only. */
  const rule = (coded: Coded) => {
    if (!coded.code) return t('rule.several');
    return coded.name === coded.code ? t(`model.${coded.code}`, { defaultValue: coded.code }) : name(coded);
  };
  /** The half of `中文 / English` that the reader reads. */
  const half = (text: string) => text.split(' / ')[i18n.language === 'en' ? 1 : 0] ?? text;
  /** 置信度 in ten-thousandths. */
  const sure = (confidence: number | null | undefined) => (confidence == null ? t('confidence.unknown') : percent(confidence / 10_000));
  return { t, name, rule, half, sure };
}

/** `2026-01-31 10:00:00` without its seconds. */
export const moment = (time: string) => time.replace('T', ' ').slice(0, 16);

export const findingAt = (finding: string) => `/audit/findings/${encodeURIComponent(finding)}`;
export const settlementAt = (settlement: string | null | undefined) => (settlement ? `/settlements/${encodeURIComponent(settlement)}` : '#');

/** What a clue rests on: a finding's page, or the list of suspicions of its model. */
export function behind(clue: Schema['ClueRow']) {
  if (clue.source === 'finding') return findingAt(clue.reference);
  return `/audit/suspicions?model=${encodeURIComponent(clue.rule.code)}`;
}
