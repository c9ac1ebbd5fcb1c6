import type { Page } from '@playwright/test';
import { expect, settled } from './heng';

interface CaseRow {
  case: string;
  closed: boolean;
  institution: { code: string };
  state: { code: string };
}

/** What a step asks for besides its note. */
interface Brings {
  assign?: string;
  article?: string;
  reason?: string;
  grounds?: string;
  file?: string;
}

/** Takes a step of the case that is open in the page. */
export async function takeStep(page: Page, name: string, brings: Brings = {}) {
  await page.getByRole('button', { name, exact: true }).click();
  const dialog = page.getByRole('dialog', { name });
  await expect(dialog).toBeVisible();
  if (brings.assign) {
    await dialog.getByLabel('分派给').click();
    await page.locator('.ant-select-item-option').filter({ hasText: brings.assign }).click();
  }
  if (brings.article) await dialog.getByLabel('依据', { exact: true }).fill(brings.article);
  if (brings.reason) await dialog.getByLabel('认定理由').fill(brings.reason);
  if (brings.grounds) await dialog.getByLabel('申诉理由').fill(brings.grounds);
  if (brings.file) {
    await dialog.locator('input[type=file]').setInputFiles({ name: brings.file, mimeType: 'text/plain', buffer: Buffer.from(brings.file) });
  }
  await dialog.getByLabel('办理说明').fill('按程序办理');
  await dialog.getByRole('button', { name: /^提\s*交$/ }).click();
  await expect(dialog).toBeHidden();
  await settled(page);
}

/** The address of a case of the list that the account sees, the first that fits. */
export async function caseOf(page: Page, fits: (row: CaseRow) => boolean, desk = 'audit'): Promise<string> {
  const answer = await page.request.get('/api/console/v1/cases?standing=all&limit=200');
  const { items } = (await answer.json()) as { items: CaseRow[] };
  const found = items.find(fits);
  if (!found) throw new Error('the demo has no such case');
  return `/${desk}/cases/${found.case}`;
}

/** Opens a case from the first clue that can still be disputed; the page then shows the case. */
export async function openFromClue(page: Page) {
  const buttons = page.getByRole('button', { name: /^立\s*案$/ });
  const clues = await buttons.count();
  for (let n = 0; n < clues; n += 1) {
    await buttons.nth(n).click();
    const dialog = page.getByRole('dialog', { name: '立案' });
    await dialog.getByLabel('立案理由').fill('线索复核发现疑点');
    await dialog.getByRole('button', { name: /^立\s*案$/ }).click();
    const opened = page.waitForURL(/\/audit\/cases\//).then(() => true);
    const refused = dialog.getByRole('alert').waitFor().then(() => false);
    if (await Promise.race([opened, refused])) return settled(page);
    await dialog.getByRole('button', { name: /^取\s*消$/ }).click();
    await expect(dialog).toBeHidden();
  }
  throw new Error('no clue of the demo can be opened');
}

/** Ends the session. */
export async function leave(page: Page) {
  await page.context().clearCookies();
}
