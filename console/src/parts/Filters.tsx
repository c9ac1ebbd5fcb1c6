import { Button, DatePicker, Input, InputNumber, Select, Space, Switch } from 'antd';
import dayjs from 'dayjs';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A filter of a list. `name` is the query parameter, here and in the address. */
export type Filter =
  | { kind: 'choice'; name: string; label: string; options: { value: string; label: string }[]; loading?: boolean }
  | { kind: 'text'; name: string; label: string }
  | { kind: 'dates'; from: string; to: string; label: string }
  /** Typed in yuan, asked for in fen. */
  | { kind: 'money'; from: string; to: string; label: string }
  | { kind: 'yes'; name: string; label: string };

interface FiltersProps {
  filters: Filter[];
  search?: string | undefined;
  values: URLSearchParams;
  onChange: (changes: Record<string, string>) => void;
  actions?: ReactNode;
}

/** 筛选: the filters of a list in one row; each changes the address. */
export function Filters({ filters, search, values, onChange, actions }: FiltersProps) {
  const { t } = useTranslation('parts');
  const names = filters.flatMap((filter) => ('name' in filter ? [filter.name] : [filter.from, filter.to]));
  const used = [...names, 'q'].filter((name) => values.has(name));
  return (
    <search className="filters">
      {search && (
        <Input.Search
          key={values.get('q') ?? ''}
          className="filter-search"
          placeholder={search}
          aria-label={search}
          defaultValue={values.get('q') ?? ''}
          allowClear
          onSearch={(q) => onChange({ q: q.trim() })}
        />
      )}
      {filters.map((filter) => (
        <One key={filter.label} filter={filter} values={values} onChange={onChange} />
      ))}
      {used.length > 0 && (
        <Button type="link" onClick={() => onChange(Object.fromEntries(used.map((name) => [name, ''])))}>
          {t('list.clear')}
        </Button>
      )}
      {actions && <span className="filter-actions">{actions}</span>}
    </search>
  );
}

function One({ filter, values, onChange }: { filter: Filter } & Pick<FiltersProps, 'values' | 'onChange'>) {
  const { t } = useTranslation('parts');
  switch (filter.kind) {
    case 'choice':
      return (
        <Select
          className="filter"
          aria-label={filter.label}
          placeholder={filter.label}
          value={values.get(filter.name) ?? undefined}
          options={filter.options}
          loading={filter.loading}
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          popupMatchSelectWidth={false}
          onChange={(value: string | undefined) => onChange({ [filter.name]: value ?? '' })}
        />
      );
    case 'text':
      return (
        <Input
          key={values.get(filter.name) ?? ''}
          className="filter"
          placeholder={filter.label}
          aria-label={filter.label}
          defaultValue={values.get(filter.name) ?? ''}
          allowClear
          onPressEnter={(event) => onChange({ [filter.name]: event.currentTarget.value.trim() })}
          onClear={() => onChange({ [filter.name]: '' })}
        />
      );
    case 'dates': {
      const day = (name: string) => (values.get(name) ? dayjs(values.get(name)) : null);
      return (
        <DatePicker.RangePicker
          aria-label={filter.label}
          placeholder={[t('list.from', { label: filter.label }), t('list.to')]}
          value={[day(filter.from), day(filter.to)]}
          allowEmpty={[true, true]}
          onChange={(days) =>
            onChange({ [filter.from]: days?.[0]?.format('YYYY-MM-DD') ?? '', [filter.to]: days?.[1]?.format('YYYY-MM-DD') ?? '' })
          }
        />
      );
    }
    case 'money': {
      const yuanOf = (name: string) => (values.get(name) ? Number(values.get(name)) / 100 : undefined);
      const field = (name: string, placeholder: string) => (
        <InputNumber
          key={`${name}${values.get(name) ?? ''}`}
          className="filter-money"
          aria-label={placeholder}
          placeholder={placeholder}
          defaultValue={yuanOf(name)}
          precision={2}
          controls={false}
          onBlur={(event) => {
            const typed = event.target.value.trim();
            const next = typed ? String(Math.round(Number(typed.replaceAll(',', '')) * 100)) : '';
            if (next !== (values.get(name) ?? '') && next !== 'NaN') onChange({ [name]: next });
          }}
          onPressEnter={(event) => event.currentTarget.blur()}
        />
      );
      return (
        <Space.Compact>
          {field(filter.from, t('list.from', { label: filter.label }))}
          {field(filter.to, t('list.to'))}
        </Space.Compact>
      );
    }
    case 'yes':
      return (
        <span className="filter-yes">
          <Switch
            size="small"
            aria-label={filter.label}
            checked={values.get(filter.name) === 'true'}
            onChange={(on) => onChange({ [filter.name]: on ? 'true' : '' })}
          />
          {filter.label}
        </span>
      );
  }
}
