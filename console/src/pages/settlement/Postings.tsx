import { Empty, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { Amount } from '../../parts/Money';
import { named } from '../../parts/tell';
import type { Settlement } from './index';

/** 账簿分录: the entries of double entry, which sum to zero. */
export function Postings({ settlement }: { settlement: Settlement }) {
  const { t, i18n } = useTranslation('settlement');
  const english = i18n.language === 'en';
  const { postings } = settlement;
  if (!postings.length) return <Empty description={t('no_postings')} />;
  const sum = postings.reduce((sum, posting) => sum + posting.amount, 0);
  return (
    <section className="sheet">
      <p className="lead">{t('postings_lead')}</p>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
      <div className="list-scroll" role="region" aria-label={t('tab.postings')} tabIndex={0}>
        <Table
          size="small"
          pagination={false}
          rowKey={(posting) => `${posting.account.code}/${posting.owner?.code ?? ''}/${posting.person?.text ?? ''}/${posting.amount}`}
          dataSource={postings}
          columns={[
            { title: t('posting.account'), render: (_, posting) => named(posting.account, english) },
            { title: t('posting.owner'), render: (_, posting) => (posting.owner ? named(posting.owner, english) : posting.person?.text) },
            { title: t('posting.amount'), align: 'right', className: 'figures', render: (_, posting) => <Amount fen={posting.amount} /> },
          ]}
          summary={() => (
            <Table.Summary.Row>
              <Table.Summary.Cell index={0} colSpan={2}>
                <b>{t('sum')}</b>
              </Table.Summary.Cell>
              <Table.Summary.Cell index={2} align="right">
                <Amount fen={sum} strong />
              </Table.Summary.Cell>
            </Table.Summary.Row>
          )}
        />
      </div>
    </section>
  );
}
