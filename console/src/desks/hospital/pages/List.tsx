import { useQuery } from '@tanstack/react-query';
import { Tag } from 'antd';
import { Link, useParams } from 'react-router';
import { api, take, type Schema } from '../../../frame/client';
import { Money } from '../../../parts/Money';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Fact } from '../../audit/parts/FindingView';
import { Sheet, numeric } from '../../audit/parts/Sheet';
import { useWords } from '../words';
import { ListState } from './Lists';

/** 结算清单质控: the list as clearing would see it now. */
export function List() {
  const { t } = useWords();
  const { settlement = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['/hospital/lists', settlement],
    queryFn: () => take(api.GET('/hospital/lists/{settlement}', { params: { path: { settlement } } })),
  });
  if (isPending) return <Waiting whole />;
  return (
    <Page title={t('list.title')} lead={<Link to={`/settlements/${encodeURIComponent(settlement)}`}><code>{settlement}</code></Link>}>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && <Told file={data} />}
    </Page>
  );
}

function Told({ file }: { file: Schema['SettlementListFile'] }) {
  const { t, name, english } = useWords();
  return (
    <>
      <dl className="facts sheet">
        <Fact label={t('field.state')}><ListState state={file.list.state} /></Fact>
        <Fact label={t('field.department')}>{name(file.list.department) || '—'}</Fact>
        <Fact label={t('field.person')}><code>{file.list.person}</code></Fact>
        <Fact label={t('field.total')}><Money fen={file.list.total_amount} to={`/settlements/${encodeURIComponent(file.list.settlement)}`} /></Fact>
        {file.list.reason && <Fact label={t('field.reason')}>{file.list.reason}</Fact>}
      </dl>
      <Sheet
        title={t('list.objections')}
        rows={file.objections}
        rowKey={(row) => `${row.rule}${row.field}${row.row ?? ''}`}
        empty={t(file.checked ? 'list.clean' : 'list.unchecked')}
        extra={file.unchecked_count > 0 && <p className="lead">{t('list.lacking', { rules: file.unchecked_count })}</p>}
        columns={[
          { title: t('list.severity'), render: (_, row) => <Tag color={row.severity === 'error' ? 'red' : 'orange'}>{t(`list_severity.${row.severity}`)}</Tag> },
          { title: t('list.rule'), render: (_, row) => <code>{row.rule}</code> },
          { title: t('list.field'), render: (_, row) => <code>{row.row ? `${row.field}[${row.row}]` : row.field}</code> },
          { title: t('list.value'), render: (_, row) => row.value ?? '' },
          { title: t('list.message'), render: (_, row) => (english && row.english ? row.english : row.message) },
        ]}
      />
      <Sheet
        title={t('list.versions')}
        rows={file.versions}
        rowKey={(row) => String(row.version)}
        empty={t('lists.empty')}
        columns={[
          { title: t('field.version'), ...numeric, render: (_, row) => row.version },
          { title: t('field.sent_at'), render: (_, row) => row.sent_at.replace('T', ' ').slice(0, 16) },
          { title: t('field.state'), render: (_, row) => <ListState state={row.state} /> },
          { title: t('field.reason'), render: (_, row) => row.reason },
        ]}
      />
    </>
  );
}
