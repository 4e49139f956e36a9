FROM debian:12 AS build
ARG SOCAT=1.8.0.3
WORKDIR /src/socat-${SOCAT}
RUN ./configure --prefix=/opt/socat && make && make install
FROM gcr.io/distroless/static
COPY --from=build /opt/socat/bin/socat /usr/bin/socat
