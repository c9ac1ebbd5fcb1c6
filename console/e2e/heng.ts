import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A demo account, as `heng demo` writes them to `<data>/accounts.json`. */
export interface DemoAccount {
  account: string;
  password: string;
  roles: string[];
  name: string;
}

/** The demo's account of a role: `accountOf('operator')`; the `n`th of them. */
export function accountOf(role: string, n = 0): DemoAccount {
  const file = process.env.HENG_ACCOUNTS ?? '../data/demo/accounts.json';
  const all = JSON.parse(readFileSync(file, 'utf8')) as DemoAccount[];
  const found = all.filter((account) => account.roles.includes(role))[n];
  if (!found) throw new Error(`${file} has no account ${n} of role ${role}`);
  return found;
}

/** Signs in through the page, as a person does. */
export async function signIn(page: Page, role: string, n = 0): Promise<DemoAccount> {
  const account = accountOf(role, n);
  await page.goto('/sign-in');
  await page.getByLabel('账号', { exact: true }).fill(account.account);
  await page.getByLabel('密码', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page).not.toHaveURL(/sign-in/);
  return account;
}

/** Waits until the page has stopped fetching. */
export async function settled(page: Page) {
  await page.waitForLoadState('networkidle');
  await expect(page.locator('.ant-spin-spinning')).toHaveCount(0);
}

/**
 * Looks at a page as a reader would: nothing sticks out sideways, no word is missing, axe finds
 * nothing serious; and keeps a screenshot as `test-results/screens/NAME.png`.
 */
export async function look(page: Page, name: string) {
  await settled(page);
  const folder = join(import.meta.dirname, '../test-results/screens');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(sideways, `${name} sticks out by ${sideways} px`).toBeLessThanOrEqual(0);
  const lines = (await page.locator('body').innerText()).split('\n');
  const odd = lines.filter((line) => /⟦|\bundefined\b|\bNaN\b|\[object Object\]/.test(line));
  expect(odd, `${name} lacks words`).toEqual([]);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations
    .filter((found) => found.impact === 'serious' || found.impact === 'critical')
    .map((found) => `${found.id}: ${found.help}\n  ${found.nodes.map((node) => node.html.slice(0, 160)).join('\n  ')}`);
  expect(serious, `${name} is hard to use for some`).toEqual([]);
}

/** The test of this house: it fails on any error in the browser's console. */
export const test = base.extend<{ refusals: Set<number>; console: void }>({
  /** Statuses that a test provokes on purpose: `refusals.add(422)`. */
  refusals: async ({}, use) => use(new Set()),
  console: [
    async ({ page, refusals }, use) => {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
      });
      await use();
      const meant = (error: string) => [...refusals].some((status) => error.includes(`status of ${status}`));
      expect(errors.filter((error) => !meant(error))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
