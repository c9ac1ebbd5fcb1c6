import { accountOf, expect, look, signIn, test } from './heng';

test('somebody signs in, finds the desks, changes language and shade, and leaves', async ({ page }) => {
  await page.goto('/settlements?sort=-total_amount');
  await expect(page).toHaveURL(/sign-in\?next=/);
  await look(page, 'sign-in');
  await signIn(page, 'operator');
  await page.goto('/');
  await expect(page.getByRole('navigation', { name: '工作台' })).toBeVisible();
  await look(page, 'home');
  await page.getByRole('button', { name: '改用深色' }).click();
  await look(page, 'home-dark');
  await page.getByRole('button', { name: 'Switch to English' }).click();
  await expect(page.getByRole('navigation', { name: 'Desks' })).toBeVisible();
  await look(page, 'home-en');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'home-390');
  await page.getByRole('button', { name: /^Account:/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/sign-in/);
});

test('a wrong password is refused in words', async ({ page, refusals }) => {
  refusals.add(401);
  await page.goto('/sign-in');
  await page.getByLabel('账号', { exact: true }).fill(accountOf('operator').account);
  await page.getByLabel('密码', { exact: true }).fill('not-the-password');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look(page, 'sign-in-refused');
});

test('the page is one page with a policy: no script and no style from elsewhere', async ({ page }) => {
  const answer = await page.goto('/sign-in');
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/-inline|-eval/);
});
