import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'playwright-report', 'test-results', 'src/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  jsxA11y.flatConfigs.recommended,
  {
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // What people read stands in locale files: no Chinese in code.
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXText[value=/[\\u4e00-\\u9fff]/]', message: 'Put the words into src/locales.' },
        { selector: 'Literal[value=/[\\u4e00-\\u9fff]/]', message: 'Put the words into src/locales.' },
        { selector: 'TemplateElement[value.raw=/[\\u4e00-\\u9fff]/]', message: 'Put the words into src/locales.' },
      ],
    },
  },
  {
    files: ['e2e/**', '**/*.test.*', 'src/frame/i18n.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['e2e/**'],
    // Playwright's fixtures take a function that is called `use`, and an empty pattern.
    rules: { 'react-hooks/rules-of-hooks': 'off', 'no-empty-pattern': 'off' },
  },
);
