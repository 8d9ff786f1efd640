import { type ApplicationConfig, mergeApplicationConfig } from '@angular/core';
import { provideServerRendering, RenderMode, withRoutes } from '@angular/ssr';
import { appConfig } from './app.config';

const serverConfig: ApplicationConfig = {
  providers: [
    // The page follows the request's language, so it is rendered for each request.
    provideServerRendering(withRoutes([{ path: '**', renderMode: RenderMode.Server }])),
  ],
};

export const config = mergeApplicationConfig(appConfig, serverConfig);
