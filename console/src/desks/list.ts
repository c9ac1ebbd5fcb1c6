import {
  AccountBookOutlined,
  ApartmentOutlined,
  AuditOutlined,
  FundOutlined,
  HeartOutlined,
  IdcardOutlined,
  MedicineBoxOutlined,
  ProfileOutlined,
  ReadOutlined,
  SettingOutlined,
  SolutionOutlined,
  ToolOutlined,
} from '@ant-design/icons';
import type { ComponentType } from 'react';
import type { Session } from '../frame/session';

/** A page of a desk in the menu. */
export interface DeskPage {
  /** Its words: `menu.<id>` in the desk's locale files. */
  id: string;
  /** Its address under the desk's; '' is the first page. */
  path: string;
  /** The permission without which it is not shown. */
  needs?: string;
}

/** 工作台: a desk. Its name is `desk.<id>` in `locales/<language>/frame.json`. */
export interface Desk {
  /** Its folder, its locale file, and its name in `session.desks`. */
  id: string;
  path: string;
  icon: ComponentType;
  /** Its routes, fetched when first opened. */
  load: () => Promise<{ default: ComponentType }>;
  pages: DeskPage[];
  /** Laid out for a phone: one narrow column. */
  phone?: boolean;
  /** Who sees it, where it is not simply `session.desks`. */
  open?: (session: Session) => boolean;
}

/** The desks, one entry each, in the order of the menu. */
export const desks: Desk[] = [
  {
    id: 'leader',
    path: '/leader',
    icon: FundOutlined,
    load: () => import('./leader'),
    pages: [
      { id: 'overview', path: '', needs: 'overview.read' },
      { id: 'institutions', path: 'institutions', needs: 'overview.read' },
    ],
  },
  {
    id: 'settlements',
    path: '/settlements',
    icon: ProfileOutlined,
    load: () => import('./settlements'),
    pages: [{ id: 'list', path: '', needs: 'settlement.read' }],
  },
  {
    id: 'operator',
    path: '/operator',
    icon: IdcardOutlined,
    load: () => import('./operator'),
    pages: [
      { id: 'persons', path: '', needs: 'person.read' },
      { id: 'visits', path: 'visits', needs: 'visit.read' },
    ],
  },
  {
    id: 'policy',
    path: '/policy',
    icon: ReadOutlined,
    load: () => import('./policy'),
    pages: [
      { id: 'parameters', path: '', needs: 'policy.read' },
      { id: 'rules', path: 'rules', needs: 'policy.read' },
      { id: 'articles', path: 'articles', needs: 'policy.read' },
      { id: 'check', path: 'check', needs: 'policy.read' },
      { id: 'compare', path: 'compare', needs: 'policy.read' },
    ],
  },
  {
    id: 'clearing',
    path: '/clearing',
    icon: AccountBookOutlined,
    load: () => import('./clearing'),
    pages: [
      { id: 'months', path: '', needs: 'clearing.read' },
      { id: 'statements', path: 'statements', needs: 'clearing.read' },
      { id: 'waiting', path: 'waiting', needs: 'clearing.read' },
      { id: 'year', path: 'year', needs: 'clearing.read' },
    ],
  },
  {
    id: 'grouping',
    path: '/grouping',
    icon: ApartmentOutlined,
    load: () => import('./grouping'),
    pages: [
      { id: 'try', path: '', needs: 'payment.try' },
      { id: 'schemes', path: 'schemes', needs: 'payment.read' },
      { id: 'lint', path: 'lint', needs: 'payment.read' },
    ],
  },
  {
    id: 'admin',
    path: '/admin',
    icon: SettingOutlined,
    load: () => import('./admin'),
    pages: [
      { id: 'accounts', path: '', needs: 'account.manage' },
      { id: 'roles', path: 'roles', needs: 'account.manage' },
      { id: 'sessions', path: 'sessions', needs: 'account.manage' },
      { id: 'reads', path: 'reads', needs: 'access.read' },
    ],
  },
  {
    id: 'services',
    path: '/services',
    icon: SolutionOutlined,
    load: () => import('./services'),
    pages: [
      { id: 'catalogue', path: '', needs: 'service.read' },
      { id: 'applications', path: 'applications', needs: 'service.read' },
      { id: 'claims', path: 'claims', needs: 'service.read' },
    ],
  },
  {
    id: 'workorders',
    path: '/workorders',
    icon: ToolOutlined,
    load: () => import('./workorders'),
    pages: [{ id: 'orders', path: '', needs: 'workorder.raise' }],
  },
  {
    id: 'me',
    path: '/me',
    icon: HeartOutlined,
    load: () => import('./me'),
    phone: true,
    pages: [
      { id: 'home', path: '', needs: 'credential.own' },
      { id: 'visits', path: 'visits', needs: 'settlement.read' },
      { id: 'messages', path: 'messages', needs: 'message.own' },
      { id: 'credential', path: 'credential', needs: 'credential.own' },
    ],
  },
  {
    id: 'audit',
    path: '/audit',
    icon: AuditOutlined,
    load: () => import('./audit'),
    pages: [
      { id: 'queue', path: '', needs: 'case.read' },
      { id: 'clues', path: 'clues', needs: 'finding.read' },
      { id: 'findings', path: 'findings', needs: 'finding.read' },
      { id: 'suspicions', path: 'suspicions', needs: 'finding.read' },
      { id: 'rules', path: 'rules', needs: 'rule.read' },
    ],
  },
  {
    id: 'hospital',
    path: '/hospital',
    icon: MedicineBoxOutlined,
    load: () => import('./hospital'),
    pages: [
      { id: 'overview', path: '', needs: 'list.read' },
      { id: 'cases', path: 'cases', needs: 'case.read' },
      { id: 'findings', path: 'findings', needs: 'finding.read' },
      { id: 'lists', path: 'lists', needs: 'list.read' },
      { id: 'groups', path: 'groups', needs: 'list.read' },
      { id: 'statements', path: 'statements', needs: 'clearing.read' },
      { id: 'refusals', path: 'refusals', needs: 'refusal.read' },
      { id: 'reconciliations', path: 'reconciliations', needs: 'settlement.read' },
    ],
  },
];

/** The desks that a session may use. */
export function desksOf(session: Session): Desk[] {
  return desks.filter((desk) => (desk.open ? desk.open(session) : session.desks.includes(desk.id)));
}
