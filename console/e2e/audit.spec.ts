import { expect, look, settled, signIn, test } from './heng';
import { caseOf, leave, openFromClue, takeStep } from './cases';

test('an auditor takes a clue to a review', async ({ page }) => {
  await signIn(page, 'auditor');
  await page.goto('/audit/clues');
  await expect(page.getByRole('heading', { level: 1, name: '线索' })).toBeVisible();
  await look(page, 'audit-clues');
  await openFromClue(page);
  await expect(page.getByText('待分派', { exact: true }).first()).toBeVisible();
  await look(page, 'audit-case');
  const at = page.url();
  await leave(page);

  // The supervisor assigns; nobody else may.
  await signIn(page, 'auditor', 2);
  await page.goto(at);
  await takeStep(page, '分派初审', { assign: 'S001' });
  await expect(page.getByText('初审中', { exact: true }).first()).toBeVisible();
  await leave(page);

  await signIn(page, 'auditor');
  await page.goto(at);
  await takeStep(page, '初审认定', { article: '医疗保障基金使用监督管理条例第三十八条', reason: '与病历不符' });
  await expect(page.getByText('初审已告知，待申诉', { exact: true }).first()).toBeVisible();
  await look(page, 'audit-case-reviewed');
});

test('the queue, a finding and a rule open down to what they rest on', async ({ page }) => {
  await signIn(page, 'auditor');
  await page.goto('/audit');
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await look(page, 'audit-queue');
  await page.goto('/audit/findings');
  await look(page, 'audit-findings');
  await page.getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: '费用明细（命中的在前）' })).toBeVisible();
  // Away from whatever lies where the row was: a colour under the pointer is no colour to judge.
  await page.mouse.move(2, 2);
  await look(page, 'audit-finding');
  // A fee line opens to its settlement.
  await page.getByRole('region', { name: '费用明细（命中的在前）' }).locator('tbody a.money').first().click();
  await expect(page).toHaveURL(/\/settlements\//);
  await page.goto('/audit/rules');
  await look(page, 'audit-rules');
  await page.getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: '规则自带的例子' })).toBeVisible();
  await page.mouse.move(2, 2);
  await look(page, 'audit-rule');
  await page.getByRole('button', { name: '用上月试运行' }).click();
  await expect(page.getByRole('dialog', { name: '上月试运行' })).toBeVisible({ timeout: 45_000 });
  await look(page, 'audit-try');
});

test('a suspicion shows its parts and who is bound to whom', async ({ page }) => {
  await signIn(page, 'auditor');
  await page.goto('/audit/suspicions');
  await settled(page);
  await look(page, 'audit-suspicions');
  const first = page.getByRole('row').nth(1).getByRole('link').first();
  // A small city may have no group that stands out.
  if ((await first.count()) === 0) {
    await expect(page.getByText('没有可疑线索')).toBeVisible();
    return;
  }
  await first.click();
  await expect(page.getByRole('heading', { name: '得分的组成' })).toBeVisible();
  await page.mouse.move(2, 2);
  await look(page, 'audit-suspicion');
});

test('who may not act on a case is told why', async ({ page }) => {
  await signIn(page, 'auditor');
  await page.goto(await caseOf(page, (row) => !row.closed));
  const possible = page.getByRole('region', { name: '现在可以办理' });
  await expect(possible).toBeVisible();
});
