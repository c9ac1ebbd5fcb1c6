import { Page } from '../../../parts/Page';
import { FindingList } from '../../audit/parts/FindingList';
import { useWords } from '../words';

/** 疑点 in the cases of which the institution was told. */
export function Findings() {
  const { t } = useWords();
  return (
    <Page title={t('menu.findings')} lead={t('findings.lead')}>
      <FindingList base="/hospital" />
    </Page>
  );
}
