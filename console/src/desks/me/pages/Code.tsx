import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Progress, Segmented } from 'antd';
import { toDataURL } from 'qrcode';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { Page } from '../../../parts/Page';
import { ProblemAlert } from '../../../parts/ProblemAlert';
import { Waiting } from '../../../parts/Waiting';
import { Switch, useMe, withPerson } from '../parts/about';
import { BindPhone } from '../parts/PhoneSignIn';
import { drawCode, thisPhone, type Phone } from '../parts/phone';

const PURPOSES = ['treat', 'settle'] as const;
type Shown = (typeof PURPOSES)[number];

/** 出示电子凭证: a code for this minute, for one purpose and one person. */
export function Code() {
  const { t } = useTranslation('me');
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [purpose, setPurpose] = useState<Shown>('treat');
  const me = useMe(undefined);
  const phone = useQuery({ queryKey: ['phone'], queryFn: thisPhone, retry: false });
  if (me.isPending || phone.isPending) return <Waiting whole />;
  if (!me.data) return <ProblemAlert error={me.error} />;
  const own = me.data.shown[0]?.person ?? '';
  const person = params.get('person') ?? own;
  const choose = (next: string) => void navigate(next === own ? '/me/code' : withPerson('/me/code', next));
  return (
    <Page title={t('code.title')} lead={t('code.lead')}>
      <Switch shown={me.data.shown} value={person} choose={choose} label={t('code.whose')} />
      <Segmented block aria-label={t('code.purpose')} value={purpose} onChange={setPurpose} options={PURPOSES.map((value) => ({ value, label: t(`purpose.${value}`) }))} />
      {me.data.credential !== 'active' && <Alert className="problem" type="warning" showIcon title={t(`state.${me.data.credential}`)} />}
      {phone.data ? (
        <Drawn phone={phone.data} purpose={purpose} member={person === own ? '' : person} name={me.data.shown.find((row) => row.person === person)?.name ?? ''} />
      ) : (
        <section className="sheet me-bind">
          <p>{t('code.not_bound')}</p>
          <BindPhone bound={() => void phone.refetch()} />
        </section>
      )}
    </Page>
  );
}

function Drawn({ phone, purpose, member, name }: { phone: Phone; purpose: Shown; member: string; name: string }) {
  const { t } = useTranslation('me');
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['code', phone.device, purpose, member],
    queryFn: async () => {
      const drawn = await drawCode(phone, purpose, member);
      const picture = await toDataURL(drawn.code, { errorCorrectionLevel: 'M', margin: 2, scale: 6 });
      return { picture, code: drawn.code, whole: drawn.seconds, until: Date.now() + drawn.seconds * 1000 };
    },
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
  });
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!data) return;
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((data.until - Date.now()) / 1000));
      setLeft(seconds);
      if (seconds === 0) void refetch();
    };
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [data, refetch]);
  return (
    <section className="sheet me-code">
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data && (
        <>
          <img src={data.picture} alt={t('code.picture', { name, purpose: t(`purpose.${purpose}`) })} data-code={data.code} />
          <p className="me-name">{name}</p>
          <Progress percent={Math.round((left * 100) / data.whole)} showInfo={false} size="small" aria-label={t('code.left', { seconds: left })} />
          <p className="lead">{t('code.left', { seconds: left })}</p>
        </>
      )}
      {!data && !error && <Waiting />}
      <Button onClick={() => void refetch()} loading={isFetching}>
        {t('code.refresh')}
      </Button>
    </section>
  );
}
