import { expect, look, settled, signIn, test } from './heng';
import { caseOf, leave, takeStep } from './cases';

/** Who moves a case on from a state, and how. */
const MOVES: Record<string, { as: ['auditor' | 'hospital', number]; step: string; brings?: Parameters<typeof takeStep>[2] }> = {
  opened: { as: ['auditor', 2], step: '分派初审', brings: { assign: 'S001' } },
  reviewing: { as: ['auditor', 0], step: '初审认定', brings: { article: '第三十八条', reason: '与病历不符' } },
  notified: { as: ['hospital', 0], step: '机构申诉', brings: { grounds: '患者病情需要，见病程记录', file: '病程记录.txt' } },
  appealed: { as: ['auditor', 2], step: '分派复审', brings: { assign: 'S002' } },
  rereviewing: { as: ['auditor', 1], step: '复审认定', brings: { article: '第三十八条', reason: '申诉材料不足' } },
  renotified: { as: ['hospital', 0], step: '机构认可' },
  deciding: { as: ['auditor', 2], step: '作出决定', brings: { file: '决定书.txt' } },
  decided: { as: ['auditor', 2], step: '扣减拨付' },
};

test('a hospital appeals, the bureau decides, the money is deducted', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'auditor', 2);
  const own = await (await page.request.get('/api/console/v1/cases?standing=open&institution=H99990000001')).json();
  const id = (own as { items: { case: string; state: { code: string } }[] }).items.find((row) => row.state.code in MOVES)?.case;
  expect(id, 'the demo has an open case of the first hospital').toBeTruthy();
  await leave(page);
  const seen = new Set<string>();
  for (let n = 0; n < 10; n += 1) {
    await signIn(page, 'auditor');
    const told = (await (await page.request.get(`/api/console/v1/cases/${id}`)).json()) as { case: { state: { code: string } } };
    await leave(page);
    const move = MOVES[told.case.state.code];
    if (!move) break;
    seen.add(told.case.state.code);
    const [role, nth] = move.as;
    await signIn(page, role, nth);
    await page.goto(`/${role === 'hospital' ? 'hospital' : 'audit'}/cases/${id}`);
    await takeStep(page, move.step, move.brings);
    if (role === 'hospital') await look(page, `hospital-case-${told.case.state.code}`);
    await leave(page);
  }
  expect(seen.has('decided')).toBe(true);
  await signIn(page, 'hospital');
  await page.goto(`/hospital/cases/${id}`);
  await expect(page.getByText('已执行', { exact: true }).first()).toBeVisible();
  await expect(page.getByRole('region', { name: '追回' }).getByText('扣减拨付')).toBeVisible();
  await look(page, 'hospital-case');
});

test('the office sees what waits, and what it is paid against what it costs', async ({ page }) => {
  await signIn(page, 'hospital');
  for (const [path, name] of [
    ['', 'overview'],
    ['cases', 'cases'],
    ['findings', 'findings'],
    ['lists', 'lists'],
    ['groups', 'groups'],
    ['stays', 'stays'],
    ['statements', 'statements'],
    ['refusals', 'refusals'],
    ['reconciliations', 'reconciliations'],
  ]) {
    await page.goto(`/hospital/${path}`);
    await settled(page);
    await expect(page.getByRole('alert')).toHaveCount(0);
    await look(page, `hospital-${name}`);
  }
});

test('an institution knows nothing of a case of another, or of one that it was not told of', async ({ page, refusals }) => {
  refusals.add(404);
  await signIn(page, 'auditor');
  const other = await caseOf(page, (row) => row.institution.code !== 'H99990000001', 'hospital');
  await leave(page);
  await signIn(page, 'hospital');
  await page.goto(other);
  await expect(page.getByText('没有找到')).toBeVisible();
});
