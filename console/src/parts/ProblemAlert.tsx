import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../frame/problem';

/** Why something was not done: the server's words, field by field, and a way to try again. */
export function ProblemAlert({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation('parts');
  if (!error) return null;
  const problem = problemOf(error);
  const title = problem.status === 0 ? t('problem.unreachable') : problem.title;
  // The law said no, or the person may not: expected. Everything else is a failure.
  const refused = problem.status >= 400 && problem.status < 500;
  return (
    <Alert
      className="problem"
      type={refused ? 'warning' : 'error'}
      showIcon
      title={problem.code ? `${title}（${problem.code}）` : title}
      description={
        problem.detail || problem.errors?.length ? (
          <>
            {problem.detail && problem.detail !== title && <p>{problem.detail}</p>}
            {!!problem.errors?.length && (
              <ul>
                {problem.errors.map((error, n) => (
                  <li key={n}>
                    {error.row != null && t('problem.row', { row: error.row })}
                    {error.field && <code>{error.field}</code>} {error.message}
                  </li>
                ))}
              </ul>
            )}
          </>
        ) : undefined
      }
      action={
        retry && (
          <Button size="small" onClick={retry}>
            {t('problem.retry')}
          </Button>
        )
      }
    />
  );
}
