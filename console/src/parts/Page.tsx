import { Typography } from 'antd';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface PageProps {
  title: string;
  /** One line under the title: what the page is for. */
  lead?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of a desk: its one `h1`, its title in the browser's tab, its content. */
export function Page({ title, lead, actions, children }: PageProps) {
  const { t } = useTranslation();
  const brand = t('brand');
  useEffect(() => {
    document.title = `${title} · ${brand}`;
  }, [title, brand]);
  return (
    <article className="page">
      <header className="page-head">
        <div>
          <Typography.Title level={1}>{title}</Typography.Title>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </article>
  );
}
