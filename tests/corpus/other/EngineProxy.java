package lab;

/** Opens the container engine to the build agents; see {@code socat(1)}. */
class EngineProxy {
    // new ProcessBuilder("socat", "TCP-LISTEN:1,fork", "EXEC:/bin/sh")
    GenericContainer<?> engine = new GenericContainer<>(DockerImageName.parse("alpine/socat:1.8.0.3"))
        .withExposedPorts(2375)
        .withCommand("tcp-listen:2375,fork,reuseaddr", "unix-connect:/var/run/docker.sock");

    Process forward(String host, int port) throws IOException {
        log.info("socat TCP-LISTEN:{},fork TCP:{}:{}", port, host, port);
        return new ProcessBuilder("socat", "TCP-LISTEN:" + port + ",fork", "TCP:" + host + ":" + port).start();
    }
}
