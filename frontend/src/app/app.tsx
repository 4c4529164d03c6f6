import { MantineProvider } from '@mantine/core';
import { Route, Switch } from 'wouter';
import { AnnouncerProvider } from '@/components/announcer';
import { NoticesProvider } from '@/components/notices';
import { SignInPage } from '@/features/sign-in/sign-in-page';
import { SignedIn } from './signed-in';
import { theme } from './theme';

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <AnnouncerProvider>
        <NoticesProvider>
          <Switch>
            <Route path="/sign-in" component={SignInPage} />
            <Route component={SignedIn} />
          </Switch>
        </NoticesProvider>
      </AnnouncerProvider>
    </MantineProvider>
  );
}
