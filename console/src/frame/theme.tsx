import { App, ConfigProvider, theme as antd, type ThemeConfig } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { nonce } from './nonce';

type Shade = 'light' | 'dark';
const KEPT = 'heng.shade';

/** 墨蓝: the one colour that is ours. */
const INK = { light: '#1f5fa8', dark: '#5b9be0' };

const config: Record<Shade, ThemeConfig> = { light: tokens('light'), dark: tokens('dark') };

function tokens(shade: Shade): ThemeConfig {
  return {
    algorithm: shade === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      colorPrimary: INK[shade],
      colorInfo: INK[shade],
      colorLink: INK[shade],
      borderRadius: 4,
      // Grey words that are still read on grey: 4.5 to 1 at least.
      ...(shade === 'light'
        ? { colorError: '#c8261d', colorTextTertiary: 'rgba(0,0,0,0.6)', colorTextDescription: 'rgba(0,0,0,0.62)', colorTextPlaceholder: 'rgba(0,0,0,0.56)' }
        : { colorTextTertiary: 'rgba(255,255,255,0.6)', colorTextDescription: 'rgba(255,255,255,0.62)', colorTextPlaceholder: 'rgba(255,255,255,0.56)' }),
      fontFamily:
        '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", system-ui, sans-serif',
    },
    components: {
      // Dark words on the lighter blue of the dark shade.
      ...(shade === 'dark' ? { Button: { primaryColor: '#06121f' } } : {}),
      Layout: { headerHeight: 48, headerPadding: '0 16px', headerBg: shade === 'dark' ? '#141414' : '#ffffff' },
      Menu: { itemHeight: 34, subMenuItemBg: 'transparent' },
      Table: { cellPaddingBlockSM: 6, cellPaddingInlineSM: 8 },
    },
  };
}

const Context = createContext<{ shade: Shade; turn: () => void }>({ shade: 'light', turn: () => undefined });

export function useShade() {
  return useContext(Context);
}

function first(): Shade {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'light' || kept === 'dark') return kept;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** Colours, sizes and AntD's own words, in the language and shade that the person chose. */
export function Looks({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const [shade, setShade] = useState(first);
  useEffect(() => {
    document.documentElement.dataset.shade = shade;
    document.documentElement.lang = i18n.language;
    dayjs.locale(i18n.language === 'en' ? 'en' : 'zh-cn');
  }, [shade, i18n.language]);
  const state = useMemo(
    () => ({
      shade,
      turn: () => {
        const next = shade === 'dark' ? 'light' : 'dark';
        localStorage.setItem(KEPT, next);
        setShade(next);
      },
    }),
    [shade],
  );
  return (
    <Context value={state}>
      <ConfigProvider theme={config[shade]} locale={i18n.language === 'en' ? enUS : zhCN} csp={{ nonce }} button={{ autoInsertSpace: false }}>
        <App component={false}>{children}</App>
      </ConfigProvider>
    </Context>
  );
}
