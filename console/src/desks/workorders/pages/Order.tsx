import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api, take } from '../../../frame/client';
import { useMay } from '../../../frame/session';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { FileView } from '../../services/parts/FileView';

/** 工单案卷. */
export function Order() {
  const { id = '' } = useParams();
  const queries = useQueryClient();
  const [approves, handles] = [useMay('workorder.approve'), useMay('workorder.handle')];
  const path = { params: { path: { case_id: id } } };
  const key = ['/workorders', id];
  const { data: file, error } = useQuery({ queryKey: key, queryFn: () => take(api.GET('/workorders/{case_id}', path)) });
  if (error) return <ProblemAlert error={error} />;
  if (!file) return <Waiting />;
  return (
    <FileView
      file={file}
      take={(_, body) => {
        if (approves) return take(api.POST('/workorders/{case_id}/approval', { ...path, body }));
        if (handles) return take(api.POST('/workorders/{case_id}/handling', { ...path, body }));
        return take(api.POST('/workorders/{case_id}/own-steps', { ...path, body }));
      }}
      onDone={(after) => queries.setQueryData(key, after)}
    />
  );
}
