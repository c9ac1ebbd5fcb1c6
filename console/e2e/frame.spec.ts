import { accountOf, expect, look, signIn, test } from './heng';

test('somebody signs in, finds the desks, and leaves', async ({ page }) => {
  await signIn(page, 'operator');
  await expect(page.getByRole('navigation', { name: '工作台' })).toBeVisible();
  await look(page, 'home');
  await page.getByRole('button', { name: 'Switch to English' }).click();
  await expect(page.getByRole('navigation', { name: 'Desks' })).toBeVisible();
  await look(page, 'home-en');
  await page.getByRole('button', { name: /^Account:/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/sign-in/);
});

test('a wrong password is refused in words', async ({ page, refusals }) => {
  refusals.add(401);
  await page.goto('/sign-in');
  await look(page, 'sign-in');
  await page.getByLabel('账号', { exact: true }).fill(accountOf('operator').account);
  await page.getByLabel('密码', { exact: true }).fill('not-the-password');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
});
