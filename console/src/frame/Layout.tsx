import { LogoutOutlined, MenuOutlined, MoonOutlined, SunOutlined, UserOutlined } from '@ant-design/icons';
import { Button, Drawer, Dropdown, Grid, Input, Layout as Frame, Menu, Tooltip } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useLocation, useNavigate } from 'react-router';
import { desksOf } from '../desks/list';
import { Waiting } from '../parts/Waiting';
import { speak } from './i18n';
import { useSession, useSessionState } from './session';
import { useShade } from './theme';

/** The frame of every page with a session: desks at the side, search and person on top. */
export function Layout() {
  const { t } = useTranslation();
  const session = useSession();
  const { pathname } = useLocation();
  const wide = Grid.useBreakpoint().lg ?? true;
  const [open, setOpen] = useState(false);
  const desk = desksOf(session).find((desk) => pathname === desk.path || pathname.startsWith(`${desk.path}/`));
  const phone = desk?.phone ?? session.scope.kind === 'person';
  const menu = <Desks onChoose={() => setOpen(false)} />;
  return (
    <Frame className={phone ? 'frame phone' : 'frame'}>
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <Frame.Header className="head">
        {!wide && !phone && (
          <Button type="text" icon={<MenuOutlined />} aria-label={t('menu')} onClick={() => setOpen(true)} />
        )}
        <Link to="/" className="brand">
          <img src="/heng.svg" alt="" width={24} height={24} />
          <b>{t('brand')}</b>
          {wide && <span>{t('motto')}</span>}
        </Link>
        {!phone && <Search />}
        <Person />
      </Frame.Header>
      <Frame hasSider={wide && !phone}>
        {wide && !phone && (
          <Frame.Sider width={208} theme="light" className="side">
            <nav aria-label={t('desks')}>{menu}</nav>
          </Frame.Sider>
        )}
        {!wide && !phone && (
          <Drawer open={open} placement="left" size={240} onClose={() => setOpen(false)} title={t('desks')}>
            <nav aria-label={t('desks')}>{menu}</nav>
          </Drawer>
        )}
        <Frame.Content id="main" role="main" tabIndex={-1} className="main">
          <Suspense fallback={<Waiting whole />}>
            <Outlet />
          </Suspense>
        </Frame.Content>
      </Frame>
    </Frame>
  );
}

function Desks({ onChoose }: { onChoose: () => void }) {
  const session = useSession();
  const desks = desksOf(session);
  const { t } = useTranslation(['frame', ...desks.map((desk) => desk.id)]);
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const here = desks
    .flatMap((desk) => desk.pages.map((page) => (page.path ? `${desk.path}/${page.path}` : desk.path)))
    .filter((path) => pathname === path || pathname.startsWith(`${path}/`))
    .sort((a, b) => b.length - a.length)[0];
  const may = (needs?: string) => !needs || session.permissions.includes(needs);
  return (
    <Menu
      mode="inline"
      selectedKeys={here ? [here] : []}
      defaultOpenKeys={desks.map((desk) => desk.id)}
      onClick={({ key }) => {
        onChoose();
        void navigate(key);
      }}
      items={desks.map((desk) => ({
        key: desk.id,
        icon: <desk.icon />,
        label: t(`desk.${desk.id}`, { ns: 'frame' }),
        children: desk.pages
          .filter((page) => may(page.needs))
          .map((page) => ({
            key: page.path ? `${desk.path}/${page.path}` : desk.path,
            label: t(`menu.${page.id}`, { ns: desk.id }),
          })),
      }))}
    />
  );
}

/** One box for everything with a number: a settlement's opens it, anything else is looked for. */
function Search() {
  const { t } = useTranslation();
  const session = useSession();
  const navigate = useNavigate();
  const find = (typed: string) => {
    const q = typed.trim();
    if (!q) return;
    const persons = session.permissions.includes('person.read') && desksOf(session).some((desk) => desk.id === 'operator');
    void navigate(`${persons ? '/operator' : '/settlements'}?q=${encodeURIComponent(q)}`);
  };
  return (
    <search className="head-search">
      <Input.Search placeholder={t('search')} aria-label={t('search')} allowClear onSearch={find} />
    </search>
  );
}

/** Language, shade, and who is signed in. */
function Person() {
  const { t } = useTranslation();
  const session = useSession();
  const { leave } = useSessionState();
  const navigate = useNavigate();
  const { i18n } = useTranslation();
  const roles = session.roles.map((role) => (i18n.language === 'en' ? role.english : role.name)).join(' · ');
  return (
    <div className="head-end">
      <Preferences />
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'who', type: 'group', label: `${roles}｜${session.scope.name}` },
            // Who came by credential has no password to change.
            ...(session.account.startsWith('citizen:') ? [] : [{ key: 'own', label: t('account.own') }]),
            { key: 'verify', label: t('account.verify') },
            { key: 'leave', icon: <LogoutOutlined />, label: t('account.leave') },
          ],
          onClick: ({ key }) => {
            if (key === 'own') void navigate('/account');
            if (key === 'verify') void navigate('/verify');
            if (key === 'leave') void leave();
          },
        }}
      >
        <Button type="text" icon={<UserOutlined />} aria-label={t('account.of', { name: session.name })}>
          <span className="who">{session.name}</span>
        </Button>
      </Dropdown>
    </div>
  );
}

/** Language and shade; also on pages without a session. */
export function Preferences() {
  const { t, i18n } = useTranslation();
  const { shade, turn } = useShade();
  const english = i18n.language === 'en';
  return (
    <>
      <Tooltip title={t('language.turn')}>
        <Button type="text" aria-label={t('language.turn')} lang={english ? 'zh-CN' : 'en'} onClick={() => void speak(english ? 'zh-CN' : 'en')}>
          {t('language.other')}
        </Button>
      </Tooltip>
      <Tooltip title={t(`shade.${shade}`)}>
        <Button type="text" icon={shade === 'dark' ? <SunOutlined /> : <MoonOutlined />} aria-label={t(`shade.${shade}`)} onClick={turn} />
      </Tooltip>
    </>
  );
}
