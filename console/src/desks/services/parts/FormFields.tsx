import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { AutoComplete, Button, Checkbox, DatePicker, Form, Input, InputNumber, Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '../../../frame/client';
import { named, type Field } from './answers';

/** 编码 of a list, found by code or name. */
function CodeSelect({ list, id, value, onChange }: { list: string; id?: string; value?: string; onChange?: (code: string) => void }) {
  const { t } = useTranslation('services');
  const [typed, setTyped] = useState('');
  const q = useDeferredValue(typed || value || '');
  const { data, isFetching } = useQuery({
    queryKey: ['/service-codes', list, q],
    queryFn: () => take(api.GET('/service-codes', { params: { query: { list, q } } })),
  });
  return (
    <Select
      {...(id ? { id } : {})}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      value={value ?? null}
      onChange={(code: string | null) => onChange?.(code ?? '')}
      loading={isFetching}
      placeholder={t('form.code')}
      notFoundContent={t('form.no_code')}
      options={(data ?? []).map(({ code, name }) => ({ value: code, label: `${code} ${name}` }))}
      allowClear
    />
  );
}

/** 目录项目, suggested while it is written. */
function ItemInput(props: { id?: string; value?: string; onChange?: (code: string) => void; label: string }) {
  const { id, value, onChange, label } = props;
  const q = useDeferredValue(value ?? '');
  const { data } = useQuery({
    queryKey: ['/manual-claim-items', q],
    queryFn: () => take(api.GET('/manual-claim-items', { params: { query: { q } } })),
    enabled: q.length > 1,
  });
  return (
    <AutoComplete
      {...(id ? { id } : {})}
      aria-label={label}
      value={value ?? ''}
      onChange={(code: string) => onChange?.(code)}
      options={(data ?? []).map(({ code, name }) => ({ value: code, label: `${name}（${code}）` }))}
      popupMatchSelectWidth={false}
      allowClear
    />
  );
}

function control(field: Field, english: boolean, label: string, yuan: string) {
  const bounds = { ...(field.min != null ? { min: field.min } : {}), ...(field.max != null ? { max: field.max } : {}) };
  switch (field.kind) {
    case 'paragraph':
      return <Input.TextArea rows={3} showCount={field.max != null} {...(field.max != null ? { maxLength: field.max } : {})} />;
    case 'date':
      return <DatePicker style={{ width: '100%' }} aria-label={label} />;
    case 'money':
      return <InputNumber style={{ width: '100%' }} precision={2} suffix={yuan} controls={false} aria-label={label} {...bounds} />;
    case 'number':
      return <InputNumber style={{ width: '100%' }} controls={false} aria-label={label} {...bounds} />;
    case 'flag':
      return <Checkbox>{label}</Checkbox>;
    case 'choice':
      return (
        <Select
          allowClear={!field.required}
          options={field.options.map((option) => ({ value: option.code, label: named(english, option) }))}
        />
      );
    case 'code':
      return <CodeSelect list={field.list} />;
    default:
      return field.list === 'items' ? (
        <ItemInput label={label} />
      ) : (
        <Input aria-label={label} {...(field.max != null ? { maxLength: field.max } : {})} />
      );
  }
}

/** 多行: a table of rows, each column a field. */
function Rows({ field, english }: { field: Field; english: boolean }) {
  const { t } = useTranslation('services');
  return (
    <Form.List name={field.id} initialValue={[{}]}>
      {(rows, { add, remove }) => (
        <>
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it */}
          <div className="list-scroll" role="region" aria-label={named(english, field)} tabIndex={0}>
            <table className="entry-rows">
              <thead>
                <tr>
                  {field.columns.map((column) => (
                    <th key={column.id} scope="col">
                      {named(english, column)}
                      {column.required && <span aria-hidden> *</span>}
                    </th>
                  ))}
                  <th scope="col">
                    <span className="sr-only">{t('form.remove')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row, nth) => (
                  <tr key={row.key}>
                    {field.columns.map((column) => (
                      <td key={column.id}>
                        <Form.Item
                          name={[row.name, column.id]}
                          style={{ margin: 0 }}
                          rules={[{ required: column.required, message: t('form.needed', { name: named(english, column) }) }]}
                        >
                          {control(column, english, t('form.cell', { name: named(english, column), row: nth + 1 }), t('form.yuan'))}
                        </Form.Item>
                      </td>
                    ))}
                    <td>
                      <Button
                        type="text"
                        icon={<DeleteOutlined />}
                        aria-label={t('form.remove_row', { row: nth + 1 })}
                        disabled={rows.length === 1}
                        onClick={() => remove(row.name)}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Button
            type="dashed"
            icon={<PlusOutlined />}
            disabled={field.max != null && rows.length >= field.max}
            onClick={() => add({})}
          >
            {t('form.add', { name: named(english, field) })}
          </Button>
        </>
      )}
    </Form.List>
  );
}

/** 表单, made from the fields that the region's file names. */
export function FormFields({ fields }: { fields: Field[] }) {
  const { t, i18n } = useTranslation('services');
  const english = i18n.language === 'en';
  return (
    <div className="form-fields">
      {fields.map((field) => {
        const label = named(english, field);
        const help = (english && field.english_help) || field.help;
        if (field.kind === 'rows') {
          return (
            <fieldset key={field.id} className="wide">
              <legend>{label}</legend>
              {help && <p className="lead">{help}</p>}
              <Rows field={field} english={english} />
            </fieldset>
          );
        }
        const flag = field.kind === 'flag';
        return (
          <Form.Item
            key={field.id}
            name={field.id}
            className={field.kind === 'paragraph' ? 'wide' : ''}
            {...(flag ? { valuePropName: 'checked' } : { label })}
            {...(help ? { extra: help } : {})}
            rules={[{ required: field.required && !flag, message: t('form.needed', { name: label }) }]}
          >
            {control(field, english, label, t('form.yuan'))}
          </Form.Item>
        );
      })}
    </div>
  );
}
