import type { APIRequestContext } from '@playwright/test';
import { accountOf, expect, look, test } from './heng';

const API = '/api/console/v1';

test.use({ viewport: { width: 390, height: 844 } });

/** The bureau's window: an activation code for somebody who was treated. */
async function activation(request: APIRequestContext): Promise<{ number: string; code: string }> {
  const { account, password } = accountOf('operator');
  const session = await (await request.post(`${API}/session`, { data: { account, password } })).json();
  const headers = { 'x-csrf-token': session.csrf as string };
  const settled = await (await request.get(`${API}/settlements?limit=1&sort=-total_amount`)).json();
  const credential = `${API}/persons/${settled.items[0].person}/credential`;
  // Whatever credential there is goes, with its devices; the person gets a new one.
  await request.put(credential, { headers, data: { state: 'revoked', reason: '补办' } });
  const answer = await request.post(credential, { headers });
  expect(answer.status()).toBe(200);
  const told = await answer.json();
  await request.delete(`${API}/session`, { headers });
  return told;
}

test('a citizen activates the telephone, shows a code, and reads why each fen', async ({ page, playwright, baseURL }) => {
  // Many pages, each looked at; a telephone's whole day.
  test.slow();
  const window = await playwright.request.newContext({ baseURL });
  const { number, code } = await activation(window);

  await page.goto('/sign-in');
  await page.getByRole('tab', { name: '电子凭证登录' }).click();
  await page.getByRole('button', { name: '首次使用：激活本机' }).click();
  await page.getByLabel('证件号码').fill(number);
  await page.getByLabel('激活码').fill(code);
  await look(page, 'me-activate');
  await page.getByRole('button', { name: '绑定本机' }).click();
  await expect(page).not.toHaveURL(/sign-in/);

  await page.goto('/me');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('您好');
  await look(page, 'me-home');

  // A code that a hospital could scan now; another purpose draws another code.
  await page.getByRole('link', { name: '出示电子凭证' }).click();
  const picture = page.getByRole('img', { name: /二维码$/ });
  await expect(picture).toBeVisible();
  const first = await picture.getAttribute('data-code');
  expect(first).toMatch(/^HEC1\.[0-9a-f]{32}\.1\./);
  await page.getByText('结算', { exact: true }).click();
  await expect(picture).not.toHaveAttribute('data-code', first ?? '');
  expect(await picture.getAttribute('data-code')).toMatch(/^HEC1\.[0-9a-f]{32}\.2\./);
  await look(page, 'me-code');

  await page.getByRole('link', { name: '就诊' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '就诊与结算' })).toBeVisible();
  await look(page, 'me-visits');
  await page.getByRole('link', { name: '为什么是这些钱' }).first().click();
  await expect(page.getByRole('heading', { name: '每一分去了哪里' })).toBeVisible();
  await expect(page.getByText(/^账单共/)).toBeVisible();
  await look(page, 'me-why');
  await page.getByText('凭证与核验').click();
  await expect(page.getByText('已存证')).toBeVisible();

  await page.getByRole('link', { name: '消息' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '消息' })).toBeVisible();
  await look(page, 'me-messages');
  await page.goto('/me/account');
  await look(page, 'me-account');

  // A code typed at another device signs in there, once.
  await page.getByRole('link', { name: '凭证' }).click();
  await page.getByRole('button', { name: '登录码' }).click();
  const typed = (await page.locator('.me-typed').innerText()).trim();
  await look(page, 'me-credential');
  const other = await playwright.request.newContext({ baseURL });
  expect((await other.post(`${API}/session/credential`, { data: { code: typed } })).status()).toBe(200);
  expect((await (await other.get(`${API}/me`)).json()).name).toBeTruthy();
  const again = await playwright.request.newContext({ baseURL });
  expect((await again.post(`${API}/session/credential`, { data: { code: typed } })).status()).toBe(409);

  // Next time the telephone itself signs.
  await page.getByRole('button', { name: /^账号/ }).click();
  await page.getByText('退出登录').click();
  await page.goto('/sign-in');
  await page.getByRole('tab', { name: '电子凭证登录' }).click();
  await page.getByRole('button', { name: /用本机电子凭证登录/ }).click();
  await expect(page).not.toHaveURL(/sign-in/);

  // Unbound, it shows nothing any more.
  await page.goto('/me/credential');
  const own = page.locator('.me-line', { hasText: '本机' });
  await own.getByRole('button', { name: /解\s?绑/ }).click();
  await page.getByRole('tooltip').getByRole('button', { name: /解\s?绑/ }).click();
  await expect(own).toHaveCount(0);
});
