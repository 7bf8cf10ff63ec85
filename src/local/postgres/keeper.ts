/*
 * Runs a PostgreSQL server for as long as the process that started this one lives, killed or not: no orphan is left.
 * Arguments: the program, the user to run it as (empty: the same), and its own arguments.
 */
import { spawn } from 'node:child_process';

const KILL_MS = 5_000;

const [program = '', user = '', ...args] = process.argv.slice(2);
const identity = user === '' ? {} : { uid: Number(user), gid: Number(user) };
const server = spawn(program, args, { stdio: 'inherit', cwd: '/', ...identity });
// Sessions are not waited for, and what they do is undone.
const stop = () => {
  server.kill('SIGINT');
  setTimeout(() => server.kill('SIGKILL'), KILL_MS).unref();
};
process.once('disconnect', stop);
server.once('error', (error) => {
  console.error(String(error));
  process.exit(1);
});
server.once('exit', (code) => process.exit(code ?? 1));
// A Ctrl+C in the terminal reaches this process too, whose parent may still need the server.
process.on('SIGINT', () => undefined).on('SIGTERM', stop);
