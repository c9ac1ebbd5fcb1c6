import { UploadOutlined } from '@ant-design/icons';
import { Button, Upload } from 'antd';
import { useTranslation } from 'react-i18next';

/** Files chosen, by the kind of document. */
export type Chosen = Record<string, File[]>;

interface DocumentsProps {
  /** Kinds that may be brought: the kind and what it is called. */
  kinds: { id: string; name: string }[];
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
}

/** 材料: files by kind, kept here until they are sent. */
export function Documents({ kinds, chosen, onChange }: DocumentsProps) {
  const { t } = useTranslation('services');
  return (
    <ul className="documents">
      {kinds.map(({ id, name }) => (
        <li key={id}>
          <span>{name}</span>
          <Upload
            multiple
            fileList={(chosen[id] ?? []).map((file, nth) => ({ uid: `${id}${nth}`, name: file.name, status: 'done' as const }))}
            beforeUpload={(file) => {
              onChange({ ...chosen, [id]: [...(chosen[id] ?? []), file] });
              return false;
            }}
            onRemove={(removed) => onChange({ ...chosen, [id]: (chosen[id] ?? []).filter((_, nth) => `${id}${nth}` !== removed.uid) })}
          >
            <Button size="small" icon={<UploadOutlined />}>
              {t('documents.choose', { name })}
            </Button>
          </Upload>
        </li>
      ))}
    </ul>
  );
}
