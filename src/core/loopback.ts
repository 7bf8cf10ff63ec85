/** Whether the address is this machine: only there plain http is taken, and only there emulators get their credentials. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}
