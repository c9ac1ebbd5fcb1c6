import { expect, look, settled, signIn, test } from './heng';
import type { Page } from '@playwright/test';

/** The number of somebody insured, found as an operator finds them. */
async function anybody(page: Page): Promise<string> {
  const answer = await page.request.get('/api/console/v1/settlements?limit=1');
  const { items } = (await answer.json()) as { items: { person: string }[] };
  const person = items[0]?.person;
  if (!person) throw new Error('the demo has no settlement yet');
  return person;
}

const today = () => new Date().toISOString().slice(0, 10);

async function choose(page: Page, label: string, option: string) {
  await page.getByLabel(label, { exact: true }).click();
  await page.locator('.ant-select-dropdown:visible').getByText(option, { exact: true }).click();
}

async function date(page: Page, label: string, value: string) {
  const box = page.getByLabel(label, { exact: true });
  await box.fill(value);
  await box.press('Enter');
}

test('an item whose rule is complete is done at once', async ({ page }) => {
  await signIn(page, 'operator');
  const person = await anybody(page);
  await page.goto('/services');
  await look(page, 'services');
  await page.getByRole('link', { name: '个人信息变更' }).click();
  await page.getByLabel('人员编号', { exact: true }).fill(person);
  await page.getByLabel('联系电话').fill(`139${String(Date.now()).slice(-8)}`);
  await page.getByRole('button', { name: '预审' }).click();
  await expect(page.getByText('可以提交，将即时办结')).toBeVisible();
  await look(page, 'services-apply');
  await page.getByRole('button', { name: '提交申请' }).click();
  await expect(page.getByText('自动办理').first()).toBeVisible();
  await look(page, 'services-done');
  await page.goto('/services/applications');
  await look(page, 'services-queue');
});

test('what is wrong is told before anything is sent', async ({ page }) => {
  await signIn(page, 'operator');
  const person = await anybody(page);
  await page.goto('/services/apply/residence_filing');
  await settled(page);
  await page.getByLabel('人员编号', { exact: true }).fill(person);
  await page.getByLabel('居住地区划').fill('999900');
  await date(page, '起始日期', '2020-01-01');
  await choose(page, '类别', '异地长期居住人员');
  await page.getByRole('button', { name: '预审' }).click();
  await expect(page.getByText('居住地 999900 就是本市')).toBeVisible();
  await look(page, 'services-refused');
});

test('a claim is entered, tried, and sent; another reviews it, and it is settled', async ({ page, browser }) => {
  test.slow();
  await signIn(page, 'operator');
  const person = await anybody(page);
  // A claim goes to the person's own account, so the name is needed whole.
  const { csrf, purposes } = (await (await page.request.get('/api/console/v1/session')).json()) as {
    csrf: string;
    purposes: { id: string }[];
  };
  const shown = await page.request.post('/api/console/v1/unmask', {
    headers: { 'x-csrf-token': csrf },
    data: { person, purpose: purposes[0]?.id, note: '核对收款人' },
  });
  const { name } = (await shown.json()) as { name: string };
  const form = await page.request.get('/api/console/v1/settlements?limit=1');
  const { items } = (await form.json()) as { items: { scheme: { code: string }; settled_at: string }[] };
  const day = (items[0]?.settled_at ?? '').slice(0, 10);
  await page.goto('/services/claims/new/manual_claim');
  await settled(page);
  await page.getByLabel('人员编号', { exact: true }).fill(person);
  await choose(page, '险种', items[0]?.scheme.code === '390' ? '城乡居民基本医疗保险' : '职工基本医疗保险');
  await choose(page, '医疗类别', '急诊');
  await choose(page, '垫付原因', '急诊抢救');
  await page.getByLabel('医疗机构名称').fill('某市第一医院');
  await page.getByLabel('就医地区划').fill('330100');
  await choose(page, '医院级别', '三级');
  await date(page, '就诊（入院）日期', day);
  await page.getByLabel('诊断', { exact: true }).fill('急性阑尾炎');
  await page.getByLabel('目录编码，第 1 行').fill('HZS001');
  await page.getByLabel('名称，第 1 行', { exact: true }).fill('综合治疗');
  await date(page, '日期，第 1 行', day);
  await page.getByLabel('金额，第 1 行', { exact: true }).fill('1000');
  await page.getByLabel('票据号码，第 1 行').fill(`E2E${Date.now()}`);
  await date(page, '开票日期，第 1 行', day);
  await page.getByLabel('票面金额，第 1 行').fill('1000');
  await page.getByLabel('收款人', { exact: true }).fill(name);
  await page.getByLabel('开户银行').fill('某银行');
  await page.getByLabel('银行账号').fill('6222020200012345');
  for (const kind of ['票据原件', '费用明细清单']) {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: `选择${kind}` }).click();
    await (await chooser).setFiles({ name: `${kind}.txt`, mimeType: 'text/plain', buffer: Buffer.from(kind) });
  }
  await page.getByRole('button', { name: '试算' }).click();
  await expect(page.getByText('试算结果')).toBeVisible();
  await look(page, 'claim-entry');
  await page.getByRole('button', { name: '提交复核' }).click();
  await expect(page.getByText('待复核').first()).toBeVisible();
  await look(page, 'claim');
  const address = page.url();
  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'reviewer');
  await other.goto(address);
  await other.getByRole('button', { name: '复核核定' }).click();
  await other.getByLabel('意见或理由').fill('票据齐全');
  await other.getByRole('dialog').getByRole('button', { name: '复核核定' }).click();
  await expect(other.getByText('已核定，待支付').first()).toBeVisible();
  await look(other, 'claim-approved');
  await other.context().close();
});

test('a work order is raised by one and approved by another', async ({ page, browser }) => {
  await signIn(page, 'operator');
  await page.goto('/workorders/new/work_fault');
  const title = `结算慢 ${today()} ${Date.now() % 10000}`;
  await page.getByLabel('标题').fill(title);
  await choose(page, '紧急程度', '影响结算');
  await page.getByLabel('问题描述').fill('门诊结算超过十秒');
  await look(page, 'workorder-new');
  await page.getByRole('button', { name: '提交工单' }).click();
  await expect(page.getByText('待审批').first()).toBeVisible();
  const address = page.url();
  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'admin');
  await other.goto(address);
  await other.getByRole('button', { name: '审批通过' }).click();
  await other.getByLabel('意见或理由').fill('同意');
  await other.getByRole('dialog').getByRole('button', { name: '审批通过' }).click();
  await expect(other.getByText('待派单').first()).toBeVisible();
  await look(other, 'workorder');
  await other.context().close();
});
