import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** The green of a bank's ledger paper; 7 carries white text, 3 is read on black. */
const ledger: MantineColorsTuple = [
  '#eaf5f2',
  '#d3e8e2',
  '#a5d2c6',
  '#74bba8',
  '#4ca78f',
  '#33977d',
  '#1d7d66',
  '#0f5f52',
  '#0b4d43',
  '#063a33',
];

/** The dark scheme's own greys lean to green, like the ink. */
const dark: MantineColorsTuple = [
  '#e4e9e7',
  '#c5cecb',
  '#9aa8a3',
  '#73827d',
  '#3b4649',
  '#2a3235',
  '#20272a',
  '#191e20',
  '#121617',
  '#0c0f10',
];

export const theme = createTheme({
  primaryColor: 'ledger',
  primaryShade: { light: 7, dark: 6 },
  colors: { ledger, dark },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  headings: { fontWeight: '600' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  components: {
    Tooltip: {
      defaultProps: {
        openDelay: 300,
        events: { hover: true, focus: true, touch: false },
        withinPortal: true,
      },
    },
    Modal: {
      defaultProps: {
        centered: true,
        transitionProps: { duration: 120 },
        // a dialog's heading is no banner of the page
        attributes: { header: { role: 'presentation' } },
      },
      styles: { title: { fontWeight: 600 } },
    },
  },
});
