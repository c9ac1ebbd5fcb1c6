import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Modal, Table } from 'antd';
import { api, take, type Schema } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Money } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { numeric } from './Sheet';
import { useWords } from './words';

/** 上月试运行: the folder's rules on last month, beside those in force; of one rule or of all. */
export function Try({ rule }: { rule?: string }) {
  const { t } = useWords();
  const may = useMay('rule.try');
  const tried = useMutation({ mutationFn: () => take(api.POST('/rules/try', { body: { rule: rule ?? null } })) });
  if (!may) return null;
  return (
    <>
      <Button loading={tried.isPending} onClick={() => tried.mutate()}>
        {t('try.button')}
      </Button>
      <ProblemAlert error={tried.error} />
      {tried.data && (
        <Modal open title={t('try.title')} footer={null} width={900} onCancel={() => tried.reset()} destroyOnHidden>
          <Trial trial={tried.data} />
        </Modal>
      )}
    </>
  );
}

function Trial({ trial }: { trial: Schema['RuleTrial'] }) {
  const { t, rule } = useWords();
  const at = (code: string) => `/audit/findings?rule=${encodeURIComponent(code)}`;
  return (
    <>
      <p>{t('try.scope', { from: trial.from, to: trial.to, persons: trial.person_count })}</p>
      {trial.capped && <Alert type="info" showIcon title={t('try.capped', { most: trial.at_most })} />}
      <p>{t(trial.version === trial.beside ? 'try.same_library' : 'try.other_library')}</p>
      <div className="audit-table">
        <Table
          size="small"
          rowKey={(row) => row.rule.code}
          dataSource={trial.rules}
          pagination={false}
          locale={{ emptyText: t('try.nothing') }}
          columns={[
            { title: t('field.rule'), render: (_, row) => rule(row.rule) },
            { title: t('try.same'), ...numeric, render: (_, row) => row.same_count },
            { title: t('try.new'), ...numeric, render: (_, row) => row.new_count },
            { title: t('try.new_amount'), ...numeric, render: (_, row) => <Money fen={row.new_amount} to={at(row.rule.code)} /> },
            { title: t('try.gone'), ...numeric, render: (_, row) => row.gone_count },
            { title: t('try.gone_amount'), ...numeric, render: (_, row) => <Money fen={row.gone_amount} to={at(row.rule.code)} /> },
            { title: t('try.changed'), ...numeric, render: (_, row) => row.changed_count },
            { title: t('try.blocking'), ...numeric, render: (_, row) => row.blocking_more_count },
          ]}
        />
      </div>
      {trial.not_checked.length > 0 && (
        <>
          <h3>{t('try.unchecked')}</h3>
          <ul>
            {trial.not_checked.map((one) => (
              <li key={one.rule.code}>{t('try.lacks', { rule: rule(one.rule), facts: one.facts.join('、') })}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
