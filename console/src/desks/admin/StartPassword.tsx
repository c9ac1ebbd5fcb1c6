import { Typography } from 'antd';
import { useTranslation } from 'react-i18next';

/** 初始口令: told once, to be handed over in person. */
export function StartPassword({ password }: { password: string }) {
  const { t } = useTranslation('admin');
  return (
    <div className="start-password">
      <p>{t('start.lead')}</p>
      <Typography.Paragraph copyable className="start-word">
        {password}
      </Typography.Paragraph>
    </div>
  );
}
