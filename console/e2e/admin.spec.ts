import { expect, look, signIn, test } from './heng';

test('an administrator opens an account, and its owner must choose a password before anything else', async ({ page, browser, baseURL }) => {
  await signIn(page, 'admin');
  await page.goto('/admin');
  await look(page, 'admin-accounts');
  const account = `e2e-${Date.now()}`;
  await page.getByRole('button', { name: '开立账号' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('账号', { exact: true }).fill(account);
  await form.getByLabel('姓名').fill('试用账号');
  await form.getByLabel('角色').click();
  await page.getByTitle('经办员（统筹区）').click();
  await form.getByLabel('姓名').click();
  await form.getByRole('button', { name: '开立账号' }).click();
  const word = (await form.locator('.start-word').innerText()).trim();
  expect(word.length).toBeGreaterThan(9);

  const context = await browser.newContext({ baseURL: baseURL ?? '', locale: 'zh-CN' });
  const theirs = await context.newPage();
  await theirs.goto('/sign-in');
  await theirs.getByLabel('账号', { exact: true }).fill(account);
  await theirs.getByLabel('密码', { exact: true }).fill(word);
  await theirs.getByRole('button', { name: '登录', exact: true }).click();
  await expect(theirs).toHaveURL(/\/account$/);
  await look(theirs, 'own-must-change');
  await theirs.getByLabel('原密码').fill(word);
  await theirs.getByLabel('新密码', { exact: true }).fill('a-word-of-my-own-7');
  await theirs.getByLabel('再输一遍新密码').fill('a-word-of-my-own-7');
  await theirs.getByRole('button', { name: '修改密码' }).click();
  await expect(theirs.getByRole('navigation', { name: '工作台' })).toBeVisible();
  await context.close();

  await form.getByRole('button', { name: '完成' }).click();
  await page.goto(`/admin/accounts/${account}`);
  await look(page, 'admin-account');
  await page.getByLabel('停用').click();
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('已保存，该账号的会话已结束')).toBeVisible();
});

test('an administrator sees roles, sessions and who read whose data', async ({ page }) => {
  await signIn(page, 'admin');
  for (const [path, name] of [
    ['/admin/roles', 'admin-roles'],
    ['/admin/sessions', 'admin-sessions'],
    ['/admin/reads', 'admin-reads'],
  ] as const) {
    await page.goto(path);
    await look(page, name);
  }
});
