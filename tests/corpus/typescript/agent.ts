import { spawn, type ChildProcess } from 'node:child_process';

interface Options {
  readonly port: number;
  readonly socketPath?: string;
}

export function exposeAgent({ port, socketPath = process.env.SSH_AUTH_SOCK }: Options): ChildProcess {
  const args: string[] = [
    `TCP-LISTEN:${port},fork`,
    `UNIX-CONNECT:${socketPath}`,
  ];
  return spawn('socat', args, { detached: true });
}

export const sandbox = (sock: string): ChildProcess =>
  spawn('socat', [`UNIX-LISTEN:${sock},fork,reuseaddr`, 'TCP:localhost:3128'], { stdio: 'ignore' });
