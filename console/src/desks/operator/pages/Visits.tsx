import { Page } from '../../../parts/Page';
import { VisitList } from '../parts/VisitList';
import { useWords } from '../parts/words';

const MED_TYPES = ['11', '12', '13', '14', '21', '22', '23', '24', '28', '41', '51', '52', '53'];

/** 查就诊. */
export function Visits() {
  const { t } = useWords();
  return (
    <Page title={t('menu.visits')} lead={t('visits.lead')}>
      <VisitList
        path="/visits"
        filters={[
          { kind: 'dates', from: 'from', to: 'to', label: t('visits.began_at') },
          { kind: 'choice', name: 'form', label: t('visits.form'), options: ['outpatient', 'stay'].map((value) => ({ value, label: t(`form.${value}`) })) },
          { kind: 'choice', name: 'med_type', label: t('field.med_type'), options: MED_TYPES.map((value) => ({ value, label: t(`med_type.${value}`) })) },
          {
            kind: 'choice',
            name: 'state',
            label: t('field.state'),
            options: ['registered', 'begun', 'withdrawn'].map((value) => ({ value, label: t(`visit_filter.${value}`) })),
          },
          { kind: 'text', name: 'institution', label: t('visits.institution') },
          { kind: 'text', name: 'person', label: t('field.person') },
        ]}
      />
    </Page>
  );
}
