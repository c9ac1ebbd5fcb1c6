import { CaseView } from '../parts/CaseView';

export function Case() {
  return <CaseView base="/audit" />;
}
