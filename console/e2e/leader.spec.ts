import { expect, look, settled, signIn, test } from './heng';

test('a leader sees what the funds paid and opens a figure down to one settlement', async ({ page }) => {
  await signIn(page, 'leader');
  await page.goto('/leader?period=year');
  await expect(page.getByRole('heading', { level: 1, name: '基金总览' })).toBeVisible();
  await look(page, 'leader-overview');

  // The same figures as a table, whose amounts open to their rows.
  const ranking = page.getByRole('figure').filter({ hasText: '机构排名' });
  await ranking.locator('.ant-segmented-item').last().click();
  const amount = ranking.getByRole('row').nth(1).getByRole('link').last();
  const shown = await amount.innerText();
  await amount.click();
  await expect(page).toHaveURL(/\/settlements\?.*institution=/);
  await settled(page);
  // What the figure said is what its rows add up to.
  await expect(page.getByLabel('符合条件的全部结算合计').getByRole('link', { name: shown })).toBeVisible();
  await look(page, 'settlements-of-institution');

  await page.getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page).toHaveURL(/\/settlements\/[^?]+$/);
  await page.getByRole('tab').nth(1).click();
  await expect(page.locator('.trace').getByRole('listitem').first()).toBeVisible();
});

test('every mark of a chart opens to its rows', async ({ page }) => {
  await signIn(page, 'leader');
  await page.goto('/leader?period=year');
  await settled(page);
  const chart = page.getByRole('img', { name: /机构排名/ });
  await expect(chart.locator('canvas')).toBeVisible();
  const box = await chart.boundingBox();
  // The longest bar lies at the top, right of its name.
  if (!box) throw new Error('the chart has no place');
  await chart.click({ position: { x: box.width * 0.45, y: 24 } });
  await expect(page).toHaveURL(/\/settlements\?.*institution=/);
});

test('the list is sorted, filtered and paged by the server', async ({ page }) => {
  await signIn(page, 'leader');
  await page.goto('/settlements?sort=-total_amount&limit=20');
  await settled(page);
  const greatest = page.getByRole('row').nth(1).getByRole('link').first();
  const first = (await greatest.getAttribute('href')) ?? '';
  await page.getByRole('button', { name: '下一页' }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect(greatest).not.toHaveAttribute('href', first);
  await page.goto('/settlements?standing=reversal');
  await look(page, 'settlements-reversals');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/leader');
  await look(page, 'leader-390');
  await page.goto('/settlements');
  await look(page, 'settlements-390');
});
