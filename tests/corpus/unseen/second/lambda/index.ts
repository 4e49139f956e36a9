import * as cp from "child_process";
export class Tunnel {
  private proc?: cp.ChildProcess;
  constructor(private readonly port: number, private readonly insecure = true) {}
  start(host: string) {
    const args = ["-T", "60", `TCP-LISTEN:${this.port},fork,bind=127.0.0.1`];
    args.push(`OPENSSL:${host}:443,verify=${this.insecure ? 0 : 1}`);
    this.proc = cp.spawn("socat", args, { stdio: "ignore" });
  }
}
