import { expect, look, signIn, test } from './heng';

test('a clearing clerk opens a month down to one case, and tries the year with another budget', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'clearing');
  await page.goto('/clearing');
  await expect(page.getByRole('heading', { level: 1, name: '清算月份' })).toBeVisible();
  const month = page.getByRole('region', { name: '清算月份' }).getByRole('link', { name: /^\d{4}-\d{2}$/ }).first();
  await month.waitFor();
  await look(page, 'clearing-months');
  await month.click();
  await expect(page).toHaveURL(/statements\?month=/);
  await page.getByRole('columnheader', { name: '病组基金应付' }).click();
  await expect(page).toHaveURL(/sort=group/);
  await expect(async () => {
    await page.getByRole('columnheader', { name: '病组基金应付' }).click();
    await expect(page).toHaveURL(/sort=-group/, { timeout: 3_000 });
  }).toPass({ timeout: 30_000 });
  await look(page, 'clearing-statements');
  await page.locator('tbody tr.ant-table-row').first().getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: /^按病组/ }).first()).toBeVisible();
  await look(page, 'clearing-statement');
  const file = page.waitForEvent('download');
  await page.getByRole('link', { name: /下载清算单/ }).click();
  expect((await file).suggestedFilename()).toMatch(/^statement-.*\.xlsx$/);

  await page.getByRole('region', { name: /支付方案|付费方案/ }).first().getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1, name: /清算明细/ })).toBeVisible();
  const [, shown, institution] = /months\/([^/]+)\/([^/]+)\/cases/.exec(page.url()) ?? [];
  const cleared = `${shown}/institutions/${institution}`;
  await page.locator('tbody tr.ant-table-row').first().waitFor();
  await look(page, 'clearing-cases');
  await page.locator('tbody tr.ant-table-row').first().getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: '定价步骤' })).toBeVisible();
  await look(page, 'clearing-case');

  await page.goto('/clearing/waiting');
  await look(page, 'clearing-waiting');

  const one = (await (await page.request.get(`/api/console/v1/clearing/months/${cleared}/cases?limit=1`)).json()) as { items: { plan: string; scheme: { code: string } }[] };
  const [{ plan, scheme } = { plan: '', scheme: { code: '' } }] = one.items;
  await page.goto(`/clearing/year?plan=${plan}&pool=${scheme.code === '310' ? 'employees' : 'residents'}`);
  const budget = page.getByLabel(/预算（元）/);
  await expect(budget).not.toHaveValue('');
  await expect(page.getByRole('heading', { name: '各机构' })).toBeVisible({ timeout: 30_000 });
  await look(page, 'clearing-year');
  await budget.fill('90000000');
  await page.getByRole('button', { name: /^测\s*算$/ }).click();
  await expect(page.getByRole('columnheader', { name: '应拨付变动' })).toBeVisible();
  await look(page, 'clearing-tried');
  await page.locator('tbody tr.ant-table-row').first().getByRole('link').first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('a hospital sees its own statements and nobody else’s', async ({ page, refusals }) => {
  refusals.add(404).add(403);
  await signIn(page, 'hospital');
  const own = (await (await page.request.get('/api/console/v1/clearing/statements?limit=200')).json()) as { items: { institution: { code: string }; month: string }[] };
  const codes = new Set(own.items.map((row) => row.institution.code));
  expect(codes.size).toBeLessThanOrEqual(1);
  const [code = 'H0001'] = codes;
  const month = own.items[0]?.month ?? '2026-01';
  const other = await page.request.get(`/api/console/v1/clearing/months/${month}/institutions/${code}9/cases`);
  expect(other.status()).toBe(404);
});
