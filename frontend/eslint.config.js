import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import { reactRefresh } from 'eslint-plugin-react-refresh';
import tseslint from 'typescript-eslint';

/** Other folders are reached as `@/folder/…`, one's own as `./…`: so an import names its direction. */
const noImports = (files, folders, message) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: folders.flatMap((name) => [`@/${name}`, `@/${name}/**`]), message },
          { group: ['../*'], message: 'Write @/folder/… for another folder.' },
        ],
      },
    ],
  },
});

export default defineConfig(
  globalIgnores(['dist', 'coverage', 'src/graphql/generated']),
  js.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat['recommended-latest'],
      reactRefresh.configs.vite(),
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
    },
  },
  noImports(['src/lib/**'], ['app', 'features', 'components', 'graphql'], 'lib stands at the bottom.'),
  noImports(['src/components/**'], ['app', 'features', 'graphql'], 'A component knows no banking.'),
  noImports(['src/graphql/**'], ['app', 'features', 'components'], 'graphql knows no page.'),
  noImports(['src/features/**'], ['app', 'features'], 'A feature never imports a feature.'),
  {
    files: ['**/*.test.{ts,tsx}'],
    rules: { 'max-lines-per-function': 'off', 'react-refresh/only-export-components': 'off' },
  },
  {
    files: ['scripts/**', '*.config.*'],
    languageOptions: { globals: { URL: 'readonly', console: 'readonly', process: 'readonly' } },
  },
);
