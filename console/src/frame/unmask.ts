import { BASE, checked, headersFor } from './client';

/** 查看全文: asks for one field of a person in full, for a purpose; the server records it. */
export async function unmask(psnNo: string, field: string, purpose: string, note?: string): Promise<string> {
  const answer = await checked(
    await fetch(`${BASE}/unmask`, {
      method: 'POST',
      headers: { ...headersFor('POST'), 'content-type': 'application/json' },
      body: JSON.stringify({ psn_no: psnNo, field, purpose, note }),
    }),
  );
  return ((await answer.json()) as { value: string }).value;
}
