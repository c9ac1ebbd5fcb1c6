import { Descriptions } from 'antd';
import { useTranslation } from 'react-i18next';
import { yuan } from '../../../parts/money';
import { named, type Answers, type Field } from './answers';

function text(field: Field, value: unknown, english: boolean, yes: string, no: string): string {
  switch (field.kind) {
    case 'money':
      return yuan(Number(value));
    case 'flag':
      return value ? yes : no;
    case 'choice': {
      const option = field.options.find(({ code }) => code === value);
      return option ? named(english, option) : String(value);
    }
    default:
      return String(value);
  }
}

/** 填报内容, as it was given. */
export function FormShown({ fields, answers }: { fields: Field[]; answers: Answers }) {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  const words = (field: Field, value: unknown) => text(field, value, english, t('form.yes'), t('form.no'));
  const given = fields.filter((field) => answers[field.id] !== undefined);
  const plain = given.filter((field) => field.kind !== 'rows');
  return (
    <>
      <Descriptions
        size="small"
        bordered
        column={{ xs: 1, sm: 1, md: 2 }}
        items={plain.map((field) => ({ key: field.id, label: named(english, field), children: words(field, answers[field.id]) }))}
      />
      {given
        .filter((field) => field.kind === 'rows')
        .map((field) => (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
          <div key={field.id} className="list-scroll" role="region" aria-label={named(english, field)} tabIndex={0}>
            <table className="entry-rows shown">
              <caption>{named(english, field)}</caption>
              <thead>
                <tr>
                  {field.columns.map((column) => (
                    <th key={column.id} scope="col" className={column.kind === 'money' ? 'figures' : ''}>
                      {named(english, column)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {(answers[field.id] as Answers[]).map((row, nth) => (
                  <tr key={nth}>
                    {field.columns.map((column) => (
                      <td key={column.id} className={column.kind === 'money' ? 'figures' : ''}>
                        {row[column.id] === undefined ? '' : words(column, row[column.id])}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
    </>
  );
}
