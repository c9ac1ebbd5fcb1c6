import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { ListPage, type RowOf } from '../../../parts/ListPage';
import { Page } from '../../../parts/Page';

type Row = RowOf<'/clearing/months/{month}/institutions/{institution}/outstanding'>;

/** 待清算: stays that wait, each with its reason and the way out. */
export function Outstanding() {
  const { t, i18n } = useTranslation('clearing');
  const { month = '', institution = '' } = useParams();
  const told = (reason: string) => {
    const [chinese, english] = reason.split(' / ');
    return i18n.language === 'en' && english ? english : chinese;
  };
  return (
    <Page title={t('outstanding.title', { month })} lead={t('outstanding.lead', { institution })}>
      <ListPage<Row>
        path={`/clearing/months/${month}/institutions/${institution}/outstanding`}
        label={t('outstanding.label')}
        rowKey={(row) => row.settlement}
        columns={[
          { title: t('column.settlement'), render: (_, row) => <Link to={`/settlements/${row.settlement}`}>{row.settlement}</Link> },
          { title: t('outstanding.reason'), render: (_, row) => told(row.reason) },
        ]}
        exports
        empty={t('outstanding.empty')}
      />
    </Page>
  );
}
