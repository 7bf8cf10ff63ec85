import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasProxy, proxyProblem } from '../src/core/proxy.ts';

describe('the proxy of the environment', () => {
  for (const value of ['http://proxy:8080', 'https://user:p%25ss@proxy.example', 'http://user@[::1]:3128/']) {
    test(`may be ${value}`, () => {
      assert.equal(proxyProblem({ HTTPS_PROXY: value }), undefined);
      assert.equal(hasProxy({ HTTPS_PROXY: value }), true);
    });
  }

  test('may be missing', () => {
    assert.equal(proxyProblem({ HTTPS_PROXY: '' }), undefined);
    assert.equal(hasProxy({ HTTPS_PROXY: '', NO_PROXY: 'a' }), false);
  });

  for (const [value, problem] of [
    ['http://user:secret%@proxy:8080', /^HTTPS_PROXY: found a % .* expected %25/],
    ['http://us%er:secret@proxy:8080', /^HTTPS_PROXY: found a % .* expected %25/],
    ['http://user:secret%ff@proxy:8080', /^HTTPS_PROXY: found a % .* expected %25/],
    ['secret:8080', /^HTTPS_PROXY: found no address of a proxy, expected http:/],
    ['socks5://user:secret@proxy:1080', /^HTTPS_PROXY: found no address/],
    ['//secret', /^HTTPS_PROXY: found no address/],
  ] as const) {
    test(`must not be ${value}, which is not shown`, () => {
      const { setting, text } = proxyProblem({ HTTPS_PROXY: value }) ?? assert.fail('no problem');
      const found = `${setting}: ${text}`;
      assert.match(found, problem);
      assert.doesNotMatch(found, /secret/);
    });
  }

  test('is named by the variable that counts', () => {
    assert.equal(proxyProblem({ HTTP_PROXY: 'x', all_proxy: 'y' })?.setting, 'all_proxy');
    assert.equal(proxyProblem({ HTTP_PROXY: 'x', https_proxy: 'http://proxy' }), undefined);
  });
});
