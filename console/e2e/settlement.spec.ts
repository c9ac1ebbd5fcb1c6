import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, look, signIn, test } from './heng';

/** A settlement of the demo in which a fund paid, the largest first. */
async function oneSettlement(page: Page): Promise<string> {
  const answer = await page.request.get('/api/console/v1/settlements?sort=-fund_amount&standing=valid&limit=1');
  expect(answer.ok(), await answer.text()).toBe(true);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  expect(items).toHaveLength(1);
  return items[0]?.id ?? '';
}

test('a settlement opens to each fen, why, lines, ledger and proof', async ({ page }) => {
  await signIn(page, 'operator');
  const id = await oneSettlement(page);
  await page.goto(`/settlements/${id}`);
  for (const [tab, name] of [
    ['每一分的去处', 'where'],
    ['为什么', 'why'],
    ['费用明细', 'lines'],
    ['账簿分录', 'postings'],
    ['凭证与证明', 'receipt'],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await look(page, `settlement-${name}`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/settlements/${id}?tab=lines`);
  await look(page, 'settlement-lines-390');
});

test('a receipt is verified here and by heng verify; a changed one by neither', async ({ page }, info) => {
  await signIn(page, 'operator');
  const id = await oneSettlement(page);
  await page.goto(`/settlements/${id}?tab=receipt`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '下载凭证文件' }).click()]);
  const file = info.outputPath('receipt.json');
  await download.saveAs(file);

  await page.getByRole('button', { name: '在本页面核验' }).click();
  await expect(page.getByText('核验通过')).toBeVisible();
  await look(page, 'verify-passed');

  const changed = readFileSync(file, 'utf8').replace(/"psn_cash_pay": (-?\d+)/, (_, fen: string) => `"psn_cash_pay": ${Number(fen) + 1}`);
  await page.locator('input[type=file]').setInputFiles({ name: 'changed.json', mimeType: 'application/json', buffer: Buffer.from(changed) });
  await expect(page.getByText('核验未通过：内容不足为凭')).toBeVisible();
  await look(page, 'verify-failed');

  const heng = process.env.HENG_BIN;
  test.skip(!heng, 'HENG_BIN does not say where heng is');
  const said = execFileSync(heng ?? '', ['verify', file, '--key', `${process.env.HENG_DATA}/evidence.pub`], { encoding: 'utf8' });
  expect(said).toContain('✓');
});

test('a receipt is verified from its codes by somebody who is not signed in', async ({ page, browser, baseURL }) => {
  await signIn(page, 'operator');
  await page.goto(`/settlements/${await oneSettlement(page)}?tab=receipt`);
  await page.getByRole('button', { name: '显示二维码' }).click();
  const picture = page.locator('figure.codes img');
  await expect(picture).toBeVisible();
  const pause = page.getByRole('button', { name: '暂停轮换' });
  if (await pause.isVisible()) await pause.click();
  const of = Number(/\/ (\d+)/.exec((await picture.getAttribute('alt')) ?? '')?.[1]);
  expect(of).toBeGreaterThan(0);
  const codes: Buffer[] = [];
  for (let n = 0; n < of; n += 1) {
    codes.push(Buffer.from(((await picture.getAttribute('src')) ?? '').split(',')[1] ?? '', 'base64'));
    if (of > 1) await page.getByRole('button', { name: '下一张' }).click();
  }
  const stranger = await browser.newPage({ baseURL: baseURL ?? '', locale: 'zh-CN' });
  await stranger.goto('/verify');
  await stranger.locator('input[type=file]').setInputFiles(codes.map((buffer, n) => ({ name: `${n}.png`, mimeType: 'image/png', buffer })));
  await expect(stranger.getByText('核验通过')).toBeVisible();
  await stranger.close();
});
