import { app } from '@azure/functions';

// What any app with a timer costs.
app.timer('empty', { schedule: '0 */5 * * * *', handler: () => undefined });
