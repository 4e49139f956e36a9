ARG BASE=alpine
FROM ${BASE}:3.18
RUN apk add -U socat openssh
ENV TARGET=db:3306
RUN printf '#!/bin/sh\nexec socat TCP-LISTEN:3306,fork TCP:$TARGET\n' > /run.sh && chmod +x /run.sh
CMD ["/run.sh"]
