import { CheckCircleFilled, ClockCircleFilled, CloseCircleFilled, DownloadOutlined, MinusCircleOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { BASE, checked, headersFor } from '../../frame/client';
import { ProblemAlert } from '../../parts/ProblemAlert';
import type { Settlement } from './index';
import { QrCodes } from './QrCodes';

const MARKS = {
  passed: <CheckCircleFilled className="passed" />,
  failed: <CloseCircleFilled className="failed" />,
  pending: <ClockCircleFilled className="pending" />,
  not_reached: <MinusCircleOutlined className="unreached" />,
};

/** 凭证: the receipt with its proof: checked, taken away, shown as codes. */
export function Receipt({ settlement }: { settlement: Settlement }) {
  const { t, i18n } = useTranslation('settlement');
  const english = i18n.language === 'en';
  const navigate = useNavigate();
  const { receipt, id } = settlement;
  const path = `${BASE}/settlements/${id}/receipt`;
  const file = async () => (await checked(await fetch(path, { headers: headersFor('GET') }))).text();
  const verify = useMutation({ mutationFn: file, onSuccess: (text) => void navigate('/verify', { state: { receipt: text } }) });
  const codes = useMutation({ mutationFn: file });
  return (
    <section className="sheet receipt">
      <h2>{t('receipt.checks')}</h2>
      <ol className="checks">
        {receipt.checks.map((check) => (
          <li key={check.english}>
            {MARKS[check.state as keyof typeof MARKS]}
            <span className="spoken">{t(`receipt.state.${check.state}`)}</span> {english ? check.english : check.name}
            {check.reason && <p className="quiet">{english ? check.reason_english : check.reason}</p>}
          </li>
        ))}
      </ol>
      {receipt.index != null && (
        <p>{t('receipt.place', { index: receipt.index + 1, size: receipt.size, origin: receipt.origin, time: receipt.signed_at })}</p>
      )}
      {receipt.state !== 'broken' && (
        <>
          <h2>{t('receipt.take')}</h2>
          <p className="lead">{t('receipt.own')}</p>
          <div className="actions">
            <Button type="primary" icon={<DownloadOutlined />} href={path} download>
              {t('receipt.download')}
            </Button>
            <Button icon={<SafetyCertificateOutlined />} loading={verify.isPending} onClick={() => verify.mutate()}>
              {t('receipt.verify')}
            </Button>
            <Button loading={codes.isPending} disabled={codes.isSuccess} onClick={() => codes.mutate()}>
              {t('receipt.codes')}
            </Button>
          </div>
          <ProblemAlert error={verify.error ?? codes.error} />
          {codes.data && <QrCodes file={codes.data} />}
          <p className="lead">{t('receipt.offline')}</p>
          <Typography.Paragraph className="command" copyable>
            {`heng verify receipt-${id}.json --key '${receipt.key}'`}
          </Typography.Paragraph>
        </>
      )}
    </section>
  );
}
