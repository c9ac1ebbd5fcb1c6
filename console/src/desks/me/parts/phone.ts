import { BASE, checked, headersFor, type Schema } from '../../../frame/client';

/** 本机: the key that this browser keeps for an electronic credential. Its private half cannot be read, not even here. */
export interface Phone {
  device: string;
  name: string;
  key: CryptoKey;
}

export type Purpose = 'treat' | 'settle' | 'sign_in' | 'bind';

const NUMBER: Record<Purpose, number> = { treat: 1, settle: 2, sign_in: 3, bind: 4 };
const STORE = 'phone';
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };

function store<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('heng-credential', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error ?? new Error('indexedDB'));
    opening.onsuccess = () => {
      const database = opening.result;
      const asked = work(database.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => {
        database.close();
        resolve(asked.result);
      };
      asked.onerror = () => {
        database.close();
        reject(asked.error ?? new Error('indexedDB'));
      };
    };
  });
}

/** The key of this browser, if it was bound. */
export async function thisPhone(): Promise<Phone | null> {
  return ((await store('readonly', (all) => all.get('own'))) as Phone | undefined) ?? null;
}

/** Forgets the key. */
export async function forgetPhone(): Promise<void> {
  await store('readwrite', (all) => all.delete('own'));
}

function base64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function sign(key: CryptoKey, deed: string, parts: string[]): Promise<string> {
  const words = ['heng credential v1', deed, ...parts].join('\n');
  return base64(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, new TextEncoder().encode(words)));
}

async function post(path: string, body: unknown): Promise<Response> {
  const headers = { ...headersFor('POST'), 'content-type': 'application/json' };
  return checked(await fetch(`${BASE}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

/** Makes a key here and binds it with an activation code. */
export async function bindPhone({ whose, code, name }: { whose: string; code: string; name: string }): Promise<Phone> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ['sign', 'verify']);
  const point = await crypto.subtle.exportKey('raw', pair.publicKey);
  const signature = await sign(pair.privateKey, 'bind', [whose, code, hex(point)]);
  const answer = await post('/credential/devices', { whose, code, name, public_key: base64(point), signature });
  const bound = (await answer.json()) as Schema['BoundDevice'];
  const phone = { device: bound.device, name: bound.name, key: pair.privateKey };
  await store('readwrite', (all) => all.put(phone, 'own'));
  return phone;
}

/** Beijing's wall clock, which codes go by: `2026-01-31 10:00:00`. */
function beijing(offset: number): string {
  return new Date(Date.now() + offset + 8 * 3600_000).toISOString().slice(0, 19).replace('T', ' ');
}

// How far this clock is behind the centre's, from the last answer.
let behind = 0;

/** Draws a one-time code for a purpose and a person. */
export async function drawCode(phone: Phone, purpose: Purpose, member = ''): Promise<Schema['DrawnCode']> {
  const ask = async () => {
    const made_at = beijing(behind);
    const nonce = hex(crypto.getRandomValues(new Uint8Array(16)).buffer);
    const signature = await sign(phone.key, 'draw', [phone.device, made_at, nonce, String(NUMBER[purpose]), member]);
    const body = { device: phone.device, made_at, nonce, purpose, signature, ...(member ? { member } : {}) };
    const headers = { ...headersFor('POST'), 'content-type': 'application/json' };
    const answer = await fetch(`${BASE}/credential/codes`, { method: 'POST', headers, body: JSON.stringify(body) });
    const told = answer.headers.get('date');
    if (told) behind = Date.parse(told) - Date.now();
    return answer;
  };
  let answer = await ask();
  // A clock that is off is put right by the centre's own.
  if (answer.status === 409 && Math.abs(behind) > 60_000) answer = await ask();
  return (await checked(answer)).json() as Promise<Schema['DrawnCode']>;
}
