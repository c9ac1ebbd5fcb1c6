import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../frame/session';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Page } from '../../../parts/Page';

/** 个人信息访问记录: who read whose data, what of them, and why where it was unmasked. */
export function Reads() {
  const { t, i18n } = useTranslation('admin');
  const { purposes } = useSession();
  const purposeOf = (id: string) => {
    const purpose = purposes.find((purpose) => purpose.id === id);
    return (i18n.language === 'en' ? purpose?.english : purpose?.name) || id;
  };
  return (
    <Page title={t('menu.reads')} lead={t('reads.lead')}>
      <ListPage<RowOf<'/reads'>>
        path="/reads"
        label={t('menu.reads')}
        rowKey={(row) => row.id}
        filters={[
          { kind: 'text', name: 'person', label: t('field.person') },
          { kind: 'text', name: 'account', label: t('field.account') },
          { kind: 'yes', name: 'unmasked', label: t('reads.unmasked') },
        ]}
        empty={t('reads.none')}
        exports
        columns={[
          { title: t('reads.at'), dataIndex: 'at', className: 'figures' },
          { title: t('field.account'), dataIndex: 'account' },
          { title: t('field.person'), render: (_, row) => <code>{row.person}</code> },
          { title: t('reads.what'), render: (_, row) => (row.what === 'unmask' ? <Tag color="orange">{t('reads.unmask')}</Tag> : row.what) },
          { title: t('reads.purpose'), render: (_, row) => purposeOf(row.purpose) },
          { title: t('reads.note'), dataIndex: 'note' },
        ]}
      />
    </Page>
  );
}
