import { expect, look, signIn, test } from './heng';

/** The number at the end of an address. */
const last = (url: string) => decodeURIComponent(new URL(url).pathname.split('/').pop() ?? '');

test('a person is looked up, unmasked for a purpose, and their settlement reversed with everything given back', async ({ page }) => {
  // Eleven pages are looked at.
  test.slow();
  await signIn(page, 'operator');

  // The list of visits leads to somebody who was treated.
  await page.goto('/operator/visits?state=begun&sort=-began_at');
  const settled = page.getByRole('row').filter({ hasText: '已结算' });
  await expect(settled.first()).toBeVisible();
  await look(page, 'operator-visits');
  await settled.first().getByRole('link').nth(1).click();
  await expect(page).toHaveURL(/\/operator\/persons\//);
  const person = last(page.url());

  // The same person by their number: one box, one hit, their file.
  const box = page.getByRole('searchbox').first();
  await box.fill(person);
  await box.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/operator/persons/${person}$`));
  await expect(page.getByRole('heading', { level: 1 })).toContainText('*');
  await look(page, 'operator-person');

  await page.getByRole('button', { name: '查看全文' }).first().click();
  const asking = page.getByRole('dialog');
  await asking.getByLabel('用途').click();
  await page.getByTitle('为本人办理业务').click();
  await asking.getByLabel('说明').fill('窗口核对本人身份');
  await asking.getByRole('button', { name: '查看', exact: true }).click();
  await expect(asking).toBeHidden();
  await expect(page.locator('.facts .person').first()).not.toContainText('*');

  for (const [tab, name] of [['filings', '备案与共济'], ['account', '个人账户'], ['totals', '累计'], ['visits', '就诊']] as const) {
    await page.getByRole('tab', { name }).click();
    await look(page, `operator-person-${tab}`);
  }

  // The latest settled visit: the law lets the latest settlement be reversed first.
  const row = page.getByRole('row').filter({ hasText: '已结算' }).first();
  await row.getByRole('link').first().click();
  await expect(page).toHaveURL(/\/operator\/visits\//);
  const visit = page.url();
  await look(page, 'operator-visit');
  const valid = page.getByRole('region', { name: '结算' }).getByRole('row').filter({ hasText: '有效' });
  await valid.first().getByRole('link').first().click();
  await expect(page).toHaveURL(/\/settlements\//);
  const settlement = last(page.url());

  await page.goto(visit);
  await page.getByRole('button', { name: '撤销' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('机构退还参保人现金')).toBeVisible();
  await look(page, 'operator-reverse');
  await dialog.getByLabel('撤销原因').click();
  await page.getByTitle('结算信息有误').click();
  await dialog.getByLabel('说明').fill('窗口登记的险种有误，重新结算');
  await dialog.getByRole('button', { name: '确认撤销' }).click();
  await expect(page).toHaveURL(/\/settlements\/(?!.*\?)/);
  await expect(page).not.toHaveURL(new RegExp(settlement));
  await expect(page.getByRole('link', { name: new RegExp(settlement) })).toBeVisible();

  await page.goto(visit);
  await expect(page.getByText('结算信息有误：窗口登记的险种有误，重新结算')).toBeVisible();
  await look(page, 'operator-reversed');
});

test('a settlement that is not the latest is refused in the law’s words', async ({ page }) => {
  await signIn(page, 'operator');
  // Somebody with two settled visits: the older cannot be reversed before the younger.
  await page.goto('/operator/visits?state=begun&limit=200');
  const settled = page.getByRole('row').filter({ hasText: '已结算' });
  await expect(settled.first()).toBeVisible();
  const persons = settled.getByRole('link').filter({ hasText: '*' });
  const names = await persons.evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  const twice = names.find((href, n) => names.indexOf(href) !== n);
  expect(twice, 'somebody has two settled visits').toBeTruthy();
  await page.goto(`${twice}?tab=visits`);
  await page.getByRole('row').filter({ hasText: '已结算' }).last().getByRole('link').first().click();
  await page.getByRole('button', { name: '撤销' }).first().click();
  await expect(page.getByRole('dialog').getByText('现在不能撤销')).toBeVisible();
  await expect(page.getByRole('button', { name: '确认撤销' })).toBeDisabled();
  await look(page, 'operator-refused');
});

test('the desk speaks English and fits a narrow screen', async ({ page }) => {
  await signIn(page, 'operator');
  await page.getByRole('button', { name: 'Switch to English' }).click();
  await page.goto('/operator');
  await look(page, 'operator-persons-en');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/operator');
  await look(page, 'operator-persons-narrow');
});
