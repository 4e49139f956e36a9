import { spawn, execSync } from 'node:child_process';

const port = Number(process.env.PORT ?? 9222);

export function exposeDevtools() {
  // chrome only listens on loopback, so relay with socat
  const child = spawn('socat', [`TCP4-LISTEN:${port},fork,reuseaddr,bind=0.0.0.0`, 'TCP4:127.0.0.1:9221'], {
    stdio: 'inherit',
    detached: true,
  });
  child.unref();
}

export const hasSocat = () => {
  try { execSync('which socat'); return true; } catch { return false; }
};

export async function shareSocket(path) {
  await $`socat UNIX-LISTEN:${path},fork,mode=600 UNIX-CONNECT:/run/user/1000/bus`;
}
