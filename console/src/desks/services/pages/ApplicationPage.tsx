import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api, take } from '../../../frame/client';
import { useSession } from '../../../frame/session';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { FileView } from '../parts/FileView';

/** 申请案卷. */
export function ApplicationPage() {
  const { id = '' } = useParams();
  const queries = useQueryClient();
  const { scope } = useSession();
  const path = { params: { path: { case_id: id } } };
  const key = ['/applications', id];
  const { data: file, error } = useQuery({ queryKey: key, queryFn: () => take(api.GET('/applications/{case_id}', path)) });
  if (error) return <ProblemAlert error={error} />;
  if (!file) return <Waiting />;
  return (
    <FileView
      file={file}
      take={(_, body) =>
        scope.kind === 'person'
          ? take(api.POST('/applications/{case_id}/own-steps', { ...path, body }))
          : take(api.POST('/applications/{case_id}/steps', { ...path, body }))
      }
      onDone={(after) => queries.setQueryData(key, after)}
    />
  );
}
