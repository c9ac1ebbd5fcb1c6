import { FindingView } from '../parts/FindingView';

export function Finding() {
  return <FindingView base="/audit" />;
}
