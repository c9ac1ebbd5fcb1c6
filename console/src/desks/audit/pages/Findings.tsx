import { FindingList } from '../parts/FindingList';
import { Page } from '../../../parts/Page';
import { useWords } from '../parts/words';

/** 疑点 of the rules, the most money first. */
export function Findings() {
  const { t } = useWords();
  return (
    <Page title={t('menu.findings')} lead={t('findings.lead')}>
      <FindingList base="/audit" institutions />
    </Page>
  );
}
