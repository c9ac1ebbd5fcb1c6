import { LeftOutlined, PauseOutlined, PlayCircleOutlined, RightOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { toDataURL } from 'qrcode';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../../parts/ProblemAlert';
import { Waiting } from '../../parts/Waiting';
import { utf8 } from '../../receipt/bytes';
import { toCodes } from '../../receipt/parts';

/** How long a code stays before the next one comes. */
const EACH = 1500;

async function pictures(file: string): Promise<string[]> {
  const codes = await toCodes(utf8(file), `${location.origin}/verify`);
  return Promise.all(codes.map((code) => toDataURL(code, { errorCorrectionLevel: 'L', margin: 2, scale: 4 })));
}

/** 二维码: the receipt as codes, one after the other, for a camera that looks on. */
export function QrCodes({ file }: { file: string }) {
  const { t } = useTranslation('settlement');
  const { data, error } = useQuery({ queryKey: ['codes', file], queryFn: () => pictures(file), staleTime: Infinity });
  const [at, setAt] = useState(0);
  const [turning, setTurning] = useState(() => !matchMedia('(prefers-reduced-motion: reduce)').matches);
  const of = data?.length ?? 0;
  useEffect(() => {
    if (!turning || of < 2) return;
    const timer = setInterval(() => setAt((now) => (now + 1) % of), EACH);
    return () => clearInterval(timer);
  }, [turning, of]);
  if (!data) return error ? <ProblemAlert error={error} /> : <Waiting />;
  const step = (by: number) => {
    setTurning(false);
    setAt((at + by + of) % of);
  };
  return (
    <figure className="codes">
      <img src={data[at]} alt={t('receipt.code', { at: at + 1, of })} />
      <figcaption>
        <Button icon={<LeftOutlined />} aria-label={t('receipt.previous')} disabled={of < 2} onClick={() => step(-1)} />
        <span>{t('receipt.code', { at: at + 1, of })}</span>
        <Button icon={<RightOutlined />} aria-label={t('receipt.next')} disabled={of < 2} onClick={() => step(1)} />
        <Button icon={turning ? <PauseOutlined /> : <PlayCircleOutlined />} aria-label={t(turning ? 'receipt.pause' : 'receipt.play')} disabled={of < 2} onClick={() => setTurning(!turning)} />
      </figcaption>
      <p className="lead">{t('receipt.scan')}</p>
    </figure>
  );
}
