import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChainedTokenCredential, CredentialUnavailableError } from '@azure/identity';
import { explainSignIn } from '../src/azure/sign-in.ts';

const failing = (error: Error) => ({ getToken: () => Promise.reject(error) });

test('who is not signed in is told what to do, in one short line', async () => {
  const advice = `Azure CLI is not there.\n${'Read more. '.repeat(100)}`;
  const unavailable = failing(new CredentialUnavailableError(advice));
  const credential = explainSignIn(new ChainedTokenCredential(unavailable, unavailable));
  await assert.rejects(credential.getToken('scope'), (error: Error) => {
    assert.match(error.message, /^Nobody is signed in to Azure: run `az login` or, .*Tried: Azure CLI is not there\. /);
    assert.ok(error.message.length < 600 && !error.message.includes('\n'));
    return true;
  });
});

test('what is wrong with a sign-in is said as it came', async () => {
  const error = new Error('AADSTS7000215: Invalid client secret');
  await assert.rejects(explainSignIn(failing(error)).getToken('scope'), error);
});
