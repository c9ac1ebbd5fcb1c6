import { Alert, Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeOf } from './picture';

/** Looks for codes five times a second until it is closed. */
export function Camera({ onCode, onEnd }: { onCode: (text: string) => Promise<boolean>; onEnd: () => void }) {
  const { t } = useTranslation('verify');
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let ended = false;
    const look = () => {
      const seen = video.current;
      const text = seen?.videoWidth ? codeOf(seen, seen.videoWidth, seen.videoHeight) : undefined;
      if (text) void onCode(text);
    };
    const timer = setInterval(look, 200);
    const start = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      if (ended || !video.current) return stream.getTracks().forEach((track) => track.stop());
      video.current.srcObject = stream;
      await video.current.play();
    };
    start().catch(() => setFailed(true));
    return () => {
      ended = true;
      clearInterval(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, [onCode]);
  return (
    <>
      {failed ? <Alert type="warning" showIcon title={t('camera_failed')} /> : <video ref={video} className="verify-camera" muted playsInline aria-label={t('from.camera')} />}
      <Button onClick={onEnd}>{t('camera_end')}</Button>
    </>
  );
}
