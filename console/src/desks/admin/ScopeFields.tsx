import { Form, Input, Select } from 'antd';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../frame/client';

export type Scope = Schema['ScopeForm'];

const KINDS = ['region', 'institution', 'department', 'person'] as const;

/** A scope in a few words. */
export function scopeInWords(scope: Scope, t: TFunction<'admin'>): string {
  const kind = t(`scope.${scope.kind}`);
  switch (scope.kind) {
    case 'region':
      return kind;
    case 'institution':
      return `${kind} ${scope.institution}`;
    case 'department':
      return `${kind} ${scope.institution} · ${scope.department}`;
    case 'person':
      return `${kind} ${scope.persons.join('、')}`;
  }
}

/** 数据范围 as it stands in a form: the persons in one line. */
export interface ScopeValues {
  kind: Scope['kind'];
  institution?: string;
  department?: string;
  persons?: string;
}

export const valuesOf = (scope: Scope): ScopeValues => (scope.kind === 'person' ? { kind: 'person', persons: scope.persons.join(' ') } : scope);

export function scopeOf({ kind, institution = '', department = '', persons = '' }: ScopeValues): Scope {
  switch (kind) {
    case 'institution':
      return { kind, institution };
    case 'department':
      return { kind, institution, department };
    case 'person':
      return { kind, persons: persons.split(/[\s,，、]+/).filter(Boolean) };
    default:
      return { kind: 'region' };
  }
}

/** The fields of a scope: which kind, and what it needs. */
export function ScopeFields() {
  const { t } = useTranslation('admin');
  const kind = Form.useWatch<Scope['kind'] | undefined>(['scope', 'kind']);
  const needed = [{ required: true, message: t('needed') }];
  return (
    <>
      <Form.Item name={['scope', 'kind']} label={t('field.scope')} rules={needed}>
        <Select options={KINDS.map((value) => ({ value, label: t(`scope.${value}`) }))} />
      </Form.Item>
      {(kind === 'institution' || kind === 'department') && (
        <Form.Item name={['scope', 'institution']} label={t('field.institution')} rules={needed}>
          <Input />
        </Form.Item>
      )}
      {kind === 'department' && (
        <Form.Item name={['scope', 'department']} label={t('field.department')} rules={needed}>
          <Input />
        </Form.Item>
      )}
      {kind === 'person' && (
        <Form.Item name={['scope', 'persons']} label={t('field.persons')} extra={t('field.persons_help')} rules={needed}>
          <Input />
        </Form.Item>
      )}
    </>
  );
}
