import { expect, look, signIn, test } from './heng';

test('a policy clerk follows a parameter to its article, runs the examples, and sees who gains by an edit', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'policy');
  await page.goto('/policy');
  await expect(page.getByRole('heading', { level: 1, name: '政策参数' })).toBeVisible();
  await page.getByLabel('名称、编号或条文').fill('住院起付标准');
  await page.getByLabel('名称、编号或条文').press('Enter');
  await page.getByRole('link', { name: '住院起付标准', exact: true }).waitFor();
  await look(page, 'policy-parameters');
  await page.getByRole('link', { name: '住院起付标准', exact: true }).click();
  await expect(page.getByText('stay_deductible')).toBeVisible();
  // 310在职, 1st stay, third level: 900 until July, then 1000.
  const row = page.getByRole('row').filter({ hasText: '310在职' }).filter({ hasText: '1000' }).first();
  await expect(row).toContainText('900');
  await look(page, 'policy-parameter');
  await row.getByRole('link', { name: '第48条' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /第48条/ })).toBeVisible();
  await look(page, 'policy-article');

  await page.goto('/policy/rules');
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await look(page, 'policy-rules');

  await page.goto('/policy/check');
  await expect(page.getByText(/50\/50 个算例相符|个算例相符/)).toBeVisible({ timeout: 60_000 });
  await look(page, 'policy-check');

  await page.goto('/policy/compare');
  await expect(page.getByText(/变化 \d+ 处/)).toBeVisible();
  await look(page, 'policy-dates');
  await page.getByText('改一改试试').click();
  await page.getByRole('combobox', { name: '政策文件' }).click();
  await page.getByTitle(/第17–24条 住院/).click();
  const text = page.getByLabel(/050-stays.toml 的内容/);
  await expect(text).toHaveValue(/stay_deductible/);
  // Halves the deductible of the third level for employees.
  await text.fill((await text.inputValue()).replace('values = [900, 600, 300]', 'values = [450, 600, 300]'));
  await page.getByRole('button', { name: '比较', exact: true }).or(page.getByRole('button', { name: /^比\s*较$/ })).first().click();
  await expect(page.getByText(/变化 1 处/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/900 → 450 元/)).toBeVisible();
  await expect(page.getByRole('heading', { name: /按两版重算/ })).toBeVisible();
  await look(page, 'policy-compare');
});

test('a slip in an edited file is told by its line', async ({ page, refusals }) => {
  refusals.add(422);
  await signIn(page, 'policy');
  await page.goto('/policy/compare?mode=edit');
  await page.getByRole('combobox', { name: '政策文件' }).click();
  await page.getByTitle(/第17–24条 住院/).click();
  const text = page.getByLabel(/050-stays.toml 的内容/);
  await expect(text).toHaveValue(/stay_deductible/);
  await text.fill((await text.inputValue()).replace('from = 2026-07-01', 'from = "next summer"'));
  await page.getByRole('button', { name: /^比\s*较$/ }).click();
  await expect(page.getByRole('alert').getByText('policy/050-stays.toml').first()).toBeVisible({ timeout: 30_000 });
});
