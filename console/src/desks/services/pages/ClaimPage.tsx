import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Descriptions } from 'antd';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { Amount } from '../../../parts/Money';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { FileView } from '../parts/FileView';

type Next = Schema['ApplicationNext'];

/** 收款账户, shown whole to whoever pays; that it was read is recorded. */
function Payee({ id }: { id: string }) {
  const { t } = useTranslation('services');
  const read = useMutation({ mutationFn: () => take(api.GET('/manual-claims/{case_id}/payee', { params: { path: { case_id: id } } })) });
  return (
    <section>
      <h2>{t('claims.payee')}</h2>
      <ProblemAlert error={read.error} />
      {read.data ? (
        <Descriptions
          size="small"
          bordered
          column={1}
          items={[
            { key: 'payee', label: t('claims.payee_name'), children: read.data.payee },
            { key: 'bank', label: t('claims.bank'), children: read.data.bank },
            { key: 'account', label: t('claims.account'), children: <code>{read.data.account}</code> },
            { key: 'owed', label: t('file.owed'), children: <Amount fen={read.data.owed_amount} strong /> },
          ]}
        />
      ) : (
        <Button loading={read.isPending} onClick={() => read.mutate()}>
          {t('claims.show_payee')}
        </Button>
      )}
    </section>
  );
}

/** 报销案卷. */
export function ClaimPage() {
  const { id = '' } = useParams();
  const queries = useQueryClient();
  const [enters, reviews, pays] = [useMay('manual_claim.enter'), useMay('manual_claim.review'), useMay('manual_claim.pay')];
  const path = { params: { path: { case_id: id } } };
  const key = ['/manual-claims', id];
  const { data: file, error } = useQuery({ queryKey: key, queryFn: () => take(api.GET('/manual-claims/{case_id}', path)) });
  if (error) return <ProblemAlert error={error} />;
  if (!file) return <Waiting />;
  const step = (_: Next, body: Schema['ApplicationStepSent']) => {
    if (pays) return take(api.POST('/manual-claims/{case_id}/payment', { ...path, body }));
    if (reviews && !enters) return take(api.POST('/manual-claims/{case_id}/review', { ...path, body }));
    return take(api.POST('/manual-claims/{case_id}/entry', { ...path, body }));
  };
  return (
    <FileView file={file} take={step} onDone={(after) => queries.setQueryData(key, after)}>
      {pays && !file.row.closed && <Payee id={id} />}
    </FileView>
  );
}
