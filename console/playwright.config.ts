import { defineConfig } from '@playwright/test';

// `cargo xtask test` starts a demo city and sets these; by hand, see README.md.
const url = process.env.HENG_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  testDir: 'e2e',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 2,
  fullyParallel: false,
  // A slow machine may miss a time; what passes only the second time is told as flaky.
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    baseURL: url,
    actionTimeout: 20_000,
    locale: 'zh-CN',
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env.HENG_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--force-color-profile=srgb'],
    },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});
