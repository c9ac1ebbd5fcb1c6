import { CameraOutlined, InboxOutlined } from '@ant-design/icons';
import { Alert, Button, Input, Tabs, Upload } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { utf8 } from '../../receipt/bytes';
import { Camera } from './Camera';
import { codeIn } from './picture';

interface SourcesProps {
  onFile: (bytes: Uint8Array) => void;
  /** The text of a code; resolves to whether it belongs to a receipt. */
  onCode: (text: string) => Promise<boolean>;
}

/** Where the receipt comes from: a file, text, pictures of its codes, or the camera. */
export function Sources({ onFile, onCode }: SourcesProps) {
  const { t } = useTranslation('verify');
  const [problem, setProblem] = useState<string>();
  const [filming, setFilming] = useState(false);

  const picture = async (file: File) => {
    const text = await codeIn(file).catch(() => undefined);
    const taken = text !== undefined && (await onCode(text));
    setProblem(taken ? undefined : t(text === undefined ? 'no_code' : 'other_code', { name: file.name }));
  };
  const one = async (file: File) => {
    setProblem(undefined);
    if (file.type.startsWith('image/')) await picture(file);
    else onFile(new Uint8Array(await file.arrayBuffer()));
  };
  return (
    <>
      <Tabs
        items={[
          {
            key: 'file',
            label: t('from.file'),
            children: (
              <Upload.Dragger
                multiple
                showUploadList={false}
                accept=".json,application/json,image/*"
                beforeUpload={(file) => {
                  void one(file);
                  return false;
                }}
              >
                <InboxOutlined className="verify-drop" />
                <p>{t('drop')}</p>
                <p className="lead">{t('drop_lead')}</p>
              </Upload.Dragger>
            ),
          },
          {
            key: 'camera',
            label: t('from.camera'),
            children: filming ? (
              <Camera onCode={onCode} onEnd={() => setFilming(false)} />
            ) : (
              <Button icon={<CameraOutlined />} onClick={() => setFilming(true)}>
                {t('camera')}
              </Button>
            ),
          },
          { key: 'text', label: t('from.text'), children: <Pasted onText={(text) => onFile(utf8(text))} /> },
        ]}
      />
      {problem && <Alert type="warning" showIcon title={problem} />}
    </>
  );
}

function Pasted({ onText }: { onText: (text: string) => void }) {
  const { t } = useTranslation('verify');
  const [text, setText] = useState('');
  return (
    <>
      <Input.TextArea aria-label={t('paste')} placeholder={t('paste')} rows={6} value={text} spellCheck={false} onChange={(event) => setText(event.target.value)} />
      <p>
        <Button type="primary" disabled={!text.trim()} onClick={() => onText(text)}>
          {t('verify')}
        </Button>
      </p>
    </>
  );
}
