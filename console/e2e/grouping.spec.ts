import { expect, look, signIn, test } from './heng';

test('a payment clerk pastes a stay, sees its group, price and neighbours, and looks it up in the scheme', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'payment');
  await page.goto('/grouping');
  await expect(page.getByRole('heading', { level: 1, name: '试分组与试算' })).toBeVisible();
  await page.getByRole('button', { name: '填入一个例子' }).click();
  await page.getByRole('combobox', { name: '分组方案' }).click();
  await page.getByTitle(/DRG/).first().click();
  await page.getByRole('button', { name: '分组并试算' }).click();
  await expect(page.getByRole('heading', { name: '邻组' })).toBeVisible();
  await expect(page.getByRole('heading', { name: '定价步骤' })).toBeVisible();
  await look(page, 'grouping-try');

  await page.getByRole('region', { name: '入组结果' }).getByRole('link').last().click();
  await expect(page).toHaveURL(/schemes/);
  await page.locator('tbody tr.ant-table-row').first().waitFor();
  await look(page, 'grouping-found');
  await page.goto('/grouping/schemes');
  await look(page, 'grouping-schemes');
  await page.getByRole('link', { name: /DRG/ }).first().click();
  await page.locator('tbody tr.ant-table-row').first().getByRole('link').first().click();
  await expect(page).toHaveURL(/parent=/);
  await look(page, 'grouping-tree');
  await page.goto('/grouping/lint');
  await expect(page.getByText(/个错误，\d+ 个提醒/)).toBeVisible({ timeout: 30_000 });
  await look(page, 'grouping-lint');
});

test('a table is read by its headings; a wrong row is told and the others are grouped', async ({ page }) => {
  await signIn(page, 'payment');
  await page.goto('/grouping');
  const chosen = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /上传文件/ }).click();
  const text = 'id,sex,age,los,dx,proc\nA,1,50,7,I63.9|E11.9,\nB,1,old,7,I63.9,\nC,2,71,9,I10,\n';
  await (await chosen).setFiles({ name: 'stays.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await expect(page.getByText('读到 3 行，取用 2 行，1 行有误')).toBeVisible();
  await expect(page.locator('tbody tr.ant-table-row')).toHaveCount(2);
  await look(page, 'grouping-upload');
});
